//! Many rows in one prepared statement, built once and used again.

use std::sync::Arc;

use qipan_sql::Dialect;

use crate::db::Speak;

/// `INSERT … VALUES (…), (…), …` in four sizes; any number of rows is made of them, so that
/// only four statements are ever prepared for a table.
#[derive(Debug, Clone)]
pub(crate) struct Bulk {
    statements: [(usize, Arc<str>); 4],
}

/// SQLite takes at most 32766 parameters.
const MOST_PARAMETERS: usize = 32_766;

impl Bulk {
    /// `head` ends before `VALUES`, `tail` follows the rows; `width` parameters a row.
    pub(crate) fn new(dialect: Dialect, head: &str, width: usize, tail: &str) -> Self {
        let statement = |rows: usize| {
            let rows = rows.min(MOST_PARAMETERS / width).max(1);
            let row = format!("({})", vec!["?"; width].join(","));
            let text = format!("{head} VALUES {} {tail}", vec![row; rows].join(","));
            (rows, dialect.sql(&text))
        };
        Self {
            statements: [statement(128), statement(16), statement(4), statement(1)],
        }
    }

    /// The largest statement for at most so many rows (at least one), and how many it takes.
    pub(crate) fn fitting(&self, rows: usize) -> (usize, &Arc<str>) {
        let [several @ .., single] = &self.statements;
        let (takes, sql) = several
            .iter()
            .find(|(takes, _)| *takes <= rows)
            .unwrap_or(single);
        (*takes, sql)
    }
}
