//! Classes of a coloured map: few, made of the values that are there, zero on its own.

use rust_decimal::Decimal;

/// Colours from light to dark; they differ in brightness, so they print in grey.
const RAMP: [&str; 4] = ["#c6dbef", "#85b9dc", "#3f8cc4", "#0b4f93"];
/// Colour of a true zero.
const ZERO: &str = "#f3f7fb";

/// One class: the least and the greatest value in it, and its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) least: (Decimal, String),
    pub(super) greatest: (Decimal, String),
    pub(super) fill: &'static str,
    /// Whether words on it must be white.
    pub(super) dark: bool,
}

impl Class {
    pub(super) fn holds(&self, value: Decimal) -> bool {
        self.least.0 <= value && value <= self.greatest.0
    }

    /// `1个—3个`, or one value alone.
    pub(super) fn words(&self) -> String {
        if self.least.0 == self.greatest.0 {
            self.least.1.clone()
        } else {
            format!("{}—{}", self.least.1, self.greatest.1)
        }
    }
}

/// Classes of about equally many values; equal values never fall into different classes.
pub(super) fn classes(values: &[(Decimal, String)]) -> Vec<Class> {
    let mut classes = Vec::new();
    if let Some(zero) = values.iter().find(|(value, _)| value.is_zero()) {
        classes.push(Class {
            least: zero.clone(),
            greatest: zero.clone(),
            fill: ZERO,
            dark: false,
        });
    }
    let mut rest: Vec<&(Decimal, String)> = values
        .iter()
        .filter(|(value, _)| !value.is_zero())
        .collect();
    rest.sort_by_key(|(value, _)| *value);
    let mut distinct = rest.iter().map(|(value, _)| *value).collect::<Vec<_>>();
    distinct.dedup();
    let count = distinct.len().min(RAMP.len());
    let mut from = 0;
    for nth in 0..count {
        if from >= rest.len() {
            break;
        }
        // At least one value each, and enough distinct ones left for the classes to come.
        let mut to = (rest.len() * (nth + 1) / count).max(from + 1);
        while to < rest.len() && rest[to].0 == rest[to - 1].0 {
            to += 1;
        }
        let (least, greatest) = (rest[from], rest[to - 1]);
        // Few classes take the outer colours of the ramp.
        let shade = if count == 1 {
            RAMP.len() / 2
        } else {
            nth * (RAMP.len() - 1) / (count - 1)
        };
        classes.push(Class {
            least: least.clone(),
            greatest: greatest.clone(),
            fill: RAMP[shade],
            dark: shade + 2 >= RAMP.len(),
        });
        from = to;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[i64], expect: &[&str]) {
        let values: Vec<(Decimal, String)> = values
            .iter()
            .map(|&value| (Decimal::from(value), value.to_string()))
            .collect();
        let classes = classes(&values);
        let words: Vec<String> = classes.iter().map(Class::words).collect();
        assert_eq!(words, expect);
        for (value, _) in &values {
            assert_eq!(
                classes.iter().filter(|class| class.holds(*value)).count(),
                1
            );
        }
    }

    #[test]
    fn splits_evenly_and_keeps_equals_together() {
        check(&[], &[]);
        check(&[0, 0], &["0"]);
        check(&[5], &["5"]);
        check(&[3, 1, 0, 2], &["0", "1", "2", "3"]);
        check(&[1, 2, 3, 4, 5, 6, 7, 8], &["1—2", "3—4", "5—6", "7—8"]);
        check(&[1, 1, 1, 1, 1, 1, 2, 9], &["1", "2", "9"]);
        check(&[-4, 4], &["-4", "4"]);
    }
}
