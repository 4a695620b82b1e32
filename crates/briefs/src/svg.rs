//! Writing SVG: escaping, numbers, text widths. The same input gives the same bytes.

use std::fmt::Write;

/// Font stack of all pictures; the rasteriser maps the last to what it found.
pub(crate) const FONTS: &str =
    "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','SimHei',sans-serif";

/// Ink for words.
pub(crate) const INK: &str = "#1f2328";
/// Ink for asides.
pub(crate) const FAINT: &str = "#57606a";

/// Escapes for XML and HTML, in text and in quoted attributes alike; drops what XML forbids.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if printable(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// Whether XML 1.0 allows the character and it does not turn the text's direction around.
pub(crate) fn printable(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    }
}

/// An address that may stand in an `href`: a path or fragment of our own, or http(s).
pub(crate) fn safe_href(href: &str) -> Option<&str> {
    let own = href.starts_with('#') || (href.starts_with('/') && !href.starts_with("//"));
    (own || href.starts_with("https://") || href.starts_with("http://")).then_some(href)
}

/// A coordinate with one place at the most.
pub(crate) fn num(x: f64) -> String {
    let tenths = (x * 10.0).round();
    // Not finite means broken input; such a point stays at the origin.
    if !tenths.is_finite() || tenths == 0.0 {
        return "0".to_owned();
    }
    let whole = tenths as i64;
    let sign = if whole < 0 { "-" } else { "" };
    let (int, frac) = (whole.abs() / 10, whole.abs() % 10);
    if frac == 0 {
        format!("{sign}{int}")
    } else {
        format!("{sign}{int}.{frac}")
    }
}

/// Width of a line of text in units of the font size: Chinese is one, Latin a good half.
pub(crate) fn ems(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            'i' | 'l' | 'I' | '.' | ',' | ':' | '|' | ' ' => 0.3,
            'A'..='Z' | 'm' | 'w' => 0.68,
            c if (c as u32) < 0x2000 => 0.56,
            _ => 1.0,
        })
        .sum()
}

/// Breaks a text into lines of at most so many ems: between Chinese characters anywhere, within
/// Latin at blanks as long as a word fits on a line.
pub(crate) fn wrap(text: &str, most: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut width = 0.0;
    for c in text.chars() {
        let one = ems(c.encode_utf8(&mut [0; 4]));
        if width + one > most && !line.is_empty() {
            let word = line.rfind(|c: char| !c.is_ascii_graphic()).map_or(0, |at| {
                at + line[at..].chars().next().map_or(0, char::len_utf8)
            });
            let rest = if c.is_ascii_graphic() && word > 0 {
                line.split_off(word)
            } else {
                String::new()
            };
            lines.push(std::mem::replace(&mut line, rest).trim_end().to_owned());
            width = ems(&line);
        }
        line.push(c);
        width += one;
    }
    lines.push(line);
    lines
}

/// A picture being written.
pub(crate) struct Canvas {
    body: String,
    width: f64,
}

impl Canvas {
    /// An empty picture of a width.
    pub(crate) fn new(width: f64) -> Self {
        Self {
            body: String::new(),
            width,
        }
    }

    /// Adds ready SVG.
    pub(crate) fn raw(&mut self, svg: &str) {
        self.body.push_str(svg);
    }

    /// A line of text; `extra` is ready attributes with a leading blank.
    pub(crate) fn text(&mut self, x: f64, y: f64, size: f64, fill: &str, extra: &str, text: &str) {
        let _ = write!(
            self.body,
            r#"<text x="{}" y="{}" font-size="{}" fill="{fill}"{extra}>{}</text>"#,
            num(x),
            num(y),
            num(size),
            escape(text)
        );
    }

    /// A rectangle.
    pub(crate) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, extra: &str) {
        let _ = write!(
            self.body,
            r#"<rect x="{}" y="{}" width="{}" height="{}"{extra}/>"#,
            num(x),
            num(y),
            num(width),
            num(height)
        );
    }

    /// A straight line.
    pub(crate) fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64, extra: &str) {
        let _ = write!(
            self.body,
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}"{extra}/>"#,
            num(x1),
            num(y1),
            num(x2),
            num(y2)
        );
    }

    /// The whole picture; `height` is known only now. Title and description are for people who
    /// hear the page.
    pub(crate) fn finish(self, height: f64, title: &str, desc: &str) -> String {
        let (width, height) = (num(self.width), num(height));
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}" font-family="{FONTS}"><title>{title}</title><desc>{desc}</desc>{body}</svg>"#,
            title = escape(title),
            desc = escape(desc),
            body = self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_would_break_out() {
        assert_eq!(
            escape("<a href=\"x\" o='y'>&\u{0}\u{202e}棋"),
            "&lt;a href=&quot;x&quot; o=&#39;y&#39;&gt;&amp;棋"
        );
    }

    #[test]
    fn prints_coordinates_short() {
        for (x, expect) in [
            (0.0, "0"),
            (-0.04, "0"),
            (12.0, "12"),
            (12.34, "12.3"),
            (-0.5, "-0.5"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(num(x), expect);
        }
    }

    #[test]
    fn lets_only_harmless_addresses_through() {
        for (href, ok) in [
            ("#fig-A", true),
            ("/figures/A", true),
            ("https://example.org", true),
            ("//example.org", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(safe_href(href).is_some(), ok, "{href}");
        }
    }

    #[test]
    fn breaks_lines_by_width() {
        assert_eq!(wrap("一二三四五", 2.0), ["一二", "三四", "五"]);
        assert_eq!(wrap("", 2.0), [""]);
        assert_eq!(wrap("一ab cdef", 3.3), ["一ab", "cdef"]);
        assert_eq!(wrap("abcdefgh", 3.0), ["abcde", "fgh"]);
    }
}
