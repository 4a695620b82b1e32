//! What is measured, in order; each subject in a module of its own.

mod exports;
mod figures;
mod imports;
mod lists;
mod mechanism;
mod postgres;
mod processes;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use qipan_model::Pack;
use qipan_store::Store;
use sqlx::sqlite::SqlitePool;

pub use exports::export_alone;
pub use imports::import_alone;

use crate::report::Report;
use crate::{Failure, raw};
use mechanism::{Mechanism, Ticks};

/// Rows of the measures that issue 2 fixes at 100 thousand.
const FIXED: usize = 100_000;
/// Runs of what takes seconds, and of what takes milliseconds.
const FEW: usize = 3;
const MANY: usize = 15;

/// What can be left out of a bench.
pub const PARTS: [&str; 11] = [
    "imports",
    "lists",
    "figures",
    "exports",
    "processes",
    "desk",
    "load-lists",
    "load-figures",
    "load-writes",
    "memory",
    "postgres",
];

/// What is to be measured.
pub struct Wanted {
    pub sizes: Vec<usize>,
    /// Some of [`PARTS`]; all when empty.
    pub only: Vec<String>,
    /// A data folder that is kept: filled when there is nothing in it, else measured as it is. For
    /// one size.
    pub data: Option<PathBuf>,
}

impl Wanted {
    /// Whether a part is to be measured.
    pub fn has(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }
}

/// Runs what is wanted.
pub async fn run(wanted: &Wanted) -> Result<Report, Failure> {
    let sizes = &wanted.sizes;
    let mechanism = Mechanism::read()?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    let mut smallest: Option<[Duration; 2]> = None;
    for &size in sizes {
        let here = folder.path().join(size.to_string());
        std::fs::create_dir(&here)?;
        let rounds = if size > FIXED { 1 } else { FEW };
        let new = here.join(format!("data-{}", rounds - 1));
        let mut bench = Bench {
            mechanism: &mechanism,
            data: wanted.data.clone().unwrap_or(new),
            folder: here.clone(),
            size,
            rounds,
            report: &mut report,
        };
        let store = match bench.filled().await? {
            Some(store) => store,
            None => bench.imports().await?,
        };
        if wanted.has("lists") {
            bench.lists(&store).await?;
        }
        if wanted.has("figures") {
            let figures = bench.figures(&store, smallest).await?;
            smallest.get_or_insert(figures);
        }
        if wanted.has("exports") && size == FIXED {
            bench.exports(&store).await?;
        }
        if wanted.has("imports") && size == FIXED {
            bench.workbook().await?;
        }
        store.close().await;
        if wanted.has("processes") {
            bench.processes().await?;
        }
        if Some(&size) == sizes.iter().max() {
            bench.load(wanted).await?;
        }
        std::fs::remove_dir_all(&here)?;
    }
    if wanted.has("memory") {
        processes::memory(&mechanism, folder.path(), sizes, &mut report)?;
    }
    if wanted.has("postgres") {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => {
                for &size in sizes.iter().filter(|&&size| size <= FIXED) {
                    postgres::measure(&mechanism, &url, folder.path(), size, &mut report).await?;
                }
            }
            Err(_) => report.note("PostgreSQL was not measured: TEST_DATABASE_URL is not set."),
        }
    }
    if !wanted.only.is_empty() {
        report.note(format!("Only {} were measured.", wanted.only.join(", ")));
    }
    report.note(
        "Figures stay exact right after a write because each write adds its difference to the \
         monthly rollups in its own transaction (docs/decisions/0002).",
    );
    report.note(
        "The generated mechanism has 34 links, two supporters for each recipient; rollups grow \
         with links, months and indicators, not with rows.",
    );
    Ok(report)
}

/// The measures of one size.
struct Bench<'a> {
    mechanism: &'a Mechanism,
    /// For what is thrown away again.
    folder: PathBuf,
    /// The data folder that is measured.
    data: PathBuf,
    size: usize,
    /// Imports of large sizes take most of a bench; their spread shows in the smaller ones.
    rounds: usize,
    report: &'a mut Report,
}

impl Bench<'_> {
    fn pack(&self) -> &Arc<Pack> {
        &self.mechanism.pack
    }

    /// The store, when its folder was filled by an earlier run.
    async fn filled(&self) -> Result<Option<Store>, Failure> {
        if !self.data.join("qipan.db").is_file() {
            return Ok(None);
        }
        Ok(Some(open(&self.data).await?))
    }

    /// The measured database without the store around it.
    async fn bare(&self) -> Result<SqlitePool, Failure> {
        raw::open(&self.data.join("qipan.db")).await
    }
}

/// A store that is there.
async fn open(data: &Path) -> Result<Store, Failure> {
    Ok(Store::open(None, data, Arc::new(Ticks::default())).await?)
}
