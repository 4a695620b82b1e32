//! Reading: lists, history, streams, the journal; all within one snapshot.

use futures::stream::BoxStream;
use jiff::Timestamp;
use qipan_model::{Expr, Period, Record, Register, Type, Value};
use sea_query::SelectStatement;
use serde::Serialize;

use crate::*;

/// The newest journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 when the journal is empty.
    pub seq: i64,
    /// Its moment.
    pub at: Timestamp,
    /// Its hash, hex.
    pub hash: String,
}

/// One journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// Moment.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What sort of change.
    pub action: String,
    /// Register touched; empty for changes of the pack.
    pub register: String,
    /// Rows written.
    pub rows: i64,
    /// Particulars as JSON.
    pub payload: serde_json::Value,
    /// Digest of what was written, hex.
    pub digest: String,
    /// Hash of the entry before, hex.
    pub prev: String,
    /// Hash of this entry, hex.
    pub hash: String,
}

/// A filed return (报送); of several for the same register, period and unit the last one holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Journal entry that wrote it.
    pub seq: i64,
    /// Register id.
    pub register: String,
    /// Period.
    pub period: Period,
    /// Unit id.
    pub unit: String,
    /// How it was filed.
    pub kind: ReturnKind,
}

/// Sorting by one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Field index; `None` is the order of entry.
    pub field: Option<usize>,
    /// Greatest (newest) first. Nothing counts as smaller than anything.
    pub descending: bool,
}

/// What a list shows.
#[derive(Debug, Clone)]
pub struct ListQuery<'a> {
    /// Only rows for which this holds.
    pub filter: Option<&'a Expr>,
    /// Value of `today` in the filter.
    pub today: Option<jiff::civil::Date>,
    /// Only rows of this supporter.
    pub supporter: Option<&'a str>,
    /// Only rows of this recipient.
    pub recipient: Option<&'a str>,
    /// Only rows that figures count (agreed or arbitrated).
    pub counted_only: bool,
    /// Order; newest entry first by default.
    pub order: Order,
    /// Most rows on a page, 1 to 1000.
    pub limit: u32,
    /// [`Page::next`] of the page before.
    pub after: Option<&'a str>,
    /// State after this journal entry; `None` is now.
    pub as_of: Option<i64>,
}

impl Default for ListQuery<'_> {
    fn default() -> Self {
        Self {
            filter: None,
            today: None,
            supporter: None,
            recipient: None,
            counted_only: false,
            order: Order {
                field: None,
                descending: true,
            },
            limit: 50,
            after: None,
            as_of: None,
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub records: Vec<Record>,
    /// Rows in the whole list.
    pub total: i64,
    /// Mark of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// One snapshot of the database; needs no lock and blocks nobody.
pub struct Reader;

impl Reader {
    /// The newest journal entry this reader sees.
    pub async fn head(&mut self) -> Result<Head> {
        Err(Error::NoPack)
    }
    /// The last journal entry at or before a moment; 0 when there is none.
    pub async fn seq_at(&mut self, _moment: Timestamp) -> Result<i64> {
        Err(Error::NoPack)
    }
    /// The moment of a journal entry.
    pub async fn moment_of(&mut self, _seq: i64) -> Result<Option<Timestamp>> {
        Err(Error::NoPack)
    }
    /// One page of a register.
    pub async fn list(&mut self, _register: &Register, _query: &ListQuery<'_>) -> Result<Page> {
        Err(Error::NoPack)
    }
    /// All revisions of a record, oldest first.
    pub async fn record_history(
        &mut self,
        _register: &Register,
        _record: i64,
    ) -> Result<Vec<Record>> {
        Err(Error::NoPack)
    }
    /// The standing revision with a key (retracted ones too).
    pub async fn by_key(&mut self, _register: &Register, _key: &str) -> Result<Option<Record>> {
        Err(Error::NoPack)
    }
    /// Revisions by row number (`_rid`), in the order of the numbers.
    pub async fn rows_by_rid(
        &mut self,
        _register: &Register,
        _rids: &[i64],
    ) -> Result<Vec<Record>> {
        Err(Error::NoPack)
    }
    /// All standing rows in order of entry, for exports; holds one row at a time.
    pub fn stream<'a>(
        &'a mut self,
        _register: &'a Register,
        _filter: Option<&Expr>,
        _today: Option<jiff::civil::Date>,
        _as_of: Option<i64>,
    ) -> BoxStream<'a, Result<Record>> {
        Box::pin(futures::stream::empty())
    }
    /// Journal entries `first..=last`, at most 1000.
    pub async fn journal(&mut self, _first: i64, _last: i64) -> Result<Vec<Entry>> {
        Err(Error::NoPack)
    }
    /// Returns that hold for a register and a period, by unit id.
    pub async fn returns(
        &mut self,
        _register: &str,
        _period: Period,
        _as_of: Option<i64>,
    ) -> Result<Vec<Return>> {
        Err(Error::NoPack)
    }
    /// Runs a select built with sea-query (bound values only) and gives its columns as the
    /// types asked for: decimals must be selected as scaled integers (`BIGINT`).
    pub async fn select(
        &mut self,
        _statement: &SelectStatement,
        _types: &[Type],
    ) -> Result<Vec<Vec<Value>>> {
        Err(Error::NoPack)
    }
    /// The text of a select with its values written in, for people to read.
    pub fn explain(&self, _statement: &SelectStatement) -> String {
        String::new()
    }
}
