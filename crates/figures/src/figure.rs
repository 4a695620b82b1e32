//! Figures (数字): values with period, cut, coverage and as-of mark.

use rust_decimal::Decimal;
use serde::Serialize;

/// How figures are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The whole mechanism.
    Whole,
    /// One figure per group (结对组), named by its recipient.
    Group,
    /// One figure per link (结对关系), named supporter–recipient.
    Link,
    /// One figure per supporter.
    Supporter,
    /// One figure per recipient.
    Recipient,
}

/// Who has reported, out of whom (promise 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Units that have filed.
    pub reported: u32,
    /// Units that were to file.
    pub due: u32,
}

/// One figure; serialises to the fixed JSON keys of `figures --format json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Indicator id.
    pub indicator: String,
    /// Version of its definition.
    pub version: u32,
    /// Indicator's name.
    pub name: String,
    /// Value in the base unit; `None` when nobody has reported. A JSON number.
    #[serde(serialize_with = "as_number")]
    pub value: Option<Decimal>,
    /// Base unit.
    pub unit: String,
    /// As a brief prints it, `4.24亿元`; `未报` when nobody has reported.
    pub display: String,
    /// Period, `2021H1`.
    pub period: String,
    /// Cut.
    pub by: By,
    /// Which part of the cut: `全部`, a recipient's or supporter's name, `江津区→开州区`.
    pub cut: String,
    /// Unit ids of the cut part: supporter, recipient; empty where not cut by it.
    pub cut_units: [String; 2],
    /// Coverage.
    pub coverage: Coverage,
    /// Moment as of which it was read, RFC 3339 UTC.
    pub as_of: String,
    /// What unconfirmed rows would add, in the base unit (promise 3); `None` when nothing.
    #[serde(serialize_with = "as_number", skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Decimal>,
}

/// Writes a decimal as a JSON number without passing through a float.
pub(crate) fn as_number<S: serde::Serializer>(
    value: &Option<Decimal>,
    out: S,
) -> Result<S::Ok, S::Error> {
    match value {
        None => out.serialize_none(),
        Some(decimal) => number(*decimal).serialize(out),
    }
}

/// A decimal as a JSON number, digit by digit.
fn number(decimal: Decimal) -> serde_json::Value {
    let text = decimal.normalize().to_string();
    serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
}

/// A value as JSON: numbers exact, dates ISO 8601.
pub(crate) fn json(value: &qipan_model::Value) -> serde_json::Value {
    use qipan_model::Value;
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(whole) => (*whole).into(),
        Value::Decimal(decimal) => number(*decimal),
        Value::Date(date) => date.to_string().into(),
        Value::Text(text) => text.clone().into(),
    }
}
