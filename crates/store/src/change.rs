//! What callers say about a change, and what they get back.

use std::sync::Arc;

use jiff::Timestamp;
use qipan_model::{Confirmation, Value};
use serde::{Deserialize, Serialize};

/// Who changes something and why; every journal entry of the change carries it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Who: account, or the name given at the command line.
    pub actor: String,
    /// Why, in words.
    pub reason: String,
    /// What sort of change: `import`, `edit`, `retract`, `pack`, `return` …
    pub action: String,
    /// The file it comes from; put it in first with [`crate::Files::put`].
    pub source: Option<SourceFile>,
    /// Where from: the address of the caller, or `命令行`.
    pub origin: String,
}

/// Something that touches no rows and yet belongs into the journal: a login, a refusal, an export,
/// a change of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// What happened: `login`, `login-failed`, `logout`, `refused`, `export`, `download` …
    pub action: String,
    /// Who: account, or the name given at the command line.
    pub actor: String,
    /// Where from: the address of the caller, or `命令行`.
    pub origin: String,
    /// Why, in words; may be empty.
    pub reason: String,
    /// Register concerned; empty when none is.
    pub register: String,
    /// Particulars; never a secret, never personal data. `Null` is none.
    pub payload: serde_json::Value,
}

/// A file that a change comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// SHA-256, hex.
    pub digest: String,
    /// Its name, as people know it.
    pub name: String,
}

/// One row to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// Values in the order of the register's fields, derived ones filled in.
    pub values: Vec<Value>,
    /// Where it stands between the sides.
    pub confirmation: Confirmation,
    /// Digest of the file it comes from, hex; empty when entered by hand.
    pub source: Arc<str>,
    /// Place within the source, `项目台账!A5`.
    pub place: String,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A new record.
    Inserted {
        /// Its number.
        record: i64,
    },
    /// A new revision of a record that stood.
    Updated {
        /// The record's number.
        record: i64,
        /// The revision's number.
        rev: i64,
    },
    /// The record stood just so; nothing was written.
    Unchanged {
        /// The record's number.
        record: i64,
    },
    /// The record was withdrawn; its history stays.
    Retracted {
        /// The record's number.
        record: i64,
        /// The revision's number.
        rev: i64,
    },
    /// The same key came earlier in this change; nothing was written.
    Duplicate {
        /// Place of the earlier row.
        place: String,
    },
}

/// How a unit files its return (报送) of a register for a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnKind {
    /// 已报: rows were sent.
    Filed,
    /// 无变化: nothing has changed since the last period.
    NoChange,
    /// 零报告: there is nothing to report.
    Nil,
}

impl ReturnKind {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::NoChange => "no-change",
            Self::Nil => "nil",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "filed" => Some(Self::Filed),
            "no-change" => Some(Self::NoChange),
            "nil" => Some(Self::Nil),
            _ => None,
        }
    }
}

/// What a committed change left in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// First journal entry; greater than `last` when nothing was written.
    pub first: i64,
    /// Last journal entry.
    pub last: i64,
    /// The moment of all its entries; that of the head when nothing was written.
    pub at: Timestamp,
}

impl Receipt {
    /// Whether anything was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first > self.last
    }
}
