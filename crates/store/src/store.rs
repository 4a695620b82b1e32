//! Opening a database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use qipan_model::Pack;

use crate::*;

/// Which SQL a database speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A field that goes on under another id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRename {
    /// Register id.
    pub register: String,
    /// Id it had.
    pub from: String,
    /// Id it gets.
    pub to: String,
}

/// An open database with its data folder. Cheap to clone.
#[derive(Clone)]
pub struct Store;

/// Files by content, in the data folder.
#[derive(Debug, Clone)]
pub struct Files;

impl Files {
    /// Keeps bytes; gives their SHA-256, hex.
    pub fn put(&self, _bytes: &[u8]) -> Result<String> {
        Err(Error::NoPack)
    }
    /// Keeps a copy of a file (streamed); gives its SHA-256, hex.
    pub fn put_path(&self, _path: &Path) -> Result<String> {
        Err(Error::NoPack)
    }
    /// Where a kept file lies; `None` when it is not there.
    pub fn path(&self, _digest: &str) -> Option<PathBuf> {
        None
    }
    /// Reads a kept file.
    pub fn read(&self, _digest: &str) -> Result<Option<Vec<u8>>> {
        Err(Error::NoPack)
    }
}

impl Store {
    /// Opens (and makes when it is not there) the database. `url` `None` is the SQLite file
    /// `qipan.db` in the data folder.
    pub async fn open(
        _url: Option<&str>,
        _data_dir: &Path,
        _clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Err(Error::NoPack)
    }
    /// Makes the signing key from 32 random bytes, when there is none yet.
    pub fn init_key(&self, _seed: [u8; 32]) -> Result<()> {
        Err(Error::NoPack)
    }
    /// Which SQL the database speaks.
    pub fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
    /// Files by content.
    pub fn files(&self) -> &Files {
        &Files
    }
    /// Lays a pack over the tables in one transaction: makes register tables, adds columns,
    /// renames the fields given, keeps `archive` (`qipan_pack::Source::to_bytes`), that is the pack's files in the journal, rebuilds rollups of
    /// indicators that are new.
    pub async fn apply_pack(
        &self,
        _archive: &[u8],
        _pack: Pack,
        _renames: &[FieldRename],
        _change: Change,
    ) -> Result<Receipt> {
        Err(Error::NoPack)
    }
    /// The pack in force.
    pub async fn pack(&self) -> Result<Option<Arc<Pack>>> {
        Err(Error::NoPack)
    }
    /// The files of the pack in force, as `qipan_pack::Source::to_bytes` wrote them.
    pub async fn pack_archive(&self) -> Result<Option<Vec<u8>>> {
        Err(Error::NoPack)
    }
    /// Begins a change. Nothing is kept unless [`Writer::commit`] is called.
    pub async fn begin(&self, _change: Change) -> Result<Writer> {
        Err(Error::NoPack)
    }
    /// A reader: everything read through it sees one and the same state.
    pub async fn reader(&self) -> Result<Reader> {
        Err(Error::NoPack)
    }
    /// Signs the head of the journal (done by itself after each commit when there is a key).
    pub async fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        Err(Error::NoPack)
    }
    /// Walks the journal and compares everything with its digests.
    pub async fn verify(&self) -> Result<VerifyReport> {
        Err(Error::NoPack)
    }
    /// Computes all rollups anew from the rows.
    pub async fn rebuild_rollups(&self) -> Result<()> {
        Err(Error::NoPack)
    }
}
