//! Workbooks that people send in, from the upload to the commit: what was asked for, what was
//! found, what became of them. The files themselves lie in the data folder.
//!
//! Each step goes from a state to another in one statement that names the state before, so that of
//! two people who press two buttons one wins and the other is told.

use jiff::Timestamp;
use serde_json::Value;

use crate::cells::Row;
use crate::clock::written;
use crate::db::Tx;
use crate::jobs::{self, NewJob};
use crate::journal::moment;
use crate::{Error, Receipt, Result, Store};

/// What has become of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportState {
    /// Is being read.
    Analysing,
    /// Has been read; nothing is written yet.
    Ready,
    /// Is being written.
    Committing,
    /// Is written.
    Committed,
    /// Cannot be read.
    Refused,
    /// Could not be read for a reason that is not the file's.
    Failed,
    /// Was given up.
    Discarded,
}

impl ImportState {
    const ALL: [Self; 7] = [
        Self::Analysing,
        Self::Ready,
        Self::Committing,
        Self::Committed,
        Self::Refused,
        Self::Failed,
        Self::Discarded,
    ];

    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analysing => "analysing",
            Self::Ready => "ready",
            Self::Committing => "committing",
            Self::Committed => "committed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Discarded => "discarded",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A workbook as it stands. What the three JSON parts hold is the business of whoever imports.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportFile {
    /// Number.
    pub id: i64,
    /// Account that sent it.
    pub account: i64,
    /// Its login.
    pub login: String,
    /// The file's name, as people know it.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub digest: String,
    /// What has become of it.
    pub state: ImportState,
    /// What its sender asked for.
    pub options: Value,
    /// How its sender wants it understood.
    pub mapping: Value,
    /// What was found, in short.
    pub summary: Value,
    /// Where it went in the journal.
    pub receipt: Option<Receipt>,
    /// The last job that worked on it.
    pub job: i64,
    /// Whether its working files are still there.
    pub kept: bool,
    /// When it came.
    pub at: Timestamp,
    /// When somebody last did something with it.
    pub touched: Timestamp,
}

const COLUMNS: &str = "id, account, login, name, size, digest, state, options, mapping, summary, \
                       receipt, job, kept, at, touched";

fn wrong(what: impl std::fmt::Display) -> Error {
    Error::Database(format!("import_file: {what}"))
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(wrong)
}

impl ImportFile {
    fn read(row: &Row) -> Result<Self> {
        let state = row.text(6)?;
        let receipt = row.text(10)?;
        Ok(Self {
            id: row.int(0)?,
            account: row.int(1)?,
            login: row.text(2)?,
            name: row.text(3)?,
            size: row.int(4)?,
            digest: row.text(5)?,
            state: ImportState::parse(&state).ok_or_else(|| wrong(&state))?,
            options: json(&row.text(7)?)?,
            mapping: json(&row.text(8)?)?,
            summary: json(&row.text(9)?)?,
            receipt: (!receipt.is_empty())
                .then(|| serde_json::from_str(&receipt).map_err(wrong))
                .transpose()?,
            job: row.int(11)?,
            kept: row.int(12)? != 0,
            at: moment(&row.text(13)?)?,
            touched: moment(&row.text(14)?)?,
        })
    }
}

/// A workbook that has come in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewImport {
    /// The file's name, as people know it.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub digest: String,
    /// What its sender asks for.
    pub options: Value,
}

/// What a step changes beside the state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportStep {
    /// New options.
    pub options: Option<Value>,
    /// New mapping.
    pub mapping: Option<Value>,
    /// What was found, in short, and in full.
    pub found: Option<(Value, Value)>,
}

/// What a commit leaves with the workbook, in the transaction of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The workbook.
    pub import: i64,
    /// What became of its rows, in short.
    pub summary: Value,
    /// And in full.
    pub report: Value,
}

impl Settlement {
    /// Marks the workbook as written.
    pub(crate) async fn write(&self, tx: &mut Tx, now: Timestamp, receipt: &Receipt) -> Result<()> {
        let mut args = tx.args();
        args.text(&self.summary.to_string());
        args.text(&self.report.to_string());
        args.text(&serde_json::to_string(receipt).map_err(wrong)?);
        args.text(&written(now));
        args.int(self.import);
        let touched = tx
            .exec(
                "UPDATE import_file SET state = 'committed', summary = ?, report = ?, receipt = ?,
                   touched = ?
                 WHERE id = ? AND state = 'committing'",
                args,
            )
            .await?;
        // Somebody else has settled it: then these rows are not to be written again.
        if touched == 1 {
            Ok(())
        } else {
            Err(Error::Settled)
        }
    }
}

/// Changes the state and what goes with it; tells whether it stood in one of the states.
async fn step(
    tx: &mut Tx,
    now: Timestamp,
    id: i64,
    from: &[ImportState],
    to: ImportState,
    job: Option<i64>,
    step: &ImportStep,
) -> Result<bool> {
    let mut args = tx.args();
    let mut sql = "UPDATE import_file SET state = ?, touched = ?".to_owned();
    args.text(to.as_str());
    args.text(&written(now));
    if let Some(job) = job {
        sql.push_str(", job = ?");
        args.int(job);
    }
    let found = step.found.as_ref();
    for (column, value) in [
        ("options", step.options.as_ref()),
        ("mapping", step.mapping.as_ref()),
        ("summary", found.map(|(summary, _)| summary)),
        ("report", found.map(|(_, report)| report)),
    ] {
        if let Some(value) = value {
            sql.push_str(&format!(", {column} = ?"));
            args.text(&value.to_string());
        }
    }
    let states: Vec<String> = from
        .iter()
        .map(|state| format!("'{}'", state.as_str()))
        .collect();
    sql.push_str(&format!(
        " WHERE id = ? AND state IN ({})",
        states.join(", ")
    ));
    args.int(id);
    Ok(tx.exec(&sql, args).await? == 1)
}

/// Puts workbooks right whose job is over without having brought them on: one that could not be
/// read has failed, one that could not be written is as it was before.
pub(crate) async fn settle(tx: &mut Tx) -> Result<()> {
    for (from, to) in [("analysing", "failed"), ("committing", "ready")] {
        let args = tx.args();
        let sql = format!(
            "UPDATE import_file SET state = '{to}' WHERE state = '{from}' AND job NOT IN
               (SELECT id FROM job WHERE state IN ('queued', 'running'))"
        );
        tx.exec(&sql, args).await?;
    }
    Ok(())
}

/// The job's payload with the number of its import.
fn job_of(import: i64, job: &NewJob) -> NewJob {
    let mut job = job.clone();
    job.payload["import"] = import.into();
    job
}

impl Store {
    /// Takes in a workbook and queues the job that reads it (`import` in its payload will be the
    /// workbook's number); gives the numbers of both. `place` is told the number before anybody
    /// else is, to lay the file where the job will look for it.
    ///
    /// # Errors
    /// When the database refuses, or the file cannot be laid there.
    pub async fn add_import(
        &self,
        new: &NewImport,
        job: &NewJob,
        place: impl FnOnce(i64) -> Result<()> + Send,
    ) -> Result<(i64, i64)> {
        let mut tx = jobs::begin(self.db()).await?;
        let now = self.now();
        let args = tx.args();
        let sql = "SELECT coalesce(max(id), 0) + 1 FROM import_file";
        let id = tx.row(sql, args).await?.map_or(Ok(1), |row| row.int(0))?;
        let number = jobs::add(&mut tx, now, &job_of(id, job)).await?;
        let at = written(now);
        let mut args = tx.args();
        args.int(id);
        args.int(job.account);
        args.text(&job.login);
        args.text(&new.name);
        args.int(new.size);
        args.text(&new.digest);
        args.text(&new.options.to_string());
        args.int(number);
        args.text(&at);
        args.text(&at);
        tx.exec(
            "INSERT INTO import_file (id, account, login, name, size, digest, state, options,
               mapping, summary, report, receipt, job, kept, at, touched)
             VALUES (?, ?, ?, ?, ?, ?, 'analysing', ?, 'null', 'null', 'null', '', ?, 1, ?, ?)",
            args,
        )
        .await?;
        place(id)?;
        tx.commit().await?;
        Ok((id, number))
    }

    /// A workbook.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn import_file(&self, id: i64) -> Result<Option<ImportFile>> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        args.int(id);
        let sql = format!("SELECT {COLUMNS} FROM import_file WHERE id = ?");
        let file = tx
            .row(&sql, args)
            .await?
            .map(|row| ImportFile::read(&row))
            .transpose();
        tx.rollback().await?;
        file
    }

    /// What was found in a workbook, in full; `Null` when nothing was yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn import_report(&self, id: i64) -> Result<Value> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        args.int(id);
        let row = tx
            .row("SELECT report FROM import_file WHERE id = ?", args)
            .await?;
        tx.rollback().await?;
        row.map_or(Ok(Value::Null), |row| json(&row.text(0)?))
    }

    /// Workbooks with a number below `before`, of one account or of all, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn import_files(
        &self,
        account: Option<i64>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ImportFile>> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        let mut sql = format!("SELECT {COLUMNS} FROM import_file WHERE id < ?");
        args.int(before.unwrap_or(i64::MAX));
        if let Some(account) = account {
            sql.push_str(" AND account = ?");
            args.int(account);
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?");
        args.int(i64::from(limit).clamp(1, 1_000));
        let rows = tx.rows(&sql, args).await?;
        tx.rollback().await?;
        rows.iter().map(ImportFile::read).collect()
    }

    /// How many workbooks of an account are neither written nor given up.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_imports(&self, account: i64) -> Result<i64> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        args.int(account);
        let row = tx
            .row(
                "SELECT count(*) FROM import_file WHERE account = ?
                   AND state NOT IN ('committed', 'discarded')",
                args,
            )
            .await?;
        tx.rollback().await?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    /// Workbooks with this content.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn imports_of(&self, digest: &str) -> Result<Vec<ImportFile>> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        args.text(digest);
        let sql = format!("SELECT {COLUMNS} FROM import_file WHERE digest = ? ORDER BY id");
        let rows = tx.rows(&sql, args).await?;
        tx.rollback().await?;
        rows.iter().map(ImportFile::read).collect()
    }

    /// Takes a workbook from one of some states to another and queues the job that does the work
    /// (`import` in its payload will be the workbook's number). `None` when it does not stand in
    /// one of the states; then nothing is changed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn send_import(
        &self,
        id: i64,
        from: &[ImportState],
        to: ImportState,
        change: &ImportStep,
        job: &NewJob,
    ) -> Result<Option<i64>> {
        let mut tx = jobs::begin(self.db()).await?;
        let now = self.now();
        let number = jobs::add(&mut tx, now, &job_of(id, job)).await?;
        if !step(&mut tx, now, id, from, to, Some(number), change).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(number))
    }

    /// Takes a workbook from one of some states to another; `false` when it does not stand in one
    /// of them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn step_import(
        &self,
        id: i64,
        from: &[ImportState],
        to: ImportState,
        change: &ImportStep,
    ) -> Result<bool> {
        let mut tx = jobs::begin(self.db()).await?;
        let done = step(&mut tx, self.now(), id, from, to, None, change).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Gives a workbook up, and calls off the job that reads it. `false` when it is being written
    /// or is written.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn discard_import(&self, id: i64) -> Result<bool> {
        use ImportState::{Analysing, Discarded, Failed, Ready, Refused};
        let mut tx = jobs::begin(self.db()).await?;
        let now = self.now();
        let mut args = tx.args();
        args.int(id);
        let job = tx
            .row("SELECT job FROM import_file WHERE id = ?", args)
            .await?
            .map_or(Ok(0), |row| row.int(0))?;
        let from = [Analysing, Ready, Refused, Failed];
        let change = ImportStep::default();
        let done = step(&mut tx, now, id, &from, Discarded, None, &change).await?;
        if done {
            jobs::cancel(&mut tx, now, job).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Workbooks whose working files are no longer needed: given up ones, those that nobody has
    /// touched since `idle`, and written ones not touched since `written`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn idle_imports(&self, idle: Timestamp, settled: Timestamp) -> Result<Vec<i64>> {
        let mut tx = self.db().read().await?;
        let mut args = tx.args();
        args.text(&written(idle));
        args.text(&written(settled));
        let rows = tx
            .rows(
                "SELECT id FROM import_file WHERE kept = 1 AND (state = 'discarded'
                   OR (state IN ('ready', 'refused', 'failed') AND touched < ?)
                   OR (state = 'committed' AND touched < ?)) ORDER BY id",
                args,
            )
            .await?;
        tx.rollback().await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    /// Notes that the working files of a workbook are to go; one that was not written is given up
    /// with that. `false` when somebody works on it again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn clear_import(&self, id: i64) -> Result<bool> {
        let mut tx = jobs::begin(self.db()).await?;
        let mut args = tx.args();
        args.int(id);
        let touched = tx
            .exec(
                "UPDATE import_file SET kept = 0,
                   state = CASE WHEN state = 'committed' THEN state ELSE 'discarded' END
                 WHERE id = ? AND kept = 1 AND state NOT IN ('analysing', 'committing')",
                args,
            )
            .await?;
        tx.commit().await?;
        Ok(touched == 1)
    }
}
