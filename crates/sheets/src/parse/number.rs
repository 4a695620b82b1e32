//! Numbers as people write them: `１２，０００．００`, `8600.5万元`, `7400余万`, `1亿2000万元`,
//! `(100)`, `36.8%`.

use rust_decimal::Decimal;

use crate::fold::{is_invisible, narrow_char};

/// A number that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// The value with 万 and 亿 multiplied out.
    pub value: Decimal,
    /// Whether 万, 亿 … stood in the text: then the sheet's unit does not apply.
    pub scaled: bool,
    /// 余, 多, 约 … as written; empty for none.
    pub qualifier: String,
    /// What stands after the number: `元`, `亩`, `%`, `人`.
    pub suffix: String,
}

/// Most digits that are looked at: more than any column can keep.
const DIGITS: usize = 27;

/// Reads text as a number; `None` when it is not one.
pub(crate) fn number(text: &str) -> Option<Number> {
    if let Some(value) = plain(text) {
        return Some(Number {
            value,
            scaled: false,
            qualifier: String::new(),
            suffix: String::new(),
        });
    }
    let folded: Vec<char> = text
        .chars()
        .map(narrow_char)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .take(64)
        .collect();
    Scan {
        text: &folded,
        at: 0,
    }
    .number()
}

/// The quick way for plain ASCII numbers such as CSV exports hold.
fn plain(text: &str) -> Option<Decimal> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes.first()? {
        b'-' => (true, &bytes[1..]),
        _ => (false, bytes),
    };
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    let mut mantissa = 0_i64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa
                    .checked_mul(10)?
                    .checked_add(i64::from(byte - b'0'))?;
            }
            b'.' if point.is_none() && at > 0 && at + 1 < digits.len() => point = Some(at),
            _ => return None,
        }
    }
    let scale = point.map_or(0, |at| digits.len() - at - 1);
    let signed = if negative { -mantissa } else { mantissa };
    Some(Decimal::new(signed, u32::try_from(scale).ok()?))
}

struct Scan<'a> {
    text: &'a [char],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let fits = word
            .chars()
            .enumerate()
            .all(|(nth, c)| self.text.get(self.at + nth) == Some(&c));
        if fits {
            self.at += word.chars().count();
        }
        fits
    }

    fn take_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().find(|word| self.take(word)).copied()
    }

    fn number(mut self) -> Option<Number> {
        let mut qualifier = self
            .take_any(&[
                "大约", "约", "将近", "接近", "近", "超过", "超", "逾", "不足", "不到", ">", "<",
                "≈", "～", "~",
            ])
            .unwrap_or_default()
            .to_owned();
        self.take_any(&["人民币", "rmb", "RMB"]);
        self.take_any(&["¥", "￥"]);
        let bracketed = self.take("(");
        let negative = self.take_any(&["-", "−", "－", "﹣"]).is_some() || bracketed;
        if !negative {
            self.take("+");
        }
        self.take_any(&["¥", "￥"]);
        let mut value = Decimal::ZERO;
        let mut scaled = false;
        let mut last_factor = Decimal::MAX;
        loop {
            let digits = self.digits()?;
            qualify(&mut qualifier, self.take_any(&["余", "多", "几"]));
            let factor = self.multiplier();
            qualify(&mut qualifier, self.take_any(&["余", "多", "几"]));
            let factor_value = factor.unwrap_or(Decimal::ONE);
            scaled |= factor.is_some();
            // 1亿2000万: factors must fall.
            if factor_value >= last_factor {
                return None;
            }
            last_factor = factor_value;
            value = value.checked_add(digits.checked_mul(factor_value)?)?;
            if factor.is_none() || !self.peek().is_some_and(|c| c.is_ascii_digit()) {
                break;
            }
        }
        let mut suffix = String::new();
        while let Some(c) = self.peek() {
            if c == ')' && bracketed && self.at + 1 == self.text.len() {
                self.at += 1;
                break;
            }
            if let Some(word) = self.take_any(&["左右", "以上", "上下", "余", "多"]) {
                qualify(&mut qualifier, Some(word));
                continue;
            }
            // A second number or sign: not one quantity.
            if c.is_ascii_digit() || matches!(c, '+' | '-' | '*' | '=' | '~' | '～') {
                return None;
            }
            suffix.push(c);
            self.at += 1;
        }
        if bracketed && self.text.last() != Some(&')') {
            return None;
        }
        if negative {
            value.set_sign_negative(true);
        }
        Some(Number {
            value,
            scaled,
            qualifier,
            suffix,
        })
    }

    /// Digits with thousands separators and a point.
    fn digits(&mut self) -> Option<Decimal> {
        let mut digits = String::new();
        let mut groups: Vec<usize> = Vec::new();
        let mut since_group = 0;
        while let Some(c) = self.peek() {
            match c {
                '0'..='9' => {
                    digits.push(c);
                    since_group += 1;
                }
                ',' | '\'' | '’' | '，' | '،' => {
                    groups.push(since_group);
                    since_group = 0;
                }
                _ => break,
            }
            self.at += 1;
        }
        if digits.is_empty() {
            return None;
        }
        if !groups.is_empty() {
            // 1,234,567 or 1,2345: equal groups of three or of four behind the first.
            groups.push(since_group);
            let size = groups[1];
            let fits = (size == 3 || size == 4)
                && groups[0] <= size
                && groups[0] > 0
                && groups[1..].iter().all(|&group| group == size);
            if !fits {
                return None;
            }
        }
        if self.peek() == Some('.') {
            self.at += 1;
            digits.push('.');
            let before = digits.len();
            while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                digits.push(c);
                self.at += 1;
            }
            if digits.len() == before {
                digits.pop();
            }
        }
        if digits.len() > DIGITS {
            return None;
        }
        digits.parse().ok()
    }

    fn multiplier(&mut self) -> Option<Decimal> {
        const WORDS: [(&str, i64); 9] = [
            ("万亿", 1_000_000_000_000),
            ("千万", 10_000_000),
            ("百万", 1_000_000),
            ("十万", 100_000),
            ("十亿", 1_000_000_000),
            ("百亿", 10_000_000_000),
            ("亿", 100_000_000),
            ("万", 10_000),
            ("千", 1_000),
        ];
        // 千克, 千米, 千瓦 are units, not thousands of something.
        let next: String = self.text.iter().skip(self.at).take(2).collect();
        if matches!(next.as_str(), "千克" | "千米" | "千瓦") {
            return None;
        }
        WORDS
            .iter()
            .find(|(word, _)| self.take(word))
            .map(|&(_, factor)| Decimal::from(factor))
    }
}

fn qualify(qualifier: &mut String, word: Option<&str>) {
    if let Some(word) = word {
        qualifier.push_str(word);
    }
}

/// A float of a workbook as the decimal that people see: 15 significant digits, as Excel shows.
pub(crate) fn decimal_of(number: f64) -> Option<Decimal> {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return Some(Decimal::from(number as i64));
    }
    let shortest = number.to_string();
    let significant = shortest
        .bytes()
        .filter(u8::is_ascii_digit)
        .skip_while(|&digit| digit == b'0')
        .count();
    if significant <= 15 {
        return shortest.parse().ok();
    }
    let rounded = format!("{number:.14e}");
    Decimal::from_scientific(&rounded)
        .ok()
        .map(|value| value.normalize())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("12000", "12000", false, "", "")]
    #[case("-8600.50", "-8600.50", false, "", "")]
    #[case("１２，０００．００", "12000.00", false, "", "")]
    #[case("4,000.00", "4000.00", false, "", "")]
    #[case("1,2345", "12345", false, "", "")]
    #[case("8600.5万元", "86005000", true, "", "元")]
    #[case("0.15亿元", "15000000", true, "", "元")]
    #[case("9607500元", "9607500", false, "", "元")]
    #[case("7400余万", "74000000", true, "余", "")]
    #[case("7400万余元", "74000000", true, "余", "元")]
    #[case("约1亿2000万元", "120000000", true, "约", "元")]
    #[case("  1 60 ", "160", false, "", "")]
    #[case("(1,000)", "-1000", false, "", "")]
    #[case("¥ 3.50", "3.50", false, "", "")]
    #[case("36.8％", "36.8", false, "", "%")]
    #[case("120 人", "120", false, "", "人")]
    #[case("100左右", "100", false, "左右", "")]
    #[case("5千克", "5", false, "", "千克")]
    #[case("12.", "12", false, "", "")]
    fn reads(
        #[case] text: &str,
        #[case] value: &str,
        #[case] scaled: bool,
        #[case] qualifier: &str,
        #[case] suffix: &str,
    ) {
        let found = number(text).unwrap();
        assert_eq!(found.value, value.parse().unwrap());
        assert_eq!(found.scaled, scaled);
        assert_eq!(found.qualifier, qualifier);
        assert_eq!(found.suffix, suffix);
    }

    #[rstest]
    #[case("")]
    #[case("三百万")]
    #[case("1,2")]
    #[case("1,23,456")]
    #[case("100-200")]
    #[case("100～200")]
    #[case("1.2.3")]
    #[case("=1+1")]
    #[case("12/13")]
    #[case("-")]
    #[case("100万2亿")]
    #[case("(100")]
    #[case("99999999999999999999999999999")]
    fn refuses(#[case] text: &str) {
        // 12/13 leaves a suffix that holds a digit.
        assert_eq!(number(text), None, "{text}");
    }

    #[rstest]
    #[case(8600.5, "8600.5")]
    #[case(0.1 + 0.2, "0.3")]
    #[case(12000.0, "12000")]
    #[case(-0.000_001_5, "-0.0000015")]
    #[case(100.0 / 3.0, "33.3333333333333")]
    fn floats_become_what_people_see(#[case] float: f64, #[case] expect: &str) {
        assert_eq!(decimal_of(float), Some(expect.parse().unwrap()));
    }

    #[test]
    fn floats_beyond_everything_are_nothing() {
        for float in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(decimal_of(float), None);
        }
    }
}
