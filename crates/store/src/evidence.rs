//! Evidence (佐证): files bound to records. Rows are only added: one that binds, one that takes
//! off again; of several for the same record and file the last one holds.

use std::collections::HashMap;

use jiff::Timestamp;
use qipan_model::Register;

use crate::db::Tx;
use crate::digest::{self, EvidenceHead, Sha};
use crate::journal;
use crate::submit::{Refusal, Submission, Work};
use crate::{Error, Reader, Result};

/// Action of entries that bind a file to a record.
pub(crate) const ATTACH: &str = "evidence";
/// Action of entries that take a file off a record.
pub(crate) const DETACH: &str = "evidence-retract";

/// A file to be bound to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// SHA-256, hex.
    pub digest: String,
    /// Its name, as people know it.
    pub name: String,
    /// Media type, told from the content.
    pub kind: String,
    /// Bytes.
    pub size: i64,
}

/// A file that is, or was, bound to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The file.
    pub file: NewEvidence,
    /// Register id.
    pub register: String,
    /// Record.
    pub record: i64,
    /// Journal entry that bound it.
    pub entry: i64,
    /// Moment.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Journal entry that took it off again; `None` while it is bound.
    pub ended: Option<i64>,
}

impl Reader {
    /// All files that are or were bound to a record, in order; none when the record is not there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn evidence(&mut self, register: &Register, record: i64) -> Result<Vec<Evidence>> {
        if self.record(register, record).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut args = self.tx.args();
        args.text(&register.id);
        args.int(record);
        let sql = "SELECT e._from, e.register, e.record, e.digest, e.name, e.type, e.size, e.gone,
              j.at, j.actor
            FROM evidence AS e JOIN journal AS j ON j.seq = e._from
            WHERE e.register = ? AND e.record = ? ORDER BY e._rid";
        self.bound(sql, args).await
    }

    /// What binds a file to records, or once bound it: as far as the records are there for the
    /// caller.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn evidence_of(&mut self, digest: &str) -> Result<Vec<Evidence>> {
        let mut shown = Vec::new();
        for one in self.everywhere(digest).await? {
            if self.shows_record(&one.register, one.record).await? {
                shown.push(one);
            }
        }
        Ok(shown)
    }

    async fn shows_record(&mut self, register: &str, record: i64) -> Result<bool> {
        let pack = self.pack();
        let Some(register) = pack.as_ref().and_then(|pack| pack.register(register)) else {
            return Ok(false);
        };
        Ok(self.record(register, record).await?.is_some())
    }

    /// Whether the record to which a row of evidence belongs is there for the caller.
    pub(crate) async fn shows_evidence(&mut self, register: &str, rid: i64) -> Result<bool> {
        let mut args = self.tx.args();
        args.int(rid);
        args.text(register);
        let sql = "SELECT record FROM evidence WHERE _rid = ? AND register = ?";
        match self.tx.row(sql, args).await? {
            None => Ok(false),
            Some(row) => self.shows_record(register, row.int(0)?).await,
        }
    }

    async fn everywhere(&mut self, digest: &str) -> Result<Vec<Evidence>> {
        let mut args = self.tx.args();
        args.text(digest);
        let sql = "SELECT e._from, e.register, e.record, e.digest, e.name, e.type, e.size, e.gone,
              j.at, j.actor
            FROM evidence AS e JOIN journal AS j ON j.seq = e._from
            WHERE e.digest = ? ORDER BY e._rid";
        self.bound(sql, args).await
    }

    async fn bound(&mut self, sql: &str, args: crate::cells::Args) -> Result<Vec<Evidence>> {
        let rows = self.tx.rows(sql, args).await?;
        let mut all: Vec<Evidence> = Vec::new();
        for row in &rows {
            let (entry, register, record) = (row.int(0)?, row.text(1)?, row.int(2)?);
            let digest = row.text(3)?;
            if row.int(7)? != 0 {
                let bound = all.iter_mut().rfind(|one| {
                    one.ended.is_none()
                        && one.file.digest == digest
                        && one.register == register
                        && one.record == record
                });
                if let Some(bound) = bound {
                    bound.ended = Some(entry);
                }
                continue;
            }
            all.push(Evidence {
                file: NewEvidence {
                    digest,
                    name: row.text(4)?,
                    kind: row.text(5)?,
                    size: row.int(6)?,
                },
                register,
                record,
                entry,
                at: journal::moment(&row.text(8)?)?,
                actor: row.text(9)?,
                ended: None,
            });
        }
        Ok(all)
    }
}

/// A row to be written.
struct Row {
    rid: i64,
    from: i64,
    register: String,
    record: i64,
    file: NewEvidence,
    gone: bool,
}

/// What binding or taking off makes of the journal.
pub(crate) struct Bound {
    pub rid: i64,
    pub action: &'static str,
    pub digest: Sha,
}

/// Evidence during a transaction.
#[derive(Default)]
pub(crate) struct Bindings {
    /// Files that are bound, by register, record and digest.
    standing: HashMap<(String, i64, String), NewEvidence>,
    last: i64,
    fresh: Vec<Row>,
}

impl Bindings {
    /// Reads what the submissions look at.
    pub(crate) async fn load(tx: &mut Tx, submissions: &[Submission]) -> Result<Self> {
        let mut bindings = Self::default();
        let looked_at = submissions.iter().filter_map(|one| match &one.work {
            Work::Attach { record, .. } | Work::Detach { record, .. } => {
                Some((one.register.as_str(), *record))
            }
            Work::Records(_) => None,
        });
        let mut any = false;
        for (register, record) in looked_at {
            any = true;
            let mut args = tx.args();
            args.text(register);
            args.int(record);
            let sql = "SELECT digest, name, type, size, gone FROM evidence
                WHERE register = ? AND record = ? ORDER BY _rid";
            for row in tx.rows(sql, args).await? {
                let file = NewEvidence {
                    digest: row.text(0)?,
                    name: row.text(1)?,
                    kind: row.text(2)?,
                    size: row.int(3)?,
                };
                let place = (register.to_owned(), record, file.digest.clone());
                if row.int(4)? == 0 {
                    bindings.standing.insert(place, file);
                } else {
                    bindings.standing.remove(&place);
                }
            }
        }
        if any {
            let args = tx.args();
            let sql = "SELECT coalesce(max(_rid), 0) FROM evidence";
            bindings.last = tx.row(sql, args).await?.map_or(Ok(0), |row| row.int(0))?;
        }
        Ok(bindings)
    }

    /// Takes a submission that binds or takes off; from here on the next ones see it.
    pub(crate) fn take(
        &mut self,
        register: &str,
        work: &Work,
        seq: i64,
    ) -> std::result::Result<Bound, Refusal> {
        let (record, file, gone) = match work {
            Work::Attach { record, file } => {
                let place = (register.to_owned(), *record, file.digest.clone());
                if self.standing.contains_key(&place) {
                    return Err(Refusal::Attached);
                }
                self.standing.insert(place, file.clone());
                (*record, file.clone(), false)
            }
            Work::Detach { record, digest } => {
                let place = (register.to_owned(), *record, digest.clone());
                let Some(file) = self.standing.remove(&place) else {
                    return Err(Refusal::NotAttached);
                };
                (*record, file, true)
            }
            Work::Records(_) => return Err(Refusal::NotAttached),
        };
        self.last += 1;
        let row = Row {
            rid: self.last,
            from: seq,
            register: register.to_owned(),
            record,
            file,
            gone,
        };
        let bound = Bound {
            rid: row.rid,
            action: if gone { DETACH } else { ATTACH },
            digest: digest::evidence(head(&row)),
        };
        self.fresh.push(row);
        Ok(bound)
    }

    pub(crate) async fn write(&self, tx: &mut Tx) -> Result<()> {
        for row in &self.fresh {
            let mut args = tx.args();
            args.int(row.rid);
            args.int(row.from);
            args.text(&row.register);
            args.int(row.record);
            for words in [&row.file.digest, &row.file.name, &row.file.kind] {
                args.text(words);
            }
            args.int(row.file.size);
            args.int(i64::from(row.gone));
            tx.exec(
                "INSERT INTO evidence (_rid, _from, register, record, digest, name, type, size, gone)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                args,
            )
            .await?;
        }
        Ok(())
    }
}

fn head(row: &Row) -> EvidenceHead<'_> {
    EvidenceHead {
        register: &row.register,
        record: row.record,
        digest: &row.file.digest,
        name: &row.file.name,
        kind: &row.file.kind,
        size: row.file.size,
        gone: row.gone,
    }
}

/// Reads a row back for verification: entry, what it should hash to, and the file.
pub(crate) async fn kept(tx: &mut Tx, rid: i64) -> Result<Option<(i64, Sha, NewEvidence)>> {
    let mut args = tx.args();
    args.int(rid);
    let sql = "SELECT _from, register, record, digest, name, type, size, gone FROM evidence
        WHERE _rid = ?";
    let Some(row) = tx.row(sql, args).await? else {
        return Ok(None);
    };
    let found = Row {
        rid,
        from: row.int(0)?,
        register: row.text(1)?,
        record: row.int(2)?,
        file: NewEvidence {
            digest: row.text(3)?,
            name: row.text(4)?,
            kind: row.text(5)?,
            size: row.int(6)?,
        },
        gone: match row.int(7)? {
            0 => false,
            1 => true,
            other => return Err(Error::Database(format!("evidence.gone: {other}"))),
        },
    };
    let sha = digest::evidence(head(&found));
    Ok(Some((found.from, sha, found.file)))
}
