//! Exports: rows of a register pushed one by one into CSV, JSON or a workbook in the users'
//! layout. Memory stays bounded whatever the number of rows.

use std::io::Write;

use jiff::civil::Date;
use qipan_model::{Field, Period, Record, Register, Units, Value, masked};
use rust_xlsxwriter::Workbook;

use super::WriteError;
use super::cells::Styles;
use super::layout::SheetPlan;
use super::plain;
use super::rows::Rows;
use super::top::{Letterhead, Top, footnotes};

/// Rows of one worksheet; more go on to a further sheet (Excel ends at 1,048,576).
const ROWS_PER_SHEET: u32 = 1_000_000;

/// Last column and key: where the record stands between its sides, as the store keeps it.
const STATE: &str = "_state";

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A workbook in the users' layout: names of units, money in the layout's unit.
    Xlsx,
    /// RFC 4180 in UTF-8: field ids as headers, money in 元, units by their code.
    Csv,
    /// A list of objects with field ids as keys, values as in CSV but typed.
    Json,
}

/// How an export is made.
#[derive(Debug, Clone, Copy)]
pub struct ExportOptions {
    /// Period named in the title of a workbook.
    pub period: Option<Period>,
    /// The day whose unit codes are used for rows without a date of their own.
    pub day: Date,
    /// Whether personal fields are written in full; else they are masked.
    pub personal: bool,
}

/// Takes the rows of one register and writes them as they come.
///
/// ```ignore
/// let mut exporter = Exporter::begin(register, &pack.units, ExportFormat::Csv, options, file)?;
/// for record in records {
///     exporter.row(&record)?;
/// }
/// let rows = exporter.finish()?;
/// ```
pub struct Exporter<'a, W: Write + Send> {
    register: &'a Register,
    units: &'a Units,
    options: ExportOptions,
    rows: u64,
    sink: Sink<'a, W>,
}

enum Sink<'a, W: Write + Send> {
    Csv(Box<csv::Writer<W>>),
    Json {
        out: std::io::BufWriter<W>,
        keys: Vec<String>,
        line: String,
    },
    Xlsx(Box<Book<'a, W>>),
}

struct Book<'a, W> {
    out: W,
    workbook: Workbook,
    plan: SheetPlan<'a>,
    styles: Styles,
    /// Sheets begun so far.
    sheets: usize,
    first_row: u32,
    next_row: u32,
}

impl<'a, W: Write + Send> Exporter<'a, W> {
    /// Starts an export; headers are written at once.
    ///
    /// # Errors
    /// When the output cannot be written or no temporary file can be made (workbooks).
    pub fn begin(
        register: &'a Register,
        units: &'a Units,
        format: ExportFormat,
        options: ExportOptions,
        out: W,
    ) -> Result<Self, WriteError> {
        let sink = match format {
            ExportFormat::Csv => {
                let mut out = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .buffer_capacity(1 << 16)
                    .from_writer(out);
                let ids = register.fields.iter().map(|field| field.id.as_str());
                out.write_record(ids.chain([STATE]))?;
                Sink::Csv(Box::new(out))
            }
            ExportFormat::Json => {
                let mut out = std::io::BufWriter::with_capacity(1 << 16, out);
                out.write_all(b"[")?;
                let keys = register.fields.iter().map(key).collect();
                Sink::Json {
                    out,
                    keys,
                    line: String::new(),
                }
            }
            ExportFormat::Xlsx => {
                let mut book = Book {
                    out,
                    workbook: Workbook::new(),
                    plan: SheetPlan::new(register, None, |_| true),
                    styles: Styles::new(),
                    sheets: 0,
                    first_row: 0,
                    next_row: 0,
                };
                book.begin_sheet(options)?;
                Sink::Xlsx(Box::new(book))
            }
        };
        Ok(Self {
            register,
            units,
            options,
            rows: 0,
            sink,
        })
    }

    /// Writes one record.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn row(&mut self, record: &Record) -> Result<(), WriteError> {
        let values = &record.values;
        let own_day = self
            .register
            .date
            .and_then(|index| values.get(index)?.as_date());
        let day = own_day.unwrap_or(self.options.day);
        let fields = &self.register.fields;
        let show = |field: &Field| self.options.personal || !field.personal;
        self.rows += 1;
        match &mut self.sink {
            Sink::Csv(out) => {
                for (field, value) in fields.iter().zip(values) {
                    if show(field) {
                        let text = plain::text(field, value, self.units, day);
                        match value {
                            Value::Text(_) => {
                                out.write_field(crate::guard::guard(&text).as_ref())?
                            }
                            _ => out.write_field(text.as_ref())?,
                        }
                    } else {
                        let value = masked(value);
                        out.write_field(value.as_text().unwrap_or(""))?;
                    }
                }
                out.write_field(record.confirmation.as_str())?;
                out.write_record(None::<&[u8]>)?;
            }
            Sink::Json { out, keys, line } => {
                line.clear();
                line.push_str(if self.rows == 1 { "\n{" } else { ",\n{" });
                for (nth, ((field, value), key)) in
                    fields.iter().zip(values).zip(&*keys).enumerate()
                {
                    if nth > 0 {
                        line.push(',');
                    }
                    line.push_str(key);
                    let hidden = (!show(field)).then(|| masked(value));
                    let value = hidden.as_ref().unwrap_or(value);
                    let text = plain::text(field, value, self.units, day);
                    match value {
                        Value::Null => line.push_str("null"),
                        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => line.push_str(&text),
                        Value::Date(_) | Value::Text(_) => {
                            line.push_str(&serde_json::to_string(text.as_ref())?);
                        }
                    }
                }
                let state = record.confirmation.as_str();
                line.push_str(&format!(",\"{STATE}\":\"{state}\"}}"));
                out.write_all(line.as_bytes())?;
            }
            Sink::Xlsx(book) => {
                if book.next_row - book.first_row >= ROWS_PER_SHEET {
                    book.begin_sheet(self.options)?;
                }
                book.row(record, self.rows, self.units, self.options)?;
            }
        }
        Ok(())
    }

    /// Ends the export and gives the number of rows written.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(self) -> Result<u64, WriteError> {
        match self.sink {
            Sink::Csv(mut out) => out.flush()?,
            Sink::Json { mut out, .. } => {
                out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
                out.flush()?;
            }
            Sink::Xlsx(mut book) => {
                book.end_sheet()?;
                book.workbook.save_to_writer(&mut book.out)?;
                book.out.flush()?;
            }
        }
        Ok(self.rows)
    }
}

/// A field's id as a JSON key with its colon.
fn key(field: &Field) -> String {
    format!("\"{}\":", field.id)
}

impl<W> Book<'_, W> {
    fn begin_sheet(&mut self, options: ExportOptions) -> Result<(), WriteError> {
        if self.sheets > 0 {
            self.end_sheet()?;
        }
        self.sheets += 1;
        let layout = &self.plan.register.layout;
        let name = match self.sheets {
            1 => layout.sheet.clone(),
            nth => format!("{}（{nth}）", layout.sheet),
        };
        let period = options.period.map(Period::name).unwrap_or_default();
        let letterhead = Letterhead {
            title: layout.title.replace("{period}", &period),
            left: String::new(),
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        let top = Top::write(sheet, &self.plan, &self.styles, Some(&letterhead))?;
        self.first_row = top.first_row;
        self.next_row = top.first_row;
        top.set_up_print(sheet, &self.plan)
    }

    fn row(
        &mut self,
        record: &Record,
        nth: u64,
        units: &Units,
        options: ExportOptions,
    ) -> Result<(), WriteError> {
        let rows = Rows {
            plan: &self.plan,
            styles: &self.styles,
            units,
            personal: options.personal,
            day: options.period.map(Period::end),
        };
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "row numbers stay far below 2^53"
        )]
        rows.put(
            sheet,
            self.next_row,
            nth as f64,
            &record.values,
            record.confirmation,
        )?;
        self.next_row += 1;
        Ok(())
    }

    /// Footnotes stand under the last row.
    fn end_sheet(&mut self) -> Result<(), WriteError> {
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        footnotes(sheet, self.next_row, &self.plan, &self.styles)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};
    use jiff::civil::date;

    use super::*;
    use crate::write::testing;

    fn export(format: ExportFormat, personal: bool) -> Vec<u8> {
        let pack = testing::pack();
        let options = ExportOptions {
            period: Some("2021H1".parse().unwrap()),
            day: date(2021, 6, 30),
            personal,
        };
        let mut out = Vec::new();
        let mut exporter =
            Exporter::begin(&pack.registers[0], &pack.units, format, options, &mut out).unwrap();
        for row in testing::records() {
            exporter.row(&row).unwrap();
        }
        assert_eq!(exporter.finish().unwrap(), 3);
        out
    }

    #[test]
    fn csv_is_exact_and_never_a_live_formula() {
        let text = String::from_utf8(export(ExportFormat::Csv, true)).unwrap();
        assert_eq!(
            text,
            "code,name,supporter,recipient,status,total,fund,issued,people,area,ratio,done,contact,_state\r\n\
             0021-001,\"江津·开州, \"\"示范园\"\"\n二期\",500116,500154,已开工,92003500.01,99999999999999.99,2021-06-30,1234,12.3456,0.125,true,13800001234,agreed\r\n\
             0021-002,无,,,,,,,,,,,,contested\r\n\
             '=1+1,''@SUM(A1),,,,,,,,,,,,pending\r\n"
        );
    }

    #[test]
    fn personal_fields_are_masked_unless_asked_for() {
        let text = String::from_utf8(export(ExportFormat::Csv, false)).unwrap();
        assert!(text.contains("138****1234") && !text.contains("13800001234"));
    }

    #[test]
    fn json_numbers_keep_every_digit() {
        let text = String::from_utf8(export(ExportFormat::Json, true)).unwrap();
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0]["fund"].to_string(), "99999999999999.99");
        assert_eq!(rows[0]["issued"], "2021-06-30");
        assert_eq!(rows[0]["recipient"], "500154");
        assert_eq!(rows[0]["done"], true);
        assert_eq!(rows[1]["total"], serde_json::Value::Null);
        assert_eq!(rows[1]["_state"], "contested");
        assert_eq!(rows[2]["code"], "=1+1");
    }

    #[test]
    fn an_export_without_rows_is_well_formed() {
        let pack = testing::pack();
        let options = ExportOptions {
            period: None,
            day: date(2021, 6, 30),
            personal: true,
        };
        for format in [ExportFormat::Csv, ExportFormat::Json, ExportFormat::Xlsx] {
            let mut out = Vec::new();
            let exporter =
                Exporter::begin(&pack.registers[0], &pack.units, format, options, &mut out);
            assert_eq!(exporter.unwrap().finish().unwrap(), 0);
            match format {
                ExportFormat::Csv => assert_eq!(out.iter().filter(|&&b| b == b'\n').count(), 1),
                ExportFormat::Json => assert_eq!(out, b"[]\n"),
                ExportFormat::Xlsx => assert!(Xlsx::new(Cursor::new(out)).is_ok()),
            }
        }
    }

    #[test]
    fn workbook_stands_in_the_users_layout() {
        let bytes = export(ExportFormat::Xlsx, true);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("项目台账").unwrap();
        let at = |row, col| range.get_value((row, col)).cloned().unwrap_or(Data::Empty);
        assert_eq!(
            at(0, 0),
            Data::String("2021年上半年对口协同项目台账".into())
        );
        assert_eq!(at(2, 6), Data::String("资金".into()));
        assert_eq!(at(3, 6), Data::String("总投资".into()));
        assert_eq!(at(4, 1), Data::String("0021-001".into()));
        assert_eq!(at(4, 3), Data::String("江津区".into()));
        assert_eq!(at(4, 6), Data::Float(9200.350001));
        // Too many digits for a double: kept exactly, as text.
        assert_eq!(at(4, 7), Data::String("9999999999.999999".into()));
        assert_eq!(at(4, 8).to_string(), "44377");
        assert_eq!(at(5, 14), Data::String("有异议".into()));
        assert_eq!(at(6, 1), Data::String("=1+1".into()));
        assert_eq!(at(7, 0), Data::String("注：金额保留到分。".into()));
        let formulas = book.worksheet_formula("项目台账").unwrap();
        assert_eq!(formulas.used_cells().count(), 0);
    }
}
