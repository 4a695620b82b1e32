//! Holds a stated quantity against the ledger, with the proper meaning of 余, 近, 约 and rounding.

use qipan_model::Format;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use crate::place::Ledger;
use crate::{Approx, Quantity};

/// What the ledger says to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The ledger gives the stated number, at the stated precision.
    Confirmed,
    /// The ledger gives another number.
    Contradicted,
    /// No indicator was found that the number speaks of, or the ledger has no value for it.
    Unmatched,
}

/// Judges a bound quantity; the reason is for people.
pub(crate) fn judge(stated: &Quantity, entry: &Ledger<'_>) -> (Verdict, String) {
    let Some(ledger) = entry.value else {
        return (Verdict::Unmatched, "台账无数：该指标本期未报".to_owned());
    };
    let (value, step) = (stated.value, stated.step);
    let (holds, meaning) = match stated.approx {
        Approx::Exact => (
            rounded(ledger, stated.place) == rounded(value, stated.place),
            "与台账按所写位数四舍五入后的数比对".to_owned(),
        ),
        Approx::Above => {
            let range = format!("不小于{}且小于{}", plain(value), plain(value + step));
            (ledger >= value && ledger < value + step, range)
        }
        Approx::Below => {
            let range = format!("大于{}且不大于{}", plain(value - step), plain(value));
            (ledger > value - step && ledger <= value, range)
        }
        Approx::Under => {
            let range = format!("不小于{}且小于{}", plain(value - step), plain(value));
            (ledger >= value - step && ledger < value, range)
        }
        Approx::About => (
            rounded(ledger, step) == rounded(value, step),
            format!("按{}取整后相等", plain(step)),
        ),
        Approx::AtLeast | Approx::Over => {
            if ledger > (value * Decimal::TWO).max(value + step) {
                return (Verdict::Unmatched, far(entry));
            }
            (ledger >= value, format!("不小于{}", plain(value)))
        }
        Approx::AtMost => {
            if ledger * Decimal::TWO < value && ledger < value - step {
                return (Verdict::Unmatched, far(entry));
            }
            (ledger <= value, format!("不大于{}", plain(value)))
        }
        Approx::Between(upper) => {
            let ledger = rounded(ledger, stated.place);
            (
                ledger >= value && ledger <= upper,
                format!("{}至{}", plain(value), plain(upper)),
            )
        }
    };
    if holds {
        (
            Verdict::Confirmed,
            format!("台账为{}，相符（{meaning}）", entry.display),
        )
    } else {
        let exact = Format {
            unit: entry.unit.to_owned(),
            per: Decimal::ONE,
            decimals: 2,
            trim: true,
            floor_to: None,
        }
        .display(ledger);
        (
            Verdict::Contradicted,
            format!("台账为{}（{exact}），不符（{meaning}）", entry.display),
        )
    }
}

/// A bound that holds but is less than half, or more than twice, what the ledger has says little:
/// whether it is what the writer means is for a person.
fn far(entry: &Ledger<'_>) -> String {
    format!(
        "台账为{}：字面成立，但与所写的界限相差一倍以上，请人工判断",
        entry.display
    )
}

/// Rounds half away from zero to a multiple of a place (四舍五入).
fn rounded(value: Decimal, place: Decimal) -> Decimal {
    (value / place).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero) * place
}

fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::find_quantities;

    #[rstest]
    #[case("4.24亿元", "424000000", Verdict::Confirmed)]
    #[case("4.24亿元", "424300000", Verdict::Confirmed)]
    #[case("4.24亿元", "424500000", Verdict::Contradicted)]
    #[case("4.25亿元", "424000000", Verdict::Contradicted)]
    #[case("36.8%", "36.80555", Verdict::Confirmed)]
    #[case("36.9%", "36.80555", Verdict::Contradicted)]
    #[case("7400余万元", "74356200", Verdict::Confirmed)]
    #[case("7500余万元", "74356200", Verdict::Contradicted)]
    #[case("7300余万元", "74356200", Verdict::Contradicted)]
    #[case("7400万元", "74356200", Verdict::Contradicted)]
    #[case("近7500万元", "74356200", Verdict::Confirmed)]
    #[case("近7400万元", "74356200", Verdict::Contradicted)]
    #[case("约7400万元", "74356200", Verdict::Confirmed)]
    #[case("超7000万元", "74356200", Verdict::Confirmed)]
    #[case("至少7000万元", "74356200", Verdict::Confirmed)]
    #[case("3.7万个", "36891", Verdict::Confirmed)]
    #[case("36891个", "36892", Verdict::Contradicted)]
    #[case("三万六千八百九十一个", "36891", Verdict::Confirmed)]
    #[case("不足40名", "36", Verdict::Confirmed)]
    #[case("不足36名", "36", Verdict::Contradicted)]
    #[case("不足50%", "36.8", Verdict::Confirmed)]
    #[case("过半数", "36.8", Verdict::Contradicted)]
    #[case("至少1000万元", "74356200", Verdict::Unmatched)]
    #[case("至少8000万元", "74356200", Verdict::Contradicted)]
    #[case("30至40名", "36", Verdict::Confirmed)]
    #[case("40至50名", "36", Verdict::Contradicted)]
    #[case("数十名", "36", Verdict::Confirmed)]
    #[case("上百名", "36", Verdict::Contradicted)]
    #[case("四成", "36.8", Verdict::Confirmed)]
    #[case("三成", "36.8", Verdict::Contradicted)]
    #[case("近四成", "36.8", Verdict::Confirmed)]
    #[case("三成多", "36.8", Verdict::Confirmed)]
    #[case("超三分之一", "36.8", Verdict::Confirmed)]
    #[case("三分之二", "36.8", Verdict::Contradicted)]
    #[case("4亿2400万元", "424000000", Verdict::Confirmed)]
    fn judges(#[case] stated: &str, #[case] ledger: &str, #[case] expect: Verdict) {
        let chars: Vec<char> = stated.chars().collect();
        let quantity = find_quantities(&chars).remove(0);
        let entry = Ledger {
            place: None,
            value: Some(ledger.parse().unwrap()),
            display: ledger,
            unit: "",
        };
        assert_eq!(
            judge(&quantity, &entry).0,
            expect,
            "{stated} against {ledger}"
        );
    }
}
