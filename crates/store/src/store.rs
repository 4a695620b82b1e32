//! Opening a database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use qipan_model::{Access, Action, Pack};
use qipan_pack::{Renames, Source};
use qipan_sql::Dialect;

use crate::checkpoint::{Checkpoint, Seals};
use crate::clock::{Clock, written};
use crate::db::{Db, Tx};
use crate::digest::unhex;
use crate::journal::{self, Tip};
use crate::packs::{self, Schema};
use crate::presence::Presence;
use crate::scope::Limits;
use crate::search::Indexing;
use crate::submit::Line;
use crate::{
    Change, Desk, Error, Event, Files, Look, Reader, Receipt, Result, VerifyReport, Writer, schema,
    verify,
};

/// An open database with its data folder. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    data_dir: PathBuf,
    files: Files,
    seals: Seals,
    schema: RwLock<Option<Arc<Schema>>>,
    line: Line,
    indexing: Indexing,
    presence: Presence,
}

impl std::fmt::Debug for Store {
    /// Says which database it is, never with which password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("dialect", &self.dialect())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, makes its tables when it is empty, and brings those of an older program
    /// up to date, in one transaction. `url` is
    /// `postgres://…` or `sqlite:PATH`; `None` is the SQLite file `qipan.db` in the data folder.
    ///
    /// # Errors
    /// When the folder or the database cannot be had, or belongs to a newer program.
    pub async fn open(url: Option<&str>, data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        std::fs::create_dir_all(data_dir).map_err(Error::file(data_dir))?;
        let db = Db::open(url, data_dir).await?;
        let mut tx = db.read().await?;
        let ready = schema::is_current(schema::version(&mut tx).await?)?;
        tx.rollback().await?;
        if !ready {
            let mut tx = db.write().await?;
            // Somebody else may have been faster.
            let found = schema::version(&mut tx).await?;
            if !schema::is_current(found)? {
                schema::bring_up(&mut tx, found).await?;
            }
            tx.commit().await?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                db,
                clock,
                data_dir: data_dir.to_owned(),
                files: Files::new(data_dir),
                seals: Seals::new(data_dir),
                schema: RwLock::new(None),
                line: Line::default(),
                indexing: Indexing::default(),
                presence: Presence::default(),
            }),
        })
    }

    /// Makes the key that signs checkpoints from 32 random bytes, when there is none yet.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn init_key(&self, seed: [u8; 32]) -> Result<()> {
        self.inner.seals.init(&seed)
    }

    /// Which SQL the database speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.inner.db.dialect()
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    /// Files by content.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.inner.files
    }

    /// Lays a pack over the tables in one transaction: makes register tables, adds columns,
    /// renames fields (`renames` as the pack's check gives them), keeps the pack's files with the
    /// journal and rebuilds the rollups when definitions changed. The pack in force again is no
    /// change.
    ///
    /// # Errors
    /// When the pack takes something away that has rows, or changes a field's type.
    pub async fn apply_pack(
        &self,
        source: &Source,
        pack: &Pack,
        renames: &Renames,
        change: Change,
    ) -> Result<Receipt> {
        packs::apply(self, source, pack, renames, change).await
    }

    /// The pack in force; `None` before the first one.
    ///
    /// # Errors
    /// When the database refuses or the pack cannot be read by this program.
    pub async fn pack(&self) -> Result<Option<Arc<Pack>>> {
        let mut tx = self.inner.db.read().await?;
        let schema = self.schema(&mut tx).await?;
        tx.rollback().await?;
        Ok(schema.map(|schema| Arc::clone(&schema.pack)))
    }

    /// The files of the pack in force.
    ///
    /// # Errors
    /// When the database refuses or the archive is damaged.
    pub async fn pack_source(&self) -> Result<Option<Source>> {
        let mut tx = self.inner.db.read().await?;
        let archive = packs::archive(&mut tx).await?;
        tx.rollback().await?;
        archive
            .map(|archive| Source::from_bytes(&archive))
            .transpose()
            .map_err(|error| Error::Pack(error.to_string()))
    }

    /// Begins a change. Nothing is kept unless [`Writer::commit`] is called. Waits for another
    /// writer, then says that the database is being written.
    ///
    /// # Errors
    /// When another writer does not finish in time, or there is no pack.
    pub async fn begin(&self, change: Change) -> Result<Writer> {
        Writer::begin(self.clone(), change).await
    }

    /// A transaction over the tables that are no registers, to change them and to write the
    /// journal. Nothing is kept unless [`Desk::commit`] is called. Waits for another writer.
    ///
    /// # Errors
    /// When another writer does not finish in time.
    pub async fn desk(&self) -> Result<Desk> {
        Desk::open(self).await
    }

    /// A transaction over the tables that are no registers, only to look.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn look(&self) -> Result<Look> {
        Ok(Look::new(self.inner.db.read().await?))
    }

    /// Writes journal entries that touch no rows, in one transaction.
    ///
    /// # Errors
    /// When another writer does not finish in time or the database refuses.
    pub async fn log(&self, event: Event) -> Result<Receipt> {
        let mut desk = self.desk().await?;
        desk.log(event)?;
        desk.commit().await
    }

    /// A reader: everything read through it sees one and the same state. It waits for nobody.
    ///
    /// This one sees everything: it is for the command line and for jobs of the system. Whatever
    /// is done for a caller goes through [`Self::reader_of`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reader(&self) -> Result<Reader> {
        Reader::open(self, None).await
    }

    /// A reader for a caller, to do one thing: it shows the rows that are within the caller's
    /// scope for that action, and nothing else. What else there is, is as if it were not there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reader_of(&self, access: Arc<Access>, action: Action) -> Result<Reader> {
        Reader::open(self, Some(Limits { access, action })).await
    }

    /// Signs the head of the journal. Each commit does so by itself when there is a key; `None`
    /// when there is none or the journal is empty.
    ///
    /// # Errors
    /// When the key cannot be read or the disk refuses.
    pub async fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        let mut tx = self.inner.db.write().await?;
        let tip = journal::tip(&mut tx).await?;
        let checkpoint = self.sign(&mut tx, &tip).await?;
        tx.commit().await?;
        self.publish(checkpoint.as_ref())?;
        Ok(checkpoint)
    }

    /// Walks the journal from its first entry and compares everything with its digests.
    ///
    /// # Errors
    /// When the database cannot be read at all; what is damaged is in the report.
    pub async fn verify(&self) -> Result<VerifyReport> {
        verify::verify(self).await
    }

    /// Computes all rollups anew from the rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rebuild_rollups(&self) -> Result<()> {
        let mut tx = self.inner.db.write().await?;
        let schema = self.schema(&mut tx).await?.ok_or(Error::NoPack)?;
        packs::rebuild(&mut tx, &schema).await?;
        tx.commit().await
    }

    /// Closes all connections; what is open is finished first.
    pub async fn close(&self) {
        self.inner.db.close().await;
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The line in which single changes wait.
    pub(crate) fn line(&self) -> &Line {
        &self.inner.line
    }

    /// The search indexes being brought up to date.
    pub(crate) fn indexing(&self) -> &Indexing {
        &self.inner.indexing
    }

    /// The pairs of units in the registers.
    pub(crate) fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    pub(crate) fn seals(&self) -> &Seals {
        &self.inner.seals
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The pack in force within a transaction, read once and kept until another one is applied.
    pub(crate) async fn schema(&self, tx: &mut Tx) -> Result<Option<Arc<Schema>>> {
        match packs::newest(tx).await? {
            Some(seq) => self.schema_of(tx, seq).await.map(Some),
            None => Ok(None),
        }
    }

    /// The newest journal entry and the pack in force within a transaction, at once.
    pub(crate) async fn opening(&self, tx: &mut Tx) -> Result<(Tip, Option<Arc<Schema>>)> {
        let (tip, pack) = journal::opening(tx).await?;
        let schema = match pack {
            Some(seq) => Some(self.schema_of(tx, seq).await?),
            None => None,
        };
        Ok((tip, schema))
    }

    /// The pack that a journal entry has put in force, which no later one has replaced.
    async fn schema_of(&self, tx: &mut Tx, seq: i64) -> Result<Arc<Schema>> {
        let kept = self
            .inner
            .schema
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(kept) = kept.filter(|kept| kept.seq == seq) {
            return Ok(kept);
        }
        let schema = packs::load(tx, seq).await?;
        self.remember(Arc::clone(&schema));
        Ok(schema)
    }

    /// Keeps the newest pack at hand.
    pub(crate) fn remember(&self, schema: Arc<Schema>) {
        let mut kept = self
            .inner
            .schema
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| kept.seq < schema.seq) {
            *kept = Some(schema);
        }
    }

    /// Signs a tip into the table, within the transaction.
    pub(crate) async fn sign(&self, tx: &mut Tx, tip: &Tip) -> Result<Option<Checkpoint>> {
        let Some(at) = tip.at else { return Ok(None) };
        let Some(checkpoint) = self.inner.seals.sign(tip.seq, &tip.hash, &written(at))? else {
            return Ok(None);
        };
        let mut args = tx.args();
        args.int(checkpoint.seq);
        args.bytes(&tip.hash);
        args.text(&checkpoint.at);
        args.bytes(&unhex(&checkpoint.signature).unwrap_or_default());
        tx.exec(
            "INSERT INTO checkpoint (seq, hash, at, signature) VALUES (?, ?, ?, ?)
             ON CONFLICT (seq) DO NOTHING",
            args,
        )
        .await?;
        Ok(Some(checkpoint))
    }

    /// Writes a checkpoint outside the database, once the transaction is durable.
    pub(crate) fn publish(&self, checkpoint: Option<&Checkpoint>) -> Result<()> {
        checkpoint.map_or(Ok(()), |checkpoint| self.inner.seals.append(checkpoint))
    }
}
