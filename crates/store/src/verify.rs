//! Verification: the journal is walked from its first entry, everything it speaks of is held
//! against its digests, and the first thing that does not fit is named.
//!
//! Only one entry's rows are in memory at a time. What is damaged so badly that the database
//! itself cannot read it is reported like everything else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::iter::Peekable;

use qipan_sql::Dialect;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cells::Row;
use crate::checkpoint::{Checkpoint, Judge, Lines};
use crate::db::{STANDS, Speak, Tx};
use crate::desk;
use crate::digest::{self, RowHead, Sha, hex};
use crate::journal::{self, GENESIS, Stored};
use crate::packs::{self, APPLY, Catalogue, sha};
use crate::rollup::Tallies;
use crate::store::Store;
use crate::table::Table;
use crate::write::RETURN;
use crate::{Files, Result, SourceFile, evidence};

mod seals;

/// Most findings in a report.
const MOST_BROKEN: usize = 100;
/// Entries read at a time.
const PAGE: i64 = 200;

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Journal entry to which it belongs.
    pub seq: i64,
    /// Register; empty when it is the journal itself.
    pub register: String,
    /// Record, when it is a row.
    pub record: Option<i64>,
    /// Revision, when it is a row.
    pub rev: Option<i64>,
    /// What does not fit, in Chinese.
    pub what: String,
}

/// What `verify` found; serialises to the fixed JSON keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether everything fits.
    pub ok: bool,
    /// Journal entries read.
    pub entries: i64,
    /// Hash of the last entry, hex.
    pub head: String,
    /// What does not fit, the first entry first; at most 100.
    pub broken: Vec<Broken>,
}

/// The parts of an entry's payload that verification follows.
#[derive(Deserialize)]
struct Particulars {
    rids: Option<[i64; 2]>,
    source: Option<SourceFile>,
}

pub(crate) async fn verify(store: &Store) -> Result<VerifyReport> {
    let mut tx = store.db().read().await?;
    let dialect = tx.dialect();
    let mut walk = Walk {
        judge: store.seals().judge()?,
        lines: store.seals().lines()?.peekable(),
        sealed: VecDeque::new(),
        files: store.files().clone(),
        tables: BTreeMap::new(),
        rids: BTreeMap::new(),
        sources: BTreeSet::new(),
        broken: Vec::new(),
        entries: 0,
        tip: journal::tip(&mut tx).await.map_or(0, |tip| tip.seq),
        last: 0,
        hash: GENESIS.to_vec(),
    };
    match Catalogue::read(&mut tx).await {
        Ok(catalogue) => walk.tables = catalogue.tables(dialect),
        Err(error) => walk.find(0, "", format!("台账目录读不出来：{error}")),
    }
    walk.journal(&mut tx).await;
    walk.surplus(&mut tx).await;
    walk.surplus_checkpoints(&mut tx).await;
    // The first entry that does not fit comes first; within an entry, the order of finding.
    walk.broken.sort_by_key(|broken| broken.seq);
    if walk.broken.is_empty() {
        // Figures come from the rollups: rows that fit are of no use beside sums that do not.
        walk.rollups(store, &mut tx).await;
    }
    if dialect == Dialect::Sqlite {
        walk.pages(&mut tx).await;
    }
    // The transaction only read.
    let _ = tx.rollback().await;
    walk.broken.truncate(MOST_BROKEN);
    Ok(VerifyReport {
        ok: walk.broken.is_empty(),
        entries: walk.entries,
        head: hex(&walk.hash),
        broken: walk.broken,
    })
}

/// The state of a walk.
struct Walk {
    judge: Option<Judge>,
    lines: Peekable<Lines>,
    /// The last checkpoints of the table, which may stand a little later outside of it.
    sealed: VecDeque<Checkpoint>,
    files: Files,
    tables: BTreeMap<String, Table>,
    /// Last row number that entries account for, by table.
    rids: BTreeMap<String, i64>,
    /// Files already compared.
    sources: BTreeSet<String>,
    broken: Vec<Broken>,
    entries: i64,
    /// Number of the newest entry.
    tip: i64,
    /// Number and hash of the entry read last.
    last: i64,
    hash: Vec<u8>,
}

impl Walk {
    fn find(&mut self, seq: i64, register: &str, what: String) {
        self.find_row(seq, register, None, what);
    }

    fn find_row(&mut self, seq: i64, register: &str, row: Option<(i64, i64)>, what: String) {
        // A bound well above what is shown, so that sorting by entry still finds the first.
        if self.broken.len() < MOST_BROKEN * 10 {
            self.broken.push(Broken {
                seq,
                register: register.to_owned(),
                record: row.map(|(record, _)| record),
                rev: row.map(|(_, rev)| rev),
                what,
            });
        }
    }

    async fn journal(&mut self, tx: &mut Tx) {
        let sql = format!(
            "SELECT {} FROM journal WHERE seq > ? ORDER BY seq LIMIT {PAGE}",
            journal::COLUMNS
        );
        let mut after = i64::MIN;
        loop {
            let mut args = tx.args();
            args.int(after);
            let rows = match tx.rows(&sql, args).await {
                Ok(rows) => rows,
                Err(error) => {
                    self.find(self.last + 1, "", format!("日志读不出来：{error}"));
                    return;
                }
            };
            let Some(reached) = rows.last().and_then(|row| row.int(0).ok()) else {
                if !rows.is_empty() {
                    self.find(self.last + 1, "", "日志的序号读不出来".to_owned());
                }
                return;
            };
            let signed = self.checkpoints(tx, after, reached).await;
            for row in &rows {
                match Stored::read(row) {
                    Ok(entry) => {
                        self.entry(tx, &entry).await;
                        self.outside(&entry, signed.get(&entry.seq));
                    }
                    Err(error) => {
                        let seq = row.int(0).unwrap_or(self.last + 1);
                        self.find(seq, "", format!("第 {seq} 条日志读不出来：{error}"));
                        self.last = seq;
                        self.hash.clear();
                    }
                }
                self.entries += 1;
            }
            after = reached;
        }
    }

    /// One entry: its place in the chain, its hash, and what it speaks of.
    async fn entry(&mut self, tx: &mut Tx, entry: &Stored) {
        let seq = entry.seq;
        if seq != self.last + 1 {
            let what = if seq < 1 {
                format!("日志里多出第 {seq} 条")
            } else {
                format!("日志缺少第 {} 条至第 {} 条", self.last + 1, seq - 1)
            };
            self.find(self.last + 1, "", what);
        } else if entry.prev != self.hash && !self.hash.is_empty() {
            self.find(
                seq,
                "",
                format!("第 {seq} 条日志接不上前一条：前一条的哈希不符"),
            );
        }
        if entry.computed()[..] != entry.hash {
            self.find(
                seq,
                "",
                format!("第 {seq} 条日志的内容与它的哈希不符，日志被改过"),
            );
        }
        self.last = seq;
        self.hash.clone_from(&entry.hash);
        let Ok(particulars) = serde_json::from_str::<Particulars>(&entry.payload) else {
            self.find(seq, "", format!("第 {seq} 条日志的明细读不出来"));
            return;
        };
        if let Some(source) = particulars.source {
            self.source(seq, &source);
        }
        match (entry.action.as_str(), particulars.rids) {
            (APPLY, _) => self.pack(tx, entry).await,
            (RETURN, Some(rids)) if entry.rows == 1 => self.filed(tx, entry, rids).await,
            (evidence::ATTACH | evidence::DETACH, Some(rids)) if entry.rows == 1 => {
                self.evidence(tx, entry, rids).await;
            }
            (_, Some(rids)) => self.rows(tx, entry, rids).await,
            (_, None) => self.event(entry),
        }
    }

    /// An entry without rows: it must not claim any.
    fn event(&mut self, entry: &Stored) {
        if entry.rows != 0 || entry.digest != desk::NO_ROWS {
            let what = format!("第 {} 条日志没有行号，却记着行", entry.seq);
            self.find(entry.seq, &entry.register, what);
        }
    }

    fn source(&mut self, seq: i64, source: &SourceFile) {
        self.kept_file(seq, "来源文件", &source.name, source.digest.clone());
    }

    /// A file against its digest, once.
    fn kept_file(&mut self, seq: i64, what_it_is: &str, name: &str, digest: String) {
        if !self.sources.insert(digest.clone()) {
            return;
        }
        let what = match self.files.is_whole(&digest) {
            Ok(Some(true)) => return,
            Ok(Some(false)) => "的内容与记录的摘要不符，文件被改过".to_owned(),
            Ok(None) => "不在数据目录的 files 中".to_owned(),
            Err(error) => format!("读不出来：{error}"),
        };
        self.find(seq, "", format!("{what_it_is}“{name}”{what}"));
    }

    async fn pack(&mut self, tx: &mut Tx, entry: &Stored) {
        let mut args = tx.args();
        args.int(entry.seq);
        let row = tx
            .row("SELECT archive FROM pack_version WHERE seq = ?", args)
            .await;
        let archive = row.and_then(|row| row.map(|row| row.bytes(0)).transpose());
        let what = match archive {
            Ok(Some(archive)) if sha(&archive)[..] == entry.digest => return,
            Ok(Some(_)) => "保存的机制包与日志的摘要不符，机制包被改过".to_owned(),
            Ok(None) => "日志所记的机制包不见了".to_owned(),
            Err(error) => format!("保存的机制包读不出来：{error}"),
        };
        self.find(entry.seq, "", what);
    }

    async fn filed(&mut self, tx: &mut Tx, entry: &Stored, rids: [i64; 2]) {
        let mut args = tx.args();
        args.int(rids[0]);
        let sql = "SELECT _from, register, period, unit, kind FROM \"return\" WHERE _rid = ?";
        let row = tx.row(sql, args).await;
        let digest = |row: &Row| -> Result<(i64, Sha)> {
            let [register, period, unit, kind] =
                [row.text(1)?, row.text(2)?, row.text(3)?, row.text(4)?];
            Ok((row.int(0)?, digest::filed(&register, &period, &unit, &kind)))
        };
        self.account("return", entry.seq, rids);
        let what = match row.and_then(|row| row.as_ref().map(digest).transpose()) {
            Ok(Some((from, digest))) if from == entry.seq && digest[..] == entry.digest => return,
            Ok(Some(_)) => "报送记录与日志的摘要不符，被改过".to_owned(),
            Ok(None) => "日志所记的报送不见了".to_owned(),
            Err(error) => format!("报送记录读不出来：{error}"),
        };
        self.find(entry.seq, &entry.register, what);
    }

    /// A file that was bound to a record or taken off it: the row, and the file itself.
    async fn evidence(&mut self, tx: &mut Tx, entry: &Stored, rids: [i64; 2]) {
        self.account("evidence", entry.seq, rids);
        let what = match evidence::kept(tx, rids[0]).await {
            Ok(Some((from, digest, file))) if from == entry.seq && digest[..] == entry.digest => {
                let name = file.name;
                self.kept_file(entry.seq, "佐证文件", &name, file.digest);
                return;
            }
            Ok(Some(_)) => "佐证记录与日志的摘要不符，被改过".to_owned(),
            Ok(None) => "日志所记的佐证不见了".to_owned(),
            Err(error) => format!("佐证记录读不出来：{error}"),
        };
        self.find(entry.seq, &entry.register, what);
    }

    /// Notes that an entry accounts for these rows of a table, which must follow the ones before.
    fn account(&mut self, table: &str, seq: i64, [first, last]: [i64; 2]) {
        let before = self.rids.get(table).copied().unwrap_or(0);
        if first != before + 1 {
            let what = format!("第 {seq} 条日志的行号从 {first} 起，应从 {} 起", before + 1);
            self.find(seq, table, what);
        }
        self.rids.insert(table.to_owned(), last.max(before));
    }

    /// The rows that an entry wrote.
    async fn rows(&mut self, tx: &mut Tx, entry: &Stored, rids: [i64; 2]) {
        let (seq, register) = (entry.seq, entry.register.as_str());
        self.account(register, seq, rids);
        let Some(table) = self.tables.remove(register) else {
            self.find(
                seq,
                register,
                format!("日志所记的台账“{register}”不在目录里"),
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
            Err(error) => self.find(seq, register, format!("这批记录读不出来：{error}")),
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
                    self.find_row(seq, register, named, format!("这一行读不出来：{error}"));
                    expected = row.int(0).unwrap_or(expected) + 1;
                    continue;
                }
            };
            if rid != expected {
                let what = format!("第 {expected} 行至第 {} 行不见了", rid - 1);
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
                let what = format!("“{}”的内容与它的摘要不符，这一行被改过", record.key);
                self.find_row(seq, register, named, what);
            }
            if record.from_seq != seq {
                let what = format!(
                    "“{}”的起始序号是 {}，应为 {seq}",
                    record.key, record.from_seq
                );
                self.find_row(seq, register, named, what);
            }
            if record.rev == 1 && record.record != rid {
                let what = format!("“{}”的记录号与行号不符", record.key);
                self.find_row(seq, register, named, what);
            }
            if record.rev > 1 || record.to_seq.is_some() {
                linked.push((record.record, record.rev, record.to_seq, record.key));
            }
        }
        if expected <= rids[1] {
            let what = format!("第 {expected} 行至第 {} 行不见了", rids[1]);
            self.find(seq, register, what);
        }
        // When single rows are named already, the batch adds nothing.
        let fits = hasher.finalize()[..] == entry.digest
            && entry.rows == rids[1].saturating_sub(rids[0]).saturating_add(1);
        if !fits && self.broken.len() == found_before {
            self.find(
                seq,
                register,
                "这批记录与日志的摘要不符，有行被换过".to_owned(),
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
                self.find(seq, &table.id, format!("修订读不出来：{error}"));
                return;
            }
        };
        for (record, rev, to, key) in linked {
            let named = Some((*record, *rev));
            if *rev > 1 {
                let what = match spans.get(&(*record, rev - 1)) {
                    Some((_, ended)) if *ended == seq => None,
                    Some((_, STANDS)) => Some("的前一次修订没有结束"),
                    Some(_) => Some("的前一次修订不是在这时结束的"),
                    None => Some("的前一次修订不见了"),
                };
                if let Some(what) = what {
                    self.find_row(seq, &table.id, named, format!("“{key}”{what}"));
                }
            }
            if let Some(to) = to
                && spans
                    .get(&(*record, rev + 1))
                    .is_none_or(|(from, _)| from != to)
            {
                let what = format!("“{key}”被标为在第 {to} 条日志结束，但那里没有它的下一次修订");
                // It is that entry which lacks something, when there is one.
                let at = if *to <= self.tip { *to } else { seq };
                self.find_row(at, &table.id, named, what);
            }
        }
    }

    /// Rows for which no entry accounts.
    async fn surplus(&mut self, tx: &mut Tx) {
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
                            "这一行没有日志，是另外添进去的".to_owned(),
                        );
                    }
                }
                Err(error) => self.find(self.last, &id, format!("台账读不出来：{error}")),
            }
        }
        let args = tx.args();
        let sql = "SELECT seq FROM pack_version WHERE seq NOT IN
            (SELECT seq FROM journal WHERE action = 'pack')";
        match tx.rows(sql, args).await {
            Ok(rows) => {
                for row in rows {
                    let seq = row.int(0).unwrap_or(self.last);
                    self.find(seq, "", "这个机制包没有日志，是另外添进去的".to_owned());
                }
            }
            Err(error) => self.find(self.last, "", format!("机制包读不出来：{error}")),
        }
    }

    /// The rollups against the rows from which they come.
    async fn rollups(&mut self, store: &Store, tx: &mut Tx) {
        let found = async {
            let Some(schema) = store.schema(tx).await? else {
                return Ok(Vec::new());
            };
            let mut tallies = Tallies::default();
            packs::gather(tx, &schema, &mut tallies, false).await?;
            tallies.differences(&schema.sources, tx).await
        };
        match found.await {
            Ok(found) => {
                for what in found.into_iter().take(MOST_BROKEN) {
                    self.find(self.last, "", format!("汇总与台账的记录不符：{what}"));
                }
            }
            Err(error) => self.find(self.last, "", format!("汇总无法核对：{error}")),
        }
    }

    /// SQLite's own look at its pages and indexes.
    async fn pages(&mut self, tx: &mut Tx) {
        let args = tx.args();
        match tx.rows("PRAGMA integrity_check(20)", args).await {
            Ok(rows) => {
                for row in rows {
                    let said = row.text(0).unwrap_or_default();
                    if said != "ok" {
                        self.find(self.last, "", format!("数据库文件损坏：{said}"));
                    }
                }
            }
            Err(error) => self.find(self.last, "", format!("数据库文件损坏：{error}")),
        }
    }
}
