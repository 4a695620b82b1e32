//! Rows out of SQLite in one piece.
//!
//! The driver copies every value of a row by itself, with memory of its own, and hands each row to
//! another thread: for a wide row this takes longer than finding it. So SQLite writes the row (or
//! a whole answer) as one JSON text, which is read back by the types of the columns. Numbers are
//! whole in the database and stay exact.

use qipan_model::{Type, Value};
use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use crate::cells::{day, decimal};
use crate::{Error, Result};

/// Columns as one.
pub(crate) fn row(columns: &str) -> String {
    format!("json_array({columns})")
}

/// What [`row`] made, of all rows.
pub(crate) fn all(row: &str) -> String {
    format!("json_group_array({row})")
}

/// A select of one column of whole numbers as one row with one column.
pub(crate) fn numbers(select: &str) -> String {
    format!("WITH packed (c) AS ({select}) SELECT json_group_array(c) FROM packed")
}

/// A select of so many columns as one row with one column.
pub(crate) fn answer(select: &str, width: usize) -> String {
    let names: Vec<String> = (0..width).map(|nth| format!("c{nth}")).collect();
    let names = names.join(", ");
    format!(
        "WITH packed ({names}) AS ({select}) SELECT json_group_array({}) FROM packed",
        row(&names)
    )
}

/// Reads what [`row`] made.
pub(crate) fn read_row(text: &str, types: &[Type]) -> Result<Vec<Value>> {
    let mut input = serde_json::Deserializer::from_str(text);
    Types(types).deserialize(&mut input).map_err(refused)
}

/// Reads what [`answer`] made.
pub(crate) fn read_answer(text: &str, types: &[Type]) -> Result<Vec<Vec<Value>>> {
    let mut input = serde_json::Deserializer::from_str(text);
    Rows(types).deserialize(&mut input).map_err(refused)
}

/// Reads what [`numbers`] made.
pub(crate) fn read_numbers(text: &str) -> Result<Vec<i64>> {
    serde_json::from_str(text).map_err(refused)
}

fn refused(error: serde_json::Error) -> Error {
    Error::Database(format!("a column does not hold its type: {error}"))
}

struct Rows<'t>(&'t [Type]);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = Vec<Vec<Value>>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        input: D,
    ) -> std::result::Result<Self::Value, D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = Vec<Vec<Value>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(
        self,
        mut input: A,
    ) -> std::result::Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = input.next_element_seed(Types(self.0))? {
            rows.push(row);
        }
        Ok(rows)
    }
}

struct Types<'t>(&'t [Type]);

impl<'de> DeserializeSeed<'de> for Types<'_> {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        input: D,
    ) -> std::result::Result<Self::Value, D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Types<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a row of {} columns", self.0.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(
        self,
        mut input: A,
    ) -> std::result::Result<Self::Value, A::Error> {
        let short = A::Error::custom("too few columns");
        let mut values = Vec::with_capacity(self.0.len());
        for ty in self.0 {
            let value = match ty {
                Type::Text => input
                    .next_element::<Option<String>>()?
                    .map(|text| text.map(Value::Text)),
                Type::Date => match input.next_element::<Option<String>>()? {
                    Some(Some(text)) => {
                        let day = day(&text)
                            .ok_or_else(|| A::Error::custom(format!("no day: {text}")))?;
                        Some(Some(Value::Date(day)))
                    }
                    other => other.map(|_| None),
                },
                Type::Bool => match input.next_element::<Option<i64>>()? {
                    Some(Some(truth @ (0 | 1))) => Some(Some(Value::Bool(truth == 1))),
                    Some(Some(other)) => {
                        return Err(A::Error::custom(format!("no truth: {other}")));
                    }
                    other => other.map(|_| None),
                },
                Type::Int => input
                    .next_element::<Option<i64>>()?
                    .map(|number| number.map(Value::Int)),
                Type::Decimal { scale } => input
                    .next_element::<Option<i64>>()?
                    .map(|units| units.map(|units| decimal(units, *scale))),
            };
            match value {
                Some(value) => values.push(value.unwrap_or(Value::Null)),
                None => return Err(short),
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [Type; 5] = [
        Type::Int,
        Type::Text,
        Type::Decimal { scale: 2 },
        Type::Date,
        Type::Bool,
    ];

    #[test]
    fn values_come_back_exactly() {
        let values = read_row(
            r#"[9223372036854775807,"a\"\n\u0001区🚗",-999999999999999,"2021-06-30",1]"#,
            &TYPES,
        );
        assert_eq!(
            values.unwrap(),
            [
                Value::Int(i64::MAX),
                Value::Text("a\"\n\u{1}区🚗".to_owned()),
                Value::Decimal("-9999999999999.99".parse().unwrap()),
                Value::Date(jiff::civil::date(2021, 6, 30)),
                Value::Bool(true),
            ]
        );
        let nothing = read_answer("[[null,null,null,null,null]]", &TYPES).unwrap();
        assert_eq!(nothing, [[const { Value::Null }; 5]]);
        assert!(read_answer("[]", &TYPES).unwrap().is_empty());
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for wrong in [
            "[1]",
            r#"["1","",0,null,0]"#,
            r#"[1.5,"",0,null,0]"#,
            r#"[1,"",0,"2021",0]"#,
            r#"[1,"",0,null,2]"#,
        ] {
            assert!(read_row(wrong, &TYPES).is_err(), "{wrong}");
        }
    }
}
