//! What was found in a file, kept in a folder until it is written or given up: the cells of its
//! sheets, what would become of each row, the problems. So pages of it can be shown without
//! reading the file again.

mod grid;
mod rows;
mod tables;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use qipan_model::{Pack, Register};
use qipan_sheets::Problem;
use qipan_sheets::read::Limits;
use qipan_sheets::recognise::Finding;
use qipan_store::{Change, Store};
use serde::{Deserialize, Serialize};

pub use grid::{SheetReport, Window};
pub use rows::{Changed, MOST_SHOWN, Page, RowShown};
pub use tables::{ColumnFound, FitFound, TableFound};

use crate::{Error, File, Judged, Options, Report, Watch, What};

/// Name of the file itself within its folder.
const ORIGINAL: &str = "original";
const PROBLEMS: &str = "problems.json";

/// Is told how far an analysis is, and says when to stop.
pub trait Signal: Send + Sync {
    /// So many rows are read, out of so many; 0 when that is not known yet.
    fn at(&self, done: u64, total: u64);
    /// Whether to stop.
    fn stop(&self) -> bool;
}

/// The folder of one file.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// Sheets in order.
    pub sheets: Vec<SheetReport>,
    /// Tables, and places that fit several registers, in order.
    pub tables: Vec<TableFound>,
    /// Rows of each register, by what would become of them.
    pub registers: Vec<crate::RegisterReport>,
    /// Problems that refuse a row, a table or the file.
    pub errors: u64,
    /// Problems that only tell.
    pub warnings: u64,
    /// Problems beyond the most that are kept.
    pub more_problems: u64,
    /// Whether the file could not be read as a workbook at all.
    pub unread: bool,
}

impl Folder {
    /// A folder that may not be there yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Where the file itself lies.
    #[must_use]
    pub fn original(&self) -> PathBuf {
        self.root.join(ORIGINAL)
    }

    /// All problems that were found, [`crate::MOST_PROBLEMS`] at the most.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn problems(&self) -> io::Result<Vec<Problem>> {
        let bytes = fs::read(self.root.join(PROBLEMS))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }

    /// Keeps problems in the place of those kept before.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep_problems(&self, problems: &[Problem]) -> io::Result<()> {
        let bytes = serde_json::to_vec(problems).map_err(io::Error::other)?;
        fs::write(self.root.join(PROBLEMS), bytes)
    }

    /// Some rows of a sheet as people see them, from the row `from + 1` on.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn window(&self, sheet: &SheetReport, from: u32, rows: u32) -> io::Result<Window> {
        grid::window(&self.root, sheet, from, rows)
    }

    /// What would become of the rows `first..=last` (from 1) of a sheet; rows that are no records
    /// are left out.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn outcomes(&self, sheet: usize, first: u32, last: u32) -> io::Result<Vec<(u32, What)>> {
        rows::outcomes(&self.root, sheet, first, last)
    }

    /// Some rows with what would become of them; `after` is the `next` of the page before. Of each
    /// register and sort the first [`MOST_SHOWN`] are kept.
    ///
    /// # Errors
    /// When the folder cannot be read; `InvalidInput` when `after` is no page mark.
    pub fn page(
        &self,
        register: Option<&str>,
        what: Option<What>,
        after: Option<u64>,
        limit: usize,
    ) -> io::Result<Page> {
        rows::page(&self.root, register, what, after, limit)
    }

    /// Takes the folder away with all that is in it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }
}

/// Reads the file of a folder and keeps what it finds there; writes nothing to the store, and
/// takes no lock of it.
///
/// # Errors
/// When the store fails, what is found cannot be kept, or it is told to stop.
pub async fn analyse(
    store: &Store,
    pack: &Arc<Pack>,
    folder: &Folder,
    name: &str,
    options: &Options,
    today: Date,
    signal: &Arc<dyn Signal>,
) -> Result<Analysis, Error> {
    let sheets = {
        let (folder, name) = (folder.clone(), name.to_owned());
        let (limits, signal): (Limits, _) = (options.limits.clone(), Arc::clone(signal));
        tokio::task::spawn_blocking(move || {
            grid::keep(&folder.root, &folder.original(), &name, &limits, &*signal)
        })
        .await
        .map_err(|error| Error::Reader(error.to_string()))?
    };
    let sheets = sheets.map_err(Error::Kept)?;
    if signal.stop() {
        return Err(Error::Stopped);
    }
    let total = sheets.iter().map(|sheet| u64::from(sheet.rows)).sum();
    let original = folder.original();
    let file = File {
        path: &original,
        name,
    };
    // What the good rows would do is worth knowing whether or not the others are mended first.
    let options = Options {
        dry_run: true,
        accept_good_rows: true,
        ..options.clone()
    };
    let mut keeping = Keeping {
        pack,
        options: &options,
        rows: rows::Keeper::create(&folder.root).map_err(Error::Kept)?,
        tables: Vec::new(),
        total,
        signal: &**signal,
    };
    let report = crate::import_watched(
        store,
        pack,
        file,
        &options,
        Change::default(),
        today,
        None,
        &mut keeping,
    )
    .await?;
    keeping.rows.finish().map_err(Error::Kept)?;
    folder
        .keep_problems(&report.problems)
        .map_err(Error::Kept)?;
    Ok(Analysis::of(report, sheets, keeping.tables))
}

impl Analysis {
    fn of(report: Report, sheets: Vec<SheetReport>, tables: Vec<TableFound>) -> Self {
        let (errors, warnings) = report.counts();
        Self {
            sheets,
            tables,
            registers: report.registers,
            errors,
            warnings,
            more_problems: report.more_problems,
            unread: report.unread,
        }
    }
}

/// Keeps what a dry run tells.
struct Keeping<'a> {
    pack: &'a Pack,
    options: &'a Options,
    rows: rows::Keeper,
    tables: Vec<TableFound>,
    total: u64,
    signal: &'a dyn Signal,
}

impl Watch for Keeping<'_> {
    fn read(&mut self, rows: u64) {
        self.signal.at(rows, self.total.max(rows));
    }

    fn stop(&self) -> bool {
        self.signal.stop()
    }

    fn found(&mut self, nth: usize, finding: &Finding) {
        self.tables
            .extend(TableFound::of(self.pack, self.options, nth, finding));
    }

    fn judged(&mut self, register: &Register, rows: &[Judged<'_>]) -> io::Result<()> {
        rows.iter()
            .try_for_each(|row| self.rows.keep(register, row))
    }
}
