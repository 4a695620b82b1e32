//! The pack's own tests: sample records with the figures that they must give.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{Confirmation, FieldType, Period, Register, Units, Value};
use rust_decimal::Decimal;

use crate::diagnostic::{Code, Report};
use crate::ids::Look;
use crate::nearest::hint;
use crate::raw::{RawRecord, RawTest, RawValue};
use crate::registers::Lowered;
use crate::spanned::Sp;

/// One file under `tests/`, to be run by whoever computes figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackTest {
    /// Path within the pack.
    pub file: String,
    /// What it shows.
    pub name: String,
    /// Period of the figures.
    pub period: Period,
    /// Records that are in the registers, in order.
    pub records: Vec<TestRecord>,
    /// Indicator → value in its base unit; `None` when there must be none.
    pub figures: BTreeMap<String, Option<Decimal>>,
}

/// One sample record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRecord {
    /// Register id.
    pub register: String,
    /// Where it stands between the sides.
    pub confirmation: Confirmation,
    /// Values in the order of the register's fields, derived ones filled.
    pub values: Vec<Value>,
}

/// Lowers `tests/*.toml`.
pub(crate) fn lower(
    file: &str,
    raw: &RawTest,
    registers: &BTreeMap<String, Lowered>,
    units: &Units,
    indicators: &BTreeSet<&str>,
    report: &mut Report,
) -> Option<PackTest> {
    let mut look = Look { report, file };
    let period = match raw.period.parse::<Period>() {
        Ok(period) => Some(period),
        Err(error) => {
            if !raw.period.is_missing() {
                look.at(
                    Code::P9001,
                    raw.period.at,
                    error.to_string(),
                    "no period: write 2021H1, 2021Q2, 2021-06, 2021 or 2021-10-01..2022-09-20",
                );
            }
            None
        }
    };
    let mut records = Vec::new();
    for record in &raw.record {
        let ids = registers.keys().map(String::as_str);
        if look.known(&record.register, ("台账", "register"), ids) {
            let register = &registers[record.register.as_str()];
            records.extend(test_record(&mut look, record, register, units));
        }
    }
    let mut figures = BTreeMap::new();
    for (id, value) in &raw.figures {
        if !indicators.contains(id.as_str()) {
            let (zh, en) = hint(id, indicators.iter().copied());
            look.at(
                Code::P4003,
                value.at,
                format!("没有指标 `{id}`{zh}"),
                format!("there is no indicator `{id}`{en}"),
            );
            continue;
        }
        let number = match &value.value {
            RawValue::Int(number) => Some(Some(Decimal::from(*number))),
            RawValue::Text(text) if text.is_empty() => Some(None),
            RawValue::Text(text) => text.parse().ok().map(Some),
            RawValue::Bool(_) => None,
        };
        match number {
            Some(number) => {
                figures.insert(id.clone(), number);
            }
            None => look.at(
                Code::P9001,
                value.at,
                format!("`{id}` 的数看不懂：请写基本单位的准确数，如 \"144\"，没有数就写 \"\""),
                format!("`{id}`: write the exact number in the base unit, like \"144\", or \"\" for none"),
            ),
        }
    }
    Some(PackTest {
        file: file.to_owned(),
        name: raw.name.clone(),
        period: period?,
        records,
        figures,
    })
}

fn test_record(
    look: &mut Look,
    raw: &Sp<RawRecord>,
    lowered: &Lowered,
    units: &Units,
) -> Option<TestRecord> {
    let register = &lowered.register;
    let confirmation = raw
        .state
        .as_ref()
        .map_or(Some(Confirmation::Agreed), |state| {
            let known = Confirmation::parse(state);
            if known.is_none() {
                look.at(
                    Code::P9001,
                    state.at,
                    "state 应为 pending、agreed、contested 或 arbitrated",
                    "state must be pending, agreed, contested or arbitrated",
                );
            }
            known
        })?;
    let mut values = vec![Value::Null; register.fields.len()];
    for (id, written) in &raw.values {
        let Some(index) = register.index(id) else {
            let (zh, en) = hint(id, register.fields.iter().map(|field| field.id.as_str()));
            look.at(
                Code::P4003,
                written.at,
                format!("台账 `{}` 没有字段 `{id}`{zh}", register.id),
                format!("register `{}` has no field `{id}`{en}", register.id),
            );
            continue;
        };
        match value(&register.fields[index].ty, &written.value, units) {
            Ok(value) => values[index] = value,
            Err((zh, en)) => look.at(
                Code::P9001,
                written.at,
                format!("字段 `{id}`：{zh}"),
                format!("field `{id}`: {en}"),
            ),
        }
    }
    for field in register.fields.iter().enumerate() {
        let (index, field) = field;
        if let Some(derived) = &field.derived
            && !raw.values.contains_key(&field.id)
        {
            values[index] = derived.eval(&values).unwrap_or(Value::Null);
        }
    }
    let missing = register
        .fields
        .iter()
        .zip(&values)
        .find(|(field, value)| field.required && field.derived.is_none() && value.is_null());
    if let Some((field, _)) = missing {
        let id = &field.id;
        look.at(
            Code::P9001,
            raw.at,
            format!("缺少必填字段 `{id}`：请在 values 里补上"),
            format!("required field `{id}` is missing: add it to values"),
        );
    }
    broken_rules(look, raw, register, &values);
    Some(TestRecord {
        register: register.id.clone(),
        confirmation,
        values,
    })
}

/// A sample record that the register would refuse shows nothing.
fn broken_rules(look: &mut Look, raw: &Sp<RawRecord>, register: &Register, values: &[Value]) {
    // The day of import is left to the future: sample records are of the past.
    let today = jiff::civil::Date::MAX;
    for rule in register.broken_rules(values, today) {
        if rule.severity == qipan_model::Severity::Error {
            let id = &rule.id;
            look.at(
                Code::P9001,
                raw.at,
                format!("这条记录违反规则 {id}：{}", rule.message),
                format!("this record breaks rule {id}: {}", rule.message_en),
            );
        }
    }
}

fn value(ty: &FieldType, written: &RawValue, units: &Units) -> Result<Value, (String, String)> {
    let wrong = |zh: &str, en: &str| Err((zh.to_owned(), en.to_owned()));
    let number = match written {
        RawValue::Int(number) => Some(Decimal::from(*number)),
        RawValue::Text(text) => text.parse().ok(),
        RawValue::Bool(_) => None,
    };
    let scaled = |scale: u32| match number {
        Some(number) if number.normalize().scale() <= scale => {
            let mut number = number;
            number.rescale(scale);
            Ok(Value::Decimal(number))
        }
        Some(_) => wrong(
            &format!("最多 {scale} 位小数"),
            &format!("at most {scale} places"),
        ),
        None => wrong("应为数", "expected a number"),
    };
    match (ty, written) {
        (FieldType::Bool, RawValue::Bool(truth)) => Ok(Value::Bool(*truth)),
        (FieldType::Bool, _) => wrong("应为 true 或 false", "expected true or false"),
        (FieldType::Int { .. }, RawValue::Int(number)) => Ok(Value::Int(*number)),
        (FieldType::Int { .. }, _) => wrong("应为整数", "expected a whole number"),
        (FieldType::Money { .. }, _) => scaled(2),
        (FieldType::Area, _) => scaled(4),
        (FieldType::Decimal { scale, .. }, _) => scaled((*scale).into()),
        (FieldType::Date { .. }, RawValue::Text(text)) => text.parse().map_or_else(
            |_| wrong("应为日期，如 2021-01-01", "expected a day like 2021-01-01"),
            |day| Ok(Value::Date(day)),
        ),
        (FieldType::Unit { .. }, RawValue::Text(id)) => {
            if units.get(id).is_none() {
                let ids = units.all().iter().map(|unit| unit.id.as_str());
                let (zh, en) = hint(id, ids);
                return wrong(
                    &format!("没有单位 `{id}`{zh}"),
                    &format!("there is no unit `{id}`{en}"),
                );
            }
            Ok(Value::Text(id.clone()))
        }
        (FieldType::Choice { options }, RawValue::Text(label)) => {
            if !options.iter().any(|option| option.label == *label) {
                let labels: Vec<&str> = options.iter().map(|option| &*option.label).collect();
                return wrong(
                    &format!("没有选项“{label}”（可选：{}）", labels.join("、")),
                    &format!(
                        "there is no option “{label}” (one of: {})",
                        labels.join(", ")
                    ),
                );
            }
            Ok(Value::Text(label.clone()))
        }
        (FieldType::Text { .. }, RawValue::Text(text)) => Ok(Value::Text(text.clone())),
        _ => wrong("应为加引号的文字", "expected text in quotes"),
    }
}
