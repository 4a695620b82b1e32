//! The cells of each sheet as people see them: a line of JSON for each row, and the place of each
//! line, so that any part of a sheet is read at once however long it is.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use qipan_sheets::read::{Limits, Merge, ReadError, Row, Workbook};
use serde::{Deserialize, Serialize};

use super::Signal;

/// Rows of a sheet that can be looked at; further down only problems and the marked copy show.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell that are shown.
const MOST_TEXT: usize = 300;
/// Rows between two looks at whether to stop.
const PAUSE: u64 = 1_000;

/// A sheet and its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetReport {
    /// Number in the workbook, from 0.
    pub nth: usize,
    /// Name.
    pub name: String,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Number of its last row that holds something.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
}

/// What is known of a sheet beside its cells.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Shape {
    /// Top, left, bottom, right: rows from 1, columns from 0.
    merges: Vec<[u32; 4]>,
    hidden_rows: Vec<(u32, u32)>,
    hidden_columns: Vec<(u32, u32)>,
}

/// A part of a sheet; rows count from 1, columns from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Number of the first row.
    pub first: u32,
    /// Texts of the cells; what a merged range covers is blank.
    pub rows: Vec<Vec<String>>,
    /// Merged ranges that touch the rows: top, left, bottom, right.
    pub merges: Vec<[u32; 4]>,
    /// Hidden rows among them.
    pub hidden_rows: Vec<u32>,
    /// Hidden columns.
    pub hidden_cols: Vec<u32>,
}

fn lines(root: &Path, sheet: usize) -> PathBuf {
    root.join(format!("sheet-{sheet}.jsonl"))
}

fn places(root: &Path, sheet: usize) -> PathBuf {
    root.join(format!("sheet-{sheet}.places"))
}

fn shape(root: &Path, sheet: usize) -> PathBuf {
    root.join(format!("sheet-{sheet}.json"))
}

/// Keeps the cells of all sheets. What cannot be read ends it: whoever imports the file says why.
pub(super) fn keep(
    root: &Path,
    original: &Path,
    name: &str,
    limits: &Limits,
    signal: &dyn Signal,
) -> io::Result<Vec<SheetReport>> {
    let mut reports = Vec::new();
    let Ok(mut book) = Workbook::open_named(original, name, limits) else {
        return Ok(reports);
    };
    let mut read = 0;
    for sheet in 0..book.sheets().len() {
        let info = &book.sheets()[sheet];
        let known = Shape {
            merges: info
                .merges
                .iter()
                .map(|merge: &Merge| [merge.top, merge.left, merge.bottom, merge.right])
                .collect(),
            hidden_rows: info.hidden_rows.clone(),
            hidden_columns: info.hidden_columns.clone(),
        };
        let mut report = SheetReport {
            nth: sheet,
            name: info.name.clone(),
            hidden: info.hidden,
            rows: 0,
            cols: 0,
        };
        fs::write(
            shape(root, sheet),
            serde_json::to_vec(&known).map_err(io::Error::other)?,
        )?;
        let whole = one(root, &mut book, &mut report, &mut read, signal)?;
        reports.push(report);
        if !whole || signal.stop() {
            break;
        }
    }
    Ok(reports)
}

/// Keeps the cells of one sheet; `false` when it could not be read to its end.
fn one(
    root: &Path,
    book: &mut Workbook,
    report: &mut SheetReport,
    read: &mut u64,
    signal: &dyn Signal,
) -> io::Result<bool> {
    let mut out = BufWriter::new(File::create(lines(root, report.nth))?);
    let mut index = BufWriter::new(File::create(places(root, report.nth))?);
    // No line begins at 0, so that 0 can stand for a blank row.
    out.write_all(b"\n")?;
    let mut at: u64 = 1;
    let mut next = 1;
    let mut texts: Vec<String> = Vec::new();
    let mut row = Row::default();
    let outcome = (|| -> io::Result<Result<(), ReadError>> {
        let mut rows = match book.rows(report.nth) {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            match rows.next_into(&mut row) {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
            *read += 1;
            if read.is_multiple_of(PAUSE) {
                signal.at(0, 0);
                if signal.stop() {
                    return Ok(Ok(()));
                }
            }
            texts.clear();
            for (column, cell) in row.own() {
                texts.resize(column as usize, String::new());
                texts.push(cell.shown().chars().take(MOST_TEXT).collect());
            }
            if texts.is_empty() {
                continue;
            }
            report.rows = row.number();
            report.cols = report
                .cols
                .max(u32::try_from(texts.len()).unwrap_or(u32::MAX));
            if row.number() > MOST_ROWS {
                continue;
            }
            for _ in next..row.number() {
                index.write_all(&0_u64.to_le_bytes())?;
            }
            next = row.number() + 1;
            index.write_all(&at.to_le_bytes())?;
            let line = serde_json::to_vec(&texts).map_err(io::Error::other)?;
            out.write_all(&line)?;
            out.write_all(b"\n")?;
            at += line.len() as u64 + 1;
        }
    })()?;
    out.flush()?;
    index.flush()?;
    Ok(outcome.is_ok())
}

/// Reads a part of a sheet.
pub(super) fn window(root: &Path, sheet: &SheetReport, from: u32, rows: u32) -> io::Result<Window> {
    let known: Shape =
        serde_json::from_slice(&fs::read(shape(root, sheet.nth))?).map_err(io::Error::other)?;
    let first = from.saturating_add(1);
    let last = sheet.rows.min(from.saturating_add(rows));
    let mut window = Window {
        first,
        rows: texts(root, sheet.nth, first, last)?,
        merges: Vec::new(),
        hidden_rows: Vec::new(),
        hidden_cols: Vec::new(),
    };
    window.merges = known
        .merges
        .into_iter()
        .filter(|[top, _, bottom, _]| *top <= last && *bottom >= first)
        .collect();
    window.hidden_rows = known
        .hidden_rows
        .iter()
        .flat_map(|&(from, to)| from.max(first)..=to.min(last))
        .collect();
    window.hidden_cols = known
        .hidden_columns
        .iter()
        .flat_map(|&(from, to)| from..=to.min(sheet.cols.saturating_sub(1)))
        .collect();
    Ok(window)
}

fn texts(root: &Path, sheet: usize, first: u32, last: u32) -> io::Result<Vec<Vec<String>>> {
    if first > last {
        return Ok(Vec::new());
    }
    let mut index = File::open(places(root, sheet))?;
    index.seek(SeekFrom::Start(u64::from(first - 1) * 8))?;
    let mut found = Vec::new();
    index
        .take(u64::from(last - first + 1) * 8)
        .read_to_end(&mut found)?;
    let starts: Vec<u64> = found
        .chunks_exact(8)
        .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap_or_default()))
        .collect();
    let mut out = vec![Vec::new(); (last - first + 1) as usize];
    let Some(&begin) = starts.iter().find(|start| **start > 0) else {
        return Ok(out);
    };
    let mut content = io::BufReader::new(File::open(lines(root, sheet))?);
    content.seek(SeekFrom::Start(begin))?;
    let mut content = serde_json::Deserializer::from_reader(content).into_iter();
    // Lines of rows that follow one another follow one another too.
    for (row, _) in out.iter_mut().zip(&starts).filter(|(_, start)| **start > 0) {
        *row = content
            .next()
            .transpose()
            .map_err(io::Error::other)?
            .unwrap_or_default();
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Deaf;
    impl Signal for Deaf {
        fn at(&self, _: u64, _: u64) {}
        fn stop(&self) -> bool {
            false
        }
    }

    #[test]
    fn any_part_of_a_sheet_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original");
        fs::write(&original, "甲,乙\n\n一,,三\n\n\n末\n").unwrap();
        let sheets = keep(
            folder.path(),
            &original,
            "表.csv",
            &Limits::default(),
            &Deaf,
        )
        .unwrap();
        let [sheet] = &sheets[..] else {
            panic!("{sheets:?}")
        };
        assert_eq!((sheet.name.as_str(), sheet.rows, sheet.cols), ("表", 6, 3));
        let all = window(folder.path(), sheet, 0, 60).unwrap();
        assert_eq!(all.first, 1);
        assert_eq!(all.rows.len(), 6);
        assert_eq!(all.rows[0], ["甲", "乙"]);
        assert!(all.rows[1].is_empty());
        assert_eq!(all.rows[2], ["一", "", "三"]);
        assert_eq!(all.rows[5], ["末"]);
        let middle = window(folder.path(), sheet, 1, 2).unwrap();
        assert_eq!((middle.first, middle.rows.len()), (2, 2));
        assert_eq!(middle.rows[1], ["一", "", "三"]);
        assert_eq!(
            window(folder.path(), sheet, 3, 2).unwrap().rows,
            [[""; 0]; 2]
        );
        assert!(window(folder.path(), sheet, 6, 5).unwrap().rows.is_empty());
        assert!(
            window(folder.path(), sheet, u32::MAX, 5)
                .unwrap()
                .rows
                .is_empty()
        );
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original");
        fs::write(&original, b"PK\x03\x04 broken").unwrap();
        let sheets = keep(
            folder.path(),
            &original,
            "表.xlsx",
            &Limits::default(),
            &Deaf,
        );
        assert!(sheets.unwrap().is_empty());
    }
}
