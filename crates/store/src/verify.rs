//! Verification: the journal is walked from its first entry, everything it speaks of is held
//! against its digests, and the first thing that does not fit is named.
//!
//! Only one entry's rows are in memory at a time. What is damaged so badly that the database
//! itself cannot read it is reported like everything else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::iter::Peekable;

use qipan_sql::Dialect;
use serde::{Deserialize, Serialize};

use crate::cells::Row;
use crate::checkpoint::{Checkpoint, Judge, Lines};
use crate::db::Tx;
use crate::desk;
use crate::digest::{self, Sha, hex};
use crate::journal::{self, GENESIS, Stored};
use crate::packs::{self, APPLY, Catalogue, sha};
use crate::rollup::Tallies;
use crate::store::Store;
use crate::table::Table;
use crate::write::RETURN;
use crate::{Files, Result, SourceFile, evidence};

mod rows;
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
    /// The same in English.
    pub what_en: String,
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
        Err(error) => walk.find(
            0,
            "",
            said(
                format!("台账目录读不出来：{error}"),
                "the list of registers cannot be read",
            ),
        ),
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

/// What does not fit, in both languages.
pub(crate) struct Said {
    zh: String,
    en: String,
}

pub(crate) fn said(zh: impl Into<String>, en: impl Into<String>) -> Said {
    Said {
        zh: zh.into(),
        en: en.into(),
    }
}

/// What to say of a row beside its entry: `fits` is whether it does, `None` where there is no such
/// row, an error where it cannot be read.
fn unfit(what_it_is: (&str, &str), fits: Result<Option<bool>>) -> Option<Said> {
    let (zh, en) = what_it_is;
    match fits {
        Ok(Some(true)) => None,
        Ok(Some(false)) => Some(said(
            format!("{zh}被改过：与日志的摘要不符"),
            format!("the {en} does not fit the digest in the journal: it was changed"),
        )),
        Ok(None) => Some(said(
            format!("日志所记的{zh}不见了"),
            format!("the {en} that the journal names is gone"),
        )),
        Err(error) => Some(said(
            format!("{zh}读不出来：{error}"),
            format!("the {en} cannot be read"),
        )),
    }
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
    fn find(&mut self, seq: i64, register: &str, what: Said) {
        self.find_row(seq, register, None, what);
    }

    fn find_row(&mut self, seq: i64, register: &str, row: Option<(i64, i64)>, what: Said) {
        // A bound well above what is shown, so that sorting by entry still finds the first.
        if self.broken.len() < MOST_BROKEN * 10 {
            self.broken.push(Broken {
                seq,
                register: register.to_owned(),
                record: row.map(|(record, _)| record),
                rev: row.map(|(_, rev)| rev),
                what: what.zh,
                what_en: what.en,
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
                    self.find(
                        self.last + 1,
                        "",
                        said(
                            format!("日志读不出来：{error}"),
                            "the journal cannot be read",
                        ),
                    );
                    return;
                }
            };
            let Some(reached) = rows.last().and_then(|row| row.int(0).ok()) else {
                if !rows.is_empty() {
                    self.find(
                        self.last + 1,
                        "",
                        said(
                            "日志的序号读不出来",
                            "a number of the journal cannot be read",
                        ),
                    );
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
                        self.find(
                            seq,
                            "",
                            said(
                                format!("第 {seq} 条日志读不出来：{error}"),
                                format!("entry {seq} cannot be read"),
                            ),
                        );
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
                said(
                    format!("日志里多出第 {seq} 条"),
                    format!("entry {seq} is one too many"),
                )
            } else {
                said(
                    format!("日志缺少第 {} 条至第 {} 条", self.last + 1, seq - 1),
                    format!("entries {} to {} are missing", self.last + 1, seq - 1),
                )
            };
            self.find(self.last + 1, "", what);
        } else if entry.prev != self.hash && !self.hash.is_empty() {
            self.find(
                seq,
                "",
                said(
                    format!("第 {seq} 条日志接不上前一条：前一条的哈希不符"),
                    format!(
                        "entry {seq} does not follow the one before: the hash of that is another"
                    ),
                ),
            );
        }
        if entry.computed()[..] != entry.hash {
            self.find(
                seq,
                "",
                said(
                    format!("第 {seq} 条日志的内容与它的哈希不符，日志被改过"),
                    format!("entry {seq} does not fit its hash: the journal was changed"),
                ),
            );
        }
        self.last = seq;
        self.hash.clone_from(&entry.hash);
        let Ok(particulars) = serde_json::from_str::<Particulars>(&entry.payload) else {
            self.find(
                seq,
                "",
                said(
                    format!("第 {seq} 条日志的明细读不出来"),
                    format!("the particulars of entry {seq} cannot be read"),
                ),
            );
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
            let what = said(
                format!("第 {} 条日志没有行号，却记着行", entry.seq),
                format!("entry {} has no row numbers, yet claims rows", entry.seq),
            );
            self.find(entry.seq, &entry.register, what);
        }
    }

    fn source(&mut self, seq: i64, source: &SourceFile) {
        self.kept_file(
            seq,
            said("来源文件", "the source file"),
            &source.name,
            source.digest.clone(),
        );
    }

    /// A file against its digest, once.
    fn kept_file(&mut self, seq: i64, what_it_is: Said, name: &str, digest: String) {
        if !self.sources.insert(digest.clone()) {
            return;
        }
        let what = match self.files.is_whole(&digest) {
            Ok(Some(true)) => return,
            Ok(Some(false)) => said(
                "的内容与记录的摘要不符，文件被改过",
                "does not fit its digest: the file was changed",
            ),
            Ok(None) => said(
                "不在数据目录的 files 中",
                "is not in the folder “files” of the data folder",
            ),
            Err(error) => said(format!("读不出来：{error}"), "cannot be read"),
        };
        let what = said(
            format!("{}“{name}”{}", what_it_is.zh, what.zh),
            format!("{} “{name}” {}", what_it_is.en, what.en),
        );
        self.find(seq, "", what);
    }

    async fn pack(&mut self, tx: &mut Tx, entry: &Stored) {
        let mut args = tx.args();
        args.int(entry.seq);
        let row = tx
            .row("SELECT archive FROM pack_version WHERE seq = ?", args)
            .await;
        let archive = row.and_then(|row| row.map(|row| row.bytes(0)).transpose());
        let fits = archive.map(|archive| archive.map(|archive| sha(&archive)[..] == entry.digest));
        if let Some(what) = unfit(("机制包", "pack"), fits) {
            self.find(entry.seq, "", what);
        }
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
        let kept = row.and_then(|row| row.as_ref().map(digest).transpose());
        let fits = kept
            .map(|kept| kept.map(|(from, digest)| from == entry.seq && digest[..] == entry.digest));
        if let Some(what) = unfit(("报送记录", "return"), fits) {
            self.find(entry.seq, &entry.register, what);
        }
    }

    /// A file that was bound to a record or taken off it: the row, and the file itself.
    async fn evidence(&mut self, tx: &mut Tx, entry: &Stored, rids: [i64; 2]) {
        self.account("evidence", entry.seq, rids);
        let kept = evidence::kept(tx, rids[0]).await;
        let fits = kept.map(|kept| {
            kept.map(|(from, digest, file)| {
                let fits = from == entry.seq && digest[..] == entry.digest;
                if fits {
                    let what_it_is = said("佐证文件", "the evidence");
                    self.kept_file(entry.seq, what_it_is, &file.name, file.digest);
                }
                fits
            })
        });
        if let Some(what) = unfit(("佐证记录", "evidence"), fits) {
            self.find(entry.seq, &entry.register, what);
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
                    self.find(
                        self.last,
                        "",
                        said(
                            format!("汇总与台账的记录不符：{}", what.zh),
                            format!("the sums do not fit the rows of the registers: {}", what.en),
                        ),
                    );
                }
            }
            Err(error) => self.find(
                self.last,
                "",
                said(
                    format!("汇总无法核对：{error}"),
                    "the sums cannot be compared",
                ),
            ),
        }
    }

    /// SQLite's own look at its pages and indexes.
    async fn pages(&mut self, tx: &mut Tx) {
        let args = tx.args();
        match tx.rows("PRAGMA integrity_check(20)", args).await {
            Ok(rows) => {
                for row in rows {
                    let words = row.text(0).unwrap_or_default();
                    if words != "ok" {
                        self.find(
                            self.last,
                            "",
                            said(
                                format!("数据库文件损坏：{words}"),
                                format!("the database file is damaged: {words}"),
                            ),
                        );
                    }
                }
            }
            Err(error) => self.find(
                self.last,
                "",
                said(
                    format!("数据库文件损坏：{error}"),
                    format!("the database file is damaged: {error}"),
                ),
            ),
        }
    }
}
