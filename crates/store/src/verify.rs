//! Verification: the first thing that does not fit is named.

use serde::Serialize;

use crate::store::Store;
use crate::{Error, Result};

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Journal entry to which it belongs.
    pub seq: i64,
    /// Register; empty when it is the journal itself.
    pub register: String,
    /// Record, when it is a row.
    pub record: Option<i64>,
    /// Revision, when it is a row.
    pub rev: Option<i64>,
    /// What does not fit, in Chinese.
    pub what: String,
}

/// What `verify` found; serialises to the fixed JSON keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether everything fits.
    pub ok: bool,
    /// Journal entries read.
    pub entries: i64,
    /// Hash of the last entry, hex.
    pub head: String,
    /// What does not fit, the first entry first; at most 100.
    pub broken: Vec<Broken>,
}

pub(crate) async fn verify(_store: &Store) -> Result<VerifyReport> {
    Err(Error::NoPack)
}
