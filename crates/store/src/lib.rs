//! The store: registers as real tables in SQLite and PostgreSQL, revisions, the hash-chained
//! journal, signed checkpoints, rollups, files by content.
//!
//! One behaviour on both databases; the tests in `tests/` run against both. See `docs/store.md`
//! for the tables, the byte encoding of digests and the rules of as-of reads.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod backup;
mod bulk;
mod cells;
mod change;
mod checkpoint;
mod chunks;
mod clock;
mod days;
mod db;
mod ddl;
mod desk;
mod digest;
mod entries;
mod error;
mod evidence;
mod files;
mod find;
mod health;
mod imports;
mod jobs;
mod journal;
mod judge;
mod lanes;
mod list;
mod newest;
mod packed;
mod packs;
mod paging;
mod presence;
mod preview;
mod read;
mod readers;
mod rollup;
mod schema;
mod scope;
mod search;
mod store;
mod submit;
mod table;
mod unchanged;
mod verify;
mod write;

pub use backup::{Backup, Backups};
pub use change::{Change, Event, NewRow, Outcome, Receipt, ReturnKind, SourceFile};
pub use checkpoint::Checkpoint;
pub use chunks::Chunk;
pub use clock::{Clock, written};
pub use desk::{Desk, Found, Look, Param};
pub use entries::{Entry, Return};
pub use error::{Error, Result};
pub use evidence::{Evidence, NewEvidence};
pub use files::Files;
pub use find::JournalQuery;
pub use health::{Disk, Health};
pub use imports::{ImportFile, ImportState, ImportStep, NewImport, Settlement};
pub use jobs::{Job, JobState, MOST_ATTEMPTS, NewJob, Progress};
pub use paging::{ListQuery, Order, Page};
pub use preview::{Foreseen, Preview};
pub use qipan_sql::Dialect;
pub use read::{Head, Reader, Scoped, counted, standing};
pub use rollup::distinct_since;
pub use scope::Kept;
pub use search::Search;
pub use store::Store;
pub use submit::{Answer, Edit, Once, Refusal, Submission, Submitted, Work};
pub use verify::{Broken, VerifyReport};
pub use write::Writer;
