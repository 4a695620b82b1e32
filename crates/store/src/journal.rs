//! The journal: one entry per change set, each bound to the one before by its hash.

use jiff::Timestamp;
use serde::Serialize;

use crate::bulk::Bulk;
use crate::cells::{Args, Row};
use crate::clock::written;
use crate::db::Tx;
use crate::digest::{self, EntryHead, Sha};
use crate::{Change, Error, Result, SourceFile};

/// Most rows in one entry.
pub(crate) const MOST_ROWS: usize = 1_000;
/// Most bytes of one of the words of a change.
const MOST_WORDS: usize = 4_000;

pub(crate) const COLUMNS: &str =
    "seq, at, actor, reason, action, register, rows, payload, digest, prev, hash";

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub seq: i64,
    pub at: String,
    pub actor: String,
    pub reason: String,
    pub action: String,
    pub register: String,
    pub rows: i64,
    pub payload: String,
    pub digest: Vec<u8>,
    pub prev: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Stored {
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.int(0)?,
            at: row.text(1)?,
            actor: row.text(2)?,
            reason: row.text(3)?,
            action: row.text(4)?,
            register: row.text(5)?,
            rows: row.int(6)?,
            payload: row.text(7)?,
            digest: row.bytes(8)?,
            prev: row.bytes(9)?,
            hash: row.bytes(10)?,
        })
    }

    /// What its hash should be.
    pub(crate) fn computed(&self) -> Sha {
        digest::entry(EntryHead {
            seq: self.seq,
            at: &self.at,
            actor: &self.actor,
            reason: &self.reason,
            action: &self.action,
            register: &self.register,
            rows: self.rows,
            payload: &self.payload,
            digest: &self.digest,
            prev: &self.prev,
        })
    }
}

/// The newest entry, or the beginning of an empty journal.
#[derive(Debug, Clone)]
pub(crate) struct Tip {
    pub seq: i64,
    pub at: Option<Timestamp>,
    pub hash: Vec<u8>,
}

/// The hash before the first entry.
pub(crate) const GENESIS: Sha = [0; 32];

pub(crate) async fn tip(tx: &mut Tx) -> Result<Tip> {
    Ok(opening(tx).await?.0)
}

/// The newest entry, and the number of the last one that brought a pack: what everybody who reads
/// begins with, in one statement.
pub(crate) async fn opening(tx: &mut Tx) -> Result<(Tip, Option<i64>)> {
    let args = tx.args();
    let row = tx
        .row(
            "SELECT seq, at, hash, coalesce((SELECT max(seq) FROM pack_version), 0)
             FROM journal ORDER BY seq DESC LIMIT 1",
            args,
        )
        .await?;
    let Some(row) = row else {
        let tip = Tip {
            seq: 0,
            at: None,
            hash: GENESIS.to_vec(),
        };
        return Ok((tip, None));
    };
    let tip = Tip {
        seq: row.int(0)?,
        at: Some(moment(&row.text(1)?)?),
        hash: row.bytes(2)?,
    };
    let pack = row.int(3)?;
    Ok((tip, (pack > 0).then_some(pack)))
}

pub(crate) fn moment(text: &str) -> Result<Timestamp> {
    text.parse()
        .map_err(|_| Error::Database(format!("journal.at: {text}")))
}

/// The moment of new entries: now, but always later than the entries that stand, so that no two
/// changes share one, whatever the clock does.
pub(crate) fn next_moment(now: Timestamp, tip: &Tip) -> Timestamp {
    let micros =
        |moment: Timestamp| Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(moment);
    let now = micros(now);
    match tip.at {
        Some(last) if last >= now => {
            Timestamp::from_microsecond(last.as_microsecond() + 1).unwrap_or(last)
        }
        _ => now,
    }
}

/// An entry that waits for its moment and its hash.
#[derive(Debug)]
pub(crate) struct Pending {
    pub action: String,
    pub register: String,
    pub rows: i64,
    pub payload: String,
    pub digest: Sha,
}

/// Particulars of an entry. The order of keys is the order of these fields.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Payload<'a> {
    /// First and last row number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rids: Option<[i64; 2]>,
    #[serde(skip_serializing_if = "is_zero")]
    pub inserted: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub updated: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub retracted: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a SourceFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackNote<'a>>,
    /// Where from.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub origin: &'a str,
    /// Particulars of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'a serde_json::Value>,
}

/// Which pack was applied.
#[derive(Debug, Serialize)]
pub(crate) struct PackNote<'a> {
    pub id: &'a str,
    pub version: &'a str,
    pub digest: &'a str,
    pub renames: Vec<[&'a str; 3]>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Payload<'_> {
    pub(crate) fn written(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Database(error.to_string()))
    }
}

/// Refuses words that are too long for the journal.
pub(crate) fn admissible(change: &Change) -> Result<()> {
    let words = [
        &change.actor,
        &change.reason,
        &change.action,
        &change.origin,
    ];
    if words
        .iter()
        .any(|words| words.len() > MOST_WORDS || words.contains('\0'))
    {
        return Err(Error::Limit(format!(
            "操作人、事由、动作、来处各不超过 {MOST_WORDS} 字节"
        )));
    }
    Ok(())
}

/// A pending entry with who is answerable for it and when: the changes of several people may share
/// a transaction.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub change: &'a Change,
    pub at: Timestamp,
    pub entry: &'a Pending,
}

/// Writes the pending entries after the tip, all with one moment; gives the new tip.
pub(crate) async fn write(
    tx: &mut Tx,
    tip: &Tip,
    at: Timestamp,
    change: &Change,
    entries: &[Pending],
) -> Result<Tip> {
    let signed: Vec<Signed<'_>> = entries
        .iter()
        .map(|entry| Signed { change, at, entry })
        .collect();
    write_signed(tx, tip, &signed).await
}

/// Writes entries of several changes after the tip; gives the new tip. Moments must not go back.
pub(crate) async fn write_signed(tx: &mut Tx, tip: &Tip, entries: &[Signed<'_>]) -> Result<Tip> {
    let bulk = Bulk::new(
        tx.dialect(),
        &format!("INSERT INTO journal ({COLUMNS})"),
        11,
        "",
    );
    let mut tip = tip.clone();
    let mut entries = entries;
    while !entries.is_empty() {
        let (takes, sql) = bulk.fitting(entries.len());
        let (now, later) = entries.split_at(takes.min(entries.len()));
        let mut args = tx.args();
        for signed in now {
            bind(&mut args, &mut tip, *signed);
        }
        tx.execute(sql, args).await?;
        entries = later;
    }
    Ok(tip)
}

/// Adds the parameters of the entry that follows the tip, which moves on to it.
fn bind(args: &mut Args, tip: &mut Tip, Signed { change, at, entry }: Signed<'_>) {
    let moment = written(at);
    let head = EntryHead {
        seq: tip.seq + 1,
        at: &moment,
        actor: &change.actor,
        reason: &change.reason,
        action: &entry.action,
        register: &entry.register,
        rows: entry.rows,
        payload: &entry.payload,
        digest: &entry.digest,
        prev: &tip.hash,
    };
    let hash = digest::entry(head);
    args.int(head.seq);
    for words in [head.at, head.actor, head.reason, head.action, head.register] {
        args.text(words);
    }
    args.int(head.rows);
    args.text(head.payload);
    args.bytes(head.digest);
    args.bytes(head.prev);
    args.bytes(&hash);
    *tip = Tip {
        seq: head.seq,
        at: Some(at),
        hash: hash.to_vec(),
    };
}
