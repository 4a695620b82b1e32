//! Holds a stated quantity against the ledger, with the proper meaning of 余, 近, 约 and rounding.

use qipan_model::Format;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use crate::place::Ledger;
use crate::reason::Reason;
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
pub(crate) fn judge(stated: &Quantity, entry: &Ledger<'_>) -> (Verdict, Reason) {
    let Some(ledger) = entry.value else {
        let reason = Reason::new(
            "台账无数：该指标本期未报",
            "the registers have no number: nobody has reported it for this period",
        );
        return (Verdict::Unmatched, reason);
    };
    let (value, step) = (stated.value, stated.step);
    let (holds, meaning) = match stated.approx {
        Approx::Exact => (
            rounded(ledger, stated.place) == rounded(value, stated.place),
            Reason::new(
                "与台账按所写位数四舍五入后的数比对",
                "compared after rounding to the digits written",
            ),
        ),
        Approx::Above => {
            let range = from_below(value, value + step);
            (ledger >= value && ledger < value + step, range)
        }
        Approx::Below => {
            let (over, most) = (plain(value - step), plain(value));
            let range = Reason::new(
                format!("大于{over}且不大于{most}"),
                format!("over {over} and at most {most}"),
            );
            (ledger > value - step && ledger <= value, range)
        }
        Approx::Under => {
            let range = from_below(value - step, value);
            (ledger >= value - step && ledger < value, range)
        }
        Approx::About => (
            rounded(ledger, step) == rounded(value, step),
            Reason::new(
                format!("按{}取整后相等", plain(step)),
                format!("equal when rounded to {}", plain(step)),
            ),
        ),
        Approx::AtLeast | Approx::Over => {
            if ledger > (value * Decimal::TWO).max(value + step) {
                return (Verdict::Unmatched, far(entry));
            }
            let least = plain(value);
            (
                ledger >= value,
                Reason::new(format!("不小于{least}"), format!("at least {least}")),
            )
        }
        Approx::AtMost => {
            if ledger * Decimal::TWO < value && ledger < value - step {
                return (Verdict::Unmatched, far(entry));
            }
            let most = plain(value);
            (
                ledger <= value,
                Reason::new(format!("不大于{most}"), format!("at most {most}")),
            )
        }
        Approx::Between(upper) => {
            let ledger = rounded(ledger, stated.place);
            (
                ledger >= value && ledger <= upper,
                Reason::new(
                    format!("{}至{}", plain(value), plain(upper)),
                    format!("{} to {}", plain(value), plain(upper)),
                ),
            )
        }
    };
    if holds {
        (
            Verdict::Confirmed,
            Reason::new(
                format!("台账为{}，相符（{}）", entry.display, meaning.zh),
                format!("the ledger agrees ({})", meaning.en),
            ),
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
            Reason::new(
                format!("台账为{}（{exact}），不符（{}）", entry.display, meaning.zh),
                format!(
                    "the ledger has {}, which disagrees ({})",
                    plain(ledger.round_dp(2)),
                    meaning.en
                ),
            ),
        )
    }
}

/// A bound that holds but is less than half, or more than twice, what the ledger has says little:
/// whether it is what the writer means is for a person.
fn far(entry: &Ledger<'_>) -> Reason {
    Reason::new(
        format!(
            "台账为{}：字面成立，但与所写的界限相差一倍以上，请人工判断",
            entry.display
        ),
        "true to the letter, but the ledger is less than half or more than twice the bound: a \
         person must judge",
    )
}

/// At least the one and less than the other.
fn from_below(least: Decimal, under: Decimal) -> Reason {
    let (least, under) = (plain(least), plain(under));
    Reason::new(
        format!("不小于{least}且小于{under}"),
        format!("at least {least} and under {under}"),
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
