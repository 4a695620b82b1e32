//! One cell → one value, by the field's type.

use std::collections::HashMap;

use jiff::civil::Date;
use qipan_model::{AreaUnit, Field, FieldType, MoneyUnit, Severity, UnitRole, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::date::{self, Written};
use super::finding::Finding;
use super::number::{Number, decimal_of, number};
use super::units::{Known, UnitCache};
use super::{Context, shorten, shown};
use crate::fold;
use crate::read::Cell;

/// What a conversion sees and where it reports.
pub(super) struct Surroundings<'a, 'b> {
    pub field: &'a Field,
    pub column: u32,
    pub context: &'a Context<'a>,
    /// The row's day or the end of the period, when known.
    pub day: Option<Date>,
    pub units: &'b mut UnitCache,
    pub findings: &'b mut Vec<Finding>,
}

impl Surroundings<'_, '_> {
    fn say(
        &mut self,
        code: &'static str,
        severity: Severity,
        found: String,
        expected: &str,
        zh: String,
        en: String,
    ) {
        let field = self
            .context
            .register
            .fields
            .iter()
            .position(|field| std::ptr::eq(field, self.field));
        self.findings.push(Finding {
            column: Some(self.column),
            field,
            code,
            severity,
            zh,
            en,
            found,
            expected: expected.to_owned(),
        });
    }

    fn refuse(
        &mut self,
        code: &'static str,
        found: String,
        expected: &str,
        zh: &str,
        en: &str,
    ) -> Value {
        let zh = format!("“{found}”{zh}");
        let en = format!("“{found}” {en}");
        self.say(code, Severity::Error, found, expected, zh, en);
        Value::Null
    }

    fn note(&mut self, code: &'static str, found: String, zh: &str, en: &str) {
        let zh = format!("“{found}”{zh}");
        let en = format!("“{found}” {en}");
        self.say(code, Severity::Warning, found, "", zh, en);
    }
}

/// A dash, a slash: people's way of writing nothing.
pub(super) fn is_dash(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| {
            matches!(
                c,
                '-' | '—' | '–' | '―' | '－' | '/' | '／' | '\\' | '─' | '−'
            )
        })
}

/// Words that say nothing is there, in columns that hold no text.
fn is_nothing(text: &str) -> bool {
    is_dash(text)
        || matches!(
            text,
            "无" | "暂无" | "空" | "未填" | "n/a" | "N/A" | "null" | "NULL"
        )
}

/// Error words that arrive as text.
fn is_error_word(text: &str) -> bool {
    text.starts_with('#')
        && matches!(
            text,
            "#DIV/0!"
                | "#N/A"
                | "#NAME?"
                | "#NULL!"
                | "#NUM!"
                | "#REF!"
                | "#VALUE!"
                | "#SPILL!"
                | "#CALC!"
        )
}

/// How one column's cells become values.
pub(super) struct Converter {
    is_key: bool,
    money: MoneyUnit,
    area: AreaUnit,
    /// Folded label or synonym → label, for choices.
    choices: HashMap<String, String>,
    choice_list: String,
}

impl Converter {
    pub(super) fn new(
        field: &Field,
        is_key: bool,
        money: MoneyUnit,
        area: Option<AreaUnit>,
    ) -> Self {
        let mut choices = HashMap::new();
        let mut labels = Vec::new();
        if let FieldType::Choice { options } = &field.ty {
            // Labels last: they win over another option's synonym.
            for option in options {
                for word in option
                    .synonyms
                    .iter()
                    .chain(std::iter::once(&option.label_en))
                {
                    choices.insert(fold::tight(word), option.label.clone());
                }
            }
            for option in options {
                choices.insert(fold::tight(&option.label), option.label.clone());
                labels.push(option.label.clone());
            }
            choices.remove("");
        }
        Self {
            is_key,
            money,
            area: area.unwrap_or(AreaUnit::Mu),
            choices,
            choice_list: labels.join("、"),
        }
    }

    /// What a typed number of this column may have to be multiplied by.
    pub(super) fn factors(&self) -> [Decimal; 3] {
        [Decimal::ONE, self.money.factor(), Decimal::ONE_HUNDRED]
    }

    /// Converts a cell; findings go to `around`.
    pub(super) fn convert(
        &self,
        cell: Cell<'_>,
        is_filled: bool,
        around: &mut Surroundings<'_, '_>,
    ) -> Value {
        let is_text = matches!(around.field.ty, FieldType::Text { .. });
        match cell {
            Cell::Empty => return Value::Null,
            Cell::Error(error) => return refuse_error(error, around),
            Cell::FormulaWithoutValue(formula) if is_text => {
                let text = format!("={formula}");
                around.note(
                    "S2404",
                    shorten(&text),
                    "是没有计算结果的公式，已按文字原样保留",
                    "is a formula without a value; it was kept as text",
                );
                return self.text(&text, around);
            }
            Cell::FormulaWithoutValue(formula) => {
                let found = shorten(&format!("={formula}"));
                return around.refuse(
                    "S2403",
                    found,
                    "计算结果",
                    "是没有计算结果的公式：请在 Excel 或 WPS 中打开、重新计算并保存，或直接填数",
                    "is a formula without a value: open it in Excel or WPS, recalculate and save, or type the value",
                );
            }
            Cell::Text(text) if text.trim().is_empty() => return Value::Null,
            Cell::Text(text) if !is_text && is_error_word(text.trim()) => {
                return refuse_error(text.trim(), around);
            }
            _ => {}
        }
        if is_filled
            && matches!(
                around.field.ty,
                FieldType::Money { .. }
                    | FieldType::Int { .. }
                    | FieldType::Decimal { .. }
                    | FieldType::Area
            )
        {
            // An amount in a merged range belongs to its first row; repeating it would count it
            // again.
            around.note(
                "S2405",
                shown(cell),
                "是上方合并单元格的数，只计入合并区域的第一行，本行留空",
                "belongs to a merged range above and counts in its first row only; left empty here",
            );
            return Value::Null;
        }
        if let Cell::Text(text) = cell
            && !is_text
            && is_nothing(text.trim())
            && !matches!(around.field.ty, FieldType::Choice { .. } | FieldType::Bool)
        {
            return Value::Null;
        }
        match &around.field.ty {
            FieldType::Text { .. } => match cell {
                Cell::Text(text) => self.text(text, around),
                // Excel keeps 15 digits: the rest of a longer code is gone.
                Cell::Number(number) if number.abs() >= 1e15 => around.refuse(
                    "S2310",
                    shown(cell),
                    "文本格式的编号",
                    "超过 15 位，Excel 按数存放时末几位已丢失：请把单元格设为文本后重新填写",
                    "has more than 15 digits, of which Excel dropped the last: format the cell as text and type it again",
                ),
                Cell::Number(number) => {
                    let text =
                        decimal_of(number).map_or_else(|| number.to_string(), |n| n.to_string());
                    self.text(&text, around)
                }
                other => self.text(&other.shown(), around),
            },
            FieldType::Choice { .. } => self.choice(&cell.shown(), around),
            FieldType::Bool => bool_of(cell, around),
            FieldType::Date { future } => date_of(cell, *future, around),
            FieldType::Unit { role } => unit_of(cell, *role, around),
            FieldType::Money { signed } => self.money(cell, *signed, around),
            FieldType::Area => self.area(cell, around),
            FieldType::Int { min, max } => int_of(cell, (*min, *max), around),
            FieldType::Decimal { scale, min, max } => decimal(cell, *scale, (*min, *max), around),
        }
    }

    fn text(&self, text: &str, around: &mut Surroundings<'_, '_>) -> Value {
        let FieldType::Text { max } = around.field.ty else {
            return Value::Null;
        };
        let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
        if trimmed.is_empty() || is_dash(trimmed) {
            return Value::Null;
        }
        if is_error_word(trimmed) {
            return refuse_error(trimmed, around);
        }
        let mut kept = std::borrow::Cow::Borrowed(trimmed);
        if trimmed
            .chars()
            .any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{FFFD}')
        {
            kept = trimmed
                .replace("\r\n", "\n")
                .chars()
                .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
                .collect::<String>()
                .into();
            if kept.contains('\u{FFFD}') {
                return around.refuse(
                    "S2302",
                    shorten(trimmed),
                    "可读的文字",
                    "含有乱码：请核对文件的编码后重新保存",
                    "holds garbled characters: check the file's encoding",
                );
            }
            if kept.chars().filter(|c| *c != '\n').count()
                != trimmed
                    .chars()
                    .filter(|c| !matches!(c, '\r' | '\n'))
                    .count()
            {
                let found = shorten(&kept);
                around.note(
                    "S2302",
                    found,
                    "含有看不见的控制字符，已去掉",
                    "held invisible control characters, which were removed",
                );
            }
        }
        if self.is_key {
            // ＸＴ２０２１－００１ is the same code as XT2021-001.
            let narrow = fold::narrow(&kept);
            if narrow.is_ascii() && narrow != kept {
                kept = narrow.into_owned().into();
            }
        }
        let length = if kept.len() <= max {
            0
        } else {
            kept.chars().count()
        };
        if length > max {
            let zh = format!("有 {length} 个字，超过上限 {max}：请缩短，长文放到附件");
            let en = format!("has {length} characters, {max} are allowed: shorten it");
            return around.refuse("S2301", shorten(&kept), "", &zh, &en);
        }
        Value::Text(kept.into_owned())
    }

    fn choice(&self, text: &str, around: &mut Surroundings<'_, '_>) -> Value {
        if let Some(label) = self.choices.get(text) {
            return Value::Text(label.clone());
        }
        let folded = fold::tight(text);
        if let Some(label) = self.choices.get(&folded) {
            return Value::Text(label.clone());
        }
        if is_nothing(&folded) {
            return Value::Null;
        }
        let zh = format!("不在选项之内：请填 {}", self.choice_list);
        let en = format!("is none of the options: {}", self.choice_list);
        around.refuse("S2303", shorten(text), &self.choice_list, &zh, &en)
    }

    fn money(&self, cell: Cell<'_>, signed: bool, around: &mut Surroundings<'_, '_>) -> Value {
        let Some(found) = quantity(cell) else {
            return not_a_number(cell, around);
        };
        let word = found.suffix.trim_matches(['(', ')']);
        let yuan = match word {
            "" if found.scaled => Some(found.value),
            "" => found.value.checked_mul(self.money.factor()),
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
        let mut exact = exact;
        exact.rescale(2);
        Value::Decimal(exact)
    }

    fn area(&self, cell: Cell<'_>, around: &mut Surroundings<'_, '_>) -> Value {
        let Some(found) = quantity(cell) else {
            return not_a_number(cell, around);
        };
        let (three, two) = (Decimal::from(3), Decimal::from(2000));
        let square_metres = |value: Decimal| value.checked_mul(three).map(|value| value / two);
        let mu = match found.suffix.to_ascii_lowercase().as_str() {
            "" if found.scaled && self.area == AreaUnit::Mu => Some(found.value),
            "" => match self.area {
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

fn refuse_error(error: &str, around: &mut Surroundings<'_, '_>) -> Value {
    around.refuse(
        "S2402",
        error.to_owned(),
        "正常的值",
        "是公式错误：请更正公式或直接填数",
        "is an error value: mend the formula or type the value",
    )
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

fn int_of(
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

fn decimal(
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

fn date_of(cell: Cell<'_>, future: bool, around: &mut Surroundings<'_, '_>) -> Value {
    let is_1904 = around.context.is_1904;
    let written = match cell {
        Cell::Date(day) => Written::Day(day),
        Cell::Number(number) => date::of_number(number, is_1904),
        Cell::Text(text) => date::of_text(text, is_1904),
        _ => Written::Unreadable,
    };
    let day = match written {
        Written::Day(day) => day,
        Written::Incomplete => {
            return around.refuse(
                "S2202",
                shown(cell),
                "年月日",
                "缺少日：请写到日，例如 2021-06-30",
                "lacks the day: write it in full, such as 2021-06-30",
            );
        }
        Written::Unreadable => {
            return around.refuse(
                "S2201",
                shown(cell),
                "日期",
                "不是日期：请写成 2021-06-30 或 2021年6月30日",
                "is not a date: write 2021-06-30",
            );
        }
    };
    if !date::is_plausible(day) {
        return around.refuse(
            "S2204",
            shown(cell),
            "1949 年至 2100 年",
            "年份不对：请核对",
            "has an implausible year",
        );
    }
    if day > around.context.today && !future {
        let today = around.context.today;
        let zh = format!("在导入日 {today} 之后：这一列只填已发生的日期，计划日期请填到计划列");
        let en = format!("lies after the day of import, {today}: only past days belong here");
        return around.refuse("S2203", shown(cell), "不晚于导入日", &zh, &en);
    }
    Value::Date(day)
}

fn unit_of(cell: Cell<'_>, role: Option<UnitRole>, around: &mut Surroundings<'_, '_>) -> Value {
    let number;
    let text = match cell {
        Cell::Text(text) => text,
        other => {
            // A code that arrived as a number: 500116.
            number = match other {
                Cell::Number(float) => {
                    decimal_of(float).map_or_else(String::new, |n| n.to_string())
                }
                other => other.shown(),
            };
            &number
        }
    };
    let day = around.day.unwrap_or(around.context.today);
    let units = around.context.units;
    match around.units.resolve(text, day, units).clone() {
        Known::One {
            id,
            role: found,
            stands,
        } => {
            if let Some(role) = role.filter(|role| *role != found) {
                let (is, must) = (role_word(found), role_word(role));
                let zh = format!("是{is}，这一列应填{must}：请核对两边是否填反");
                let en = format!(
                    "plays another part ({found:?}); this column takes a {role:?}: are the sides swapped?"
                );
                return around.refuse("S2306", shown(cell), must, &zh, &en);
            }
            // Without a day of its own a row may be about a time when the unit stood.
            if !stands && around.day.is_some() {
                let zh = format!("在 {day} 并不存在（尚未设立或已撤并），仍按原单位读入");
                let en = format!("did not exist on {day}; taken all the same");
                around.note("S2307", shown(cell), &zh, &en);
            }
            Value::Text(id)
        }
        Known::Several(names) => {
            let zh = format!("可指 {}：请写全称", names.join("、"));
            let en = format!("may mean {}: write the full name", names.join(", "));
            around.refuse("S2305", shown(cell), &names.join("、"), &zh, &en)
        }
        Known::None if text.contains(['、', '，', ',', ';', '；', '/']) => around.refuse(
            "S2304",
            shown(cell),
            "一个单位",
            "像是几个单位：一行只填一个，几方参与请分行填写",
            "looks like several units: one to a row",
        ),
        Known::None => around.refuse(
            "S2304",
            shown(cell),
            "本机制的区县或单位",
            "不是本机制的单位：请核对名称，或在机制包的单位别名中登记",
            "is no unit of this mechanism: check the name or register an alias",
        ),
    }
}

fn role_word(role: UnitRole) -> &'static str {
    match role {
        UnitRole::Supporter => "帮扶方",
        UnitRole::Recipient => "受援方",
        UnitRole::None => "不参与结对的单位",
    }
}

fn bool_of(cell: Cell<'_>, around: &mut Surroundings<'_, '_>) -> Value {
    let shown_text = match cell {
        Cell::Bool(truth) => return Value::Bool(truth),
        other => other.shown(),
    };
    match fold::tight(&shown_text).as_str() {
        "是" | "有" | "√" | "✓" | "✔" | "y" | "yes" | "true" | "1" | "对" | "已" => {
            Value::Bool(true)
        }
        "否" | "无" | "没有" | "×" | "x" | "✗" | "✘" | "n" | "no" | "false" | "0" | "未" => {
            Value::Bool(false)
        }
        text if is_dash(text) => Value::Null,
        _ => around.refuse(
            "S2308",
            shown(cell),
            "是、否",
            "看不懂：请填 是 或 否",
            "is neither 是 nor 否",
        ),
    }
}
