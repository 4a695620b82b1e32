//! Values as plain text for CSV and JSON: money in 元 as exact decimals, days in ISO 8601, units
//! by their code.

use std::borrow::Cow;

use jiff::civil::Date;
use qipan_model::{Field, FieldType, Type, Units, Value};

/// A value as plain text; `day` picks the code of a unit. Empty for null.
pub(super) fn text<'a>(
    field: &Field,
    value: &'a Value,
    units: &'a Units,
    day: Date,
) -> Cow<'a, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        Value::Int(n) => Cow::Owned(n.to_string()),
        Value::Decimal(d) => {
            let mut d = *d;
            if let Type::Decimal { scale } = field.ty.value_type() {
                d.rescale(u32::from(scale));
            }
            Cow::Owned(d.to_string())
        }
        Value::Date(day) => Cow::Owned(day.to_string()),
        Value::Text(text) => match (&field.ty, units.get(text)) {
            (FieldType::Unit { .. }, Some(unit)) => Cow::Borrowed(units.written_code(unit, day)),
            _ => Cow::Borrowed(text),
        },
    }
}
