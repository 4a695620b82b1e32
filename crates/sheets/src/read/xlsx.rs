//! Rows of an .xlsx, streamed from calamine's cell reader.

use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, XlsxCellFormulaMetadataRecord, XlsxError, XlsxFormulaMetadata};
use jiff::civil::Date;

use super::{Cell, Input, Limits, ReadError, Row, serial_to_date};
use crate::a1;

type Book = calamine::Xlsx<Box<dyn Input>>;
type Cells<'a> = calamine::XlsxCellReader<'a, Box<dyn Input>>;

/// An opened .xlsx; the pre-flight has been passed.
pub(super) struct Xlsx {
    book: Book,
}

/// Runs the third-party parser. It is guarded because it contains `expect`s that a hostile
/// container can reach; what it was building is dropped, so nothing half-made is looked at.
pub(super) fn guarded<T, E: std::fmt::Display>(
    run: impl FnOnce() -> Result<T, E>,
) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("internal error of the parser".to_owned()),
    }
}

impl Xlsx {
    pub(super) fn open(input: Box<dyn Input>) -> Result<Self, ReadError> {
        let opened = guarded(|| match Book::new(input) {
            Err(XlsxError::Password) => Ok(None),
            other => other.map(Some),
        });
        match opened {
            Ok(Some(book)) => Ok(Self { book }),
            Ok(None) => Err(ReadError::Password),
            Err(cause) => Err(ReadError::Broken { cause }),
        }
    }

    /// Names of the sheets in order.
    pub(super) fn sheet_names(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    pub(super) fn is_1904(&self) -> bool {
        self.book.has_1904_epoch()
    }

    pub(super) fn rows(&mut self, name: &str) -> Result<XlsxRows<'_>, ReadError> {
        let is_1904 = self.book.has_1904_epoch();
        let cells = guarded(|| match self.book.worksheet_cells_reader(name) {
            // A chart sheet has no cells.
            Err(XlsxError::NotAWorksheet(_)) => Ok(None),
            other => other.map(Some),
        })
        .map_err(|cause| ReadError::Sheet {
            sheet: name.to_owned(),
            row: 0,
            cause,
        })?;
        Ok(XlsxRows {
            cells,
            name: name.to_owned(),
            pending: None,
            is_1904,
        })
    }
}

pub(super) struct XlsxRows<'a> {
    cells: Option<Cells<'a>>,
    name: String,
    pending: Option<XlsxCellFormulaMetadataRecord<'a>>,
    is_1904: bool,
}

impl<'a> XlsxRows<'a> {
    fn next_cell(
        &mut self,
        row: u32,
    ) -> Result<Option<XlsxCellFormulaMetadataRecord<'a>>, ReadError> {
        let Some(cells) = &mut self.cells else {
            return Ok(None);
        };
        let next = guarded(|| cells.next_cell_with_formula_metadata());
        // Behind the end or an error there is nothing to read.
        if !matches!(next, Ok(Some(_))) {
            self.cells = None;
        }
        next.map_err(|cause| ReadError::Sheet {
            sheet: self.name.clone(),
            row,
            cause,
        })
    }

    /// Reads the cells of one row. Cells without content are not set, so a lying or stray
    /// dimension costs nothing.
    pub(super) fn next_into(&mut self, row: &mut Row, limits: &Limits) -> Result<bool, ReadError> {
        let first = match self.pending.take() {
            Some(cell) => Some(cell),
            None => self.next_cell(row.number())?,
        };
        let Some(first) = first else {
            return Ok(false);
        };
        let number = first.pos.0;
        row.reset(number.saturating_add(1));
        self.put(row, &first, limits)?;
        loop {
            match self.next_cell(row.number())? {
                Some(cell) if cell.pos.0 == number => self.put(row, &cell, limits)?,
                next => {
                    self.pending = next;
                    return Ok(true);
                }
            }
        }
    }

    fn put(
        &self,
        row: &mut Row,
        record: &XlsxCellFormulaMetadataRecord<'_>,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        let column = record.pos.1;
        let cell = match &record.value {
            DataRef::Empty => match &record.formula {
                None => return Ok(()),
                Some(
                    XlsxFormulaMetadata::Normal { formula }
                    | XlsxFormulaMetadata::Shared { formula, .. },
                ) => Cell::FormulaWithoutValue(formula),
                Some(_) => Cell::FormulaWithoutValue(""),
            },
            DataRef::String(text) => Cell::Text(text),
            DataRef::SharedString(text) => Cell::Text(text),
            DataRef::Int(number) => Cell::Number(*number as f64),
            DataRef::Float(number) => Cell::Number(*number),
            DataRef::Bool(truth) => Cell::Bool(*truth),
            DataRef::DateTime(moment) if moment.is_datetime() => {
                serial_to_date(moment.as_f64(), self.is_1904)
                    .map_or(Cell::Number(moment.as_f64()), Cell::Date)
            }
            DataRef::DateTime(moment) => Cell::Number(moment.as_f64()),
            DataRef::DateTimeIso(text) => match text.get(..10).map(str::parse::<Date>) {
                Some(Ok(date)) => Cell::Date(date),
                _ => Cell::Text(text),
            },
            DataRef::DurationIso(text) => Cell::Text(text),
            DataRef::Error(error) => {
                let shown = error.to_string();
                return self.put_checked(row, column, Cell::Error(&shown), limits);
            }
        };
        self.put_checked(row, column, cell, limits)
    }

    fn put_checked(
        &self,
        row: &mut Row,
        column: u32,
        cell: Cell<'_>,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        if cell == Cell::Text("") {
            return Ok(());
        }
        // Checked before the row grows: one cell far to the right must not cost a wide row.
        if column >= limits.columns {
            return Err(ReadError::TooManyColumns {
                sheet: self.name.clone(),
                cell: a1::address(column, row.number()),
                limit: limits.columns,
            });
        }
        if let Cell::Text(text) | Cell::FormulaWithoutValue(text) = cell
            && text.len() > limits.cell_bytes
        {
            return Err(ReadError::TextTooLong {
                place: format!("{}!{}", self.name, a1::address(column, row.number())),
                limit: limits.cell_bytes,
            });
        }
        row.set(column, cell);
        Ok(())
    }
}
