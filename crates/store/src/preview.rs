//! What a change would do, without making it: asked of a snapshot, so that nobody who works has to
//! wait, however long the asking takes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use qipan_model::{Record, Register};

use crate::db::Tx;
use crate::journal::MOST_ROWS;
use crate::packs::Schema;
use crate::table::Table;
use crate::unchanged::Places;
use crate::{Error, NewRow, Outcome, Result, Store, judge};

/// A change that is only thought through. It answers as [`crate::Writer`] would, as long as nobody
/// writes meanwhile.
pub struct Preview {
    schema: Arc<Schema>,
    tx: Tx,
    /// Rows of this change so far, by their keys.
    seen: Places,
    /// Number of the last record by register, new ones of this change included.
    numbers: BTreeMap<String, i64>,
    buffer: Vec<u8>,
}

/// What would become of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// What would become of it.
    pub outcome: Outcome,
    /// The record as it stands, where the row would revise it.
    pub before: Option<Record>,
}

impl Preview {
    pub(crate) async fn open(store: &Store) -> Result<Self> {
        let mut tx = store.db().read().await?;
        let schema = store.schema(&mut tx).await?.ok_or(Error::NoPack)?;
        Ok(Self {
            schema,
            tx,
            seen: Places::default(),
            numbers: BTreeMap::new(),
            buffer: Vec::new(),
        })
    }

    /// Whether a register has never had a row: then nothing can stand.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_untouched(&mut self, register: &Register) -> Result<bool> {
        let table = self.schema.table(register)?;
        Ok(judge::highest(&mut self.tx, &table.id).await? == 0)
    }

    /// The last revisions under these keys, withdrawn records among them.
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

    /// What [`crate::Writer::upsert`] would say to these rows.
    ///
    /// # Errors
    /// As there.
    pub async fn upsert(&mut self, register: &Register, rows: &[NewRow]) -> Result<Vec<Foreseen>> {
        let table = self.schema.table(register)?;
        let keys = judge::keys_of(&table, register, rows)?;
        let mut foreseen = Vec::with_capacity(rows.len());
        for (rows, keys) in rows.chunks(MOST_ROWS).zip(keys.chunks(MOST_ROWS)) {
            self.batch(&table, keys, rows, &mut foreseen).await?;
        }
        Ok(foreseen)
    }

    async fn batch(
        &mut self,
        table: &Table,
        keys: &[String],
        rows: &[NewRow],
        foreseen: &mut Vec<Foreseen>,
    ) -> Result<()> {
        let mut standing = judge::standing(&mut self.tx, table, keys).await?;
        let mut number = self.number(table).await?;
        // Row number of the revision that ends, and where the answer about it stands.
        let mut ending: HashMap<String, usize> = HashMap::new();
        let mut rids = Vec::new();
        for (row, key) in rows.iter().zip(keys) {
            let outcome = if let Some(place) = self.seen.place(&table.id, key) {
                let place = place.to_owned();
                Outcome::Duplicate { place }
            } else {
                self.seen.note(&table.id, key, &row.place);
                match standing.remove(key.as_str()) {
                    None => {
                        number += 1;
                        Outcome::Inserted { record: number }
                    }
                    Some(old) if judge::stands_so(table, &mut self.buffer, &old, row) => {
                        Outcome::Unchanged { record: old.record }
                    }
                    Some(old) => {
                        ending.insert(old.key, foreseen.len());
                        rids.push(old.rid);
                        number += 1;
                        Outcome::Updated {
                            record: old.record,
                            rev: old.rev + 1,
                        }
                    }
                }
            };
            foreseen.push(Foreseen {
                outcome,
                before: None,
            });
        }
        self.numbers.insert(table.id.clone(), number);
        for record in judge::records(&mut self.tx, table, &rids).await? {
            if let Some(&nth) = ending.get(&record.key) {
                foreseen[nth].before = Some(record);
            }
        }
        Ok(())
    }

    async fn number(&mut self, table: &Table) -> Result<i64> {
        if let Some(&number) = self.numbers.get(&table.id) {
            return Ok(number);
        }
        let number = judge::highest(&mut self.tx, &table.id).await?;
        self.numbers.insert(table.id.clone(), number);
        Ok(number)
    }
}

impl Store {
    /// Begins to think a change through, on the newest state.
    ///
    /// # Errors
    /// When the database refuses, or there is no pack.
    pub async fn preview(&self) -> Result<Preview> {
        Preview::open(self).await
    }
}
