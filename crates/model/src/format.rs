//! How a figure is printed: display unit, places, `7400余`.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Printing rule of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// Unit as printed (`亿元`, `个`, `%`).
    pub unit: String,
    /// Base units in one printed unit (100000000 for 亿元).
    pub per: Decimal,
    /// Places after the point, rounded half away from zero (四舍五入).
    pub decimals: u32,
    /// Whether trailing zeros are dropped (`7.5`, not `7.50`).
    pub trim: bool,
    /// Round down to a multiple of this many printed units and add 余 when something is left.
    pub floor_to: Option<Decimal>,
}

impl Format {
    /// The number as printed, without the unit: `4.24`, `7400余`, `36.8`.
    #[must_use]
    pub fn number(&self, value: Decimal) -> String {
        let scaled = value / self.per;
        if let Some(step) = self.floor_to.filter(|step| !step.is_zero()) {
            let floored = (scaled / step).floor() * step;
            let rest = if floored == scaled { "" } else { "余" };
            // A part smaller than the step (one county's share) is no 0余: it is printed plainly.
            if !floored.is_zero() {
                return format!("{}{rest}", floored.normalize());
            }
        }
        let rounded =
            scaled.round_dp_with_strategy(self.decimals, RoundingStrategy::MidpointAwayFromZero);
        if self.trim {
            rounded.normalize().to_string()
        } else {
            format!("{rounded:.*}", self.decimals as usize)
        }
    }

    /// The number with its unit: `4.24亿元`, `7400余万元`.
    #[must_use]
    pub fn display(&self, value: Decimal) -> String {
        format!("{}{}", self.number(value), self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        unit: &str,
        per: i64,
        decimals: u32,
        floor_to: Option<i64>,
        value: &str,
        expect: &str,
    ) {
        let format = Format {
            unit: unit.to_owned(),
            per: per.into(),
            decimals,
            trim: true,
            floor_to: floor_to.map(Decimal::from),
        };
        assert_eq!(format.display(value.parse().unwrap()), expect);
    }

    #[test]
    fn prints_as_the_article_does() {
        check("亿元", 100_000_000, 2, None, "424000000", "4.24亿元");
        check("亿元", 100_000_000, 2, None, "750000000", "7.5亿元");
        check("%", 1, 1, None, "36.8055555", "36.8%");
        check("万元", 10_000, 0, Some(100), "74356200", "7400余万元");
        check("万元", 10_000, 0, Some(100), "74000000", "7400万元");
        check("万元", 10_000, 0, Some(100), "356200", "36万元");
        check("万元", 10_000, 0, Some(100), "0", "0万元");
        check("万元", 10_000, 0, None, "43360000", "4336万元");
        check("个", 1, 0, None, "36891", "36891个");
    }
}
