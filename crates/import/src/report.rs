//! What an import did, in numbers and problems.

use std::path::Path;

use qipan_model::Severity;
use qipan_sheets::Problem;
use qipan_sheets::parse::Skipped;
use qipan_store::Receipt;
use serde::{Deserialize, Serialize};

use crate::MOST_PROBLEMS;

/// Rows of one register, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterReport {
    /// Register id.
    pub register: String,
    /// Records read (totals, section rows and notes are not records).
    pub read: u64,
    /// New records.
    pub inserted: u64,
    /// Records that got a new revision.
    pub updated: u64,
    /// Records that stood just so.
    pub unchanged: u64,
    /// Rows refused.
    pub rejected: u64,
}

/// A table found in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Register id.
    pub register: String,
    /// Where its header stands.
    pub place: String,
    /// Rows passed over that are no records.
    pub skipped: Skipped,
}

/// What became of one file. Serialises to the fixed JSON keys of `import --json`, and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file as it was named.
    pub file: String,
    /// By register, in the order found.
    pub registers: Vec<RegisterReport>,
    /// What was found wrong or worth telling, in the order found.
    pub problems: Vec<Problem>,
    /// Tables found.
    pub tables: Vec<TableReport>,
    /// Whether anything was kept: false for a refused file and a dry run.
    pub landed: bool,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// Journal entries it left.
    pub receipt: Option<Receipt>,
    /// Problems beyond the most that are kept.
    pub more_problems: u64,
    /// Whether the file could not be read as a workbook at all.
    #[serde(skip)]
    pub unread: bool,
    #[serde(skip)]
    errors: u64,
}

impl Report {
    pub(crate) fn new(path: &Path, dry_run: bool) -> Self {
        Self {
            file: path.display().to_string(),
            registers: Vec::new(),
            problems: Vec::new(),
            tables: Vec::new(),
            landed: false,
            dry_run,
            receipt: None,
            more_problems: 0,
            unread: false,
            errors: 0,
        }
    }

    /// Whether anything refuses a row, a table or the file.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many problems refuse something, and how many only tell; those beyond the most that are
    /// kept included.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let all = self.problems.len() as u64 + self.more_problems;
        (self.errors, all - self.errors)
    }

    /// Rows read in all registers.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.registers.iter().map(|register| register.read).sum()
    }

    pub(crate) fn problem(&mut self, problem: Problem) {
        self.errors += u64::from(problem.severity == Severity::Error);
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more_problems += 1;
        }
    }

    pub(crate) fn table(&mut self, register: &str, skipped: Skipped, place: String) {
        self.of(register);
        self.tables.push(TableReport {
            register: register.to_owned(),
            place,
            skipped,
        });
    }

    pub(crate) fn read(&mut self, register: &str, read: u64, rejected: u64) {
        let own = self.of(register);
        own.read += read;
        own.rejected += rejected;
    }

    pub(crate) fn of(&mut self, register: &str) -> &mut RegisterReport {
        let at = self
            .registers
            .iter()
            .position(|own| own.register == register);
        let at = at.unwrap_or_else(|| {
            self.registers.push(RegisterReport {
                register: register.to_owned(),
                ..RegisterReport::default()
            });
            self.registers.len() - 1
        });
        &mut self.registers[at]
    }

    /// The file was refused: what had been written is undone.
    pub(crate) fn undo(&mut self) {
        for register in &mut self.registers {
            register.inserted = 0;
            register.updated = 0;
        }
    }

    /// The file could not be read, or not to its end.
    pub(crate) fn unread_for(mut self, problem: Problem) -> Self {
        self.problem(problem);
        self.unread = true;
        self
    }
}
