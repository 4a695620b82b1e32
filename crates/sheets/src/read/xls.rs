//! Rows of an Excel 97–2003 workbook. The format is small by nature (65,536 rows × 256 columns);
//! calamine holds its cells in memory.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, SheetVisible};

use super::xlsx::guarded;
use super::{Cell, Input, Limits, Merge, ReadError, Row, SheetInfo, biff, serial_to_date};

struct Sheet {
    values: Range<Data>,
    formulas: Range<String>,
}

/// An opened .xls.
pub(super) struct Xls {
    sheets: Vec<Sheet>,
    is_1904: bool,
}

impl Xls {
    pub(super) fn open(
        input: Box<dyn Input>,
        limits: &Limits,
    ) -> Result<(Vec<SheetInfo>, Self), ReadError> {
        let mut bytes = Vec::new();
        input.take(limits.workbook_bytes).read_to_end(&mut bytes)?;
        // An encrypted .xlsx is wrapped in the same container.
        let is_encrypted = holds_utf16(&bytes, "EncryptedPackage");
        let outlines = biff::outlines(&bytes).unwrap_or_default();
        if let Some(nth) = outlines
            .iter()
            .position(|outline| outline.area > limits.xls_area)
        {
            return Err(ReadError::TooManyCells {
                sheet: format!("#{}", nth + 1),
                row: 0,
                limit: limits.xls_area,
            });
        }
        let opened = guarded(|| match calamine::Xls::new(Cursor::new(bytes)) {
            Err(calamine::XlsError::Password) => Ok(None),
            other => other.map(Some),
        });
        let mut book = match opened {
            Ok(Some(book)) => book,
            Ok(None) => return Err(ReadError::Password),
            Err(_) if is_encrypted => return Err(ReadError::Password),
            Err(cause) => return Err(ReadError::Broken { cause }),
        };
        let metadata = book.sheets_metadata().to_vec();
        if metadata.len() > limits.sheets {
            return Err(ReadError::TooManySheets {
                found: metadata.len(),
                limit: limits.sheets,
            });
        }
        let is_1904 = book.has_1904_epoch();
        let (mut infos, mut sheets) = (Vec::new(), Vec::new());
        for (nth, meta) in metadata.into_iter().enumerate() {
            let mut info = SheetInfo::named(&meta.name);
            info.hidden = meta.visible != SheetVisible::Visible;
            if let Some(outline) = outlines.get(nth) {
                info.hidden_rows.clone_from(&outline.hidden_rows);
                info.hidden_columns.clone_from(&outline.hidden_columns);
            }
            let values = guarded(|| book.worksheet_range(&meta.name)).unwrap_or_default();
            let formulas = guarded(|| book.worksheet_formula(&meta.name)).unwrap_or_default();
            let merges = guarded(|| book.merge_cells_by_sheet_name(&meta.name)).unwrap_or_default();
            if merges.len() > limits.merges {
                return Err(ReadError::TooManyMerges {
                    sheet: meta.name,
                    limit: limits.merges,
                });
            }
            info.merges = merges
                .iter()
                .map(|merge| Merge {
                    top: merge.start.0.saturating_add(1),
                    left: merge.start.1,
                    bottom: merge.end.0.saturating_add(1),
                    right: merge.end.1,
                })
                .collect();
            info.merges.sort_unstable();
            infos.push(info);
            sheets.push(Sheet { values, formulas });
        }
        Ok((infos, Self { sheets, is_1904 }))
    }

    pub(super) fn is_1904(&self) -> bool {
        self.is_1904
    }

    pub(super) fn rows(&self, sheet: usize) -> XlsRows<'_> {
        let sheet = &self.sheets[sheet];
        let first = sheet.values.start().map_or(0, |(row, _)| row);
        XlsRows {
            sheet,
            next: first,
            is_1904: self.is_1904,
        }
    }
}

/// Whether a name in UTF-16 stands anywhere in the file.
fn holds_utf16(bytes: &[u8], name: &str) -> bool {
    let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

pub(super) struct XlsRows<'a> {
    sheet: &'a Sheet,
    next: u32,
    is_1904: bool,
}

impl XlsRows<'_> {
    pub(super) fn next_into(&mut self, row: &mut Row) -> bool {
        let (Some(start), Some(end)) = (self.sheet.values.start(), self.sheet.values.end()) else {
            return false;
        };
        if self.next > end.0 {
            return false;
        }
        row.reset(self.next.saturating_add(1));
        for column in start.1..=end.1 {
            let at = (self.next, column);
            match self.sheet.values.get_value(at) {
                None | Some(Data::Empty) => {
                    if let Some(formula) = self.sheet.formulas.get_value(at)
                        && !formula.is_empty()
                    {
                        row.set(column, Cell::FormulaWithoutValue(formula));
                    }
                }
                Some(Data::String(text)) if text.is_empty() => {}
                Some(Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text)) => {
                    row.set(column, Cell::Text(text));
                }
                Some(Data::Int(number)) => row.set(column, Cell::Number(*number as f64)),
                Some(Data::Float(number)) => row.set(column, Cell::Number(*number)),
                Some(Data::Bool(truth)) => row.set(column, Cell::Bool(*truth)),
                Some(Data::Error(error)) => row.set(column, Cell::Error(&error.to_string())),
                Some(Data::DateTime(moment)) => {
                    let cell = match serial_to_date(moment.as_f64(), self.is_1904) {
                        Some(date) if moment.is_datetime() => Cell::Date(date),
                        _ => Cell::Number(moment.as_f64()),
                    };
                    row.set(column, cell);
                }
            }
        }
        self.next += 1;
        true
    }
}
