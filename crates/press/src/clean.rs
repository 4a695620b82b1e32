//! The reading form of a text: full-width forms folded, lines that a page or a screen broke joined
//! again, invisible characters gone. Each character remembers its place in the text.

/// Characters to read, and where each stood.
pub(crate) struct Clean {
    pub(crate) chars: Vec<char>,
    pub(crate) places: Vec<usize>,
}

/// A line shorter than this was ended by its writer, not by the width of a page.
const WRAPPED: usize = 16;
/// The longest line that may be a number standing for itself (144个, 超过7000万元).
const FIGURE: usize = 14;

pub(crate) fn clean(original: &[char]) -> Clean {
    let wide = |at: usize| original.get(at).is_some_and(|c| ('０'..='９').contains(c));
    let joined = joined_breaks(original);
    let mut clean = Clean {
        chars: Vec::new(),
        places: Vec::new(),
    };
    let mut at = 0;
    while at < original.len() {
        let c = original[at];
        let keycap = c.is_ascii_digit()
            && original[at + 1..].iter().find(|c| **c != '\u{fe0f}') == Some(&'\u{20e3}');
        let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ad}')
            || (c == '\r' && original.get(at + 1) == Some(&'\n'));
        if let Some(&end) = joined.get(&at) {
            at = end;
            continue;
        }
        if !keycap && !invisible {
            clean.chars.push(match c {
                // ３６，８９１: only between full-width digits is the full-width comma a separator.
                '，' if at > 0 && wide(at - 1) && wide(at + 1) => ',',
                '：' if at > 0 && wide(at - 1) && wide(at + 1) => ':',
                _ => fold(c),
            });
            clean.places.push(at);
        }
        at += 1;
    }
    clean
}

/// Full-width forms to their ASCII siblings, so that １４４ reads as 144.
fn fold(c: char) -> char {
    match c {
        '！'..='～' if !matches!(c, '，' | '：' | '；' | '！' | '？' | '（' | '）') => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        '　' => ' ',
        _ => c,
    }
}

/// Breaks that end no statement, from the first character left out to the first one kept.
fn joined_breaks(original: &[char]) -> std::collections::BTreeMap<usize, usize> {
    let mut joined = std::collections::BTreeMap::new();
    let mut lines: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for (at, &c) in original.iter().enumerate() {
        if c == '\n' {
            lines.push((start, at));
            start = at + 1;
        }
    }
    lines.push((start, original.len()));
    let text = |(start, end): (usize, usize)| {
        let trimmed: String = original[start..end].iter().collect();
        trimmed.trim().to_owned()
    };
    let widest = lines
        .iter()
        .map(|line| width(&text(*line)))
        .max()
        .unwrap_or(0);
    for pair in lines.windows(2) {
        let (this, next) = (text(pair[0]), text(pair[1]));
        if this.is_empty() || next.is_empty() || is_row(&this) || is_row(&next) {
            continue;
        }
        let width = width(&this);
        let ended = this.ends_with([
            '。', '！', '？', '；', '：', '!', '?', ';', ':', '）', '”', '》',
        ]);
        let indented =
            original[pair[1].0..].starts_with(&[' ', ' ']) || original[pair[1].0] == '　';
        // The lines of one page are about as wide as each other; a list's are not.
        let wrapped = width >= WRAPPED && width * 10 >= widest.min(80) * 7;
        let broken = wrapped && !ended && !indented && !begins_an_item(&next);
        // A label and its figure on a line of its own: 对口帮扶项目 ⏎ 144个.
        let labelled = !ended && is_figure(&next) && !this.contains(|c: char| c.is_ascii_digit());
        // A comma ends no statement wherever the line is broken.
        let continued = this.ends_with(['，', '、']);
        if broken || labelled || continued {
            let from = original[..pair[0].1]
                .iter()
                .rposition(|c| !c.is_whitespace())
                .map_or(pair[0].1, |at| at + 1);
            let lead = original[pair[1].0..]
                .iter()
                .take_while(|c| c.is_whitespace())
                .count();
            joined.insert(from, pair[1].0 + lead);
        }
    }
    joined
}

/// The room a line takes, in Chinese characters.
fn width(line: &str) -> usize {
    line.chars()
        .map(|c| if c.is_ascii() { 1 } else { 2 })
        .sum::<usize>()
        / 2
}

/// A row of a table: cells between tabs or bars.
pub(crate) fn is_row(line: &str) -> bool {
    line.contains('\t') || line.matches('|').count() >= 2
}

/// A line that is a number with its unit and nothing else.
fn is_figure(line: &str) -> bool {
    let rest = line.trim_start_matches(['约', '近', '超', '过', '逾', '达', '共']);
    rest.starts_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
        && line.chars().count() <= FIGURE
        && rest
            .chars()
            .filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | ','))
            .count()
            <= 4
        && !rest.contains(['、', '年', '月', ':', '：', '/', '-'])
}

/// Whether a line begins an item of a list: a bullet, a number with a mark, an emoji.
fn begins_an_item(line: &str) -> bool {
    let mut chars = line.chars();
    let Some(first) = chars.next() else {
        return true;
    };
    if matches!(
        first,
        '-' | '*' | '•' | '·' | '●' | '■' | '◆' | '○' | '▪' | '—' | '#' | '>' | '★' | '※'
    ) || ('①'..='⓿').contains(&first)
        || is_pictograph(first)
    {
        return true;
    }
    let head: String = line.chars().take(6).collect();
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let bracketed = matches!(first, '（' | '(') && head[first.len_utf8()..].starts_with(number);
    let marked = head
        .find(|c: char| !number(c))
        .is_some_and(|at| at > 0 && head[at..].starts_with(['、', '.', '．', ')', '）']))
        && !head
            .split_once('.')
            .is_some_and(|(_, after)| after.starts_with(|c: char| c.is_ascii_digit()));
    bracketed || marked
}

/// Emoji and dingbats: they stand between statements.
pub(crate) fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{25a0}'..='\u{25ff}' | '\u{20e3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let original: Vec<char> = text.chars().collect();
        let clean = clean(&original);
        assert_eq!(clean.chars.iter().collect::<String>(), expect, "{text}");
        assert_eq!(clean.chars.len(), clean.places.len());
    }

    #[test]
    fn folds_joins_and_drops() {
        check("１４４个，３６，８９１", "144个，36,891");
        check("1️⃣ 项目", "\u{20e3} 项目");
        check("对口帮扶项目\n144个\n", "对口帮扶项目144个\n");
        check(
            "今年上半年全市已累计下达对口帮扶项\r\n目144个，总投资达到七亿五千万元整了",
            "今年上半年全市已累计下达对口帮扶项目144个，总投资达到七亿五千万元整了",
        );
        check("下达项目：\n1.甲", "下达项目：\n1.甲");
    }
}
