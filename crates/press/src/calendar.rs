//! Dates and parts of years as texts write them.

use jiff::civil::Date;
use qipan_model::Period;

use crate::numeral::{chinese_digit, ends_with, number, starts_with};

/// What a date or a part of a year says of the numbers after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// The day of an event or of the news (8月9日): nothing.
    Event,
    /// As they stood then: 截至6月底, 年末.
    Until(Date),
    /// What came about in between: 上半年, 二季度, 6月份, 1至6月.
    Within(Date, Date),
}

impl Said {
    /// Whether the figures of a period answer it. Figures that count from the year's beginning
    /// answer what is said of all of the year so far.
    pub(crate) fn fits(self, period: Period) -> bool {
        match self {
            Self::Event => true,
            Self::Until(last) => last == period.end(),
            Self::Within(first, last) => {
                last == period.end() && (first == period.start() || first == last.first_of_year())
            }
        }
    }
}

/// 2021年, 二〇二一年.
pub(crate) fn stated_year(chars: &[char], at: usize) -> Option<(i16, usize)> {
    let digits: Vec<i64> = chars[at..]
        .iter()
        .take(5)
        .map_while(|c| c.to_digit(10).map(i64::from).or_else(|| chinese_digit(*c)))
        .collect();
    let inside = at
        .checked_sub(1)
        .is_some_and(|before| chars[before].is_ascii_digit());
    if inside || digits.len() != 4 || chars.get(at + 4) != Some(&'年') {
        return None;
    }
    let year = digits.iter().fold(0, |year, digit| year * 10 + digit);
    let year = i16::try_from(year)
        .ok()
        .filter(|year| (1900..2200).contains(year))?;
    Some((year, at + 5))
}

/// A part of a year: where it ends and what it says.
pub(crate) fn part_of_year(chars: &[char], at: usize, year: i16) -> Option<(usize, Said)> {
    // A word, its first month and its last; no first month for a state at the end.
    const PARTS: &[(&str, i8, i8)] = &[
        ("上半年", 1, 6),
        ("下半年", 7, 12),
        ("前三季度", 1, 9),
        ("前三个季度", 1, 9),
        ("前两个季度", 1, 6),
        ("第一季度", 1, 3),
        ("一季度", 1, 3),
        ("1季度", 1, 3),
        ("首季", 1, 3),
        ("第二季度", 4, 6),
        ("二季度", 4, 6),
        ("2季度", 4, 6),
        ("第三季度", 7, 9),
        ("三季度", 7, 9),
        ("3季度", 7, 9),
        ("第四季度", 10, 12),
        ("四季度", 10, 12),
        ("4季度", 10, 12),
        ("全年", 1, 12),
        ("年内", 1, 12),
        ("年底", 0, 12),
        ("年末", 0, 12),
        ("年终", 0, 12),
    ];
    let begin = |month: i8| Date::new(year, month, 1).ok();
    let end = |month: i8| begin(month).map(Date::last_of_month);
    let until = ["截至", "截止", "截止到", "截至到", "到", "至"]
        .iter()
        .any(|word| {
            ends_with(chars, at, word)
                || at
                    .checked_sub(5)
                    .is_some_and(|at| ends_with(chars, at, word))
        });
    let span = |first: i8, last: i8| {
        Some(if first == 0 || until {
            Said::Until(end(last)?)
        } else {
            Said::Within(begin(first)?, end(last)?)
        })
    };
    // After 2020年 the word for its end is 底 or 末 alone.
    if at > 0 && chars[at - 1] == '年' && matches!(chars.get(at), Some('底' | '末')) {
        return Some((at + 1, Said::Until(end(12)?)));
    }
    if let Some((word, first, last)) = PARTS.iter().find(|(word, ..)| starts_with(chars, at, word))
    {
        let after = at + word.chars().count();
        let closed = matches!(chars.get(after), Some('末' | '底'));
        let first = if closed { 0 } else { *first };
        return Some((after + usize::from(closed), span(first, *last)?));
    }
    let (after, months) = months(chars, at)?;
    Some((
        after,
        match months {
            Months::Day(month, day) if until => Said::Until(Date::new(year, month, day).ok()?),
            Months::Day(..) => Said::Event,
            Months::End(month) => Said::Until(end(month)?),
            Months::Alone(month) if until => Said::Until(end(month)?),
            // 5月，两地签订协议: no more than when something happened.
            Months::Alone(_) => Said::Event,
            Months::Span(first, last) => span(first, last)?,
        },
    ))
}

enum Months {
    /// 6月30日.
    Day(i8, i8),
    /// 6月底.
    End(i8),
    /// 6月.
    Alone(i8),
    /// 1至6月, 前6个月; 6月份 is a span of one.
    Span(i8, i8),
}

fn months(chars: &[char], at: usize) -> Option<(usize, Months)> {
    let dash = |at: usize| matches!(chars.get(at), Some('至' | '到' | '—' | '-' | '~' | '–'));
    let small = |at: usize| {
        let found = number(chars, at).filter(|n| n.magnitude.is_empty() && n.upper.is_none())?;
        let value: i8 = found.value.try_into().ok()?;
        (1..=31).contains(&value).then_some((found.end, value))
    };
    if at > 0 && chars[at - 1].is_ascii_digit() {
        return None;
    }
    if chars.get(at) == Some(&'前') {
        let (end, month) = small(at + 1).filter(|(_, month)| *month <= 12)?;
        return starts_with(chars, end, "个月").then_some((end + 2, Months::Span(1, month)));
    }
    let (mut end, first) = small(at)?;
    if chars.get(end) == Some(&'月') && dash(end + 1) {
        end += 1;
    }
    if dash(end) {
        while dash(end) {
            end += 1;
        }
        let (after, last) = small(end)?;
        let is_span = chars.get(after) == Some(&'月') && first <= last && last <= 12;
        let after = after + 1 + usize::from(chars.get(after + 1) == Some(&'份'));
        return is_span.then_some((after, Months::Span(first, last)));
    }
    if chars.get(end) != Some(&'月') || first > 12 {
        return None;
    }
    end += 1;
    for word in ["当月", "份", "单月"] {
        if starts_with(chars, end, word) {
            return Some((end + word.chars().count(), Months::Span(first, first)));
        }
    }
    Some(match (chars.get(end), small(end)) {
        (Some('底' | '末'), _) => (end + 1, Months::End(first)),
        (_, Some((after, day))) if matches!(chars.get(after), Some('日' | '号')) => {
            (after + 1, Months::Day(first, day))
        }
        _ => (end, Months::Alone(first)),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("上半年", true)]
    #[case("1—6月", true)]
    #[case("1月至6月", true)]
    #[case("前6个月", true)]
    #[case("8月9日", true)]
    #[case("二季度", false)]
    #[case("二季度末", true)]
    #[case("6月底", true)]
    #[case("6月份", false)]
    #[case("5月底", false)]
    #[case("全年", false)]
    #[case("年底", false)]
    fn parts_of_a_year(#[case] said: &str, #[case] fits: bool) {
        let chars: Vec<char> = said.chars().collect();
        let (end, found) = part_of_year(&chars, 0, 2021).unwrap();
        assert_eq!(
            (end, found.fits("2021H1".parse().unwrap())),
            (chars.len(), fits),
            "{said}"
        );
    }
}
