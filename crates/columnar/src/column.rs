//! One column in the making.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
};
use arrow_schema::DataType;
use jiff::civil::{Date, date};
use qipan_model::{Type, Value};
use rust_decimal::Decimal;

/// Digits of a decimal column: as many as a 64-bit integer may have, which is what the store
/// keeps.
const PRECISION: u8 = 19;
/// Day 0 of the Parquet calendar.
const EPOCH: Date = date(1970, 1, 1);

/// A growing column.
pub(crate) enum Column {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Decimal(Decimal128Builder, u8),
    Date(Date32Builder),
    Text(StringBuilder),
}

impl Column {
    pub fn of(ty: Type) -> Self {
        match ty {
            Type::Bool => Self::Bool(BooleanBuilder::new()),
            Type::Int => Self::Int(Int64Builder::new()),
            Type::Decimal { scale } => {
                let column = Decimal128Builder::new().with_data_type(decimal_type(scale));
                Self::Decimal(column, scale)
            }
            Type::Date => Self::Date(Date32Builder::new()),
            Type::Text => Self::Text(StringBuilder::new()),
        }
    }

    pub fn data_type(&self) -> DataType {
        match self {
            Self::Bool(_) => DataType::Boolean,
            Self::Int(_) => DataType::Int64,
            Self::Decimal(_, scale) => decimal_type(*scale),
            Self::Date(_) => DataType::Date32,
            Self::Text(_) => DataType::Utf8,
        }
    }

    /// Adds a value; false when it does not have the column's type or range.
    pub fn push(&mut self, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool(column), Value::Null) => column.append_null(),
            (Self::Bool(column), Value::Bool(yes)) => column.append_value(*yes),
            (Self::Int(column), Value::Null) => column.append_null(),
            (Self::Int(column), Value::Int(n)) => column.append_value(*n),
            (Self::Decimal(column, _), Value::Null) => column.append_null(),
            (Self::Decimal(column, scale), value) => {
                let scaled = value.as_decimal().and_then(|d| scaled(d, *scale));
                let Some(scaled) = scaled else { return false };
                column.append_value(scaled);
            }
            (Self::Date(column), Value::Null) => column.append_null(),
            (Self::Date(column), Value::Date(day)) => {
                let days = day.duration_since(EPOCH).as_hours() / 24;
                let Ok(days) = i32::try_from(days) else {
                    return false;
                };
                column.append_value(days);
            }
            (Self::Text(column), Value::Null) => column.append_null(),
            (Self::Text(column), Value::Text(text)) => column.append_value(text),
            _ => return false,
        }
        true
    }

    /// Adds a text; false when this is no text column.
    pub fn push_text(&mut self, text: &str) -> bool {
        let Self::Text(column) = self else {
            return false;
        };
        column.append_value(text);
        true
    }

    /// The column so far; what follows starts a new one.
    pub fn take(&mut self) -> ArrayRef {
        match self {
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Int(column) => Arc::new(column.finish()),
            Self::Decimal(column, _) => Arc::new(column.finish()),
            Self::Date(column) => Arc::new(column.finish()),
            Self::Text(column) => Arc::new(column.finish()),
        }
    }
}

fn decimal_type(scale: u8) -> DataType {
    DataType::Decimal128(PRECISION, i8::try_from(scale).unwrap_or(i8::MAX))
}

/// The digits of a decimal at a scale; `None` when places would be lost or digits are too many.
fn scaled(number: Decimal, scale: u8) -> Option<i128> {
    let number = number.normalize();
    let missing = u32::from(scale).checked_sub(number.scale())?;
    let digits = number
        .mantissa()
        .checked_mul(10_i128.checked_pow(missing)?)?;
    i64::try_from(digits).ok().map(i128::from)
}
