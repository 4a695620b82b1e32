//! Columnar export (Parquet) of registers, for other engines to read.
//!
//! A leaf crate: nothing else in the system links the columnar libraries.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod column;

use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use jiff::civil::Date;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use qipan_model::{FieldType, Record, Register, Type, Units, Value, masked};

use column::Column;

/// Rows gathered before they are handed to the Parquet writer.
const BATCH_ROWS: usize = 8_192;
/// Most rows of a row group: bounds the memory of the writer and of whoever reads.
const GROUP_ROWS: usize = 65_536;

/// Last column: where the record stands between its sides, as the store keeps it.
const STATE: &str = "_state";

/// Why a columnar export failed.
#[derive(Debug, thiserror::Error)]
pub enum ColumnarError {
    /// The Parquet writer failed, most often on the output.
    #[error("Parquet 写不出来：{0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The columns do not make a batch.
    #[error("Parquet 写不出来：{0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A value does not have its field's type, or is out of its range.
    #[error("字段“{field}”的值 {value} 不合它的类型")]
    Value {
        /// Field id.
        field: String,
        /// What was found.
        value: String,
    },
}

/// Takes the rows of one register and writes them as Parquet: one column a field by its id,
/// money and areas as `DECIMAL(19, s)`, days as `DATE`, units by their code on the row's day.
pub struct ParquetExporter<'a, W: Write + Send> {
    register: &'a Register,
    units: &'a Units,
    day: Date,
    personal: bool,
    schema: SchemaRef,
    columns: Vec<Column>,
    gathered: usize,
    rows: u64,
    writer: ArrowWriter<W>,
}

impl<'a, W: Write + Send> ParquetExporter<'a, W> {
    /// Starts an export. `day` picks the codes of units for rows without a date of their own;
    /// personal fields are masked unless `personal`.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn begin(
        register: &'a Register,
        units: &'a Units,
        day: Date,
        personal: bool,
        out: W,
    ) -> Result<Self, ColumnarError> {
        let types = register.fields.iter().map(|field| field.ty.value_type());
        let columns: Vec<Column> = types.chain([Type::Text]).map(Column::of).collect();
        let names = register.fields.iter().map(|field| field.id.as_str());
        let fields: Vec<arrow_schema::Field> = names
            .chain([STATE])
            .zip(&columns)
            .map(|(name, column)| arrow_schema::Field::new(name, column.data_type(), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by("qipan".to_owned())
            .build();
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
        Ok(Self {
            register,
            units,
            day,
            personal,
            schema,
            columns,
            gathered: 0,
            rows: 0,
            writer,
        })
    }

    /// Adds one record.
    ///
    /// # Errors
    /// When a value does not have its field's type, or the output cannot be written.
    pub fn row(&mut self, record: &Record) -> Result<(), ColumnarError> {
        let values = &record.values;
        let own_day = self
            .register
            .date
            .and_then(|index| values.get(index)?.as_date());
        let day = own_day.unwrap_or(self.day);
        for (index, (field, column)) in self
            .register
            .fields
            .iter()
            .zip(&mut self.columns)
            .enumerate()
        {
            let value = values.get(index).unwrap_or(&Value::Null);
            let fits = match value {
                value if field.personal && !self.personal => column.push(&masked(value)),
                Value::Text(id) if matches!(field.ty, FieldType::Unit { .. }) => {
                    let code = self
                        .units
                        .get(id)
                        .map(|unit| self.units.written_code(unit, day));
                    column.push_text(code.unwrap_or(id))
                }
                value => column.push(value),
            };
            if !fits {
                return Err(ColumnarError::Value {
                    field: field.id.clone(),
                    value: format!("{value:?}"),
                });
            }
        }
        if let Some(state) = self.columns.last_mut() {
            state.push_text(record.confirmation.as_str());
        }
        self.gathered += 1;
        self.rows += 1;
        if self.gathered >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ColumnarError> {
        if self.gathered > 0 {
            let arrays = self.columns.iter_mut().map(Column::take).collect();
            self.writer
                .write(&RecordBatch::try_new(self.schema.clone(), arrays)?)?;
            self.gathered = 0;
        }
        Ok(())
    }

    /// Ends the export and gives the number of rows written.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(mut self) -> Result<u64, ColumnarError> {
        self.flush()?;
        self.writer.close()?;
        Ok(self.rows)
    }
}

#[cfg(test)]
mod tests;
