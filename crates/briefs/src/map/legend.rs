//! The legend: in a corner of the map that is free, else in rows under it.

use super::classes::Class;
use super::draw::{ARC, Box4, PAD, Taken, WIDTH};
use super::{MapSpec, Standing};
use crate::svg::{Canvas, INK, ems};

const SIZE: f64 = 12.5;
const STEP: f64 = 20.0;
const DASH_AREA: &str = r#" stroke-dasharray="3 2""#;
const DASH_ARC: &str = r#" stroke-dasharray="5 3""#;

/// One line of the legend.
pub(super) struct Entry {
    /// Fill of a swatch; `None` for an arc.
    fill: Option<String>,
    dash: &'static str,
    words: String,
}

impl Entry {
    fn width(&self) -> f64 {
        30.0 + ems(&self.words) * SIZE
    }

    fn draw(&self, canvas: &mut Canvas, x: f64, y: f64) {
        let dash = self.dash;
        match &self.fill {
            Some(fill) => {
                let look = format!(r##" fill="{fill}" stroke="#6e7781" stroke-width="0.6"{dash}"##);
                canvas.rect(x + 4.0, y, 16.0, 12.0, &look);
            }
            None => {
                let look = format!(r#" stroke="{ARC}" stroke-width="1.6"{dash}"#);
                canvas.line(x, y + 6.0, x + 24.0, y + 6.0, &look);
            }
        }
        canvas.text(x + 30.0, y + 10.0, SIZE, INK, "", &self.words);
    }
}

/// What the map needs explained.
pub(super) fn entries(spec: &MapSpec, classes: &[Class], hatch: &str) -> Vec<Entry> {
    let area = |fill: &str, dash, words: String| Entry {
        fill: Some(fill.to_owned()),
        dash,
        words,
    };
    let mut entries: Vec<Entry> = classes
        .iter()
        .map(|class| area(class.fill, "", class.words()))
        .collect();
    let any = |wanted: fn(&Standing) -> bool| spec.regions.iter().any(|r| wanted(&r.standing));
    if any(|standing| matches!(standing, Standing::Missing)) {
        entries.push(area("#fff", DASH_AREA, "未报".to_owned()));
    }
    if any(|standing| matches!(standing, Standing::Supporter)) {
        let words = spec.supporter_word.clone();
        entries.push(area(&format!("url(#{hatch})"), "", words));
    }
    for (attested, dash, words) in [
        (true, "", "结对关系"),
        (false, DASH_ARC, "结对关系（待确认）"),
    ] {
        if spec.arcs.iter().any(|arc| arc.attested == attested) {
            entries.push(Entry {
                fill: None,
                dash,
                words: words.to_owned(),
            });
        }
    }
    entries
}

fn head(spec: &MapSpec) -> String {
    format!("图例：{}", spec.legend)
}

/// A corner where the stacked legend covers nothing: its upper left point.
pub(super) fn corner(entries: &[Entry], spec: &MapSpec, taken: &Taken<'_>) -> Option<(f64, f64)> {
    let wide = entries
        .iter()
        .map(Entry::width)
        .fold(ems(&head(spec)) * SIZE, f64::max);
    let high = 24.0 + STEP * entries.len() as f64;
    let (right, low) = (WIDTH - PAD - wide, taken.height() - PAD - high);
    [(PAD, PAD), (right, low), (right, PAD), (PAD, low)]
        .into_iter()
        .filter(|(x, y)| *x >= PAD && *y >= PAD)
        .find(|(x, y)| {
            let around: Box4 = [x - 6.0, y - 6.0, x + wide + 6.0, y + high + 6.0];
            taken.free(around)
        })
}

/// Draws the legend one entry a line.
pub(super) fn stacked(canvas: &mut Canvas, entries: &[Entry], spec: &MapSpec, at: (f64, f64)) {
    canvas.text(at.0, at.1 + 11.0, SIZE, INK, "", &head(spec));
    for (index, entry) in entries.iter().enumerate() {
        entry.draw(canvas, at.0, at.1 + 22.0 + STEP * index as f64);
    }
}

/// Draws the legend in rows; returns where it ends.
pub(super) fn in_rows(canvas: &mut Canvas, entries: &[Entry], spec: &MapSpec, top: f64) -> f64 {
    canvas.text(PAD, top, SIZE, INK, "", &head(spec));
    let (mut x, mut y) = (PAD, top + 10.0);
    for entry in entries {
        let wide = entry.width() + 16.0;
        if x + wide > WIDTH - PAD && x > PAD {
            x = PAD;
            y += STEP;
        }
        entry.draw(canvas, x, y);
        x += wide;
    }
    y + 30.0
}
