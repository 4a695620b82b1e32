//! The committed sources of the sample: one CSV a register, field ids as headers, money in 元,
//! days in ISO 8601, units by id.

use std::path::Path;

use qipan_model::{Field, FieldType, Register, Value};

use super::Style;
use crate::write::WriteError;
use crate::write::layout::CONFIRMATION_HEAD;

/// One row: values aligned to the register's fields, and the other side's answer as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampleRow {
    pub values: Vec<Value>,
    pub confirmation: String,
}

/// A section's name and rows.
pub(super) type Section<'a> = (Option<&'a str>, Vec<&'a SampleRow>);

/// The rows of one register.
#[derive(Debug)]
pub(super) struct Sample {
    file: String,
    fields: Vec<String>,
    /// Whether any row carries the other side's answer.
    pub confirmed: bool,
    pub rows: Vec<SampleRow>,
}

impl Sample {
    /// Reads `<register>.csv`.
    pub fn read(folder: &Path, register: &Register) -> Result<Self, WriteError> {
        let file = format!("{}.csv", register.id);
        let mut reader = csv::Reader::from_path(folder.join(&file))?;
        let fields: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        for id in &fields {
            if register.index(id).is_none() && id != CONFIRMATION_HEAD {
                return Err(WriteError::Sample {
                    file,
                    cause: format!("台账没有字段“{id}”"),
                });
            }
        }
        let mut rows = Vec::new();
        for (line, record) in (2..).zip(reader.records()) {
            let record = record?;
            let mut row = SampleRow {
                values: vec![Value::Null; register.fields.len()],
                confirmation: String::new(),
            };
            for (id, written) in fields.iter().zip(&record) {
                match register.index(id) {
                    None => row.confirmation = written.to_owned(),
                    Some(index) => {
                        let field = &register.fields[index];
                        let Some(value) = value(field, written) else {
                            return Err(WriteError::Sample {
                                file: format!("{file} 第 {line} 行"),
                                cause: format!("“{id}”的值“{written}”不合它的类型"),
                            });
                        };
                        row.values[index] = value;
                    }
                }
            }
            rows.push(row);
        }
        Ok(Self {
            file,
            confirmed: rows.iter().any(|row| !row.confirmation.is_empty()),
            fields,
            rows,
        })
    }

    /// Whether the source has a column for a field.
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|id| id == field)
    }

    /// The rows in sections, each with its name, in the order in which the names first occur;
    /// one nameless section when the style asks for none.
    pub fn sections(
        &self,
        register: &Register,
        style: &Style,
    ) -> Result<Vec<Section<'_>>, WriteError> {
        let Some(by) = &style.sections_by else {
            return Ok(vec![(None, self.rows.iter().collect())]);
        };
        let Some(index) = register.index(by) else {
            return Err(WriteError::Sample {
                file: self.file.clone(),
                cause: format!("sections_by 的字段“{by}”不存在"),
            });
        };
        let mut sections: Vec<Section<'_>> = Vec::new();
        for row in &self.rows {
            let name = row.values[index].as_text();
            match sections.iter_mut().find(|(known, _)| *known == name) {
                Some((_, rows)) => rows.push(row),
                None => sections.push((name, vec![row])),
            }
        }
        Ok(sections)
    }
}

/// A value of the sources; `None` when it does not have its field's type.
fn value(field: &Field, written: &str) -> Option<Value> {
    if written.is_empty() {
        return Some(Value::Null);
    }
    Some(match &field.ty {
        FieldType::Int { .. } => Value::Int(written.parse().ok()?),
        FieldType::Decimal { .. } | FieldType::Money { .. } | FieldType::Area => {
            Value::Decimal(written.parse().ok()?)
        }
        FieldType::Date { .. } => Value::Date(written.parse().ok()?),
        FieldType::Bool => Value::Bool(match written {
            "是" | "true" | "1" => true,
            "否" | "false" | "0" => false,
            _ => return None,
        }),
        FieldType::Text { .. } | FieldType::Choice { .. } | FieldType::Unit { .. } => {
            Value::Text(written.to_owned())
        }
    })
}
