//! Changes: rows, retractions, returns, in one transaction with their journal entries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use qipan_model::{Confirmation, Period, Record, Register, Value};
use qipan_sql::Dialect;
use sha2::{Digest, Sha256};

use crate::cells::Args;
use crate::db::{STANDS, Tx};
use crate::digest::{self, RowHead, Sha};
use crate::journal::{self, MOST_ROWS, Payload, Pending, Tip};
use crate::packs::Schema;
use crate::rollup::Tallies;
use crate::store::Store;
use crate::table::Table;
use crate::unchanged::Places;
use crate::{Change, Error, NewRow, Outcome, Receipt, Result, ReturnKind, Settlement, ddl, judge};

/// A change under way; nobody else writes meanwhile. Dropping it undoes everything.
pub struct Writer {
    store: Store,
    schema: Arc<Schema>,
    tx: Tx,
    change: Change,
    tip: Tip,
    entries: Vec<Pending>,
    open: Option<Open>,
    /// Highest row number by table.
    rids: BTreeMap<String, i64>,
    tallies: Tallies,
    /// Tables that had no row before this change.
    fresh: BTreeSet<String>,
    /// Those of them whose lists have no indexes until the change is committed.
    bare: BTreeSet<String>,
    unchanged: Places,
    buffer: Vec<u8>,
    /// False once a write has failed half-way: then nothing may be committed.
    sound: bool,
    /// The workbook that these rows come from, to be marked as written with them.
    settlement: Option<Settlement>,
}

/// The journal entry that rows are going into.
struct Open {
    register: String,
    first: i64,
    rows: usize,
    inserted: i64,
    updated: i64,
    retracted: i64,
    hasher: Sha256,
}

/// A revision that is about to be written.
struct Revision<'a> {
    rid: i64,
    record: i64,
    rev: i64,
    key: &'a str,
    state: &'static str,
    gone: bool,
    source: &'a str,
    place: &'a str,
    values: Vec<Value>,
}

impl Writer {
    pub(crate) async fn begin(store: Store, change: Change) -> Result<Self> {
        journal::admissible(&change)?;
        let mut tx = store.db().write().await?;
        let schema = store.schema(&mut tx).await?.ok_or(Error::NoPack)?;
        let tip = journal::tip(&mut tx).await?;
        Ok(Self {
            store,
            schema,
            tx,
            change,
            tip,
            entries: Vec::new(),
            open: None,
            rids: BTreeMap::new(),
            tallies: Tallies::default(),
            fresh: BTreeSet::new(),
            bare: BTreeSet::new(),
            unchanged: Places::default(),
            buffer: Vec::new(),
            sound: true,
            settlement: None,
        })
    }

    /// Marks a workbook as written, in the same transaction as its rows.
    pub fn settle(&mut self, settlement: Settlement) {
        self.settlement = Some(settlement);
    }

    /// Number that the next (or the open) journal entry gets.
    fn seq(&self) -> i64 {
        self.tip.seq + i64::try_from(self.entries.len()).unwrap_or(i64::MAX) + 1
    }

    /// Closes the open entry, when there is one.
    fn close_entry(&mut self) -> Result<()> {
        let Some(open) = self.open.take().filter(|open| open.rows > 0) else {
            return Ok(());
        };
        let rows = i64::try_from(open.rows).unwrap_or(i64::MAX);
        let payload = Payload {
            rids: Some([open.first, open.first + rows - 1]),
            inserted: open.inserted,
            updated: open.updated,
            retracted: open.retracted,
            source: self.change.source.as_ref(),
            origin: &self.change.origin,
            ..Payload::default()
        };
        self.entries.push(Pending {
            action: self.change.action.clone(),
            register: open.register,
            rows,
            payload: payload.written()?,
            digest: open.hasher.finalize().into(),
        });
        Ok(())
    }

    /// The entry that takes the next rows of a register.
    fn open_entry(&mut self, register: &str, first: i64) -> Result<&mut Open> {
        let fits = self
            .open
            .as_ref()
            .is_some_and(|open| open.register == register && open.rows < MOST_ROWS);
        if !fits {
            self.close_entry()?;
        }
        Ok(self.open.get_or_insert_with(|| Open {
            register: register.to_owned(),
            first,
            rows: 0,
            inserted: 0,
            updated: 0,
            retracted: 0,
            hasher: Sha256::new(),
        }))
    }

    async fn highest(&mut self, table: &str) -> Result<i64> {
        if let Some(&highest) = self.rids.get(table) {
            return Ok(highest);
        }
        let highest = judge::highest(&mut self.tx, table).await?;
        self.rids.insert(table.to_owned(), highest);
        if highest == 0 {
            self.fresh.insert(table.to_owned());
        }
        Ok(highest)
    }

    /// Writes rows of one register: new keys become records, known keys get a revision when
    /// anything differs. One outcome per row, in order. Any number of rows may be given; some
    /// thousands at a time are best.
    ///
    /// # Errors
    /// When a row has no key or a value does not fit its column: then none of the rows is written
    /// and the change may go on. When the database refuses: then the change can only be given up.
    pub async fn upsert(&mut self, register: &Register, rows: Vec<NewRow>) -> Result<Vec<Outcome>> {
        let table = self.schema.table(register)?;
        let keys = judge::keys_of(&table, register, &rows)?;
        let mut outcomes = Vec::with_capacity(rows.len());
        self.sound = false;
        let mut rows = rows.into_iter();
        let mut keys = keys.as_slice();
        while !keys.is_empty() {
            let first = self.highest(&table.id).await? + 1;
            let room = MOST_ROWS - self.open_entry(&table.id, first)?.rows;
            let (now, later) = keys.split_at(room.min(keys.len()));
            let batch: Vec<NewRow> = rows.by_ref().take(now.len()).collect();
            self.batch(&table, now, batch, &mut outcomes).await?;
            keys = later;
        }
        self.sound = true;
        Ok(outcomes)
    }

    /// Writes rows that go into one journal entry.
    async fn batch(
        &mut self,
        table: &Table,
        keys: &[String],
        rows: Vec<NewRow>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<()> {
        let mut standing = judge::standing(&mut self.tx, table, keys).await?;
        let first_seq = self.tip.seq + 1;
        let highest = self.highest(&table.id).await?;
        let mut rid = highest;
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
        let places: Vec<(Arc<str>, String)> = rows
            .iter()
            .map(|row| (Arc::clone(&row.source), row.place.clone()))
            .collect();
        let mut revisions = Vec::with_capacity(rows.len());
        let mut ended = Vec::new();
        for (nth, (row, key)) in rows.into_iter().zip(keys).enumerate() {
            if let Some(&earlier) = seen.get(key.as_str()) {
                outcomes.push(Outcome::Duplicate {
                    place: places[earlier].1.clone(),
                });
                continue;
            }
            seen.insert(key, nth);
            let (record, rev) = match standing.remove(key.as_str()) {
                None => (rid + 1, 1),
                Some(old) if old.from >= first_seq => {
                    outcomes.push(Outcome::Duplicate { place: old.place });
                    continue;
                }
                Some(old) => {
                    if let Some(place) = self.unchanged.place(&table.id, key) {
                        let place = place.to_owned();
                        outcomes.push(Outcome::Duplicate { place });
                        continue;
                    }
                    if judge::stands_so(table, &mut self.buffer, &old, &row) {
                        outcomes.push(Outcome::Unchanged { record: old.record });
                        self.unchanged.note(&table.id, key, &row.place);
                        continue;
                    }
                    ended.push(old.rid);
                    (old.record, old.rev + 1)
                }
            };
            rid += 1;
            outcomes.push(if rev == 1 {
                Outcome::Inserted { record }
            } else {
                Outcome::Updated { record, rev }
            });
            revisions.push(Revision {
                rid,
                record,
                rev,
                key,
                state: row.confirmation.as_str(),
                gone: false,
                source: &places[nth].0,
                place: &places[nth].1,
                values: row.values,
            });
        }
        self.end(table, &ended).await?;
        self.insert(table, revisions).await
    }

    /// Whether a register has never had a row: then nothing can stand.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_untouched(&mut self, register: &Register) -> Result<bool> {
        let table = self.schema.table(register)?;
        Ok(self.highest(&table.id).await? == 0)
    }

    /// The last revisions under these keys, withdrawn records among them: for what a sheet says
    /// nothing about, and for whose record it is.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn standing_records(
        &mut self,
        register: &Register,
        keys: &[String],
    ) -> Result<BTreeMap<String, Record>> {
        let table = self.schema.table(register)?;
        judge::standing_records(&mut self.tx, &table, keys).await
    }

    /// Ends standing revisions and takes them out of the rollups.
    async fn end(&mut self, table: &Table, rids: &[i64]) -> Result<()> {
        if rids.is_empty() {
            return Ok(());
        }
        let seq = self.seq();
        let records = judge::records(&mut self.tx, table, rids).await?;
        for record in records {
            if !record.retracted {
                let mut row = record.values;
                row.push(Value::Null);
                let counts = record.confirmation.counts();
                self.tallies
                    .add(&self.schema.sources, table, &row, counts, -1)?;
            }
        }
        let mut args = self.tx.args();
        args.int(seq);
        args.ints(rids);
        let ended = self.tx.execute(&table.close, args).await?;
        if usize::try_from(ended).ok() != Some(rids.len()) {
            return Err(Error::Database(format!(
                "{}: {ended} of {} revisions ended",
                table.id,
                rids.len()
            )));
        }
        Ok(())
    }

    /// Writes revisions into the open entry. While the database takes one statement's rows, the
    /// digests and parameters of the next are computed.
    async fn insert(&mut self, table: &Table, revisions: Vec<Revision<'_>>) -> Result<()> {
        let Some(last) = revisions.last().map(|revision| revision.rid) else {
            return Ok(());
        };
        let seq = self.seq();
        let dialect = self.tx.dialect();
        let mut left = revisions.len();
        let mut revisions = revisions.into_iter();
        let Self {
            tx,
            tallies,
            buffer,
            schema,
            open,
            ..
        } = self;
        let open = open
            .as_mut()
            .ok_or_else(|| Error::Database("no entry is open".to_owned()))?;
        let mut prepare = |count: usize| -> Result<Args> {
            let mut args = Args::new(dialect);
            args.reserve(count * table.width());
            for mut revision in revisions.by_ref().take(count) {
                let digest = bind(&mut args, table, seq, &revision, buffer);
                open.hasher.update(digest);
                open.rows += 1;
                let kind = match (revision.gone, revision.rev) {
                    (true, _) => &mut open.retracted,
                    (false, 1) => &mut open.inserted,
                    (false, _) => &mut open.updated,
                };
                *kind += 1;
                if !revision.gone {
                    let counts =
                        Confirmation::parse(revision.state).is_some_and(Confirmation::counts);
                    revision.values.push(Value::Null);
                    tallies.add(&schema.sources, table, &revision.values, counts, 1)?;
                }
            }
            Ok(args)
        };
        let (mut takes, mut sql) = table.insert.fitting(left);
        let mut args = prepare(takes)?;
        loop {
            left -= takes;
            if left == 0 {
                tx.execute(sql, args).await?;
                break;
            }
            let (next_takes, next_sql) = table.insert.fitting(left);
            let (done, next) =
                futures::future::join(tx.execute(sql, args), async { prepare(next_takes) }).await;
            done?;
            (takes, sql, args) = (next_takes, next_sql, next?);
        }
        self.rids.insert(table.id.clone(), last);
        if last >= BARE_FROM && self.fresh.remove(&table.id) {
            self.bare(&table.id).await?;
        }
        if self.tallies.is_full() {
            self.tallies
                .flush(&self.schema.sources, &mut self.tx)
                .await?;
        }
        Ok(())
    }

    /// Takes the indexes for lists off a table that is being filled for the first time: sorted at
    /// the end they cost a fraction of what they cost row by row. Only in SQLite, where readers go
    /// on reading the state before the change; in PostgreSQL they would have to wait.
    async fn bare(&mut self, table: &str) -> Result<()> {
        let Some(register) = self.schema.pack.register(table) else {
            return Ok(());
        };
        if self.tx.dialect() == Dialect::Sqlite {
            for (name, _) in ddl::list_indexes(Dialect::Sqlite, register) {
                self.tx.run(&format!("DROP INDEX IF EXISTS {name}")).await?;
            }
            self.bare.insert(table.to_owned());
        }
        Ok(())
    }

    /// Gives the tables their indexes back.
    async fn dress(&mut self) -> Result<()> {
        for table in std::mem::take(&mut self.bare) {
            let Some(register) = self.schema.pack.register(&table) else {
                continue;
            };
            for (_, create) in ddl::list_indexes(Dialect::Sqlite, register) {
                self.tx.run(&create).await?;
            }
        }
        Ok(())
    }

    /// Withdraws a record; its history stays.
    ///
    /// # Errors
    /// When no record stands with this key.
    pub async fn retract(&mut self, register: &Register, key: &str) -> Result<Outcome> {
        let table = self.schema.table(register)?;
        let keys = [key.to_owned()];
        let old = judge::standing(&mut self.tx, &table, &keys)
            .await?
            .remove(key)
            .filter(|old| !old.gone);
        let Some(old) = old else {
            return Err(Error::NoRecord {
                register: table.id.clone(),
                key: key.to_owned(),
            });
        };
        if old.from > self.tip.seq {
            return Ok(Outcome::Duplicate { place: old.place });
        }
        let values = judge::records(&mut self.tx, &table, &[old.rid])
            .await?
            .pop()
            .map(|record| record.values)
            .unwrap_or_default();
        let rid = self.highest(&table.id).await? + 1;
        self.sound = false;
        self.open_entry(&table.id, rid)?;
        self.end(&table, &[old.rid]).await?;
        let source = self
            .change
            .source
            .as_ref()
            .map(|source| source.digest.clone());
        let revision = Revision {
            rid,
            record: old.record,
            rev: old.rev + 1,
            key,
            state: Confirmation::parse(&old.state)
                .unwrap_or(Confirmation::Pending)
                .as_str(),
            gone: true,
            source: source.as_deref().unwrap_or_default(),
            place: "",
            values,
        };
        self.insert(&table, vec![revision]).await?;
        self.sound = true;
        Ok(Outcome::Retracted {
            record: old.record,
            rev: old.rev + 1,
        })
    }

    /// Files a unit's return (报送) of a register for a period. Filing otherwise replaces the
    /// earlier one, and both stay in the journal; filing the same again is no change.
    ///
    /// # Errors
    /// When the register is unknown.
    pub async fn file_return(
        &mut self,
        register: &Register,
        period: Period,
        unit: &str,
        kind: ReturnKind,
    ) -> Result<()> {
        self.schema.table(register)?;
        let period = period.to_string();
        let mut args = self.tx.args();
        for words in [register.id.as_str(), &period, unit] {
            args.text(words);
        }
        let last = "SELECT kind FROM \"return\" WHERE register = ? AND period = ? AND unit = ?
                    ORDER BY _rid DESC LIMIT 1";
        if let Some(row) = self.tx.row(last, args).await?
            && row.text(0)? == kind.as_str()
        {
            return Ok(());
        }
        self.close_entry()?;
        let rid = self.highest("return").await? + 1;
        let seq = self.seq();
        let mut args = self.tx.args();
        args.int(rid);
        args.int(seq);
        for words in [register.id.as_str(), &period, unit, kind.as_str()] {
            args.text(words);
        }
        self.tx
            .exec(
                "INSERT INTO \"return\" (_rid, _from, register, period, unit, kind)
                 VALUES (?, ?, ?, ?, ?, ?)",
                args,
            )
            .await?;
        self.rids.insert("return".to_owned(), rid);
        let payload = Payload {
            rids: Some([rid, rid]),
            source: self.change.source.as_ref(),
            origin: &self.change.origin,
            ..Payload::default()
        };
        self.entries.push(Pending {
            action: RETURN.to_owned(),
            register: register.id.clone(),
            rows: 1,
            payload: payload.written()?,
            digest: digest::filed(&register.id, &period, unit, kind.as_str()),
        });
        Ok(())
    }

    /// Writes journal entries and rollups and makes the change durable: once this returns, no
    /// crash loses it.
    ///
    /// # Errors
    /// When the database refuses; then nothing of the change is kept.
    pub async fn commit(mut self) -> Result<Receipt> {
        if !self.sound {
            return Err(Error::HalfWritten);
        }
        self.close_entry()?;
        let at = journal::next_moment(self.store.now(), &self.tip);
        if self.entries.is_empty() {
            let receipt = Receipt {
                first: self.tip.seq + 1,
                last: self.tip.seq,
                at: self.tip.at.unwrap_or(at),
            };
            // Nothing of a workbook was new: it is settled all the same.
            match self.settlement.take() {
                None => self.tx.rollback().await?,
                Some(settlement) => {
                    settlement
                        .write(&mut self.tx, self.store.now(), &receipt)
                        .await?;
                    self.tx.commit().await?;
                }
            }
            return Ok(receipt);
        }
        self.tallies
            .flush(&self.schema.sources, &mut self.tx)
            .await?;
        self.dress().await?;
        let tip = journal::write(&mut self.tx, &self.tip, at, &self.change, &self.entries).await?;
        let checkpoint = self.store.sign(&mut self.tx, &tip).await?;
        let receipt = Receipt {
            first: self.tip.seq + 1,
            last: tip.seq,
            at,
        };
        if let Some(settlement) = self.settlement.take() {
            settlement
                .write(&mut self.tx, self.store.now(), &receipt)
                .await?;
        }
        self.tx.commit().await?;
        self.store.publish(checkpoint.as_ref())?;
        Ok(receipt)
    }

    /// Undoes everything, as dropping does, and waits until it is done.
    ///
    /// # Errors
    /// When the connection is lost; the database then undoes it by itself.
    pub async fn rollback(self) -> Result<()> {
        self.tx.rollback().await
    }
}

/// Rows of a first import from which its indexes are made at the end.
const BARE_FROM: i64 = 10_000;

/// Action of entries that file a return.
pub(crate) const RETURN: &str = "return";

/// Adds one revision's parameters; gives its digest.
fn bind(
    args: &mut Args,
    table: &Table,
    seq: i64,
    revision: &Revision<'_>,
    buffer: &mut Vec<u8>,
) -> Sha {
    let head = RowHead {
        register: &table.id,
        record: revision.record,
        rev: revision.rev,
        key: revision.key,
        state: revision.state,
        gone: revision.gone,
        source: revision.source,
        place: revision.place,
    };
    let digest = table.digest(buffer, head, &revision.values);
    table.bind(
        args,
        revision.rid,
        (seq, STANDS),
        head,
        &digest,
        &revision.values,
    );
    digest
}
