//! One register during a transaction: what stands of it, as the changes of the transaction see it
//! one after the other, and what is to be written in the end.

use std::collections::HashMap;
use std::sync::Arc;

use qipan_model::{Confirmation, Record};
use sha2::{Digest, Sha256};

use super::Values;
use super::check::{Passed, Plan};
use crate::bulk::Bulk;
use crate::db::{STANDS, Speak, Tx};
use crate::digest::{RowHead, Sha};
use crate::packs::Schema;
use crate::rollup::Tallies;
use crate::table::Table;
use crate::{Error, Outcome, Result};

/// The newest revision of a record.
pub(super) struct Stand {
    rid: i64,
    pub rev: i64,
    pub key: String,
    pub state: Confirmation,
    pub gone: bool,
    pub values: Values,
    /// Position among what is to be written; `None` when it is in the database already.
    fresh: Option<usize>,
}

/// A revision to be written.
struct Fresh {
    rid: i64,
    record: i64,
    rev: i64,
    from: i64,
    to: i64,
    key: String,
    state: Confirmation,
    gone: bool,
    source: Arc<str>,
    place: String,
    values: Values,
    digest: Sha,
}

impl Fresh {
    fn head<'a>(&'a self, register: &'a str) -> RowHead<'a> {
        RowHead {
            register,
            record: self.record,
            rev: self.rev,
            key: &self.key,
            state: self.state.as_str(),
            gone: self.gone,
            source: &self.source,
            place: &self.place,
        }
    }
}

/// What a change wrote of a register.
pub(super) struct Written {
    pub first: i64,
    pub rows: i64,
    pub inserted: i64,
    pub updated: i64,
    pub retracted: i64,
    pub digest: Sha,
}

/// One register during a transaction.
pub(super) struct Ledger {
    pub table: Arc<Table>,
    pub records: HashMap<i64, Stand>,
    pub keys: HashMap<String, i64>,
    /// Number of the last row.
    last: i64,
    fresh: Vec<Fresh>,
    /// Rows of the database that end, and where.
    ended: Vec<(i64, i64)>,
}

impl Ledger {
    /// Reads what stands under these numbers and keys.
    pub(super) async fn load(
        tx: &mut Tx,
        table: Arc<Table>,
        records: &[i64],
        keys: &[&str],
    ) -> Result<Self> {
        let dialect = tx.dialect();
        let (columns, name) = (&table.packed, &table.name);
        let mut rows = Vec::new();
        if !keys.is_empty() {
            let sql = format!(
                "SELECT {columns} FROM {name} WHERE _to = {STANDS} AND {}",
                dialect.in_list("_key")
            );
            let mut args = tx.args();
            args.texts(keys);
            rows.extend(tx.rows(&sql, args).await?);
        }
        if !records.is_empty() {
            let sql = format!(
                "SELECT {columns} FROM {name} WHERE {first} AND _rev = 1 AND _to = {STANDS}
                 UNION ALL
                 SELECT {columns} FROM {name} WHERE {later} AND _rev > 1 AND _to = {STANDS}",
                first = dialect.in_list("_rid"),
                later = dialect.in_list("_record"),
            );
            let mut args = tx.args();
            args.ints(records);
            args.ints(records);
            rows.extend(tx.rows(&sql, args).await?);
        }
        let args = tx.args();
        let last = format!("SELECT coalesce(max(_rid), 0) FROM {name}");
        let last = tx.row(&last, args).await?.map_or(Ok(0), |row| row.int(0))?;
        let mut ledger = Self {
            records: HashMap::new(),
            keys: HashMap::new(),
            last,
            fresh: Vec::new(),
            ended: Vec::new(),
            table: Arc::clone(&table),
        };
        for row in &rows {
            let (rid, record) = table.unpack(row)?;
            ledger.stands(rid, record);
        }
        Ok(ledger)
    }

    fn stands(&mut self, rid: i64, record: Record) {
        self.keys.insert(record.key.clone(), record.record);
        self.records.insert(
            record.record,
            Stand {
                rid,
                rev: record.rev,
                key: record.key,
                state: record.confirmation,
                gone: record.retracted,
                values: record.values.into(),
                fresh: None,
            },
        );
    }

    /// Whether a record stands; `Some(true)` when it is withdrawn.
    pub(super) fn gone(&self, record: i64) -> Option<bool> {
        self.records.get(&record).map(|stand| stand.gone)
    }

    /// Takes a plan: from here on the next changes see it. One outcome an edit; `None` when
    /// nothing is written.
    ///
    /// # Errors
    /// When an indicator cannot be computed; the transaction must then be given up.
    pub(super) fn take(
        &mut self,
        plan: Plan,
        seq: i64,
        schema: &Schema,
        tallies: &mut Tallies,
    ) -> Result<(Vec<Outcome>, Option<Written>)> {
        let mut outcomes = Vec::with_capacity(plan.0.len());
        let mut hasher = Sha256::new();
        let mut buffer = Vec::new();
        let mut written = Written {
            first: self.last + 1,
            rows: 0,
            inserted: 0,
            updated: 0,
            retracted: 0,
            digest: [0; 32],
        };
        for passed in plan.0 {
            let (record, fresh) = match passed {
                Passed::Unchanged(record) => {
                    outcomes.push(Outcome::Unchanged { record });
                    continue;
                }
                Passed::Write {
                    record,
                    rev,
                    key,
                    state,
                    gone,
                    source,
                    place,
                    values,
                } => {
                    self.last += 1;
                    let mut fresh = Fresh {
                        rid: self.last,
                        record: record.unwrap_or(self.last),
                        rev,
                        from: seq,
                        to: STANDS,
                        key,
                        state,
                        gone,
                        source,
                        place,
                        values,
                        digest: [0; 32],
                    };
                    let head = fresh.head(&self.table.id);
                    fresh.digest = self.table.digest(&mut buffer, head, &fresh.values);
                    (fresh.record, fresh)
                }
            };
            hasher.update(fresh.digest);
            written.rows += 1;
            outcomes.push(match (fresh.gone, fresh.rev) {
                (true, rev) => {
                    written.retracted += 1;
                    Outcome::Retracted { record, rev }
                }
                (false, 1) => {
                    written.inserted += 1;
                    Outcome::Inserted { record }
                }
                (false, rev) => {
                    written.updated += 1;
                    Outcome::Updated { record, rev }
                }
            });
            if let Some(old) = self.records.remove(&record) {
                // Unless another record of the same change has taken it.
                if self.keys.get(&old.key) == Some(&record) {
                    self.keys.remove(&old.key);
                }
                match old.fresh.and_then(|at| self.fresh.get_mut(at)) {
                    Some(old) => old.to = seq,
                    None => self.ended.push((old.rid, seq)),
                }
                if !old.gone {
                    let counts = old.state.counts();
                    let row = with_today(&old.values);
                    tallies.add(&schema.sources, &self.table, &row, counts, -1)?;
                }
            }
            if !fresh.gone {
                let counts = fresh.state.counts();
                let row = with_today(&fresh.values);
                tallies.add(&schema.sources, &self.table, &row, counts, 1)?;
            }
            self.keys.insert(fresh.key.clone(), record);
            self.records.insert(
                record,
                Stand {
                    rid: fresh.rid,
                    rev: fresh.rev,
                    key: fresh.key.clone(),
                    state: fresh.state,
                    gone: fresh.gone,
                    values: Arc::clone(&fresh.values),
                    fresh: Some(self.fresh.len()),
                },
            );
            self.fresh.push(fresh);
        }
        written.digest = hasher.finalize().into();
        Ok((outcomes, (written.rows > 0).then_some(written)))
    }

    /// Writes everything that was taken.
    pub(super) async fn write(&self, tx: &mut Tx) -> Result<()> {
        // What ends makes room for its key before the next revision comes.
        if !self.ended.is_empty() {
            let mut args = tx.args();
            args.pairs(&self.ended);
            let ended = tx.execute(&self.table.close_each, args).await?;
            if usize::try_from(ended).ok() != Some(self.ended.len()) {
                return Err(Error::Database(format!(
                    "{}: {ended} of {} revisions ended",
                    self.table.id,
                    self.ended.len()
                )));
            }
        }
        let bulk: &Bulk = &self.table.insert;
        let mut rows = self.fresh.as_slice();
        while !rows.is_empty() {
            let (takes, sql) = bulk.fitting(rows.len());
            let (now, later) = rows.split_at(takes.min(rows.len()));
            let mut args = tx.args();
            args.reserve(now.len() * self.table.width());
            for row in now {
                self.table.bind(
                    &mut args,
                    row.rid,
                    (row.from, row.to),
                    row.head(&self.table.id),
                    &row.digest,
                    &row.values,
                );
            }
            tx.execute(sql, args).await?;
            rows = later;
        }
        Ok(())
    }
}

/// A row as indicators see it: the place of `today` is empty.
fn with_today(values: &[qipan_model::Value]) -> Vec<qipan_model::Value> {
    let mut row = Vec::with_capacity(values.len() + 1);
    row.extend_from_slice(values);
    row.push(qipan_model::Value::Null);
    row
}
