//! Values on their way into and out of the databases: arguments, cells, rows.

use std::sync::Arc;

use jiff::civil::Date;
use qipan_expr::COLUMN_LIMIT;
use qipan_model::{Type, Value};
use qipan_sql::Dialect;
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueFormat};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Encode, Postgres, Row as _, Sqlite, ValueRef as _};

use crate::Result;

/// Arguments of a statement, in order.
pub(crate) struct Args(pub(crate) Inner);

pub(crate) enum Inner {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

macro_rules! add {
    ($self:ident, $value:expr) => {{
        // Encoding these types cannot fail; were it to, the statement would miss a parameter
        // and the database would refuse it.
        let added = match &mut $self.0 {
            Inner::Sqlite(args) => args.add($value),
            Inner::Postgres(args) => args.add($value),
        };
        debug_assert!(added.is_ok());
        drop(added);
    }};
}

impl Args {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self(match dialect {
            Dialect::Sqlite => Inner::Sqlite(SqliteArguments::default()),
            Dialect::Postgres => Inner::Postgres(PgArguments::default()),
        })
    }

    /// Values that sea-query has collected.
    pub(crate) fn from_values(dialect: Dialect, values: sea_query_sqlx::SqlxValues) -> Self {
        use sqlx::IntoArguments;
        Self(match dialect {
            Dialect::Sqlite => Inner::Sqlite(IntoArguments::<Sqlite>::into_arguments(values)),
            Dialect::Postgres => Inner::Postgres(IntoArguments::<Postgres>::into_arguments(values)),
        })
    }

    pub(crate) fn reserve(&mut self, count: usize) {
        match &mut self.0 {
            Inner::Sqlite(args) => args.reserve(count, 0),
            Inner::Postgres(args) => args.reserve(count, count * 16),
        }
    }

    pub(crate) fn int(&mut self, value: i64) {
        add!(self, value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        match &mut self.0 {
            // One piece of memory, where a `&str` would take two.
            Inner::Sqlite(args) => drop(args.add(Arc::<str>::from(value))),
            Inner::Postgres(args) => drop(args.add(value)),
        }
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        add!(self, value);
    }

    pub(crate) fn flag(&mut self, value: bool) {
        match &mut self.0 {
            Inner::Sqlite(args) => drop(args.add(i64::from(value))),
            Inner::Postgres(args) => drop(args.add(value)),
        }
    }

    pub(crate) fn date(&mut self, value: Date) {
        match &mut self.0 {
            Inner::Sqlite(args) => drop(args.add(value.to_string())),
            Inner::Postgres(args) => drop(args.add(Day(value))),
        }
    }

    /// Whole numbers for [`Dialect::in_list`].
    pub(crate) fn ints(&mut self, values: &[i64]) {
        match &mut self.0 {
            Inner::Sqlite(args) => drop(args.add(json_list(values.iter().map(i64::to_string)))),
            Inner::Postgres(args) => drop(args.add(values)),
        }
    }

    /// Pairs of whole numbers for [`Speak::pairs`].
    pub(crate) fn pairs(&mut self, pairs: &[(i64, i64)]) {
        match &mut self.0 {
            Inner::Sqlite(args) => {
                let written = pairs.iter().map(|(a, b)| format!("[{a},{b}]"));
                drop(args.add(json_list(written)));
            }
            Inner::Postgres(args) => {
                let (a, b): (Vec<i64>, Vec<i64>) = pairs.iter().copied().unzip();
                drop(args.add(a));
                drop(args.add(b));
            }
        }
    }

    /// Texts for [`Dialect::in_list`].
    pub(crate) fn texts(&mut self, values: &[&str]) {
        match &mut self.0 {
            Inner::Sqlite(args) => {
                let quoted = values
                    .iter()
                    .map(|text| serde_json::Value::from(*text).to_string());
                drop(args.add(json_list(quoted)));
            }
            Inner::Postgres(args) => drop(args.add(values)),
        }
    }

    /// Nothing, of a type.
    pub(crate) fn null(&mut self, ty: Type) {
        match (&mut self.0, ty) {
            (Inner::Sqlite(args), _) => drop(args.add(None::<i64>)),
            (Inner::Postgres(args), Type::Bool) => drop(args.add(None::<bool>)),
            (Inner::Postgres(args), Type::Int | Type::Decimal { .. }) => {
                drop(args.add(None::<i64>));
            }
            (Inner::Postgres(args), Type::Date) => drop(args.add(None::<Day>)),
            (Inner::Postgres(args), Type::Text) => drop(args.add(None::<&str>)),
        }
    }

    pub(crate) fn cell(&mut self, cell: Cell<'_>, ty: Type) {
        match cell {
            Cell::Null => self.null(ty),
            Cell::Bool(truth) => self.flag(truth),
            Cell::Int(number) => self.int(number),
            Cell::Date(day) => self.date(day),
            Cell::Text(text) => self.text(text),
        }
    }
}

fn json_list(items: impl Iterator<Item = String>) -> String {
    let mut list = String::from("[");
    for (nth, item) in items.enumerate() {
        if nth > 0 {
            list.push(',');
        }
        list.push_str(&item);
    }
    list.push(']');
    list
}

/// A value as the database holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    /// A whole number, or a decimal in units of its last place.
    Int(i64),
    Date(Date),
    Text(&'a str),
}

/// The value as a column of this type holds it; `None` when it cannot.
pub(crate) fn cell(value: &Value, ty: Type) -> Option<Cell<'_>> {
    Some(match (value, ty) {
        (Value::Null, _) => Cell::Null,
        (Value::Bool(truth), Type::Bool) => Cell::Bool(*truth),
        (Value::Int(number), Type::Int) => Cell::Int(within(*number)?),
        (Value::Int(number), Type::Decimal { scale }) => {
            Cell::Int(within(scaled(Decimal::from(*number), scale)?)?)
        }
        (Value::Decimal(decimal), Type::Decimal { scale }) => {
            Cell::Int(within(scaled(*decimal, scale)?)?)
        }
        (Value::Date(day), Type::Date) if day.year() >= 1 => Cell::Date(*day),
        // PostgreSQL cannot hold NUL in a text.
        (Value::Text(text), Type::Text) if !text.contains('\0') => Cell::Text(text),
        _ => return None,
    })
}

/// A number that expressions can compute with.
fn within(number: i64) -> Option<i64> {
    (number.unsigned_abs() <= COLUMN_LIMIT.unsigned_abs()).then_some(number)
}

/// A decimal in units of its last place; `None` when it has more places or too many digits.
pub(crate) fn scaled(decimal: Decimal, scale: u8) -> Option<i64> {
    let scale = u32::from(scale);
    let decimal = if decimal.scale() > scale {
        decimal.normalize()
    } else {
        decimal
    };
    let missing = scale.checked_sub(decimal.scale())?;
    let units = decimal
        .mantissa()
        .checked_mul(10_i128.checked_pow(missing)?)?;
    i64::try_from(units).ok()
}

/// A day for PostgreSQL: sqlx knows no jiff.
struct Day(Date);

fn epoch() -> Date {
    jiff::civil::date(2000, 1, 1)
}

impl sqlx::Type<Postgres> for Day {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1082)) // DATE
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let days = (self.0 - epoch()).get_days();
        buffer.extend_from_slice(&days.to_be_bytes());
        Ok(IsNull::No)
    }
}

/// One row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn int(&self, index: usize) -> Result<i64> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn text(&self, index: usize) -> Result<String> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn bytes(&self, index: usize) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn flag(&self, index: usize) -> Result<bool> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get::<i64, _>(index)? != 0,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    /// The value of a column of a type; `None` when what is stored does not fit it.
    pub(crate) fn value(&self, index: usize, ty: Type) -> Option<Value> {
        match self {
            // Columns of STRICT tables hold what they are declared as, so the driver need not
            // compare types again for each value: that would be half the time of an export.
            Self::Sqlite(row) => Some(match ty {
                Type::Bool => match row.try_get_unchecked(index).ok()? {
                    None => Value::Null,
                    Some(0_i64) => Value::Bool(false),
                    Some(1) => Value::Bool(true),
                    Some(_) => return None,
                },
                Type::Int => row
                    .try_get_unchecked::<Option<i64>, _>(index)
                    .ok()?
                    .map_or(Value::Null, Value::Int),
                Type::Decimal { scale } => row
                    .try_get_unchecked::<Option<i64>, _>(index)
                    .ok()?
                    .map_or(Value::Null, |units| decimal(units, scale)),
                Type::Date => match row.try_get_unchecked::<Option<&str>, _>(index).ok()? {
                    None => Value::Null,
                    Some(text) => Value::Date(day(text)?),
                },
                Type::Text => row
                    .try_get_unchecked::<Option<String>, _>(index)
                    .ok()?
                    .map_or(Value::Null, Value::Text),
            }),
            Self::Postgres(row) => {
                let raw = row.try_get_raw(index).ok()?;
                if raw.is_null() {
                    return Some(Value::Null);
                }
                Some(match ty {
                    Type::Bool => Value::Bool(row.try_get(index).ok()?),
                    Type::Int => Value::Int(row.try_get(index).ok()?),
                    Type::Decimal { scale } => decimal(row.try_get(index).ok()?, scale),
                    Type::Date if raw.format() == PgValueFormat::Binary => {
                        let days = i32::from_be_bytes(raw.as_bytes().ok()?.try_into().ok()?);
                        let span = jiff::Span::new().try_days(days).ok()?;
                        Value::Date(epoch().checked_add(span).ok()?)
                    }
                    Type::Date => Value::Date(day(raw.as_str().ok()?)?),
                    Type::Text => Value::Text(row.try_get(index).ok()?),
                })
            }
        }
    }
}

pub(crate) fn decimal(units: i64, scale: u8) -> Value {
    Value::Decimal(Decimal::new(units, u32::from(scale)))
}

/// Reads `2021-06-30` and nothing else.
pub(crate) fn day(text: &str) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_i16, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i16::from(byte - b'0'))
        })
    };
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_scaled_exactly_or_not_at_all() {
        let check = |text: &str, scale, expect| {
            assert_eq!(scaled(text.parse().unwrap(), scale), expect, "{text}");
        };
        check("12.3", 2, Some(1230));
        check("12.340", 2, Some(1234));
        check("12.345", 2, None);
        check("-0.01", 2, Some(-1));
        check("99999999999999999999", 2, None);
    }

    #[test]
    fn columns_hold_fifteen_digits() {
        let money = Type::Decimal { scale: 2 };
        let at = |text: &str| Value::Decimal(text.parse().unwrap());
        assert_eq!(
            cell(&at("9999999999999.99"), money),
            Some(Cell::Int(COLUMN_LIMIT))
        );
        assert_eq!(cell(&at("10000000000000"), money), None);
        assert_eq!(cell(&Value::Int(i64::MIN), Type::Int), None);
        assert_eq!(cell(&Value::Text("a\0".into()), Type::Text), None);
    }

    #[test]
    fn days_are_read_strictly() {
        assert_eq!(day("2021-06-30"), Some(jiff::civil::date(2021, 6, 30)));
        for wrong in ["2021-6-30", "2021-06-31", "2021/06/30", "+021-06-30", ""] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
