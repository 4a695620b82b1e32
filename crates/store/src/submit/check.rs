//! The checks of one change, before anything of it gathers.

use std::collections::HashSet;
use std::sync::Arc;

use qipan_model::{Confirmation, Register, Value};

use super::ledger::{Ledger, Stand};
use super::{Edit, Refusal, Values};
use crate::digest::RowHead;
use crate::table::MAX_KEY;
use crate::{Error, NewRow, Result};

/// An edit that has passed its checks.
pub(super) enum Passed {
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
pub(super) struct Plan(pub Vec<Passed>);

impl Ledger {
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
    fn same(&mut self, old: &[Value], new: &[Value]) -> bool {
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
