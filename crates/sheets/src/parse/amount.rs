//! Amounts: money, areas, counts and decimals.

use qipan_model::{AreaUnit, MoneyUnit, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::around::Surroundings;
use super::field::Converter;
use super::number::{Number, decimal_of, number};
use super::shown;
use crate::read::Cell;

impl Converter {
    pub(super) fn money(
        &self,
        cell: Cell<'_>,
        signed: bool,
        around: &mut Surroundings<'_, '_>,
    ) -> Value {
        let Some(found) = quantity(cell) else {
            return not_a_number(cell, around);
        };
        let word = found.suffix.trim_matches(['(', ')']);
        let yuan = match word {
            "" if found.scaled => Some(found.value),
            "" => found.value.checked_mul(self.money_unit().factor()),
            "元" | "元人民币" | "人民币" | "rmb" | "RMB" | "元整" => Some(found.value),
            _ => {
                return around.refuse(
                    "S2102",
                    shown(cell),
                    "元、万元、亿元",
                    "的单位看不懂：请只写数，或用 元、万元、亿元；外币请先折合人民币",
                    "has an unknown unit: write the number alone or with 元, 万元, 亿元; convert other currencies first",
                );
            }
        };
        // 10^15 yuan is more than the country's output: a slip of the unit.
        let most = Decimal::from(1_000_000_000_000_000_i64);
        let Some(yuan) = yuan.filter(|yuan| yuan.abs() < most) else {
            return around.refuse(
                "S2104",
                shown(cell),
                "小于 1000 万亿元",
                "太大，多半是单位写错了：请核对单位",
                "is too large, probably the unit is wrong",
            );
        };
        if yuan.is_sign_negative() && !yuan.is_zero() && !signed {
            return around.refuse(
                "S2105",
                shown(cell),
                "不小于 0",
                "是负数：金额不能小于 0，冲减请用更正",
                "is negative: money must not be below 0",
            );
        }
        let exact = yuan.normalize();
        if exact.scale() > 2 {
            let zh = format!("合 {exact} 元，不是整分：请四舍五入到分后填写");
            let en = format!("is {exact} 元, not a whole number of 分: round it");
            return around.refuse("S2103", shown(cell), "精确到分", &zh, &en);
        }
        qualifier(&found, cell, around);
        // A ¥ usually means 元; where the column says 万元 one of the two is a slip.
        let column = self.money_unit();
        let has_sign = matches!(cell, Cell::Text(text) if text.contains(['¥', '￥']));
        if has_sign && word.is_empty() && !found.scaled && column != MoneyUnit::Yuan {
            let zh = format!("带有“¥”，仍按这一列的 {exact} 元读入：原意是元的请写上“元”");
            let en = format!(
                "carries ¥; it was read as {exact} 元 by its column's unit: write 元 if that was meant"
            );
            around.note("S2109", shown(cell), &zh, &en);
        }
        let mut exact = exact;
        exact.rescale(2);
        Value::Decimal(exact)
    }

    pub(super) fn area(&self, cell: Cell<'_>, around: &mut Surroundings<'_, '_>) -> Value {
        let Some(found) = quantity(cell) else {
            return not_a_number(cell, around);
        };
        let (three, two) = (Decimal::from(3), Decimal::from(2000));
        let square_metres = |value: Decimal| value.checked_mul(three).map(|value| value / two);
        let mu = match found.suffix.to_ascii_lowercase().as_str() {
            "" if found.scaled && self.area_unit() == AreaUnit::Mu => Some(found.value),
            "" => match self.area_unit() {
                AreaUnit::Mu => Some(found.value),
                AreaUnit::Hectare => found.value.checked_mul(Decimal::from(15)),
                AreaUnit::SquareMetre => square_metres(found.value),
            },
            "亩" => Some(found.value),
            "公顷" | "ha" | "hm2" | "hm²" => found.value.checked_mul(Decimal::from(15)),
            "㎡" | "平方米" | "平米" | "m2" | "m²" | "平方" => square_metres(found.value),
            "平方公里" | "km2" | "km²" | "平方千米" => {
                found.value.checked_mul(Decimal::from(1500))
            }
            _ => {
                return around.refuse(
                    "S2102",
                    shown(cell),
                    "亩、公顷、㎡",
                    "的单位看不懂：请只写数，或用 亩、公顷、㎡",
                    "has an unknown unit: use 亩, 公顷 or ㎡",
                );
            }
        };
        let Some(mu) = mu.filter(|mu| mu.abs() < Decimal::from(1_000_000_000_000_i64)) else {
            return around.refuse(
                "S2104",
                shown(cell),
                "",
                "太大，多半是单位写错了：请核对单位",
                "is too large, probably the unit is wrong",
            );
        };
        if mu.is_sign_negative() && !mu.is_zero() {
            return around.refuse(
                "S2105",
                shown(cell),
                "不小于 0",
                "是负数：面积不能小于 0",
                "is negative: an area must not be below 0",
            );
        }
        qualifier(&found, cell, around);
        round_to(mu, 4, cell, around)
    }
}

fn not_a_number(cell: Cell<'_>, around: &mut Surroundings<'_, '_>) -> Value {
    around.refuse(
        "S2101",
        shown(cell),
        "一个数",
        "不是一个数：请只填一个数（可带单位），说明文字写到备注",
        "is not a number: write one number, remarks go to the remarks column",
    )
}

/// The number in a cell.
fn quantity(cell: Cell<'_>) -> Option<Number> {
    match cell {
        Cell::Number(float) => decimal_of(float).map(|value| Number {
            value,
            scaled: false,
            qualifier: String::new(),
            suffix: String::new(),
        }),
        Cell::Text(text) => number(text),
        _ => None,
    }
}

fn qualifier(found: &Number, cell: Cell<'_>, around: &mut Surroundings<'_, '_>) {
    if !found.qualifier.is_empty() {
        let zh = format!("带有“{}”，按写出的数读入：请尽量填准确数", found.qualifier);
        let en = format!(
            "carries {}; the written number was taken: give the exact one if you can",
            found.qualifier
        );
        around.note("S2106", shown(cell), &zh, &en);
    }
}

/// Rounds half away from zero, and says so.
fn round_to(
    value: Decimal,
    scale: u32,
    cell: Cell<'_>,
    around: &mut Surroundings<'_, '_>,
) -> Value {
    let mut rounded = value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    if rounded != value {
        let zh = format!("小数多于 {scale} 位，已四舍五入为 {rounded}");
        let en = format!("has more than {scale} places; rounded to {rounded}");
        around.note("S2108", shown(cell), &zh, &en);
    }
    rounded.rescale(scale);
    Value::Decimal(rounded)
}

/// Classifiers that may follow a count.
fn is_classifier(suffix: &str, measure: &str) -> bool {
    suffix.is_empty()
        || suffix == measure
        || matches!(
            suffix,
            "个" | "家"
                | "人"
                | "名"
                | "人次"
                | "次"
                | "场"
                | "场次"
                | "户"
                | "对"
                | "所"
                | "项"
                | "件"
                | "批"
                | "天"
                | "日"
                | "期"
                | "条"
                | "岗"
                | "位"
                | "年"
                | "月"
        )
}

pub(super) fn int_of(
    cell: Cell<'_>,
    (min, max): (Option<i64>, Option<i64>),
    around: &mut Surroundings<'_, '_>,
) -> Value {
    let Some(found) =
        quantity(cell).filter(|found| is_classifier(&found.suffix, &around.field.measure))
    else {
        return not_a_number(cell, around);
    };
    let whole = found.value.normalize();
    let Some(value) = (whole.scale() == 0)
        .then(|| i64::try_from(whole.mantissa()).ok())
        .flatten()
    else {
        return around.refuse(
            "S2107",
            shown(cell),
            "整数",
            "不是整数：这一列只填整数",
            "is not a whole number",
        );
    };
    if min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max) {
        let expected = bounds(min.map(|n| n.to_string()), max.map(|n| n.to_string()));
        let zh = format!("超出范围：应{expected}");
        return around.refuse("S2104", shown(cell), &expected, &zh, "is out of range");
    }
    qualifier(&found, cell, around);
    Value::Int(value)
}

pub(super) fn decimal(
    cell: Cell<'_>,
    scale: u8,
    (min, max): (Option<Decimal>, Option<Decimal>),
    around: &mut Surroundings<'_, '_>,
) -> Value {
    let measure = around.field.measure.clone();
    let Some(found) = quantity(cell) else {
        return not_a_number(cell, around);
    };
    let value = match found.suffix.as_str() {
        "%" if measure == "%" => found.value,
        "%" => found.value / Decimal::ONE_HUNDRED,
        suffix if is_classifier(suffix, &measure) => found.value,
        _ => {
            let expected = if measure.is_empty() {
                "不带单位的数"
            } else {
                &measure
            };
            let zh = format!("的单位看不懂：应为 {expected}");
            return around.refuse("S2102", shown(cell), expected, &zh, "has an unknown unit");
        }
    };
    if value.abs() >= Decimal::from(1_000_000_000_000_i64)
        || min.is_some_and(|min| value < min)
        || max.is_some_and(|max| value > max)
    {
        let expected = bounds(min.map(|n| n.to_string()), max.map(|n| n.to_string()));
        let zh = format!("超出范围：应{expected}");
        return around.refuse("S2104", shown(cell), &expected, &zh, "is out of range");
    }
    qualifier(&found, cell, around);
    round_to(value, u32::from(scale), cell, around)
}

fn bounds(min: Option<String>, max: Option<String>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("在 {min} 到 {max} 之间"),
        (Some(min), None) => format!("不小于 {min}"),
        (None, Some(max)) => format!("不大于 {max}"),
        (None, None) => "小于 1 万亿".to_owned(),
    }
}
