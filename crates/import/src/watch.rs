//! Looking on while a file is taken in: progress, what was found, what would become of each row.

use qipan_model::{Confirmation, Record, Register, Value};
use qipan_sheets::recognise::Finding;

/// What would become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A new record.
    Insert,
    /// A new revision of a record.
    Update,
    /// The record stands just so.
    Unchanged,
    /// Not taken.
    Refused,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Unchanged, Self::Refused];

    /// The word that answers use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == word)
    }
}

/// One row of a dry run.
#[derive(Debug)]
pub struct Judged<'a> {
    /// Number of the sheet, from 0.
    pub sheet: usize,
    /// Number of the row as people count, from 1.
    pub row: u32,
    /// What would become of it.
    pub what: What,
    /// Where it stands, `项目台账!A5`.
    pub place: &'a str,
    /// Values in the order of the register's fields.
    pub values: &'a [Value],
    /// Where it would stand between the sides.
    pub confirmation: Confirmation,
    /// The record that it would revise, as it stands.
    pub before: Option<&'a Record>,
}

/// Looks on while a file is taken in.
pub trait Watch: Send {
    /// So many rows have been read.
    fn read(&mut self, rows: u64) {
        let _ = rows;
    }

    /// Whether the import is to be given up. Asked between batches of rows, until the last moment
    /// at which nothing is written yet.
    fn stop(&self) -> bool {
        false
    }

    /// The `nth` finding about the file's sheets.
    fn found(&mut self, nth: usize, finding: &Finding) {
        let _ = (nth, finding);
    }

    /// What would become of some rows of one table, in their order; told in a dry run only.
    ///
    /// # Errors
    /// When it cannot be kept; the import is then given up.
    fn judged(&mut self, register: &Register, rows: &[Judged<'_>]) -> std::io::Result<()> {
        let _ = (register, rows);
        Ok(())
    }
}

/// Counts rows, and does nothing else.
pub(crate) struct Counting<'a>(pub(crate) &'a (dyn Fn(u64) + Send + Sync));

impl Watch for Counting<'_> {
    fn read(&mut self, rows: u64) {
        (self.0)(rows);
    }
}
