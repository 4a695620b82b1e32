//! One register during a transaction: what stands of it, as the changes of the transaction see it
//! one after the other, and what is to be written in the end.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use qipan_model::{Confirmation, Record, Register};
use sha2::{Digest, Sha256};

use super::{Edit, Refusal, Values};
use crate::bulk::Bulk;
use crate::db::{STANDS, Speak, Tx};
use crate::digest::{RowHead, Sha};
use crate::packs::Schema;
use crate::rollup::Tallies;
use crate::table::{MAX_KEY, Table};
use crate::{Error, NewRow, Outcome, Result};

/// The newest revision of a record.
struct Stand {
    rid: i64,
    rev: i64,
    key: String,
    state: Confirmation,
    gone: bool,
    values: Values,
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

/// An edit that has passed its checks.
enum Passed {
    Write {
        /// `None` is a new record.
        record: Option<i64>,
        rev: i64,
        key: String,
        state: Confirmation,
        gone: bool,
        source: Arc<str>,
        place: String,
        values: Values,
    },
    Unchanged(i64),
}

/// The edits of one change that may be written, in order.
pub(super) struct Plan(Vec<Passed>);

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
    table: Arc<Table>,
    records: HashMap<i64, Stand>,
    keys: HashMap<String, i64>,
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

    /// Checks all edits of a change against what stands.
    ///
    /// # Errors
    /// When a value does not fit its column or a key is missing.
    pub(super) fn plan(
        &self,
        register: &Register,
        edits: &[Edit],
    ) -> Result<std::result::Result<Plan, Refusal>> {
        let mut check = Check {
            ledger: self,
            register,
            taken: HashSet::new(),
            left: self.left(register, edits),
            touched: HashSet::new(),
            stale: Vec::new(),
            buffer: Vec::new(),
        };
        let mut passed = Vec::with_capacity(edits.len());
        for edit in edits {
            match check.edit(edit)? {
                Ok(Some(edit)) => passed.push(edit),
                // Stale: the others are looked at all the same, to name all that moved on.
                Ok(None) => {}
                Err(refusal) if check.stale.is_empty() => return Ok(Err(refusal)),
                Err(_) => {}
            }
        }
        if check.stale.is_empty() {
            Ok(Ok(Plan(passed)))
        } else {
            Ok(Err(Refusal::Stale(check.stale)))
        }
    }

    /// Keys that a change takes off the records that have them: others may have them then.
    fn left(&self, register: &Register, edits: &[Edit]) -> HashSet<String> {
        let left = edits.iter().filter_map(|edit| {
            let Edit::Revise { record, row, .. } = edit else {
                return None;
            };
            let old = &self.records.get(record)?.key;
            (register.key_of(&row.values).as_ref() != Some(old)).then(|| old.clone())
        });
        left.collect()
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

/// The checks of one change.
struct Check<'a> {
    ledger: &'a Ledger,
    register: &'a Register,
    /// Keys that the change itself takes, and those that it leaves.
    taken: HashSet<String>,
    left: HashSet<String>,
    touched: HashSet<i64>,
    stale: Vec<(i64, i64)>,
    buffer: Vec<u8>,
}

impl<'a> Check<'a> {
    /// `None` is a record that has moved on.
    fn edit(&mut self, edit: &Edit) -> Result<std::result::Result<Option<Passed>, Refusal>> {
        match edit {
            Edit::Create { row } => {
                let key = self.key(row)?;
                if let Err(refusal) = self.take_key(&key) {
                    return Ok(Err(refusal));
                }
                Ok(Ok(Some(Passed::Write {
                    record: None,
                    rev: 1,
                    key,
                    state: row.confirmation,
                    gone: false,
                    source: Arc::clone(&row.source),
                    place: row.place.clone(),
                    values: row.values.as_slice().into(),
                })))
            }
            Edit::Revise { record, rev, row } => {
                let key = self.key(row)?;
                let old = match self.newest(*record, *rev)? {
                    Ok(Some(old)) => old,
                    Ok(None) => return Ok(Ok(None)),
                    Err(refusal) => return Ok(Err(refusal)),
                };
                if key != old.key
                    && let Err(refusal) = self.take_key(&key)
                {
                    return Ok(Err(refusal));
                }
                let same = !old.gone
                    && key == old.key
                    && row.confirmation == old.state
                    && self.same(&old.values, &row.values);
                Ok(Ok(Some(if same {
                    Passed::Unchanged(*record)
                } else {
                    Passed::Write {
                        record: Some(*record),
                        rev: rev + 1,
                        key,
                        state: row.confirmation,
                        gone: false,
                        source: Arc::clone(&row.source),
                        place: row.place.clone(),
                        values: row.values.as_slice().into(),
                    }
                })))
            }
            Edit::Retract { record, rev } => {
                let old = match self.newest(*record, *rev)? {
                    Ok(Some(old)) => old,
                    Ok(None) => return Ok(Ok(None)),
                    Err(refusal) => return Ok(Err(refusal)),
                };
                if old.gone {
                    return Ok(Err(Refusal::Withdrawn(*record)));
                }
                Ok(Ok(Some(Passed::Write {
                    record: Some(*record),
                    rev: rev + 1,
                    key: old.key.clone(),
                    state: old.state,
                    gone: true,
                    source: "".into(),
                    place: String::new(),
                    values: Arc::clone(&old.values),
                })))
            }
        }
    }

    /// The key of a row whose values fit their columns.
    fn key(&self, row: &NewRow) -> Result<String> {
        self.ledger.table.check(&row.values, &row.place)?;
        let key = self
            .register
            .key_of(&row.values)
            .ok_or_else(|| Error::NoKey {
                place: row.place.clone(),
                fields: self.labels(),
            })?;
        if key.chars().count() > MAX_KEY {
            return Err(Error::Limit(format!("编号不超过 {MAX_KEY} 个字")));
        }
        Ok(key)
    }

    fn labels(&self) -> String {
        let labels: Vec<&str> = self
            .register
            .key
            .iter()
            .map(|&index| self.register.fields[index].label.as_str())
            .collect();
        labels.join("、")
    }

    fn take_key(&mut self, key: &str) -> std::result::Result<(), Refusal> {
        if let Some(&record) = self.ledger.keys.get(key)
            && !self.left.contains(key)
        {
            let stand = &self.ledger.records[&record];
            return Err(Refusal::KeyStands {
                record,
                rev: stand.rev,
                gone: stand.gone,
            });
        }
        if self.taken.insert(key.to_owned()) {
            Ok(())
        } else {
            Err(Refusal::KeyTwice(key.to_owned()))
        }
    }

    /// The revision that an edit was made on; `None` when the record has moved on.
    fn newest(
        &mut self,
        record: i64,
        rev: i64,
    ) -> Result<std::result::Result<Option<&'a Stand>, Refusal>> {
        if !self.touched.insert(record) {
            return Err(Error::Limit(format!(
                "第 {record} 号记录在一次更改里只能出现一次"
            )));
        }
        let ledger = self.ledger;
        let Some(stand) = ledger.records.get(&record) else {
            return Ok(Err(Refusal::NoRecord(record)));
        };
        if stand.rev != rev {
            self.stale.push((record, stand.rev));
            return Ok(Ok(None));
        }
        Ok(Ok(Some(stand)))
    }

    /// Whether two rows hold the same, told as everywhere by their digest.
    fn same(&mut self, old: &[qipan_model::Value], new: &[qipan_model::Value]) -> bool {
        let table = &self.ledger.table;
        let head = RowHead {
            register: &table.id,
            record: 0,
            rev: 0,
            key: "",
            state: "",
            gone: false,
            source: "",
            place: "",
        };
        table.digest(&mut self.buffer, head, old) == table.digest(&mut self.buffer, head, new)
    }
}

/// A row as indicators see it: the place of `today` is empty.
fn with_today(values: &[qipan_model::Value]) -> Vec<qipan_model::Value> {
    let mut row = Vec::with_capacity(values.len() + 1);
    row.extend_from_slice(values);
    row.push(qipan_model::Value::Null);
    row
}
