//! One transaction of several changes.
//!
//! What the changes look at is read in a few statements; they are then carried out one after the
//! other in memory, and what comes of it is written in a few statements again. So a transaction of
//! thirty changes costs little more than one of a single change.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::{Timestamp, ToSpan};

use super::ledger::Ledger;
use super::{Answer, Given, Once, Refusal, Submission, Submitted, Work, looks_at};
use crate::clock::written;
use crate::db::{Speak, Tx};
use crate::evidence::{self, Bindings};
use crate::journal::{self, Payload, Pending, Signed, Tip};
use crate::packs::{APPLY, Schema};
use crate::rollup::Tallies;
use crate::store::Store;
use crate::write::RETURN;
use crate::{Error, Result};

/// Days for which a request is remembered.
const REMEMBERED: i64 = 7;

/// Writes changes in one transaction; one answer each.
///
/// # Errors
/// When the database refuses; then nothing of any of them is kept.
pub(super) async fn write(
    store: &Store,
    submissions: &[Submission],
) -> Result<Vec<Result<Answer>>> {
    let mut tx = store.db().write().await?;
    let schema = store.schema(&mut tx).await?.ok_or(Error::NoPack)?;
    let tip = journal::tip(&mut tx).await?;
    let now = store.now();
    let mut batch = Batch {
        ledgers: ledgers(&mut tx, &schema, submissions).await?,
        bindings: Bindings::load(&mut tx, submissions).await?,
        given: given(&mut tx, submissions).await?,
        fresh: Vec::new(),
        schema,
        tip: tip.clone(),
        now,
        last: tip.clone(),
        tallies: Tallies::default(),
        entries: Vec::new(),
    };
    let mut answers = Vec::with_capacity(submissions.len());
    for submission in submissions {
        answers.push(match batch.take(submission) {
            Err(Failed::Alone(error)) => Err(error),
            Err(Failed::All(error)) => return Err(error),
            Ok(answer) => Ok(answer),
        });
    }
    if batch.entries.is_empty() && batch.fresh.is_empty() {
        tx.rollback().await?;
        return Ok(answers);
    }
    for ledger in batch.ledgers.values() {
        ledger.write(&mut tx).await?;
    }
    batch.bindings.write(&mut tx).await?;
    batch.tallies.flush(&batch.schema.sources, &mut tx).await?;
    let signed: Vec<Signed<'_>> = batch
        .entries
        .iter()
        .map(|entry| Signed {
            change: &entry.submission.change,
            at: entry.at,
            entry: &entry.pending,
        })
        .collect();
    let head = journal::write_signed(&mut tx, &tip, &signed).await?;
    remember(&mut tx, store, &batch, now).await?;
    let checkpoint = if signed.is_empty() {
        None
    } else {
        store.sign(&mut tx, &head).await?
    };
    tx.commit().await?;
    store.publish(checkpoint.as_ref())?;
    Ok(answers)
}

/// An entry to be written, and the change that it is of.
struct Entry<'s> {
    submission: &'s Submission,
    at: Timestamp,
    pending: Pending,
}

struct Batch<'s> {
    ledgers: BTreeMap<String, Ledger>,
    bindings: Bindings,
    given: Given,
    /// Requests to be remembered.
    fresh: Vec<(&'s Once, Submitted)>,
    schema: Arc<Schema>,
    /// The journal before the transaction, and as the next entry finds it (without its hash).
    tip: Tip,
    last: Tip,
    now: Timestamp,
    tallies: Tallies,
    entries: Vec<Entry<'s>>,
}

/// Why a change was not taken.
enum Failed {
    /// It cannot be written; nothing of it has gathered.
    Alone(Error),
    /// It broke off in the middle: the whole transaction must be given up.
    All(Error),
}

impl<'s> Batch<'s> {
    /// Carries one change out in memory, or refuses it.
    fn take(&mut self, submission: &'s Submission) -> std::result::Result<Answer, Failed> {
        if let Some(once) = &submission.once
            && let Some((body, submitted)) = self.given.get(&once.id)
        {
            return Ok(if *body == once.body {
                Ok(Submitted {
                    repeated: true,
                    ..submitted.clone()
                })
            } else {
                Err(Refusal::OtherRequest)
            });
        }
        let register = submission.register().map_err(Failed::Alone)?;
        self.schema.table(register).map_err(Failed::Alone)?;
        let seq = self.tip.seq + i64::try_from(self.entries.len()).unwrap_or(i64::MAX) + 1;
        let submitted = match &submission.work {
            Work::Records(edits) => {
                let ledger = self
                    .ledgers
                    .get_mut(&register.id)
                    .ok_or_else(|| Failed::Alone(Error::NoRegister(register.id.clone())))?;
                let plan = match ledger.plan(register, edits).map_err(Failed::Alone)? {
                    Ok(plan) => plan,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let (outcomes, written) = ledger
                    .take(plan, seq, &self.schema, &mut self.tallies)
                    .map_err(Failed::All)?;
                let entry = match written {
                    None => None,
                    Some(written) => {
                        let payload = Payload {
                            rids: Some([written.first, written.first + written.rows - 1]),
                            inserted: written.inserted,
                            updated: written.updated,
                            retracted: written.retracted,
                            origin: &submission.change.origin,
                            ..Payload::default()
                        };
                        // These words belong to entries of other sorts.
                        let action = match submission.change.action.as_str() {
                            RETURN | APPLY | evidence::ATTACH | evidence::DETACH | "" => "edit",
                            action => action,
                        };
                        self.sign(submission, payload, |payload| Pending {
                            action: action.to_owned(),
                            register: register.id.clone(),
                            rows: written.rows,
                            payload,
                            digest: written.digest,
                        })
                        .map_err(Failed::All)?;
                        Some(seq)
                    }
                };
                Submitted {
                    entry,
                    outcomes,
                    repeated: false,
                }
            }
            Work::Attach { record, .. } | Work::Detach { record, .. } => {
                let gone = self
                    .ledgers
                    .get(&register.id)
                    .and_then(|ledger| ledger.gone(*record));
                if gone.is_none() {
                    return Ok(Err(Refusal::NoRecord(*record)));
                }
                let bound = match self.bindings.take(&register.id, &submission.work, seq) {
                    Ok(bound) => bound,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let payload = Payload {
                    rids: Some([bound.rid, bound.rid]),
                    origin: &submission.change.origin,
                    ..Payload::default()
                };
                self.sign(submission, payload, |payload| Pending {
                    action: bound.action.to_owned(),
                    register: register.id.clone(),
                    rows: 1,
                    payload,
                    digest: bound.digest,
                })
                .map_err(Failed::All)?;
                Submitted {
                    entry: Some(seq),
                    outcomes: Vec::new(),
                    repeated: false,
                }
            }
        };
        if let Some(once) = &submission.once {
            let kept = (once.body.clone(), submitted.clone());
            self.given.insert(once.id.clone(), kept);
            self.fresh.push((once, submitted.clone()));
        }
        Ok(Ok(submitted))
    }

    /// Adds an entry; each change has a moment of its own.
    fn sign(
        &mut self,
        submission: &'s Submission,
        payload: Payload<'_>,
        pending: impl FnOnce(String) -> Pending,
    ) -> Result<()> {
        let at = journal::next_moment(self.now, &self.last);
        self.last.at = Some(at);
        self.entries.push(Entry {
            submission,
            at,
            pending: pending(payload.written()?),
        });
        Ok(())
    }
}

/// What the changes look at, by register.
async fn ledgers(
    tx: &mut Tx,
    schema: &Schema,
    submissions: &[Submission],
) -> Result<BTreeMap<String, Ledger>> {
    let mut wanted: BTreeMap<&str, (HashSet<i64>, HashSet<String>)> = BTreeMap::new();
    for submission in submissions {
        // One made by another pack is refused later.
        if let Ok(register) = submission.register()
            && schema.table(register).is_ok()
        {
            let (records, keys) = wanted.entry(&register.id).or_default();
            looks_at(submission, register, records, keys);
        }
    }
    let mut ledgers = BTreeMap::new();
    for (register, (records, keys)) in wanted {
        let Some(table) = schema.tables.get(register) else {
            continue;
        };
        let records: Vec<i64> = records.into_iter().collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let ledger = Ledger::load(tx, Arc::clone(table), &records, &keys).await?;
        ledgers.insert(register.to_owned(), ledger);
    }
    Ok(ledgers)
}

/// Answers given before to the same requests.
async fn given(tx: &mut Tx, submissions: &[Submission]) -> Result<Given> {
    let ids: Vec<&str> = submissions
        .iter()
        .filter_map(|submission| Some(submission.once.as_ref()?.id.as_str()))
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, body, answer FROM request WHERE {}",
        tx.dialect().in_list("id")
    );
    let mut args = tx.args();
    args.texts(&ids);
    let rows = tx.rows(&sql, args).await?;
    rows.iter()
        .map(|row| {
            let answer = serde_json::from_str(&row.text(2)?)
                .map_err(|error| Error::Database(format!("request.answer: {error}")))?;
            Ok((row.text(0)?, (row.text(1)?, answer)))
        })
        .collect()
}

/// Keeps the answers to new requests, and now and then forgets old ones.
async fn remember(tx: &mut Tx, store: &Store, batch: &Batch<'_>, now: Timestamp) -> Result<()> {
    for (once, submitted) in &batch.fresh {
        let answer =
            serde_json::to_string(submitted).map_err(|error| Error::Database(error.to_string()))?;
        let mut args = tx.args();
        for words in [&once.id, &once.body, &answer, &written(now)] {
            args.text(words);
        }
        tx.exec(
            "INSERT INTO request (id, body, answer, at) VALUES (?, ?, ?, ?)",
            args,
        )
        .await?;
    }
    if !batch.fresh.is_empty()
        && store.line().sweeps(now)
        && let Ok(before) = now.checked_sub((REMEMBERED * 24).hours())
    {
        let mut args = tx.args();
        args.text(&written(before));
        tx.exec("DELETE FROM request WHERE at < ?", args).await?;
    }
    Ok(())
}
