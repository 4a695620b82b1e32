//! Single records, as they are now.

use std::collections::BTreeMap;

use qipan_model::{Record, Register};

use crate::db::{STANDS, Speak};
use crate::{Reader, Result};

impl Reader {
    /// The newest revision of a record, a withdrawn one too; `None` when there is no such record.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn record(&mut self, register: &Register, record: i64) -> Result<Option<Record>> {
        Ok(self.records(register, &[record]).await?.remove(&record))
    }

    /// The newest revisions of records, by number; those that are not there, or not for the caller,
    /// are left out.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn records(
        &mut self,
        register: &Register,
        records: &[i64],
    ) -> Result<BTreeMap<i64, Record>> {
        let table = self.table(register)?;
        let dialect = self.dialect();
        // A record has the number of its first row; later revisions have an index of their own.
        let sql = format!(
            "SELECT {columns} FROM {name} WHERE {first} AND _rev = 1 AND _to = {STANDS}
             UNION ALL
             SELECT {columns} FROM {name} WHERE {later} AND _rev > 1 AND _to = {STANDS}",
            columns = table.packed,
            name = table.name,
            first = dialect.in_list("_rid"),
            later = dialect.in_list("_record"),
        );
        let mut args = self.tx.args();
        args.ints(records);
        args.ints(records);
        let rows = self.tx.rows(&sql, args).await?;
        let scope = self.scope(&register.id);
        let mut newest = BTreeMap::new();
        for row in &rows {
            let (_, record) = table.unpack(row)?;
            if scope.admits(register, &record.values) {
                newest.insert(record.record, record);
            }
        }
        Ok(newest)
    }
}
