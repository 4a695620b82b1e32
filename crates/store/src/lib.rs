//! The store: registers as real tables in SQLite and PostgreSQL, revisions, the hash-chained
//! journal, signed checkpoints, rollups, files by content.
//!
//! One behaviour on both databases; the tests in `tests/` run against both. See `docs/store.md`
//! for the tables, the byte encoding of digests and the rules of as-of reads.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod change;
mod clock;
mod error;
mod read;
mod store;
mod verify;
mod write;

pub use change::{Change, NewRow, Outcome, Receipt, ReturnKind, SourceFile};
pub use clock::{Clock, written};
pub use error::{Error, Result};
pub use read::{Entry, Head, ListQuery, Order, Page, Reader, Return};
pub use store::{Dialect, FieldRename, Files, Store};
pub use verify::{Broken, Checkpoint, VerifyReport};
pub use write::Writer;
