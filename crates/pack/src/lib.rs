//! Packs (机制包): a folder of readable files becomes a checked [`qipan_model::Pack`].
//!
//! [`Source`] holds the files, [`check`] reads them and reports every mistake with its place and
//! remedy, [`plan()`] tells what applying a pack over another would change. The format is documented
//! in `docs/pack.md` and, for editors, by the JSON Schemas in `docs/schema` ([`schemas`]).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod access;
mod check;
mod coverage;
mod diagnostic;
mod diff;
mod documents;
mod expression;
mod fields;
mod ids;
mod indicators;
mod nearest;
mod plan;
mod raw;
mod registers;
mod sample;
mod schema;
mod sentences;
mod shape;
mod source;
mod sources;
mod spanned;
mod tables;
mod units;
mod words;

pub use check::{Checked, MAX_REGISTERS, Renames, check};
pub use coverage::{ClauseCoverage, coverage};
pub use diagnostic::{Code, Diagnostic, MAX_DIAGNOSTICS};
pub use diff::plan;
pub use fields::{MAX_OPTIONS, MAX_TEXT};
pub use indicators::MAX_INDICATORS;
pub use plan::{Change, Plan};
pub use registers::MAX_FIELDS;
pub use sample::{PackTest, TestRecord};
pub use schema::schemas;
pub use source::{
    MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES, MAX_PACK_BYTES, SAMPLES, Source, SourceError,
};
