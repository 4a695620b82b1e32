//! Reading: from a file to rows of cells, within [`Limits`], without trusting the file.
//!
//! Rows are streamed: a [`Workbook`] knows its sheets (names, what is hidden, what is merged) and
//! hands out the rows of one sheet after another into a [`Row`] that is reused, so that memory
//! does not grow with the file. (Shared strings of an .xlsx and the cells of an .xls are held,
//! both under a limit.)

mod biff;
mod container;
mod csv;
mod error;
mod limits;
mod merges;
mod row;
mod scan;
mod serial;
mod xls;
mod xlsx;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use container::Format;
pub use error::ReadError;
pub use limits::Limits;
pub use row::{Cell, Row};
pub(crate) use serial::serial_to_date;

use merges::Fill;

/// A merged range; rows from 1, columns from 0, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Merge {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

/// What is known of a sheet before its cells are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// Name.
    pub name: String,
    /// Whether the sheet is hidden.
    pub hidden: bool,
    /// Hidden rows as ascending ranges, from 1.
    pub hidden_rows: Vec<(u32, u32)>,
    /// Hidden columns as ascending ranges, from 0.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Merged ranges, by their first row.
    pub merges: Vec<Merge>,
}

impl SheetInfo {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            hidden: false,
            hidden_rows: Vec::new(),
            hidden_columns: Vec::new(),
            merges: Vec::new(),
        }
    }
}

trait Input: Read + Seek + Send {}
impl<T: Read + Seek + Send> Input for T {}

/// Where the bytes come from; opened anew for each pass.
#[derive(Debug, Clone)]
enum Source {
    Path(PathBuf),
    Bytes(Arc<[u8]>),
}

impl Source {
    fn open(&self) -> Result<Box<dyn Input>, ReadError> {
        Ok(match self {
            Self::Path(path) => Box::new(BufReader::with_capacity(64 << 10, File::open(path)?)),
            Self::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

enum Content {
    Xlsx(Box<xlsx::Xlsx>),
    Xls(xls::Xls),
    Csv(csv::Csv),
}

/// An opened file: one or more sheets of rows.
pub struct Workbook {
    format: Format,
    sheets: Vec<SheetInfo>,
    limits: Limits,
    content: Content,
    cells_left: u64,
}

impl Workbook {
    /// Opens a file from disk.
    ///
    /// # Errors
    /// [`ReadError`] names what is wrong with the file as a whole.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, ReadError> {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        Self::from_source(
            Source::Path(path.to_owned()),
            stem.as_deref().unwrap_or("CSV"),
            limits,
        )
    }

    /// Opens a file from disk that people know by another name (an upload): the stem of that name
    /// stands for the sheet name of a CSV.
    ///
    /// # Errors
    /// [`ReadError`] names what is wrong with the file as a whole.
    pub fn open_named(path: &Path, name: &str, limits: &Limits) -> Result<Self, ReadError> {
        Self::from_source(Source::Path(path.to_owned()), stem_of(name), limits)
    }

    /// Opens a file that is already in memory. The name's stem stands for the sheet name of a CSV.
    ///
    /// # Errors
    /// [`ReadError`] names what is wrong with the file as a whole.
    pub fn from_bytes(
        bytes: impl Into<Arc<[u8]>>,
        name: &str,
        limits: &Limits,
    ) -> Result<Self, ReadError> {
        Self::from_source(Source::Bytes(bytes.into()), stem_of(name), limits)
    }

    fn from_source(source: Source, stem: &str, limits: &Limits) -> Result<Self, ReadError> {
        let format = container::sniff(&mut source.open()?, limits)?;
        let (sheets, content) = match format {
            Format::Xlsx => {
                let sheets = container::preflight(source.open()?, limits)?;
                let book = xlsx::Xlsx::open(source.open()?)?;
                // The reader's list decides; a sheet that the look before did not find is read
                // without knowing what it hides.
                let sheets = book
                    .sheet_names()
                    .iter()
                    .map(|name| {
                        let known = sheets.iter().find(|info| info.name == *name);
                        known.cloned().unwrap_or_else(|| SheetInfo::named(name))
                    })
                    .collect();
                (sheets, Content::Xlsx(Box::new(book)))
            }
            Format::Xls => {
                let (sheets, book) = xls::Xls::open(source.open()?, limits)?;
                (sheets, Content::Xls(book))
            }
            Format::Csv => {
                let book = csv::Csv::open(source, limits)?;
                (vec![SheetInfo::named(stem)], Content::Csv(book))
            }
        };
        Ok(Self {
            format,
            sheets,
            limits: limits.clone(),
            content,
            cells_left: limits.cells,
        })
    }

    /// What sort of file it is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The sheets in order.
    #[must_use]
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// Whether bare serial numbers count days from 1904 instead of 1900.
    #[must_use]
    pub fn is_1904(&self) -> bool {
        match &self.content {
            Content::Xlsx(book) => book.is_1904(),
            Content::Xls(book) => book.is_1904(),
            Content::Csv(_) => false,
        }
    }

    /// The rows of a sheet from its first; rows without any cell are left out.
    ///
    /// # Errors
    /// [`ReadError::Sheet`] when the sheet does not exist or cannot be read.
    pub fn rows(&mut self, sheet: usize) -> Result<Rows<'_>, ReadError> {
        let Some(info) = self.sheets.get(sheet) else {
            return Err(ReadError::Sheet {
                sheet: format!("#{sheet}"),
                row: 0,
                cause: "no such sheet".to_owned(),
            });
        };
        let inner = match &mut self.content {
            Content::Xlsx(book) => Inner::Xlsx(Box::new(book.rows(&info.name)?)),
            Content::Xls(book) => Inner::Xls(book.rows(sheet)),
            Content::Csv(book) => Inner::Csv(Box::new(book.rows()?)),
        };
        Ok(Rows {
            inner,
            fill: Fill::new(&info.merges),
            name: &info.name,
            limits: &self.limits,
            cells_left: &mut self.cells_left,
            last: 0,
        })
    }
}

/// A file's name without its ending.
fn stem_of(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

enum Inner<'a> {
    Xlsx(Box<xlsx::XlsxRows<'a>>),
    Xls(xls::XlsRows<'a>),
    Csv(Box<csv::CsvRows>),
}

/// The rows of one sheet, one after another.
pub struct Rows<'a> {
    inner: Inner<'a>,
    fill: Fill<'a>,
    name: &'a str,
    limits: &'a Limits,
    cells_left: &'a mut u64,
    last: u32,
}

impl Rows<'_> {
    /// Whether a row begins a merged range of one row and at least three columns, as section
    /// titles do.
    pub(crate) fn is_banner(&self, row: u32) -> bool {
        let merges = self.fill.merges();
        let from = merges.partition_point(|merge| merge.top < row);
        merges[from..]
            .iter()
            .take_while(|merge| merge.top == row)
            .any(|merge| merge.bottom == row && merge.right - merge.left >= 2)
    }

    /// Reads the next row into `row`; `false` at the end.
    ///
    /// Cells covered by a merged range that began above show its value and are marked as
    /// [filled](Row::is_filled).
    ///
    /// # Errors
    /// [`ReadError`] when the sheet cannot be read on or a limit is met.
    pub fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        let more = match &mut self.inner {
            Inner::Xlsx(rows) => rows.next_into(row, self.limits)?,
            Inner::Xls(rows) => rows.next_into(row),
            Inner::Csv(rows) => rows.next_into(row)?,
        };
        if !more {
            return Ok(false);
        }
        if row.number() <= self.last {
            return Err(ReadError::Disorder {
                sheet: self.name.to_owned(),
                before: self.last,
                after: row.number(),
            });
        }
        self.last = row.number();
        if row.width() > self.limits.columns {
            return Err(ReadError::TooManyColumns {
                sheet: self.name.to_owned(),
                cell: crate::a1::address(row.width() - 1, row.number()),
                limit: self.limits.columns,
            });
        }
        match self.cells_left.checked_sub(u64::from(row.width())) {
            Some(left) => *self.cells_left = left,
            None => {
                return Err(ReadError::TooManyCells {
                    sheet: self.name.to_owned(),
                    row: row.number(),
                    limit: self.limits.cells,
                });
            }
        }
        self.fill.apply(row);
        Ok(true)
    }
}
