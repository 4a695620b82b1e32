//! The rows that entries of the journal wrote: each against its digest, each revision against the one
//! before, and none that no entry speaks of.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{MOST_BROKEN, Walk, said};
use crate::Result;
use crate::cells::Row;
use crate::db::{STANDS, Speak, Tx};
use crate::digest::RowHead;
use crate::journal::{self, Stored};
use crate::table::Table;

impl Walk {
    /// Notes that an entry accounts for these rows of a table, which must follow the ones before.
    pub(super) fn account(&mut self, table: &str, seq: i64, [first, last]: [i64; 2]) {
        let before = self.rids.get(table).copied().unwrap_or(0);
        if first != before + 1 {
            let what = said(
                format!("第 {seq} 条日志的行号从 {first} 起，应从 {} 起", before + 1),
                format!(
                    "the rows of entry {seq} begin with {first} and should with {}",
                    before + 1
                ),
            );
            self.find(seq, table, what);
        }
        self.rids.insert(table.to_owned(), last.max(before));
    }

    /// The rows that an entry wrote.
    pub(super) async fn rows(&mut self, tx: &mut Tx, entry: &Stored, rids: [i64; 2]) {
        let (seq, register) = (entry.seq, entry.register.as_str());
        self.account(register, seq, rids);
        let Some(table) = self.tables.remove(register) else {
            self.find(
                seq,
                register,
                said(
                    format!("日志所记的台账“{register}”不在目录里"),
                    format!("the register “{register}” that the journal names is not listed"),
                ),
            );
            return;
        };
        let sql = format!(
            "SELECT {}, _digest FROM {} WHERE _rid BETWEEN ? AND ? ORDER BY _rid LIMIT {}",
            table.select,
            table.name,
            journal::MOST_ROWS + 1
        );
        let mut args = tx.args();
        args.int(rids[0]);
        args.int(rids[1]);
        match tx.rows(&sql, args).await {
            Ok(rows) => self.compare(tx, entry, &table, rids, &rows).await,
            Err(error) => self.find(
                seq,
                register,
                said(
                    format!("这批记录读不出来：{error}"),
                    "these records cannot be read",
                ),
            ),
        }
        self.tables.insert(table.id.clone(), table);
    }

    async fn compare(
        &mut self,
        tx: &mut Tx,
        entry: &Stored,
        table: &Table,
        rids: [i64; 2],
        rows: &[Row],
    ) {
        let (seq, register) = (entry.seq, table.id.as_str());
        let found_before = self.broken.len();
        let mut hasher = Sha256::new();
        let mut buffer = Vec::new();
        let mut expected = rids[0];
        let mut linked = Vec::new();
        for row in rows {
            let (rid, record) = match table.record(row) {
                Ok(read) => read,
                Err(error) => {
                    let named = row.int(1).ok().zip(row.int(2).ok());
                    self.find_row(
                        seq,
                        register,
                        named,
                        said(
                            format!("这一行读不出来：{error}"),
                            "this row cannot be read",
                        ),
                    );
                    expected = row.int(0).unwrap_or(expected) + 1;
                    continue;
                }
            };
            if rid != expected {
                let what = said(
                    format!("第 {expected} 行至第 {} 行不见了", rid - 1),
                    format!("rows {expected} to {} are gone", rid - 1),
                );
                self.find(seq, register, what);
            }
            expected = rid + 1;
            let named = Some((record.record, record.rev));
            let head = RowHead {
                register,
                record: record.record,
                rev: record.rev,
                key: &record.key,
                state: record.confirmation.as_str(),
                gone: record.retracted,
                source: &record.source,
                place: &record.place,
            };
            let digest = table.digest(&mut buffer, head, &record.values);
            hasher.update(digest);
            let stored = row.bytes(10 + table.columns.len()).unwrap_or_default();
            if stored != digest {
                let what = said(
                    format!("“{}”的内容与它的摘要不符，这一行被改过", record.key),
                    format!(
                        "“{}” does not fit its digest: the row was changed",
                        record.key
                    ),
                );
                self.find_row(seq, register, named, what);
            }
            if record.from_seq != seq {
                let what = said(
                    format!(
                        "“{}”的起始序号是 {}，应为 {seq}",
                        record.key, record.from_seq
                    ),
                    format!(
                        "“{}” begins with entry {} and should with {seq}",
                        record.key, record.from_seq
                    ),
                );
                self.find_row(seq, register, named, what);
            }
            if record.rev == 1 && record.record != rid {
                let what = said(
                    format!("“{}”的记录号与行号不符", record.key),
                    format!(
                        "the number of the record “{}” is not that of its row",
                        record.key
                    ),
                );
                self.find_row(seq, register, named, what);
            }
            if record.rev > 1 || record.to_seq.is_some() {
                linked.push((record.record, record.rev, record.to_seq, record.key));
            }
        }
        if expected <= rids[1] {
            let what = said(
                format!("第 {expected} 行至第 {} 行不见了", rids[1]),
                format!("rows {expected} to {} are gone", rids[1]),
            );
            self.find(seq, register, what);
        }
        // When single rows are named already, the batch adds nothing.
        let fits = hasher.finalize()[..] == entry.digest
            && entry.rows == rids[1].saturating_sub(rids[0]).saturating_add(1);
        if !fits && self.broken.len() == found_before {
            self.find(
                seq,
                register,
                said(
                    "这批记录与日志的摘要不符，有行被换过",
                    "these records do not fit the digest in the journal: rows were exchanged",
                ),
            );
        }
        self.revisions(tx, seq, table, &linked).await;
    }

    /// A revision ends where the next one begins, and nowhere else.
    async fn revisions(
        &mut self,
        tx: &mut Tx,
        seq: i64,
        table: &Table,
        linked: &[(i64, i64, Option<i64>, String)],
    ) {
        if linked.is_empty() {
            return;
        }
        let records: Vec<i64> = linked.iter().map(|(record, ..)| *record).collect();
        let sql = format!(
            "SELECT _record, _rev, _from, _to FROM {name} WHERE {first} AND _rev = 1
             UNION ALL
             SELECT _record, _rev, _from, _to FROM {name} WHERE {later} AND _rev > 1",
            name = table.name,
            first = tx.dialect().in_list("_rid"),
            later = tx.dialect().in_list("_record"),
        );
        let mut args = tx.args();
        args.ints(&records);
        args.ints(&records);
        let read = |row: &Row| -> Result<_> {
            Ok(((row.int(0)?, row.int(1)?), (row.int(2)?, row.int(3)?)))
        };
        let rows = tx.rows(&sql, args).await;
        let spans: Result<BTreeMap<(i64, i64), (i64, i64)>> =
            rows.and_then(|rows| rows.iter().map(read).collect());
        let spans = match spans {
            Ok(spans) => spans,
            Err(error) => {
                self.find(
                    seq,
                    &table.id,
                    said(
                        format!("修订读不出来：{error}"),
                        "the revisions cannot be read",
                    ),
                );
                return;
            }
        };
        for (record, rev, to, key) in linked {
            let named = Some((*record, *rev));
            if *rev > 1 {
                let what = match spans.get(&(*record, rev - 1)) {
                    Some((_, ended)) if *ended == seq => None,
                    Some((_, STANDS)) => Some(("没有结束", "has not ended")),
                    Some(_) => Some(("不是在这时结束的", "did not end here")),
                    None => Some(("不见了", "is gone")),
                };
                if let Some((zh, en)) = what {
                    let what = said(
                        format!("“{key}”的前一次修订{zh}"),
                        format!("the revision of “{key}” before this one {en}"),
                    );
                    self.find_row(seq, &table.id, named, what);
                }
            }
            if let Some(to) = to
                && spans
                    .get(&(*record, rev + 1))
                    .is_none_or(|(from, _)| from != to)
            {
                let what = said(
                    format!("“{key}”被标为在第 {to} 条日志结束，但那里没有它的下一次修订"),
                    format!(
                        "“{key}” is marked as ended by entry {to}, where no next revision of it stands"
                    ),
                );
                // It is that entry which lacks something, when there is one.
                let at = if *to <= self.tip { *to } else { seq };
                self.find_row(at, &table.id, named, what);
            }
        }
    }

    /// Rows for which no entry accounts.
    pub(super) async fn surplus(&mut self, tx: &mut Tx) {
        let registers = self.tables.values().map(|table| (table.id.clone(), true));
        let others = ["return", "evidence"].map(|table| (table.to_owned(), false));
        let tables: Vec<(String, bool)> = registers.chain(others).collect();
        for (id, revised) in tables {
            let last = self.rids.get(&id).copied().unwrap_or(0);
            let columns = if revised {
                "_from, _record, _rev"
            } else {
                "_from, _rid, _rid"
            };
            let sql = format!(
                "SELECT {columns} FROM {} WHERE _rid > ? OR _rid < 1 LIMIT {MOST_BROKEN}",
                crate::db::quoted(&id)
            );
            let mut args = tx.args();
            args.int(last);
            match tx.rows(&sql, args).await {
                Ok(rows) => {
                    for row in rows {
                        let from = row.int(0).unwrap_or(self.last);
                        let named = row.int(1).ok().zip(row.int(2).ok()).filter(|_| revised);
                        self.find_row(
                            from,
                            &id,
                            named,
                            said(
                                "这一行没有日志，是另外添进去的",
                                "no entry speaks of this row: it was added from outside",
                            ),
                        );
                    }
                }
                Err(error) => self.find(
                    self.last,
                    &id,
                    said(
                        format!("台账读不出来：{error}"),
                        "the register cannot be read",
                    ),
                ),
            }
        }
        let args = tx.args();
        let sql = "SELECT seq FROM pack_version WHERE seq NOT IN
            (SELECT seq FROM journal WHERE action = 'pack')";
        match tx.rows(sql, args).await {
            Ok(rows) => {
                for row in rows {
                    let seq = row.int(0).unwrap_or(self.last);
                    self.find(
                        seq,
                        "",
                        said(
                            "这个机制包没有日志，是另外添进去的",
                            "no entry speaks of this pack: it was added from outside",
                        ),
                    );
                }
            }
            Err(error) => self.find(
                self.last,
                "",
                said(
                    format!("机制包读不出来：{error}"),
                    "the packs cannot be read",
                ),
            ),
        }
    }
}
