//! A file into the store: whole or not at all.
//!
//! The reading half runs on a thread of its own and hands batches of typed rows over a short
//! channel, so that parsing and writing overlap and memory stays bounded whatever the file's
//! size. Everything of one file is one transaction; a dry run asks a snapshot the same questions
//! and holds nobody up.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod admit;
pub mod analysis;
mod merge;
mod read;
mod report;
mod side;
mod take;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use qipan_model::{Access, Pack, Period, UnitId};
use qipan_sheets::read::Limits;
use qipan_sheets::recognise::SheetMapping;
use qipan_store::{Change, ReturnKind, Settlement, SourceFile, Store};

use merge::Merger;
use read::Event;
pub use report::{RegisterReport, Report, TableReport};
use side::Side;
use take::Taking;
pub use watch::{Judged, Watch, What};

/// What the caller asks of an import.
#[derive(Debug, Clone)]
pub struct Options {
    /// The register that the file is said to hold; recognised by its headers when `None`.
    pub register: Option<String>,
    /// The unit on whose behalf the file is sent in.
    pub unit: Option<UnitId>,
    /// The period reported; taken from the title when `None`.
    pub period: Option<Period>,
    /// What is said of single sheets.
    pub mappings: Vec<SheetMapping>,
    /// Take the good rows of a file with bad ones; else the whole file is refused.
    pub accept_good_rows: bool,
    /// Find out what would happen, on a snapshot.
    pub dry_run: bool,
    /// Limits on the file.
    pub limits: Limits,
    /// What the sender may write; rows beyond it are refused.
    pub access: Arc<Access>,
}

impl Default for Options {
    /// Everything is recognised, all or nothing is taken, and all may be written.
    fn default() -> Self {
        Self {
            register: None,
            unit: None,
            period: None,
            mappings: Vec::new(),
            accept_good_rows: false,
            dry_run: false,
            limits: Limits::default(),
            access: Arc::new(Access::everything()),
        }
    }
}

/// A file on disk.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Its name, as people know it.
    pub name: &'a str,
}

/// Gives what a commit leaves with the workbook that it came from.
pub type Settle<'a> = &'a (dyn Fn(&Report) -> Settlement + Send + Sync);

/// Why a file could not be imported at all. `Display` is a Chinese sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] qipan_store::Error),
    /// It was called off; nothing was written.
    #[error("已按要求停止，库没有改动")]
    Stopped,
    /// What was found could not be kept.
    #[error("分析结果写不下去（{0}）：请检查磁盘空间后重试；库没有改动")]
    Kept(std::io::Error),
    /// The reading thread ended early.
    #[error("读取文件的线程意外结束（{0}）：请把文件另存为 .xlsx 后重试；库没有改动")]
    Reader(String),
}

/// Most problems kept of one file; a file with more is wrong as a whole.
pub const MOST_PROBLEMS: usize = 10_000;

/// Imports one file. `change` says who and why; its source is filled in here. `progress` is
/// called with the number of rows read so far.
///
/// A file that cannot be read gives a report with the problem, not an error.
///
/// # Errors
/// When the store fails; then nothing is kept.
pub async fn import(
    store: &Store,
    pack: &Arc<Pack>,
    path: &Path,
    options: &Options,
    change: Change,
    today: Date,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Report, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = File { path, name: &name };
    let watch = &mut watch::Counting(progress);
    import_watched(store, pack, file, options, change, today, None, watch).await
}

/// The same, looked on at, and stopped when the one who looks on says so. What `settle` gives is
/// written in the transaction of the rows.
///
/// # Errors
/// When the store fails, what is found cannot be kept, or it was stopped; then nothing is kept.
#[expect(clippy::too_many_arguments, reason = "each is a different thing")]
pub async fn import_watched(
    store: &Store,
    pack: &Arc<Pack>,
    file: File<'_>,
    options: &Options,
    mut change: Change,
    today: Date,
    settle: Option<Settle<'_>>,
    watch: &mut dyn Watch,
) -> Result<Report, Error> {
    let report = Report::new(file.path, options.dry_run);
    // The file itself is kept only when something of it is; its rows name it by its digest. One
    // beyond the limit is not even read through: whoever opens it says so.
    let most = options.limits.workbook_bytes.max(options.limits.csv_bytes);
    let within = file.path.metadata().is_ok_and(|about| about.len() <= most);
    let digest = if options.dry_run || !within {
        String::new()
    } else {
        match store.files().digest_of(file.path) {
            Ok(digest) => digest,
            Err(error) => return Ok(report.unread_for(read::unreadable(&error.to_string()))),
        }
    };
    change.source = (!digest.is_empty()).then(|| SourceFile {
        digest: digest.clone(),
        name: file.name.to_owned(),
    });

    let (events, mut inbox) = tokio::sync::mpsc::channel::<Event>(4);
    let reading = {
        let (pack, options) = (Arc::clone(pack), options.clone());
        let (path, name) = (file.path.to_owned(), file.name.to_owned());
        let source: Arc<str> = digest.as_str().into();
        tokio::task::spawn_blocking(move || {
            read::read(&pack, (&path, &name), &options, today, &source, &events);
        })
    };
    let mut taking = Taking {
        side: if options.dry_run {
            Side::Look(Box::new(store.preview().await?))
        } else {
            Side::Write(Box::new(store.begin(change).await?))
        },
        report,
        pack,
        options,
        today,
        merger: Merger::default(),
    };
    let mut filed: BTreeMap<(String, Period, String), bool> = BTreeMap::new();
    let mut rows_read = 0;
    while let Some(event) = inbox.recv().await {
        // Dropping the inbox ends the reading half, dropping the writer undoes what was written.
        if watch.stop() {
            return Err(Error::Stopped);
        }
        match event {
            Event::Found(nth, finding) => watch.found(nth, &finding),
            Event::Problem(problem) => taking.report.problem(problem),
            Event::Unread(problem) => {
                taking.report.unread = true;
                taking.report.problem(problem);
            }
            Event::Table {
                register,
                skipped,
                place,
            } => taking.report.table(&register, skipped, place),
            Event::Rows(batch) => {
                rows_read += batch.read;
                if let Some(period) = batch.period {
                    for unit in &batch.units {
                        let key = (batch.register.clone(), period, unit.to_string());
                        *filed.entry(key).or_default() |= !batch.rows.is_empty();
                    }
                }
                taking.take(batch, watch).await?;
                watch.read(rows_read);
            }
        }
    }
    reading
        .await
        .map_err(|error| Error::Reader(error.to_string()))?;
    let Taking {
        side, mut report, ..
    } = taking;
    let refused = report.has_errors() && !options.accept_good_rows;
    let mut writer = match side {
        Side::Write(writer) if !refused && !report.unread => writer,
        side => {
            if let Side::Write(writer) = side {
                writer.rollback().await?;
            }
            if refused || report.unread {
                report.undo();
            }
            return Ok(report);
        }
    };
    if watch.stop() {
        return Err(Error::Stopped);
    }
    // Evidence before what rests on it: the file is durable when the rows become so.
    let kept = store.files().put_path(file.path);
    if !kept.as_ref().is_ok_and(|kept| *kept == digest) {
        writer.rollback().await?;
        report.undo();
        let cause = kept.map_or_else(
            |error| error.to_string(),
            |_| "导入期间文件被改动，请保存好后重新导入".to_owned(),
        );
        return Ok(report.unread_for(read::unreadable(&cause)));
    }
    for ((register, period, unit), has_rows) in filed {
        if let Some(register) = pack.register(&register) {
            let kind = if has_rows {
                ReturnKind::Filed
            } else {
                ReturnKind::Nil
            };
            writer.file_return(register, period, &unit, kind).await?;
        }
    }
    report.landed = true;
    if let Some(settle) = settle {
        writer.settle(settle(&report));
    }
    report.receipt = Some(writer.commit().await?);
    Ok(report)
}
