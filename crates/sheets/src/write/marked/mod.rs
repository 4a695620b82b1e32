//! Marked copies (标注副本): the user's own workbook with the bad cells coloured, a note on
//! each, and a sheet that lists everything found.
//!
//! An .xlsx file is edited part by part: only the parts that must change are rewritten, every
//! other byte of the user's workbook stays as it is. An .xls or CSV file, and the rare .xlsx
//! that is built too unusually to be edited safely, is written anew with the same cells.

mod edit;
mod notes;
mod package;
mod rebuild;
mod sheet;
mod styles;
mod summary;
mod xml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use qipan_model::Severity;

use super::WriteError;
use crate::read::{Format, Limits, SheetInfo, Workbook};
use crate::{Problem, a1};

/// Name of the sheet that lists all problems; it holds no records.
pub const SUMMARY_SHEET: &str = "导入问题汇总";
/// Most problems listed and marked; a workbook with more is wrong as a whole.
const MAX_PROBLEMS: usize = 10_000;
/// Most characters of one note.
const MAX_NOTE: usize = 2_000;

/// Writes a copy of a file with its problems marked, as an .xlsx workbook. `name` is the file's
/// name; its stem stands for the sheet of a CSV file.
///
/// # Errors
/// [`WriteError::Read`] when the file itself cannot be read: then there is nothing to mark.
pub fn marked(
    file: &Arc<[u8]>,
    name: &str,
    problems: &[Problem],
    limits: &Limits,
) -> Result<Vec<u8>, WriteError> {
    let workbook = Workbook::from_bytes(Arc::clone(file), name, limits)?;
    copy_of(workbook, || Ok(Arc::clone(file)), problems)
}

/// The same for a file on disk, which people may know by another name; a CSV or .xls file is read
/// as it goes.
///
/// # Errors
/// As [`marked`].
pub fn marked_file(
    path: &Path,
    name: &str,
    problems: &[Problem],
    limits: &Limits,
) -> Result<Vec<u8>, WriteError> {
    let workbook = Workbook::open_named(path, name, limits)?;
    copy_of(workbook, || Ok(std::fs::read(path)?.into()), problems)
}

fn copy_of(
    mut workbook: Workbook,
    bytes: impl FnOnce() -> Result<Arc<[u8]>, WriteError>,
    problems: &[Problem],
) -> Result<Vec<u8>, WriteError> {
    let marks = Marks::new(problems, workbook.sheets());
    if workbook.format() == Format::Xlsx
        && let Some(copy) = edit::edited(&bytes()?, &marks)?
    {
        return Ok(copy);
    }
    rebuild::rebuilt(&mut workbook, &marks)
}

/// The ground of a marked cell; the worse one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ground {
    /// Red.
    Error,
    /// Yellow.
    Warning,
    /// None any more: marked in an earlier copy, and mended since.
    Mended,
}

impl From<Severity> for Ground {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
        }
    }
}

/// What one cell gets.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    ground: Ground,
    note: String,
}

impl Mark {
    fn mended() -> Self {
        Self {
            ground: Ground::Mended,
            note: "上次导入时的问题已改好，本批注可以删去。".to_owned(),
        }
    }
}

/// Row from 1 and column from 0.
type Place = (u32, u32);

/// All marks by sheet, and the list.
struct Marks<'a> {
    /// Marked cells by sheet name.
    sheets: BTreeMap<&'a str, BTreeMap<Place, Mark>>,
    /// What the summary lists.
    listed: &'a [Problem],
    /// All that were found.
    errors: usize,
    warnings: usize,
}

impl<'a> Marks<'a> {
    fn new(problems: &'a [Problem], sheets: &[SheetInfo]) -> Self {
        let listed = &problems[..problems.len().min(MAX_PROBLEMS)];
        let mut marked: BTreeMap<&str, BTreeMap<Place, Mark>> = BTreeMap::new();
        for problem in listed {
            let Some(info) = sheets.iter().find(|sheet| sheet.name == problem.sheet) else {
                continue;
            };
            let Some(place) = place_of(problem) else {
                continue;
            };
            let mark = marked
                .entry(&problem.sheet)
                .or_default()
                .entry(seen_at(place, info))
                .or_insert(Mark {
                    ground: Ground::Warning,
                    note: String::new(),
                });
            mark.ground = mark.ground.min(problem.severity.into());
            if mark.note.chars().count() < MAX_NOTE {
                if !mark.note.is_empty() {
                    mark.note.push('\n');
                }
                mark.note.push_str(&format!(
                    "【{}】{}",
                    severity_word(problem.severity),
                    problem.message
                ));
            }
        }
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .count();
        Self {
            sheets: marked,
            listed,
            errors,
            warnings: problems.len() - errors,
        }
    }
}

/// The cell of a problem; the first cell of the row when only a row is named.
fn place_of(problem: &Problem) -> Option<Place> {
    match a1::parse(&problem.cell) {
        Some((column, row)) => Some((row, column)),
        None => (problem.row > 0).then_some((problem.row, 0)),
    }
}

/// Where a person sees the cell: the first one of a merged range.
fn seen_at((row, column): Place, sheet: &SheetInfo) -> Place {
    sheet
        .merges
        .iter()
        .find(|merge| {
            (merge.top..=merge.bottom).contains(&row)
                && (merge.left..=merge.right).contains(&column)
        })
        .map_or((row, column), |merge| (merge.top, merge.left))
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "错误",
        Severity::Warning => "提醒",
    }
}

#[cfg(test)]
mod tests;
