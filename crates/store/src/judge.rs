//! What a row would do to what stands: the questions that a change asks before it writes, and that
//! a preview asks of a snapshot.

use std::collections::{BTreeMap, HashMap};

use qipan_model::{Record, Register};

use crate::cells::Args;
use crate::db::{Speak, Tx};
use crate::digest::RowHead;
use crate::journal::MOST_ROWS;
use crate::table::{MAX_KEY, Standing, Table};
use crate::{Error, NewRow, Result};

/// The rows' keys, once each row may stand in its table.
pub(crate) fn keys_of(table: &Table, register: &Register, rows: &[NewRow]) -> Result<Vec<String>> {
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        table.check(&row.values, &row.place)?;
        let key = register.key_of(&row.values).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| Error::NoKey {
            place: row.place.clone(),
            fields: table
                .key
                .iter()
                .map(|&field| table.columns[field].label.as_str())
                .collect::<Vec<_>>()
                .join("、"),
        })?;
        if key.chars().count() > MAX_KEY {
            return Err(Error::Limit(format!(
                "{}：编号超过 {MAX_KEY} 字",
                row.place
            )));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Standing revisions with these keys.
pub(crate) async fn standing(
    tx: &mut Tx,
    table: &Table,
    keys: &[String],
) -> Result<HashMap<String, Standing>> {
    let mut args = Args::new(tx.dialect());
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    args.texts(&keys);
    let rows = tx.fetch(&table.by_keys, args).await?;
    rows.iter()
        .map(|row| Standing::read(row).map(|standing| (standing.key.clone(), standing)))
        .collect()
}

/// Whether a record stands with just these values and this state: the digest that the row would
/// have in its place tells.
pub(crate) fn stands_so(table: &Table, buffer: &mut Vec<u8>, old: &Standing, row: &NewRow) -> bool {
    let head = RowHead {
        register: &table.id,
        record: old.record,
        rev: old.rev,
        key: &old.key,
        state: row.confirmation.as_str(),
        gone: false,
        source: &old.source,
        place: &old.place,
    };
    !old.gone
        && old.state == row.confirmation.as_str()
        && table.digest(buffer, head, &row.values)[..] == old.digest
}

/// Revisions by row number.
pub(crate) async fn records(tx: &mut Tx, table: &Table, rids: &[i64]) -> Result<Vec<Record>> {
    let sql = format!(
        "SELECT {} FROM {} WHERE {} ORDER BY _rid",
        table.packed,
        table.name,
        tx.dialect().in_list("_rid")
    );
    let mut args = tx.args();
    args.ints(rids);
    let rows = tx.rows(&sql, args).await?;
    rows.iter()
        .map(|row| table.unpack(row).map(|(_, record)| record))
        .collect()
}

/// The last revisions under these keys, withdrawn records among them.
pub(crate) async fn standing_records(
    tx: &mut Tx,
    table: &Table,
    keys: &[String],
) -> Result<BTreeMap<String, Record>> {
    let mut found = BTreeMap::new();
    for keys in keys.chunks(MOST_ROWS) {
        let old = standing(tx, table, keys).await?;
        let rids: Vec<i64> = old.values().map(|old| old.rid).collect();
        for record in records(tx, table, &rids).await? {
            found.insert(record.key.clone(), record);
        }
    }
    Ok(found)
}

/// The highest row number of a table; 0 when it never had a row.
pub(crate) async fn highest(tx: &mut Tx, table: &str) -> Result<i64> {
    let args = tx.args();
    let sql = format!(
        "SELECT coalesce(max(_rid), 0) FROM {}",
        crate::db::quoted(table)
    );
    tx.row(&sql, args).await?.map_or(Ok(0), |row| row.int(0))
}
