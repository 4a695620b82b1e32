//! Long work: a queue in the database, so that what was asked for outlives the server.
//!
//! A job is taken by one runner at a time, which says from time to time that it still lives. What
//! a dead runner left behind goes back into the queue, a few times at the most.

use jiff::Timestamp;
use serde_json::Value;

use crate::cells::Row;
use crate::clock::written;
use crate::db::{Db, Tx};
use crate::journal::moment;
use crate::{Error, Result, Store, imports};

/// How often a job is begun at the most: one that brings the server down must not do so for ever.
pub const MOST_ATTEMPTS: i64 = 3;
/// Most jobs of a list.
const MOST_LISTED: i64 = 200;

/// What has become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Waits for a runner.
    Queued,
    /// Is being done.
    Running,
    /// Is done; its result stands.
    Done,
    /// Could not be done; its message says why.
    Failed,
    /// Was called off.
    Cancelled,
}

impl JobState {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [
            Self::Queued,
            Self::Running,
            Self::Done,
            Self::Failed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A job to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What sort of work.
    pub kind: String,
    /// Account that asks for it.
    pub account: i64,
    /// Its login.
    pub login: String,
    /// Where from.
    pub origin: String,
    /// Particulars; an object.
    pub payload: Value,
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Number.
    pub id: i64,
    /// What sort of work.
    pub kind: String,
    /// Account that asked for it.
    pub account: i64,
    /// Its login.
    pub login: String,
    /// Where from.
    pub origin: String,
    /// What has become of it.
    pub state: JobState,
    /// How much is done.
    pub done: i64,
    /// Out of how much; 0 when that is not known.
    pub total: i64,
    /// How it goes, in words.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// Particulars.
    pub payload: Value,
    /// What came out of it; `Null` until it is done.
    pub result: Value,
    /// How often it was begun.
    pub attempts: i64,
    /// Whether it is to be called off.
    pub cancel: bool,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it was last begun.
    pub started: Option<Timestamp>,
    /// When it was over.
    pub finished: Option<Timestamp>,
}

const COLUMNS: &str = "id, kind, account, login, origin, state, done, total, message, message_en, \
                       payload, result, attempts, cancel, created, started, finished";

impl Job {
    fn read(row: &Row) -> Result<Self> {
        let wrong = |what: &str| Error::Database(format!("job: {what}"));
        let json =
            |text: String| serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()));
        let state = row.text(5)?;
        Ok(Self {
            id: row.int(0)?,
            kind: row.text(1)?,
            account: row.int(2)?,
            login: row.text(3)?,
            origin: row.text(4)?,
            state: JobState::parse(&state).ok_or_else(|| wrong(&state))?,
            done: row.int(6)?,
            total: row.int(7)?,
            message: row.text(8)?,
            message_en: row.text(9)?,
            payload: json(row.text(10)?)?,
            result: json(row.text(11)?)?,
            attempts: row.int(12)?,
            cancel: row.int(13)? != 0,
            created: moment(&row.text(14)?)?,
            started: when(&row.text(15)?)?,
            finished: when(&row.text(16)?)?,
        })
    }
}

/// A moment that may be missing.
pub(crate) fn when(text: &str) -> Result<Option<Timestamp>> {
    (!text.is_empty()).then(|| moment(text)).transpose()
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How much is done.
    pub done: i64,
    /// Out of how much; 0 when that is not known.
    pub total: i64,
    /// How it goes, in words.
    pub message: String,
    /// The same in English.
    pub message_en: String,
}

/// A transaction over the tables of long work. It does not wait for whoever writes the registers
/// where the database can tell the two apart.
pub(crate) async fn begin(db: &Db) -> Result<Tx> {
    match db {
        Db::Sqlite { .. } => db.write().await,
        Db::Postgres(pool) => {
            let mut tx = Tx::Postgres(pool.begin().await?);
            tx.run(
                "SET LOCAL lock_timeout = '10s';
                 SELECT pg_advisory_xact_lock(74727, hashtext(current_schema()));
                 SET LOCAL lock_timeout = 0",
            )
            .await?;
            Ok(tx)
        }
    }
}

/// Queues a job within a transaction; gives its number.
pub(crate) async fn add(tx: &mut Tx, now: Timestamp, new: &NewJob) -> Result<i64> {
    let args = tx.args();
    let row = tx
        .row("SELECT coalesce(max(id), 0) + 1 FROM job", args)
        .await?;
    let id = row.map_or(Ok(1), |row| row.int(0))?;
    let mut args = tx.args();
    args.int(id);
    args.text(&new.kind);
    args.int(new.account);
    args.text(&new.login);
    args.text(&new.origin);
    args.text(&new.payload.to_string());
    args.text(&written(now));
    tx.exec(
        "INSERT INTO job (id, kind, account, login, origin, state, done, total, message,
           message_en, payload, result, attempts, cancel, runner, created, started, beat, finished)
         VALUES (?, ?, ?, ?, ?, 'queued', 0, 0, '', '', ?, 'null', 0, 0, '', ?, '', '', '')",
        args,
    )
    .await?;
    Ok(id)
}

/// Calls a job off within a transaction: one that waits is over at once, one that runs is told.
pub(crate) async fn cancel(tx: &mut Tx, now: Timestamp, id: i64) -> Result<()> {
    let mut args = tx.args();
    args.text(&written(now));
    args.int(id);
    tx.exec(
        "UPDATE job SET state = 'cancelled', finished = ? WHERE id = ? AND state = 'queued'",
        args,
    )
    .await?;
    let mut args = tx.args();
    args.int(id);
    tx.exec(
        "UPDATE job SET cancel = 1 WHERE id = ? AND state = 'running'",
        args,
    )
    .await?;
    Ok(())
}

async fn one(tx: &mut Tx, id: i64) -> Result<Option<Job>> {
    let mut args = tx.args();
    args.int(id);
    let sql = format!("SELECT {COLUMNS} FROM job WHERE id = ?");
    tx.row(&sql, args)
        .await?
        .map(|row| Job::read(&row))
        .transpose()
}

impl Store {
    /// Queues a job; gives its number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_job(&self, new: &NewJob) -> Result<i64> {
        let mut tx = begin(self.db()).await?;
        let id = add(&mut tx, self.now(), new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A job as it stands in the database.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn job(&self, id: i64) -> Result<Option<Job>> {
        let mut tx = self.db().read().await?;
        let job = one(&mut tx, id).await?;
        tx.rollback().await?;
        Ok(job)
    }

    /// The newest jobs, of one account or of all, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn jobs(&self, account: Option<i64>, limit: u32) -> Result<Vec<Job>> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        let mut sql = format!("SELECT {COLUMNS} FROM job");
        if let Some(account) = account {
            sql.push_str(" WHERE account = ?");
            args.int(account);
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?");
        args.int(i64::from(limit).clamp(1, MOST_LISTED));
        let rows = tx.rows(&sql, args).await?;
        tx.rollback().await?;
        rows.iter().map(Job::read).collect()
    }

    /// Takes the oldest job that waits; `None` when none does.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_job(&self, runner: &str) -> Result<Option<Job>> {
        const OLDEST: &str = "SELECT id FROM job WHERE state = 'queued' ORDER BY id LIMIT 1";
        // Mostly there is none, and looking disturbs nobody.
        let mut tx = self.db().read().await?;
        let args = tx.args();
        let waiting = tx.row(OLDEST, args).await?.is_some();
        tx.rollback().await?;
        if !waiting {
            return Ok(None);
        }
        let mut tx = begin(self.db()).await?;
        let args = tx.args();
        let Some(row) = tx.row(OLDEST, args).await? else {
            return Ok(None);
        };
        let id = row.int(0)?;
        let now = written(self.now());
        let mut args = tx.args();
        args.text(runner);
        args.text(&now);
        args.text(&now);
        args.int(id);
        tx.exec(
            "UPDATE job SET state = 'running', runner = ?, started = ?, beat = ?, finished = '',
               attempts = attempts + 1, done = 0, total = 0, message = '', message_en = ''
             WHERE id = ?",
            args,
        )
        .await?;
        let job = one(&mut tx, id).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Says that a job is still being done, and how far it is; tells whether it is to be called
    /// off.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn beat_job(&self, id: i64, progress: &Progress) -> Result<bool> {
        let mut tx = begin(self.db()).await?;
        let mut args = tx.args();
        args.text(&written(self.now()));
        bind(&mut args, progress);
        args.int(id);
        tx.exec(
            "UPDATE job SET beat = ?, done = ?, total = ?, message = ?, message_en = ?
             WHERE id = ? AND state = 'running'",
            args,
        )
        .await?;
        let job = one(&mut tx, id).await?;
        tx.commit().await?;
        Ok(job.is_some_and(|job| job.cancel))
    }

    /// Ends a job that runs. A workbook that it should have brought on, and did not, is put right
    /// with it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_job(
        &self,
        id: i64,
        state: JobState,
        progress: &Progress,
        result: &Value,
    ) -> Result<()> {
        let mut tx = begin(self.db()).await?;
        let mut args = tx.args();
        args.text(state.as_str());
        bind(&mut args, progress);
        args.text(&result.to_string());
        args.text(&written(self.now()));
        args.int(id);
        tx.exec(
            "UPDATE job SET state = ?, done = ?, total = ?, message = ?, message_en = ?,
               result = ?, finished = ?
             WHERE id = ? AND state = 'running'",
            args,
        )
        .await?;
        imports::settle(&mut tx).await?;
        tx.commit().await
    }

    /// Puts a job that runs back into the queue: the server goes down before it is done.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn hand_back_job(&self, id: i64) -> Result<()> {
        let mut tx = begin(self.db()).await?;
        let mut args = tx.args();
        args.int(id);
        tx.exec(
            "UPDATE job SET state = 'queued', runner = '', attempts = attempts - 1
             WHERE id = ? AND state = 'running'",
            args,
        )
        .await?;
        tx.commit().await
    }

    /// Calls a job off: one that waits is over at once, one that runs is told and ends by itself.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cancel_job(&self, id: i64) -> Result<Option<Job>> {
        let mut tx = begin(self.db()).await?;
        cancel(&mut tx, self.now(), id).await?;
        imports::settle(&mut tx).await?;
        let job = one(&mut tx, id).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Puts jobs of dead runners back into the queue, and gives up those that were begun too
    /// often. A runner is dead when it has not spoken since `silent_since`; `None` means that
    /// nobody else can be running (the server has just begun and the database is its own).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn recover_jobs(&self, silent_since: Option<Timestamp>) -> Result<u64> {
        let mut tx = begin(self.db()).await?;
        // A text greater than every moment.
        let silent = silent_since.map_or_else(|| "9".to_owned(), written);
        let now = written(self.now());
        let given_up = (
            "服务中断后已试过多次，不再重试：请重新提交",
            "given up after several attempts: submit it again",
        );
        let mut args = tx.args();
        args.text(given_up.0);
        args.text(given_up.1);
        args.text(&now);
        args.text(&silent);
        args.int(MOST_ATTEMPTS);
        let mut touched = tx
            .exec(
                "UPDATE job SET state = 'failed', message = ?, message_en = ?, finished = ?
                 WHERE state = 'running' AND beat < ? AND attempts >= ?",
                args,
            )
            .await?;
        let mut args = tx.args();
        args.text(&now);
        args.text(&silent);
        touched += tx
            .exec(
                "UPDATE job SET state = 'cancelled', finished = ?
                 WHERE state = 'running' AND beat < ? AND cancel = 1",
                args,
            )
            .await?;
        let mut args = tx.args();
        args.text(&silent);
        touched += tx
            .exec(
                "UPDATE job SET state = 'queued', runner = ''
                 WHERE state = 'running' AND beat < ?",
                args,
            )
            .await?;
        imports::settle(&mut tx).await?;
        tx.commit().await?;
        Ok(touched)
    }

    /// Forgets jobs that were over before a moment; the newest one stays, so that no number is
    /// given twice.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_jobs(&self, over_before: Timestamp) -> Result<u64> {
        let mut tx = begin(self.db()).await?;
        let mut args = tx.args();
        args.text(&written(over_before));
        let gone = tx
            .exec(
                "DELETE FROM job WHERE finished <> '' AND finished < ?
                   AND id < (SELECT max(id) FROM job)",
                args,
            )
            .await?;
        tx.commit().await?;
        Ok(gone)
    }
}

fn bind(args: &mut crate::cells::Args, progress: &Progress) {
    args.int(progress.done);
    args.int(progress.total);
    args.text(&progress.message);
    args.text(&progress.message_en);
}
