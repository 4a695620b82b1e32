//! Charts as SVG: horizontal bars with a label and the printed value at each.
//!
//! Bars differ by length and label, never by colour alone, so that they survive a grey printer.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::svg::{Canvas, FAINT, INK, ems, escape, safe_href};

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its value; `None` is drawn as the word in `display` without a bar, never as zero.
    pub value: Option<Decimal>,
    /// The value as printed.
    pub display: String,
    /// Where a click leads; only own paths, fragments and http(s) are written.
    pub href: Option<String>,
}

/// A chart of horizontal bars, drawn in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarSpec {
    /// Title, for those who hear the page; the caption on paper is the document's.
    pub title: String,
    /// What it shows, in words.
    pub desc: String,
    /// Name of the labels' column, 区县.
    pub label_head: String,
    /// Name of the values' column.
    pub value_head: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// Most bars that are drawn; more would not be readable on a page.
pub const MAX_BARS: usize = 60;

const WIDTH: f64 = 640.0;
const FONT: f64 = 13.0;
/// Blue of the Okabe–Ito palette, safe for colour-blind readers, mid-grey in print.
const FILL: &str = "#0072b2";
const AXIS: &str = "#8c959f";

/// Draws the bars. At most [`MAX_BARS`] are drawn.
#[must_use]
pub fn bar_svg(spec: &BarSpec) -> String {
    let bars = &spec.bars[..spec.bars.len().min(MAX_BARS)];
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(ems).fold(0.0, f64::max) * FONT;
    let labels = widest(&mut bars.iter().map(|bar| bar.label.as_str())).min(WIDTH * 0.4);
    let values = widest(&mut bars.iter().map(|bar| bar.display.as_str())).min(WIDTH * 0.3);
    // Decimals become floats only to place ink; the printed value stays the exact one.
    let lengths: Vec<Option<f64>> = bars
        .iter()
        .map(|bar| bar.value.map(|value| value.to_f64().unwrap_or(0.0)))
        .collect();
    let most = lengths.iter().flatten().copied().fold(0.0, f64::max);
    let least = lengths.iter().flatten().copied().fold(0.0, f64::min);
    let left = labels + 18.0;
    // Room for value labels on the left too when something lies below zero.
    let below = if least < 0.0 { values + 8.0 } else { 0.0 };
    let room = (WIDTH - left - below - values - 20.0).max(80.0);
    let per = if most > least {
        room / (most - least)
    } else {
        0.0
    };
    let zero = left + below - least * per;

    // Many bars stand closer, so that a chart does not take a page.
    let step = if bars.len() > 12 { 19.0 } else { 26.0 };
    let thick = step - 7.0;
    let mut canvas = Canvas::new(WIDTH);
    let bottom = 10.0 + step * bars.len() as f64;
    canvas.line(
        zero,
        6.0,
        zero,
        bottom,
        &format!(r#" stroke="{AXIS}" stroke-width="1""#),
    );
    for (index, (bar, length)) in bars.iter().zip(&lengths).enumerate() {
        let top = 10.0 + step * index as f64;
        let base = top + thick / 2.0 + FONT * 0.37;
        let href = bar.href.as_deref().and_then(safe_href);
        if let Some(href) = href {
            canvas.raw(&format!(r#"<a href="{}">"#, escape(href)));
        }
        canvas.text(
            left - 8.0,
            base,
            FONT,
            INK,
            r#" text-anchor="end""#,
            &bar.label,
        );
        match length {
            None => canvas.text(
                zero + 6.0,
                base,
                FONT,
                FAINT,
                r#" font-style="italic""#,
                &bar.display,
            ),
            Some(length) => {
                let reach = (length * per).abs();
                let start = if *length < 0.0 { zero - reach } else { zero };
                if reach > 0.0 {
                    // A value above zero is never invisible.
                    let fill = format!(r#" fill="{FILL}""#);
                    canvas.rect(start, top, reach.max(0.8), thick, &fill);
                }
                if *length < 0.0 {
                    let anchor = r#" text-anchor="end""#;
                    canvas.text(start - 6.0, base, FONT, INK, anchor, &bar.display);
                } else {
                    canvas.text(zero + reach + 6.0, base, FONT, INK, "", &bar.display);
                }
            }
        }
        if href.is_some() {
            canvas.raw("</a>");
        }
    }
    canvas.finish(bottom + 6.0, &spec.title, &spec.desc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: Option<i64>, display: &str) -> Bar {
        Bar {
            label: label.to_owned(),
            value: value.map(Decimal::from),
            display: display.to_owned(),
            href: None,
        }
    }

    fn spec(bars: Vec<Bar>) -> BarSpec {
        BarSpec {
            title: "各区县项目数".to_owned(),
            desc: "条形图".to_owned(),
            label_head: "区县".to_owned(),
            value_head: "项目".to_owned(),
            bars,
        }
    }

    #[test]
    fn draws_the_same_every_time() {
        let chart = bar_svg(&spec(vec![
            bar("开州", Some(12), "12个"),
            bar("万州", Some(6), "6个"),
            bar("城口", Some(0), "0个"),
            bar("巫溪", None, "未报"),
        ]));
        insta::assert_snapshot!(chart.replace("><", ">\n<"));
    }

    #[test]
    fn missing_and_zero_have_no_bar_but_their_own_words() {
        let chart = bar_svg(&spec(vec![
            bar("甲", Some(0), "0个"),
            bar("乙", None, "未报"),
        ]));
        assert_eq!(chart.matches("<rect").count(), 0);
        assert!(chart.contains(">0个</text>"));
        assert!(chart.contains(">未报</text>"));
    }

    #[test]
    fn lengths_are_in_proportion_and_below_zero_goes_left() {
        let chart = bar_svg(&spec(vec![
            bar("甲", Some(100), "100"),
            bar("乙", Some(-50), "-50"),
        ]));
        let widths: Vec<f64> = chart
            .split("<rect")
            .skip(1)
            .map(|rect| {
                let after = rect.split("width=\"").nth(1).unwrap();
                after.split('"').next().unwrap().parse().unwrap()
            })
            .collect();
        assert!((widths[0] - 2.0 * widths[1]).abs() < 0.3, "{widths:?}");
    }

    #[test]
    fn hostile_labels_stay_text() {
        let mut hostile = bar("<script>alert(1)</script>", Some(1), "\"><img src=x>");
        hostile.href = Some("javascript:alert(1)".to_owned());
        let chart = bar_svg(&spec(vec![hostile]));
        assert!(!chart.contains("<script"));
        assert!(!chart.contains("<img"));
        assert!(!chart.contains("javascript:"));
    }

    #[test]
    fn no_bars_and_too_many_are_fine() {
        assert!(bar_svg(&spec(Vec::new())).starts_with("<svg"));
        let many = bar_svg(&spec(vec![bar("甲", Some(1), "1"); 500]));
        assert_eq!(many.matches("<rect").count(), MAX_BARS);
    }
}
