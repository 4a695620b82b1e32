//! Shares in words: 百分之三十六点八, 三成, 三分之一, 一半.

use rust_decimal::Decimal;

use crate::numeral::{Number, chinese_digit, number, starts_with};
use crate::quantity::Measured;
use crate::unit::Dimension;

/// Shares: 百分之三十六点八, 三成, 四成半, 三分之一, 一半, 过半.
pub(crate) fn share(chars: &[char], at: usize) -> Option<Measured> {
    let percent = |mut number: Number, factor: Decimal, place: Decimal, end: usize| {
        number.value = number.value.checked_mul(factor)?;
        number.upper = number.upper.and_then(|upper| upper.checked_mul(factor));
        number.step = number.step.checked_mul(factor)?.max(place);
        number.place = place;
        let (unit, classifier) = ("%".to_owned(), "%".to_owned());
        Some(Measured {
            number,
            unit,
            classifier,
            dimension: Dimension::Percent,
            end,
        })
    };
    let ten = Decimal::TEN;
    if starts_with(chars, at, "百分之") {
        let number = number(chars, at + 3)?;
        // 百分之百 is a manner of speaking.
        let (place, end) = (number.place, number.end);
        return if number.bare_power {
            None
        } else {
            percent(number, Decimal::ONE, place, end)
        };
    }
    for half in ["一半", "半数"] {
        if starts_with(chars, at, half) {
            let mut number = number(&['五'], 0)?;
            number.chinese = true;
            return percent(number, ten, ten, at + 2);
        }
    }
    let mut parts = number(chars, at)?;
    if !parts.magnitude.is_empty() {
        return None;
    }
    let end = parts.end;
    if starts_with(chars, end, "分之") && parts.value > Decimal::ONE {
        let of = number(chars, end + 2)?;
        let (whole, end) = (parts.value, of.end);
        parts.value = of
            .value
            .checked_mul(Decimal::ONE_HUNDRED)?
            .checked_div(whole)?;
        // As near as people mean a fraction: a tenth of one part.
        parts.step = Decimal::ONE_HUNDRED.checked_div(whole)?;
        let place = parts.step.checked_div(ten)?;
        parts.end = end;
        return percent(parts, Decimal::ONE, place, end);
    }
    let is_tenths = chars.get(end) == Some(&'成')
        && (parts.chinese || parts.value < ten)
        && parts.value <= ten
        && !chars
            .get(end + 1)
            .is_some_and(|c| "为立员果功效本都交长熟型绩分品不".contains(*c));
    if !is_tenths {
        return None;
    }
    let mut end = end + 1;
    let mut place = ten;
    match chars.get(end).copied() {
        Some('半') => {
            parts.value += Decimal::new(5, 1);
            (place, end) = (Decimal::from(5), end + 1);
        }
        Some('多' | '余') => {
            parts.more = true;
            end += 1;
        }
        Some(c) => {
            if let Some(tenth) = chinese_digit(c).filter(|tenth| *tenth > 0) {
                parts.value += Decimal::new(tenth, 1);
                parts.step = Decimal::new(1, 1);
                (place, end) = (Decimal::ONE, end + 1);
            }
        }
        None => {}
    }
    percent(parts, ten, place, end)
}
