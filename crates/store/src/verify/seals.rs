//! Signed checkpoints, in the table and outside the database, held against the journal.

use std::collections::BTreeMap;

use super::{Said, Walk, said};
use crate::Result;
use crate::cells::Row;
use crate::checkpoint::Checkpoint;
use crate::db::Tx;
use crate::digest::hex;
use crate::journal::Stored;

/// How many checkpoints later a line may still come.
const LATE: usize = 64;

impl Walk {
    /// Checkpoints in the table, within a span of entries.
    pub(super) async fn checkpoints(
        &mut self,
        tx: &mut Tx,
        after: i64,
        last: i64,
    ) -> BTreeMap<i64, Checkpoint> {
        let mut args = tx.args();
        args.int(after);
        args.int(last);
        let sql = "SELECT seq, hash, at, signature FROM checkpoint WHERE seq > ? AND seq <= ?";
        let rows = tx.rows(sql, args).await;
        let read = |row: &Row| -> Result<(i64, Checkpoint)> {
            let seq = row.int(0)?;
            Ok((
                seq,
                Checkpoint {
                    seq,
                    hash: hex(&row.bytes(1)?),
                    at: row.text(2)?,
                    signature: hex(&row.bytes(3)?),
                },
            ))
        };
        let rows: Result<_> = rows.and_then(|rows| rows.iter().map(read).collect());
        rows.unwrap_or_else(|error| {
            self.find(
                self.last + 1,
                "",
                said(
                    format!("检查点读不出来：{error}"),
                    "the checkpoints cannot be read",
                ),
            );
            BTreeMap::new()
        })
    }

    /// Holds an entry against its checkpoints, in the table and outside the database.
    pub(super) fn outside(&mut self, entry: &Stored, inside: Option<&Checkpoint>) {
        if let Some(checkpoint) = inside {
            let place = said("检查点表", "the table of checkpoints");
            self.signed(entry, checkpoint, &place);
            self.sealed.push_back(checkpoint.clone());
            if self.sealed.len() > LATE {
                self.sealed.pop_front();
            }
        }
        while let Some((number, line)) = self
            .lines
            .next_if(|(_, line)| line.as_ref().is_none_or(|line| line.seq <= entry.seq))
        {
            let place = line_of(number);
            match line {
                Some(checkpoint) if checkpoint.seq == entry.seq => {
                    self.signed(entry, &checkpoint, &place);
                }
                // Lines are written once a transaction is durable: of two writers, one right
                // after the other, the second may be the first to write its line.
                Some(checkpoint) if self.sealed.contains(&checkpoint) => {}
                Some(_) => {
                    let what = said(
                        format!("{}的次序不对", place.zh),
                        format!("{} stands out of order", place.en),
                    );
                    self.find(entry.seq, "", what);
                }
                None => self.find(entry.seq, "", unread(&place)),
            }
        }
    }

    fn signed(&mut self, entry: &Stored, checkpoint: &Checkpoint, place: &Said) {
        let seq = entry.seq;
        let what = match &self.judge {
            None => (
                "无法核对：数据目录里没有公钥 keys/checkpoint.pub",
                "cannot be judged: the data folder lacks the public key keys/checkpoint.pub",
            ),
            Some(judge) if !judge.accepts(checkpoint) => (
                "的签名不对，检查点被改过",
                "is signed wrongly: the checkpoint was changed",
            ),
            Some(_) if checkpoint.hash != hex(&entry.hash) || checkpoint.at != entry.at => (
                "签的是另一个哈希，日志在签名之后被改写",
                "signs another hash: the journal was rewritten after it was signed",
            ),
            Some(_) => return,
        };
        let what = said(
            format!("{}（第 {seq} 条日志）{}", place.zh, what.0),
            format!("{} (entry {seq}) {}", place.en, what.1),
        );
        self.find(seq, "", what);
    }

    /// Checkpoints beyond the journal's end: it was cut.
    pub(super) async fn surplus_checkpoints(&mut self, tx: &mut Tx) {
        let last = self.last;
        let mut beyond: Vec<i64> = self
            .checkpoints(tx, last, i64::MAX)
            .await
            .into_keys()
            .collect();
        while let Some((number, line)) = self.lines.next() {
            match line {
                Some(checkpoint) => beyond.push(checkpoint.seq),
                None => self.find(last, "", unread(&line_of(number))),
            }
        }
        if let Some(seq) = beyond.into_iter().max() {
            let what = said(
                format!("日志只到第 {last} 条，但第 {seq} 条已有检查点：日志被截断"),
                format!(
                    "the journal ends with entry {last}, but entry {seq} has a checkpoint: it was cut"
                ),
            );
            self.find(last + 1, "", what);
        }
    }
}

/// A line of the file of checkpoints.
fn line_of(number: usize) -> Said {
    said(
        format!("checkpoints.jsonl 第 {number} 行"),
        format!("line {number} of checkpoints.jsonl"),
    )
}

fn unread(place: &Said) -> Said {
    said(
        format!("{}读不出来", place.zh),
        format!("{} cannot be read", place.en),
    )
}
