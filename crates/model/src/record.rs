//! Records (记录): one fact in a register; revised, never overwritten.

use serde::{Deserialize, Serialize};

use crate::{Register, Scope, Value};

/// Where a fact stands between its two sides (对方确认).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmation {
    /// 待确认: one side has stated it.
    Pending,
    /// 已确认: both sides agree.
    Agreed,
    /// 有异议: the other side contests.
    Contested,
    /// 已裁定: decided by the coordinator.
    Arbitrated,
}

impl Confirmation {
    /// Whether figures count the record (promise 3).
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Agreed | Self::Arbitrated)
    }

    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Agreed => "agreed",
            Self::Contested => "contested",
            Self::Arbitrated => "arbitrated",
        }
    }

    /// The word people write in a workbook.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "待确认",
            Self::Agreed => "已确认",
            Self::Contested => "有异议",
            Self::Arbitrated => "已裁定",
        }
    }

    /// Reads the stored word or the word people write in a workbook.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim() {
            "pending" | "待确认" | "未确认" => Some(Self::Pending),
            "agreed" | "已确认" | "确认" | "是" => Some(Self::Agreed),
            "contested" | "有异议" | "异议" => Some(Self::Contested),
            "arbitrated" | "已裁定" => Some(Self::Arbitrated),
            _ => None,
        }
    }

    /// Where a record may stand that a caller enters, the usual first: what one of two sides states
    /// waits for the other.
    #[must_use]
    pub fn of_new(register: &Register, scope: &Scope) -> &'static [Self] {
        let two_sided = register.supporter.is_some() && register.recipient.is_some();
        match scope {
            Scope::Nothing => &[],
            Scope::Links { .. } if two_sided => &[Self::Pending, Self::Agreed],
            Scope::All if two_sided => &[Self::Agreed, Self::Pending],
            Scope::Links { .. } | Scope::All => &[Self::Agreed],
        }
    }

    /// What a caller may answer to a record that stands so. `own` says that their own side brought
    /// it there: nobody agrees with themselves.
    #[must_use]
    pub fn answers(self, scope: &Scope, own: bool) -> &'static [Self] {
        match (scope, self) {
            (Scope::All, Self::Pending) => &[Self::Agreed, Self::Contested, Self::Arbitrated],
            (Scope::All, Self::Agreed) => &[Self::Contested, Self::Arbitrated],
            (Scope::All, Self::Contested) => &[Self::Agreed, Self::Arbitrated],
            (Scope::All, Self::Arbitrated) => &[Self::Pending],
            (Scope::Links { .. }, Self::Pending) if !own => &[Self::Agreed, Self::Contested],
            (Scope::Links { .. }, Self::Agreed) => &[Self::Contested],
            (Scope::Links { .. }, Self::Contested) if own => &[Self::Agreed],
            // Whoever is contested mends the record and asks again.
            (Scope::Links { .. }, Self::Contested) => &[Self::Pending],
            (Scope::Links { .. } | Scope::Nothing, _) => &[],
        }
    }
}

/// One revision of one record, as read back from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Number of the record within its register; the same through all revisions.
    pub record: i64,
    /// Number of the revision, from 1.
    pub rev: i64,
    /// Journal entry that wrote this revision.
    pub from_seq: i64,
    /// Journal entry that ended it; `None` while it stands.
    pub to_seq: Option<i64>,
    /// Natural key, the key fields joined by `|`.
    pub key: String,
    /// Where it stands between the sides.
    pub confirmation: Confirmation,
    /// Whether this revision withdraws the record.
    pub retracted: bool,
    /// Digest of the file it came from, hex; empty when entered by hand.
    pub source: String,
    /// Place within the source (`项目台账!A5`).
    pub place: String,
    /// Values in the order of the register's fields.
    pub values: Vec<Value>,
}
