//! Numbers as Chinese texts write them: 36,891 · 4.24 · 一百四十四 · 三万六千八百九十一 · 4亿2400万 ·
//! 二三十 · 数十 · 上百 · 十几.

use rust_decimal::Decimal;

/// A number before its unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Number {
    /// One past its last character.
    pub(crate) end: usize,
    /// Its value; of a range the lower end.
    pub(crate) value: Decimal,
    /// The upper end, where the numeral itself is a range (二三十, 数十).
    pub(crate) upper: Option<Decimal>,
    /// The size of the last written place.
    pub(crate) place: Decimal,
    /// The size of the last written place that is not zero.
    pub(crate) step: Decimal,
    /// Written with 余 or 多.
    pub(crate) more: bool,
    /// Written with 来 (十来个).
    pub(crate) or_so: bool,
    /// The magnitude as written: 亿, 万.
    pub(crate) magnitude: String,
    /// Written in Chinese numerals.
    pub(crate) chinese: bool,
    /// A power without a digit before it (百, 千).
    pub(crate) bare_power: bool,
}

/// Longest digit run read as a number; longer ones are telephone or account numbers.
const MOST_DIGITS: usize = 12;

/// One section of a number: what stands before a magnitude.
struct Section {
    end: usize,
    low: Decimal,
    high: Decimal,
    place: Decimal,
    step: Decimal,
    chinese: bool,
    bare_power: bool,
}

/// Reads a number.
pub(crate) fn number(chars: &[char], at: usize) -> Option<Number> {
    let mut sum: Option<Number> = None;
    let mut below = Decimal::MAX;
    let mut cursor = at;
    // 4亿2400万, 三万六千: sections with falling magnitudes.
    while let Some(section) = section(chars, cursor) {
        let mut end = skip_blanks(chars, section.end);
        let (mut more, mut or_so, mut power) = (false, false, Decimal::ONE);
        let mut written = String::new();
        // 7400余万, 7400万余, 3万多: the softener may stand before or after the magnitude.
        for _ in 0..2 {
            match chars.get(end) {
                Some('余' | '多') if !more => {
                    more = true;
                    end = skip_blanks(chars, end + 1);
                }
                Some('来') if !or_so && section.chinese && section.step > Decimal::ONE => {
                    or_so = true;
                    end += 1;
                }
                _ => {}
            }
            if written.is_empty()
                && let Some((magnitude, length)) = magnitude(chars, end)
            {
                power = magnitude;
                written.extend(&chars[end..end + length]);
                end = skip_blanks(chars, end + length);
            }
        }
        let low = section.low.checked_mul(power)?;
        let high = section.high.checked_mul(power)?;
        if high >= below {
            break;
        }
        let before = sum.as_ref();
        let base = before.map_or(Decimal::ZERO, |sum| sum.value);
        let value = base.checked_add(low)?;
        sum = Some(Number {
            end,
            value,
            upper: (high != low).then(|| base + high),
            place: section.place.checked_mul(power)?,
            step: section.step.checked_mul(power)?,
            more,
            or_so,
            magnitude: if before.is_some() && written.is_empty() {
                String::new()
            } else {
                written
            },
            chinese: section.chinese,
            bare_power: section.bare_power && before.is_none(),
        });
        if power == Decimal::ONE || more || or_so || high != low {
            break;
        }
        below = power;
        cursor = end + usize::from(chars.get(end) == Some(&'零'));
    }
    sum
}

fn section(chars: &[char], at: usize) -> Option<Section> {
    arabic(chars, at)
        .or_else(|| vague(chars, at))
        .or_else(|| chinese(chars, at))
}

fn arabic(chars: &[char], at: usize) -> Option<Section> {
    let mut digits = String::new();
    let mut decimals: Option<u32> = None;
    let mut end = at;
    while let Some(&c) = chars.get(end) {
        let digit_follows =
            |offset: usize| chars.get(end + offset).is_some_and(char::is_ascii_digit);
        match c {
            '0'..='9' => {
                digits.push(c);
                decimals = decimals.map(|n| n + 1);
            }
            '.' if decimals.is_none() && !digits.is_empty() && digit_follows(1) => {
                decimals = Some(0);
                digits.push('.');
            }
            // A thousands separator: exactly three digits follow, then none.
            ',' if decimals.is_none()
                && !digits.is_empty()
                && (1..=3).all(digit_follows)
                && !digit_follows(4) => {}
            _ => break,
        }
        end += 1;
    }
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    if count == 0 || count > MOST_DIGITS {
        return None;
    }
    let value: Decimal = digits.parse().ok()?;
    let place = Decimal::new(1, decimals.unwrap_or(0));
    let step = if decimals.is_some() || value.is_zero() {
        place
    } else {
        let zeros = digits.bytes().rev().take_while(|&b| b == b'0').count();
        Decimal::from(10_i64.checked_pow(u32::try_from(zeros).ok()?)?)
    };
    Some(Section {
        end,
        low: value,
        high: value,
        place,
        step,
        chinese: false,
        bare_power: false,
    })
}

/// 数十, 几百, 上千: a span of one power of ten.
fn vague(chars: &[char], at: usize) -> Option<Section> {
    let first = *chars.get(at)?;
    let power = |c: Option<&char>| {
        c.and_then(|&c| match c {
            '万' => Some(10_000),
            '亿' => Some(100_000_000),
            _ => chinese_power(c),
        })
    };
    let lowest = match first {
        '数' | '几' => 2,
        '上' => 1,
        _ => return None,
    };
    let power = power(chars.get(at + 1))?;
    Some(Section {
        end: at + 2,
        low: Decimal::from(lowest * power),
        high: Decimal::from(power * 10 - 1),
        place: Decimal::ONE,
        step: Decimal::from(power),
        chinese: true,
        bare_power: false,
    })
}

pub(crate) fn chinese_digit(c: char) -> Option<i64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

pub(crate) fn chinese_power(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

/// A Chinese numeral below 万: 一百四十四, 两千零三十二, 四点二四, 三〇三二, 二三十, 十五六, 十几.
fn chinese(chars: &[char], at: usize) -> Option<Section> {
    let (mut low, mut high) = (0_i64, 0_i64);
    let mut digit: Option<(i64, i64)> = None;
    let mut last_power = 1_i64;
    let (mut end, mut powers, mut digits) = (at, 0_usize, 0_usize);
    while let Some(&c) = chars.get(end) {
        if chinese_digit(c).is_some() {
            let run: Vec<i64> = chars[end..]
                .iter()
                .map_while(|&c| chinese_digit(c))
                .collect();
            if run.len() > MOST_DIGITS {
                return None;
            }
            digit = Some(match run.as_slice() {
                // 二三十, 五六个, 三五个: two neighbours are a range, not 23.
                [a, b] if *a > 0 && (*b == a + 1 || (*a, *b) == (3, 5)) => (*a, *b),
                [0, rest @ ..] if !rest.is_empty() && powers > 0 => positional(rest)?,
                run => positional(run)?,
            });
            digits += run.len();
            end += run.len();
            last_power = 1;
        } else if let Some(power) = chinese_power(c) {
            let (a, b) = digit.take().unwrap_or((1, 1));
            low = low.checked_add(a.checked_mul(power)?)?;
            high = high.checked_add(b.checked_mul(power)?)?;
            powers += 1;
            last_power = power;
            end += 1;
        } else if c == '几' && last_power >= 10 && powers > 0 {
            // 十几, 三十几: between the next one and the last before the next ten.
            low += last_power / 10;
            high += last_power - 1;
            end += 1;
            break;
        } else {
            break;
        }
    }
    if end == at {
        return None;
    }
    let (a, b) = digit.unwrap_or((0, 0));
    let (low, high) = (low + a, high + b);
    let (mut value, mut place) = (Decimal::from(low), Decimal::ONE);
    if low == high && chars.get(end) == Some(&'点') {
        let fraction: String = chars[end + 1..]
            .iter()
            .map_while(|&c| chinese_digit(c))
            .map(|digit| digit.to_string())
            .collect();
        if !fraction.is_empty() && fraction.len() <= 6 {
            value = format!("{low}.{fraction}").parse().ok()?;
            place = Decimal::new(1, u32::try_from(fraction.len()).ok()?);
            end += 1 + fraction.len();
        }
    }
    let step = if place < Decimal::ONE {
        place
    } else {
        Decimal::from(last_power)
    };
    let high = if place < Decimal::ONE {
        value
    } else {
        Decimal::from(high)
    };
    Some(Section {
        end,
        low: value,
        high,
        place,
        step,
        chinese: true,
        bare_power: digits == 0 && powers == 1 && last_power > 10,
    })
}

/// Digits one after another: 三〇三二.
fn positional(run: &[i64]) -> Option<(i64, i64)> {
    let value = run
        .iter()
        .try_fold(0_i64, |sum, d| sum.checked_mul(10)?.checked_add(*d))?;
    Some((value, value))
}

/// A magnitude word and its length.
pub(crate) fn magnitude(chars: &[char], at: usize) -> Option<(Decimal, usize)> {
    const MAGNITUDES: [(&str, i64); 8] = [
        ("万亿", 1_000_000_000_000),
        ("千万", 10_000_000),
        ("百万", 1_000_000),
        ("十万", 100_000),
        ("亿", 100_000_000),
        ("万", 10_000),
        ("千", 1_000),
        ("百", 100),
    ];
    MAGNITUDES
        .iter()
        .find(|(word, _)| starts_with(chars, at, word))
        .map(|(word, power)| (Decimal::from(*power), word.chars().count()))
}

pub(crate) fn starts_with(chars: &[char], at: usize, word: &str) -> bool {
    let mut rest = chars.get(at..).unwrap_or_default().iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

pub(crate) fn ends_with(chars: &[char], end: usize, word: &str) -> bool {
    end.checked_sub(word.chars().count())
        .is_some_and(|at| starts_with(chars, at, word))
}

pub(crate) fn skip_blanks(chars: &[char], mut at: usize) -> usize {
    while chars
        .get(at)
        .is_some_and(|&c| matches!(c, ' ' | '\u{a0}' | '\u{2003}' | '\u{2002}'))
    {
        at += 1;
    }
    at
}
