//! CSV tables of a pack: rows whose cells know their line and column.

use jiff::civil::Date;

use crate::Source;
use crate::diagnostic::{Code, Report};
use crate::nearest::hint;
use crate::shape::utf8;
use crate::spanned::Vocabulary;

/// Most rows in a table of a pack.
pub(crate) const MAX_ROWS: usize = 20_000;

/// A read table.
pub(crate) struct Table {
    file: &'static str,
    columns: &'static [&'static str],
    /// For each declared column, its position in the file.
    places: Vec<Option<usize>>,
    pub(crate) rows: Vec<Row>,
}

/// One row: cells as they stand in the file, trimmed, with the line each begins on.
pub(crate) struct Row {
    pub(crate) line: usize,
    cells: Vec<String>,
    /// Column in characters of each cell.
    starts: Vec<usize>,
}

impl Table {
    /// Reads a table; columns after `required` of them may be left out of the file.
    pub(crate) fn read(
        source: &Source,
        file: &'static str,
        columns: &'static [&'static str],
        required: usize,
        report: &mut Report,
    ) -> Self {
        let mut table = Self {
            file,
            columns,
            places: vec![None; columns.len()],
            rows: Vec::new(),
        };
        let Some(text) = utf8(source, file, report) else {
            return table;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let mut width = None;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, |position| position.line());
                    let place = (usize::try_from(line).unwrap_or(1), 1);
                    let said = error.to_string();
                    report.place(
                        Code::P3003,
                        file,
                        place,
                        format!("这一行读不了：{said}"),
                        format!("row not understood: {said}"),
                    );
                    break;
                }
            };
            let line = record.position().map_or(1, |position| position.line());
            let row = Row {
                line: usize::try_from(line).unwrap_or(1),
                starts: starts(&record),
                cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
            };
            let Some(width) = width else {
                width = Some(row.cells.len());
                table.header(&row, required, report);
                continue;
            };
            if row.cells.len() != width {
                let found = row.cells.len();
                report.place(
                    Code::P3002,
                    file,
                    (row.line, 1),
                    format!("这一行有 {found} 格，表头有 {width} 格：请补齐或删去逗号（含逗号的文字要加双引号）"),
                    format!("{found} cells under a header of {width}: add or remove commas (quote text with commas)"),
                );
                continue;
            }
            if table.rows.len() == MAX_ROWS {
                report.place(
                    Code::P1005,
                    file,
                    (row.line, 1),
                    format!("超过上限 {MAX_ROWS} 行"),
                    format!("more than {MAX_ROWS} rows"),
                );
                break;
            }
            table.rows.push(row);
        }
        if width.is_none() {
            report.place(
                Code::P3001,
                file,
                (1, 1),
                format!("没有表头：第一行应为 {}", columns.join(",")),
                format!("no header: the first line should be {}", columns.join(",")),
            );
        }
        table
    }

    fn header(&mut self, row: &Row, required: usize, report: &mut Report) {
        for (place, name) in row.cells.iter().enumerate() {
            let at = (row.line, row.starts[place]);
            match self.columns.iter().position(|column| column == name) {
                Some(column) if self.places[column].is_none() => self.places[column] = Some(place),
                Some(_) => report.place(
                    Code::P3001,
                    self.file,
                    at,
                    format!("表头 `{name}` 出现两次：请删去一列"),
                    format!("column `{name}` twice: remove one"),
                ),
                None => {
                    let (zh, en) = hint(name, self.columns.iter().copied());
                    let all = self.columns.join(",");
                    report.place(
                        Code::P3001,
                        self.file,
                        at,
                        format!("不认识表头 `{name}`{zh}（可用：{all}）"),
                        format!("unknown column `{name}`{en} (known: {all})"),
                    );
                }
            }
        }
        for (column, name) in self.columns.iter().enumerate().take(required) {
            if self.places[column].is_none() {
                report.place(
                    Code::P3001,
                    self.file,
                    (row.line, 1),
                    format!("缺少表头 `{name}`：请补上这一列"),
                    format!("column `{name}` is missing: add it"),
                );
            }
        }
    }

    /// A cell's text; empty when the column is not there.
    pub(crate) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.place_of(column)
            .and_then(|place| row.cells.get(place))
            .map_or("", String::as_str)
    }

    /// Line and column of a cell.
    pub(crate) fn at(&self, row: &Row, column: &str) -> (usize, usize) {
        let start = self
            .place_of(column)
            .and_then(|place| row.starts.get(place));
        (row.line, start.copied().unwrap_or(1))
    }

    fn place_of(&self, column: &str) -> Option<usize> {
        let index = self.columns.iter().position(|name| *name == column)?;
        self.places[index]
    }

    /// Reports about a cell.
    pub(crate) fn report(
        &self,
        report: &mut Report,
        code: Code,
        row: &Row,
        column: &str,
        zh: String,
        en: String,
    ) {
        report.place(code, self.file, self.at(row, column), zh, en);
    }

    /// A day, or nothing when the cell is empty or wrong (which is reported).
    pub(crate) fn day(&self, row: &Row, column: &str, report: &mut Report) -> Option<Date> {
        let text = self.cell(row, column);
        if text.is_empty() {
            return None;
        }
        let day = text.parse().ok();
        if day.is_none() {
            self.report(
                report,
                Code::P3003,
                row,
                column,
                format!("`{text}` 不是日期：请写成 2021-01-01，不知道就留空"),
                format!("`{text}` is not a day: write it like 2021-01-01, or leave it empty"),
            );
        }
        day
    }

    /// A word out of a closed list; reports when it is none of them.
    pub(crate) fn word<T: Vocabulary>(
        &self,
        row: &Row,
        column: &str,
        report: &mut Report,
    ) -> Option<T> {
        let text = self.cell(row, column);
        let thing = T::of(text);
        if thing.is_none() && self.place_of(column).is_some() {
            let (zh, en) = hint(text, T::words());
            let all: Vec<&str> = T::words().collect();
            self.report(
                report,
                Code::P3003,
                row,
                column,
                format!("`{text}` 不在可选的词里{zh}（可选：{}）", all.join("、")),
                format!(
                    "`{text}` is not one of the words{en} (one of: {})",
                    all.join(", ")
                ),
            );
        }
        thing
    }

    /// A cell that must not be empty.
    pub(crate) fn needed<'a>(&self, row: &'a Row, column: &str, report: &mut Report) -> &'a str {
        let text = self.cell(row, column);
        if text.is_empty() && self.place_of(column).is_some() {
            self.report(
                report,
                Code::P3003,
                row,
                column,
                format!("`{column}` 是空的：请填上"),
                format!("`{column}` is empty: fill it in"),
            );
        }
        text
    }
}

/// Column in characters of each cell, counted as if every cell were written as briefly as it can.
fn starts(record: &csv::StringRecord) -> Vec<usize> {
    let mut next = 1;
    record
        .iter()
        .map(|cell| {
            let start = next;
            let quoted = cell.contains([',', '"', '\n', '\r']);
            let quotes = cell.matches('"').count();
            next += cell.chars().count() + 1 + if quoted { 2 + quotes } else { 0 };
            start
        })
        .collect()
}
