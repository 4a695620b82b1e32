//! A file into the store: whole or not at all.
//!
//! The reading half runs on a thread of its own and hands batches of typed rows over a short
//! channel, so that parsing and writing overlap and memory stays bounded whatever the file's
//! size. Everything of one file is one transaction; a dry run is the same transaction, undone.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod merge;
mod read;
mod report;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use qipan_model::{Pack, Period, Severity, UnitId};
use qipan_sheets::Problem;
use qipan_sheets::read::Limits;
use qipan_store::{Change, Outcome, ReturnKind, SourceFile, Store, Writer};

use merge::Merger;
use read::{Batch, Event};
pub use report::{RegisterReport, Report};

/// What the caller asks of an import.
#[derive(Debug, Clone)]
pub struct Options {
    /// The register that the file is said to hold; recognised by its headers when `None`.
    pub register: Option<String>,
    /// The unit on whose behalf the file is sent in.
    pub unit: Option<UnitId>,
    /// The period reported; taken from the title when `None`.
    pub period: Option<Period>,
    /// Take the good rows of a file with bad ones; else the whole file is refused.
    pub accept_good_rows: bool,
    /// Find out what would happen, and undo it.
    pub dry_run: bool,
    /// Limits on the file.
    pub limits: Limits,
}

/// Why a file could not be imported at all. `Display` is a Chinese sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] qipan_store::Error),
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
    mut change: Change,
    today: Date,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Report, Error> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut report = Report::new(path, options.dry_run);
    // The file itself is kept only when something of it is; its rows name it by its digest. One
    // beyond the limit is not even read through: whoever opens it says so.
    let most = options.limits.workbook_bytes.max(options.limits.csv_bytes);
    let within = path.metadata().is_ok_and(|file| file.len() <= most);
    let digest = if options.dry_run || !within {
        String::new()
    } else {
        match store.files().digest_of(path) {
            Ok(digest) => digest,
            Err(error) => return Ok(report.unread_for(read::unreadable(&error.to_string()))),
        }
    };
    change.source = (!digest.is_empty()).then(|| SourceFile {
        digest: digest.clone(),
        name,
    });
    let source: Arc<str> = digest.as_str().into();

    let (events, mut inbox) = tokio::sync::mpsc::channel::<Event>(4);
    let reading = {
        let (pack, path, options) = (Arc::clone(pack), path.to_owned(), options.clone());
        tokio::task::spawn_blocking(move || {
            read::read(&pack, &path, &options, today, &source, &events);
        })
    };
    let mut writer = store.begin(change).await?;
    let mut filed: BTreeMap<(String, Period, String), bool> = BTreeMap::new();
    let mut merger = Merger::default();
    let mut rows_read = 0;
    while let Some(event) = inbox.recv().await {
        match event {
            Event::Problem(problem) => report.problem(problem),
            Event::Unread(problem) => {
                report.unread = true;
                report.problem(problem);
            }
            Event::Table {
                register,
                skipped,
                place,
            } => report.table(&register, skipped, place),
            Event::Rows(batch) => {
                rows_read += batch.read;
                progress(rows_read);
                if let Some(period) = batch.period {
                    for unit in &batch.units {
                        let key = (batch.register.clone(), period, unit.to_string());
                        *filed.entry(key).or_default() |= !batch.rows.is_empty();
                    }
                }
                take(
                    &mut writer,
                    &mut merger,
                    pack,
                    &mut report,
                    options,
                    today,
                    batch,
                )
                .await?;
            }
        }
    }
    reading
        .await
        .map_err(|error| Error::Reader(error.to_string()))?;
    let refused = report.has_errors() && !options.accept_good_rows;
    if options.dry_run || refused || report.unread {
        writer.rollback().await?;
        if refused || report.unread {
            report.undo();
        }
        return Ok(report);
    }
    // Evidence before what rests on it: the file is durable when the rows become so.
    let kept = store.files().put_path(path);
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
    let receipt = writer.commit().await?;
    report.landed(receipt);
    Ok(report)
}

async fn take(
    writer: &mut Writer,
    merger: &mut Merger,
    pack: &Pack,
    report: &mut Report,
    options: &Options,
    today: Date,
    batch: Batch,
) -> Result<(), Error> {
    report.read(&batch.register, batch.read, batch.rejected);
    for problem in batch.problems {
        report.problem(problem);
    }
    // Once a file is refused nothing more is written; the rest is read for its problems.
    let goes_on = options.accept_good_rows || options.dry_run || !report.has_errors();
    let Some(register) = pack.register(&batch.register).filter(|_| goes_on) else {
        for row in batch.rows {
            let broken = row
                .rules
                .iter()
                .any(|problem| problem.severity == Severity::Error);
            report.of(&batch.register).rejected += u64::from(broken);
            row.rules
                .into_iter()
                .for_each(|problem| report.problem(problem));
        }
        return Ok(());
    };
    let merged = merger
        .merge(writer, register, batch.rows, &batch.gaps, today)
        .await?;
    report.of(&batch.register).rejected += merged.rejected;
    for problem in merged.problems {
        report.problem(problem);
    }
    let places: Vec<String> = merged.rows.iter().map(|row| row.place.clone()).collect();
    let outcomes = writer.upsert(register, merged.rows).await?;
    for (outcome, place) in outcomes.into_iter().zip(places) {
        match outcome {
            Outcome::Inserted { .. } => report.of(&batch.register).inserted += 1,
            // A withdrawal is a revision too; an upsert never makes one.
            Outcome::Updated { .. } | Outcome::Retracted { .. } => {
                report.of(&batch.register).updated += 1;
            }
            Outcome::Unchanged { .. } => report.of(&batch.register).unchanged += 1,
            Outcome::Duplicate { place: earlier } => {
                report.of(&batch.register).rejected += 1;
                report.problem(duplicate(&place, &earlier));
            }
        }
    }
    Ok(())
}

/// The same key twice in one file, in different tables.
fn duplicate(place: &str, earlier: &str) -> Problem {
    let (sheet, cell) = place.rsplit_once('!').unwrap_or(("", place));
    let row = cell
        .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .unwrap_or(0);
    Problem {
        sheet: sheet.to_owned(),
        cell: cell.to_owned(),
        row,
        field: String::new(),
        code: "I3001",
        severity: Severity::Error,
        message: format!("{place}：与 {earlier} 是同一条记录（编号相同）：请保留一行，或改正编号"),
        message_en: format!(
            "{place}: the same record as {earlier} (same key): keep one, or mend the key"
        ),
        found: String::new(),
        expected: "编号在文件内不重复".to_owned(),
    }
}
