//! One cell → one value, by the field's type.

use std::collections::HashMap;

use qipan_model::{AreaUnit, Field, FieldType, MoneyUnit, UnitRole, Value};
use rust_decimal::Decimal;

use super::amount::{decimal, int_of};
use super::around::{Surroundings, is_dash, is_error_word, is_nothing, refuse_error};
use super::date::{self, Written};
use super::number::decimal_of;
use super::units::Known;
use super::{shorten, shown};
use crate::fold;
use crate::read::Cell;

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

    pub(super) fn money_unit(&self) -> MoneyUnit {
        self.money
    }

    pub(super) fn area_unit(&self) -> AreaUnit {
        self.area
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
