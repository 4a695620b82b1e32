//! Folding of written text: width, blanks, brackets. One place, so that headers, numbers and
//! names are all read with the same eyes.

use std::borrow::Cow;

/// A full-width form as its half-width twin, a foreign blank as a blank; others as they are.
#[must_use]
pub fn narrow_char(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' | '\u{2002}'..='\u{200A}' => ' ',
        _ => c,
    }
}

/// Characters that print nothing and mean nothing.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// Full-width forms made half-width; borrows when there is nothing to do.
#[must_use]
pub fn narrow(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || text.chars().all(|c| narrow_char(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(narrow_char).collect())
    }
}

/// Text without blanks and invisible characters, half-width, ASCII in lower case.
#[must_use]
pub fn tight(text: &str) -> String {
    text.chars()
        .map(narrow_char)
        .filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c))
        .map(|c| match c {
            '【' | '〔' | '［' => '(',
            '】' | '〕' | '］' => ')',
            c => c.to_ascii_lowercase(),
        })
        .collect()
}

/// A header as it is compared: tight, without the marks people add around a label
/// (`其中：`, ★, *, a trailing colon).
#[must_use]
pub fn label(text: &str) -> String {
    let mut folded = tight(text);
    loop {
        let rest = folded
            .trim_start_matches(['*', '★', '☆', '△', '▲'])
            .trim_end_matches([':', '*', '★'])
            .trim_start_matches("其中:");
        let rest = match rest.strip_prefix("其中") {
            Some(tail) if !tail.is_empty() => tail,
            _ => rest,
        };
        if rest.len() == folded.len() {
            return folded;
        }
        folded = rest.to_owned();
    }
}

/// A folded label split into what stands outside brackets and what stands inside:
/// `总投资(万元)` → `总投资`, `万元`.
#[must_use]
pub fn split_brackets(folded: &str) -> (String, String) {
    let (mut outside, mut inside) = (String::new(), String::new());
    let mut depth = 0_u32;
    for c in folded.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => outside.push(c),
            c => inside.push(c),
        }
    }
    (outside, inside)
}

/// How alike two folded labels are, 0 to 1: shared characters twice over all characters (Dice).
#[must_use]
pub fn likeness(a: &str, b: &str) -> f32 {
    let a: Vec<char> = a.chars().collect();
    let mut b: Vec<char> = b.chars().collect();
    let total = a.len() + b.len();
    let mut shared = 0_usize;
    for c in &a {
        if let Some(at) = b.iter().position(|other| other == c) {
            b.swap_remove(at);
            shared += 1;
        }
    }
    if total == 0 || shared < 2 {
        return 0.0;
    }
    2.0 * shared as f32 / total as f32
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(" 序 号 ", "序号")]
    #[case("项 目 编 号", "项目编号")]
    #[case("其中：\n对口帮扶资金", "对口帮扶资金")]
    #[case("★ＩＤ：", "id")]
    #[case("其中", "其中")]
    #[case("总投资（万元）", "总投资(万元)")]
    fn folds_labels(#[case] text: &str, #[case] expect: &str) {
        assert_eq!(label(text), expect);
    }

    #[test]
    fn splits_brackets() {
        assert_eq!(
            split_brackets("总投资(万元)"),
            ("总投资".to_owned(), "万元".to_owned())
        );
    }

    #[test]
    fn likeness_knows_neighbours() {
        assert!(likeness("施工开始时间", "开工时间") > 0.7);
        assert!(likeness("序号", "备注") < 0.1);
    }
}
