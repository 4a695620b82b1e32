//! Days as people write them: `2021年3月18日`, `2021.5.6`, `2021/5/6`, `20210506`, `44377`.

use jiff::civil::{Date, date};

use crate::fold::{is_invisible, narrow_char};
use crate::read::serial_to_date;

/// What a text says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A day.
    Day(Date),
    /// A month or a year without its day: a person must say which.
    Incomplete,
    /// Not a day.
    Unreadable,
}

/// Serial numbers that are taken for days: 1950 to 2100. Outside, a bare number is a mistake.
fn serial(number: f64, is_1904: bool) -> Written {
    let shifted = if is_1904 { number + 1462.0 } else { number };
    if (18_264.0..73_416.0).contains(&shifted) {
        serial_to_date(number, is_1904).map_or(Written::Unreadable, Written::Day)
    } else {
        Written::Unreadable
    }
}

/// A bare number in a date column: 44377, 20210506, 2021.6.
pub(crate) fn of_number(number: f64, is_1904: bool) -> Written {
    if number.fract() == 0.0 && (19_000_101.0..=29_991_231.0).contains(&number) {
        let digits = number as i32;
        return day(digits / 10_000, digits / 100 % 100, digits % 100);
    }
    if (190_001.0..=299_912.0).contains(&number)
        && number.fract() == 0.0
        && (1..=12).contains(&(number as i32 % 100))
    {
        return Written::Incomplete;
    }
    // 2021 and 2021.6 are a year and a month, not days of 1905.
    if (1949.0..2101.0).contains(&number) {
        return Written::Incomplete;
    }
    serial(number, is_1904)
}

fn day(year: i32, month: i32, day: i32) -> Written {
    let small = |n: i32| i8::try_from(n).ok();
    match (i16::try_from(year), small(month), small(day)) {
        (Ok(year), Some(month), Some(day)) if (1900..=2999).contains(&year) => {
            Date::new(year, month, day).map_or(Written::Unreadable, Written::Day)
        }
        _ => Written::Unreadable,
    }
}

/// Reads text.
pub(crate) fn of_text(text: &str, is_1904: bool) -> Written {
    // The quick way: 2021-05-06.
    if let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes()
        && [y1, y2, y3, y4, m1, m2, d1, d2]
            .iter()
            .all(|byte| byte.is_ascii_digit())
    {
        let digit = |byte: &u8| i32::from(byte - b'0');
        return day(
            digit(y1) * 1000 + digit(y2) * 100 + digit(y3) * 10 + digit(y4),
            digit(m1) * 10 + digit(m2),
            digit(d1) * 10 + digit(d2),
        );
    }
    let folded: String = text
        .chars()
        .map(narrow_char)
        .filter(|c| !is_invisible(*c))
        .take(64)
        .collect();
    let folded = folded.trim();
    // A weekday or remark in brackets does not change the day.
    let folded = folded
        .split(['(', '周', '星'])
        .next()
        .unwrap_or(folded)
        .trim();
    if let Some(written) = of_numerals(folded) {
        return written;
    }
    let (parts, words) = split(folded);
    match (&parts[..], &words[..]) {
        ([number], [_, _]) if words.iter().all(String::is_empty) => {
            if number.len() == 8 || number.len() == 6 || number.len() <= 5 {
                number
                    .parse::<f64>()
                    .map_or(Written::Unreadable, |number| of_number(number, is_1904))
            } else {
                Written::Unreadable
            }
        }
        _ if parts.first().is_none_or(|year| year.len() != 4) => Written::Unreadable,
        ([_], [first, second]) if first.is_empty() && second == "年" => Written::Incomplete,
        ([_, _], [first, middle, last])
            if first.is_empty()
                && separates(middle, "年")
                && (last.is_empty() || last == "月" || last == "月份") =>
        {
            Written::Incomplete
        }
        ([year, month, number, rest @ ..], [first, one, two, after, ..])
            if first.is_empty()
                && separates(one, "年")
                && separates(two, "月")
                && same_separator(one, two)
                && (after.is_empty()
                    || after == "日"
                    || after == "号"
                    || is_time(after, rest.len())) =>
        {
            match (year.parse(), month.parse(), number.parse()) {
                (Ok(year), Ok(month), Ok(number))
                    if month_or_day(month) && month_or_day(number) =>
                {
                    day(year, month, number)
                }
                _ => Written::Unreadable,
            }
        }
        _ => Written::Unreadable,
    }
}

/// 二〇二一年三月十八日; `None` when it is written otherwise.
fn of_numerals(text: &str) -> Option<Written> {
    const DIGITS: &str = "〇一二三四五六七八九";
    let digit = |c: char| match c {
        '零' | '○' | 'Ｏ' => Some(0),
        c => DIGITS
            .chars()
            .position(|own| own == c)
            .and_then(|nth| i32::try_from(nth).ok()),
    };
    // Up to 三十一.
    let small = |text: &str| match text.split_once('十') {
        None => text
            .chars()
            .map(digit)
            .collect::<Option<Vec<_>>>()
            .filter(|own| own.len() == 1)?
            .pop(),
        Some((tens, ones)) => {
            let one = |text: &str, empty| match text.chars().collect::<Vec<_>>()[..] {
                [] => Some(empty),
                [c] => digit(c).filter(|own| *own > 0),
                _ => None,
            };
            Some(one(tens, 1)? * 10 + one(ones, 0)?)
        }
    };
    let (year, rest) = text.split_once('年')?;
    let digits: Vec<i32> = year.trim().chars().map(digit).collect::<Option<_>>()?;
    let [a, b, c, d] = digits[..] else {
        return None;
    };
    let year = a * 1000 + b * 100 + c * 10 + d;
    let Some((month, rest)) = rest.split_once('月') else {
        return rest.trim().is_empty().then_some(Written::Incomplete);
    };
    let month = small(month.trim())?;
    match rest.trim().trim_end_matches(['日', '号']).trim() {
        "" => Some(Written::Incomplete),
        number => Some(day(year, month, small(number)?)),
    }
}

fn month_or_day(number: i32) -> bool {
    (1..=31).contains(&number)
}

/// `-`, `/`, `.` or the Chinese word.
fn separates(word: &str, chinese: &str) -> bool {
    word == chinese || matches!(word, "-" | "/" | "." | "–" | "—" | "、" | "\\" | "．")
}

fn same_separator(one: &str, two: &str) -> bool {
    one == two || (one == "年" && two == "月")
}

/// A time of day after the date: `T00:00:00`, ` 8:30`.
fn is_time(after: &str, rest: usize) -> bool {
    matches!(after, "T" | " " | "日 ") && (1..=4).contains(&rest)
}

/// Runs of digits and what stands before, between and after them.
fn split(text: &str) -> (Vec<String>, Vec<String>) {
    let mut numbers: Vec<String> = Vec::new();
    let mut words = vec![String::new()];
    let mut in_digits = false;
    for c in text.chars() {
        if c.is_ascii_digit() {
            if !in_digits {
                numbers.push(String::new());
                words.push(String::new());
            }
            in_digits = true;
            if let Some(number) = numbers.last_mut() {
                number.push(c);
            }
        } else {
            let joins = c.is_whitespace() && words.last().is_some_and(|word| !word.is_empty());
            in_digits = false;
            if let Some(word) = words.last_mut() {
                // Blanks around separators mean nothing; a lone blank before a time does.
                if !joins {
                    word.push(c);
                }
            }
        }
    }
    for word in &mut words {
        let trimmed = word.trim();
        if !trimmed.is_empty() {
            *word = trimmed.to_owned();
        }
    }
    (numbers, words)
}

/// Days outside this span are taken for slips of the finger.
pub(crate) fn is_plausible(day: Date) -> bool {
    (date(1949, 1, 1)..=date(2100, 12, 31)).contains(&day)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2021-05-06", "2021-05-06")]
    #[case("2021年3月18日", "2021-03-18")]
    #[case("２０２１年３月１８日", "2021-03-18")]
    #[case("2021 年 3 月 18 日", "2021-03-18")]
    #[case("2021年3月18号", "2021-03-18")]
    #[case("2021年3月18日（周四）", "2021-03-18")]
    #[case("2021年3月18日 星期四", "2021-03-18")]
    #[case("2021.5.6", "2021-05-06")]
    #[case("2021. 5. 6", "2021-05-06")]
    #[case("2021/5/6", "2021-05-06")]
    #[case("2021-5-6", "2021-05-06")]
    #[case("20210506", "2021-05-06")]
    #[case("44377", "2021-06-30")]
    #[case("2021-05-06 00:00:00", "2021-05-06")]
    #[case("2021-05-06T08:30:00", "2021-05-06")]
    #[case("2021/5/6 8:30", "2021-05-06")]
    #[case("二〇二一年三月十八日", "2021-03-18")]
    #[case("二零二一年十二月三十一日", "2021-12-31")]
    #[case("二○二一年十月二十日", "2021-10-20")]
    fn reads(#[case] text: &str, #[case] expect: &str) {
        assert_eq!(
            of_text(text, false),
            Written::Day(expect.parse().unwrap()),
            "{text}"
        );
    }

    #[rstest]
    #[case("2021年6月")]
    #[case("2021年6月份")]
    #[case("2021.6")]
    #[case("2021-06")]
    #[case("2021/6")]
    #[case("202106")]
    #[case("2021年")]
    #[case("2021")]
    #[case("二〇二一年三月")]
    fn asks_for_the_day(#[case] text: &str) {
        assert_eq!(of_text(text, false), Written::Incomplete, "{text}");
    }

    #[rstest]
    #[case("")]
    #[case("2021-02-30")]
    #[case("2021-13-01")]
    #[case("5/6/2021")]
    #[case("21.5.6")]
    #[case("6月30日")]
    #[case("开工后")]
    #[case("2021-5.6")]
    #[case("100")]
    #[case("2021年3月18日至4月1日")]
    #[case("2021-05-06-07")]
    #[case("二〇二一年二月三十日")]
    #[case("二一年三月五日")]
    #[case("二〇二一年三月十十日")]
    fn refuses(#[case] text: &str) {
        assert_eq!(of_text(text, false), Written::Unreadable, "{text}");
    }

    #[test]
    fn reads_bare_numbers() {
        let june = Written::Day("2021-06-30".parse().unwrap());
        assert_eq!(of_number(44377.0, false), june);
        assert_eq!(of_number(42915.0, true), june);
        assert_eq!(of_number(20_210_630.0, false), june);
        assert_eq!(of_number(2021.6, false), Written::Incomplete);
        assert_eq!(of_number(2021.0, false), Written::Incomplete);
        assert_eq!(of_number(12.0, false), Written::Unreadable);
    }
}
