//! Signed checkpoints, in the table and outside the database, held against the journal.

use std::collections::BTreeMap;

use super::Walk;
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
            self.find(self.last + 1, "", format!("检查点读不出来：{error}"));
            BTreeMap::new()
        })
    }

    /// Holds an entry against its checkpoints, in the table and outside the database.
    pub(super) fn outside(&mut self, entry: &Stored, inside: Option<&Checkpoint>) {
        if let Some(checkpoint) = inside {
            self.signed(entry, checkpoint, "检查点表");
            self.sealed.push_back(checkpoint.clone());
            if self.sealed.len() > LATE {
                self.sealed.pop_front();
            }
        }
        while let Some((number, line)) = self
            .lines
            .next_if(|(_, line)| line.as_ref().is_none_or(|line| line.seq <= entry.seq))
        {
            let place = format!("checkpoints.jsonl 第 {number} 行");
            match line {
                Some(checkpoint) if checkpoint.seq == entry.seq => {
                    self.signed(entry, &checkpoint, &place);
                }
                // Lines are written once a transaction is durable: of two writers, one right
                // after the other, the second may be the first to write its line.
                Some(checkpoint) if self.sealed.contains(&checkpoint) => {}
                Some(_) => self.find(entry.seq, "", format!("{place}的次序不对")),
                None => self.find(entry.seq, "", format!("{place}读不出来")),
            }
        }
    }

    fn signed(&mut self, entry: &Stored, checkpoint: &Checkpoint, place: &str) {
        let seq = entry.seq;
        let what = match &self.judge {
            None => "无法核对：数据目录里没有公钥 keys/checkpoint.pub",
            Some(judge) if !judge.accepts(checkpoint) => "的签名不对，检查点被改过",
            Some(_) if checkpoint.hash != hex(&entry.hash) || checkpoint.at != entry.at => {
                "签的是另一个哈希，日志在签名之后被改写"
            }
            Some(_) => return,
        };
        self.find(seq, "", format!("{place}（第 {seq} 条日志）{what}"));
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
                None => self.find(
                    last,
                    "",
                    format!("checkpoints.jsonl 第 {number} 行读不出来"),
                ),
            }
        }
        if let Some(seq) = beyond.into_iter().max() {
            let what = format!("日志只到第 {last} 条，但第 {seq} 条已有检查点：日志被截断");
            self.find(last + 1, "", what);
        }
    }
}
