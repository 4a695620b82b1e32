//! A register as a table: its statements, its definition in SQL, its rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use qipan_model::{Confirmation, Record, Register, Type, Value};

use crate::bulk::Bulk;
use qipan_sql::Dialect;

use crate::cells::{Args, Cell, Row, cell};
use crate::db::{STANDS, Speak, quoted};
use crate::digest::{self, RowHead, Sha};
use crate::packed;
use crate::{Error, Result};

/// The store's own columns, in order; fields follow.
pub(crate) const OWN: [&str; 11] = [
    "_rid", "_record", "_rev", "_from", "_to", "_key", "_state", "_gone", "_source", "_place",
    "_digest",
];

/// Types of the store's own columns without `_digest`.
const OWN_TYPES: [Type; 10] = [
    Type::Int,
    Type::Int,
    Type::Int,
    Type::Int,
    Type::Int,
    Type::Text,
    Type::Text,
    Type::Bool,
    Type::Text,
    Type::Text,
];

/// Most characters of a key.
pub(crate) const MAX_KEY: usize = 1_000;

/// A field's column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Field id, the column's name.
    pub id: String,
    /// Label for messages.
    pub label: String,
    /// Id under which the field was first declared; digests use it, so that a rename breaks none.
    pub born: String,
    /// Type.
    pub ty: Type,
}

/// A register's table.
#[derive(Debug)]
pub(crate) struct Table {
    pub id: String,
    /// Quoted name.
    pub name: String,
    pub columns: Vec<Column>,
    pub key: Vec<usize>,
    pub supporter: Option<usize>,
    pub recipient: Option<usize>,
    pub date: Option<usize>,
    /// Field indices in the order of their first ids.
    digest_order: Vec<usize>,
    pub insert: Bulk,
    /// Standing revisions with keys out of a list: [`Standing`].
    pub by_keys: Arc<str>,
    /// Ends revisions out of a list: parameters `_to`, list of `_rid`.
    pub close: Arc<str>,
    /// Ends each revision of a list at an entry of its own: [`Args::pairs`] of `_rid` and `_to`.
    pub close_each: Arc<str>,
    /// All columns of a revision as [`Table::record`] reads them.
    pub select: String,
    /// The same for many rows: read with [`Table::unpack`].
    pub packed: String,
    /// Types of these columns.
    pub types: Vec<Type>,
    /// Whether `packed` is one value.
    is_packed: bool,
}

/// A standing revision, without its values.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub key: String,
    pub rid: i64,
    pub record: i64,
    pub rev: i64,
    pub from: i64,
    pub state: String,
    pub gone: bool,
    pub source: String,
    pub place: String,
    pub digest: Vec<u8>,
}

impl Standing {
    pub(crate) const COLUMNS: &str =
        "_key, _rid, _record, _rev, _from, _state, _gone, _source, _place, _digest";

    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            key: row.text(0)?,
            rid: row.int(1)?,
            record: row.int(2)?,
            rev: row.int(3)?,
            from: row.int(4)?,
            state: row.text(5)?,
            gone: row.flag(6)?,
            source: row.text(7)?,
            place: row.text(8)?,
            digest: row.bytes(9)?,
        })
    }
}

impl Table {
    /// Statements for a register. `born` gives the first id of fields that were renamed.
    pub(crate) fn new(
        dialect: Dialect,
        register: &Register,
        born: &BTreeMap<String, String>,
    ) -> Self {
        let columns: Vec<Column> = register
            .fields
            .iter()
            .map(|field| Column {
                id: field.id.clone(),
                label: field.label.clone(),
                born: born.get(&field.id).unwrap_or(&field.id).clone(),
                ty: field.ty.value_type(),
            })
            .collect();
        Self {
            key: register.key.clone(),
            supporter: register.supporter,
            recipient: register.recipient,
            date: register.date,
            ..Self::of_columns(dialect, &register.id, columns)
        }
    }

    /// Statements for a table of which only the columns are known.
    pub(crate) fn of_columns(dialect: Dialect, id: &str, columns: Vec<Column>) -> Self {
        let mut digest_order: Vec<usize> = (0..columns.len()).collect();
        digest_order.sort_by(|&a, &b| columns[a].born.cmp(&columns[b].born));
        let name = quoted(id);
        let names: Vec<String> = OWN
            .iter()
            .map(|own| (*own).to_owned())
            .chain(columns.iter().map(|column| quoted(&column.id)))
            .collect();
        let select = names
            .iter()
            .filter(|name| *name != "_digest")
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let packed = match dialect {
            Dialect::Sqlite => packed::row(&select),
            Dialect::Postgres => select.clone(),
        };
        let fields = columns.iter().map(|column| column.ty);
        let types = OWN_TYPES.into_iter().chain(fields).collect();
        // Without "OR FAIL" SQLite copies every page that a statement of many rows touches, to be
        // able to undo the statement alone. The writer gives up the whole change instead, and an
        // import takes a third less time.
        let verb = match dialect {
            Dialect::Sqlite => "INSERT OR FAIL INTO",
            Dialect::Postgres => "INSERT INTO",
        };
        let head = format!("{verb} {name} ({})", names.join(", "));
        Self {
            insert: Bulk::new(dialect, &head, names.len(), ""),
            by_keys: dialect.sql(&format!(
                "SELECT {} FROM {name} WHERE _to = {STANDS} AND {}",
                Standing::COLUMNS,
                dialect.in_list("_key"),
            )),
            close: dialect.sql(&format!(
                "UPDATE {name} SET _to = ? WHERE {}",
                dialect.in_list("_rid")
            )),
            close_each: dialect.sql(&format!(
                "UPDATE {name} SET _to = e.b FROM {} AS e WHERE _rid = e.a",
                dialect.pairs()
            )),
            id: id.to_owned(),
            name,
            key: Vec::new(),
            supporter: None,
            recipient: None,
            date: None,
            columns,
            digest_order,
            select,
            packed,
            types,
            is_packed: dialect == Dialect::Sqlite,
        }
    }

    /// Whether a register, as the caller knows it, is the one that this table was made for.
    pub(crate) fn fits(&self, register: &Register) -> bool {
        self.columns.len() == register.fields.len()
            && self
                .columns
                .iter()
                .zip(&register.fields)
                .all(|(column, field)| column.id == field.id)
    }

    /// Checks that the values fit their columns.
    pub(crate) fn check(&self, values: &[Value], place: &str) -> Result<()> {
        if values.len() != self.columns.len() {
            return Err(Error::StalePack(self.id.clone()));
        }
        for (value, column) in values.iter().zip(&self.columns) {
            if cell(value, column.ty).is_none() {
                return Err(Error::Value {
                    place: place.to_owned(),
                    field: column.label.clone(),
                    found: format!("{value:?}"),
                    expected: expected(column.ty),
                });
            }
        }
        Ok(())
    }

    /// Cells of a row in the order of fields; values that do not fit are left out as null, so
    /// [`Table::check`] comes first.
    fn cell<'a>(&self, values: &'a [Value], index: usize) -> Cell<'a> {
        values
            .get(index)
            .and_then(|value| cell(value, self.columns[index].ty))
            .unwrap_or(Cell::Null)
    }

    /// Digest of a revision.
    pub(crate) fn digest(&self, buffer: &mut Vec<u8>, head: RowHead<'_>, values: &[Value]) -> Sha {
        let cells = self.digest_order.iter().map(|&index| {
            let column = &self.columns[index];
            (
                column.born.as_str(),
                self.cell(values, index),
                column.ty.scale(),
            )
        });
        digest::row(buffer, head, cells)
    }

    /// Adds one row's parameters to an insert.
    pub(crate) fn bind(
        &self,
        args: &mut Args,
        rid: i64,
        (from, to): (i64, i64),
        head: RowHead<'_>,
        digest: &Sha,
        values: &[Value],
    ) {
        args.int(rid);
        args.int(head.record);
        args.int(head.rev);
        args.int(from);
        args.int(to);
        args.text(head.key);
        args.text(head.state);
        args.flag(head.gone);
        args.text(head.source);
        args.text(head.place);
        args.bytes(digest);
        for (index, column) in self.columns.iter().enumerate() {
            args.cell(self.cell(values, index), column.ty);
        }
    }

    /// Parameters of a row.
    pub(crate) fn width(&self) -> usize {
        OWN.len() + self.columns.len()
    }

    /// Reads a revision selected by `self.packed`.
    pub(crate) fn unpack(&self, row: &Row) -> Result<(i64, Record)> {
        if !self.is_packed {
            return self.record(row);
        }
        let values = packed::read_row(&row.text(0)?, &self.types)?;
        self.of_values(values)
    }

    /// Reads revisions selected by `self.packed`, which came as one value where they are packed
    /// ([`packed::all`]).
    pub(crate) fn unpack_all(&self, rows: &[Row]) -> Result<Vec<(i64, Record)>> {
        if !self.is_packed {
            return rows.iter().map(|row| self.record(row)).collect();
        }
        let Some(row) = rows.first() else {
            return Ok(Vec::new());
        };
        let values = packed::read_answer(&row.text(0)?, &self.types)?;
        values.into_iter().map(|row| self.of_values(row)).collect()
    }

    /// Reads a revision selected by `self.select`.
    pub(crate) fn record(&self, row: &Row) -> Result<(i64, Record)> {
        let rid = row.int(0)?;
        let own = OWN_TYPES.into_iter().zip(OWN);
        let fields = self
            .columns
            .iter()
            .map(|column| (column.ty, column.id.as_str()));
        let values = own
            .chain(fields)
            .enumerate()
            .map(|(nth, (ty, column))| row.value(nth, ty).ok_or_else(|| self.corrupt(rid, column)))
            .collect::<Result<_>>()?;
        self.of_values(values)
    }

    fn corrupt(&self, rid: i64, column: &str) -> Error {
        Error::Corrupt {
            register: self.id.clone(),
            rid,
            column: column.to_owned(),
        }
    }

    /// A revision of its values: the store's own, then the fields'.
    pub(crate) fn of_values(&self, mut values: Vec<Value>) -> Result<(i64, Record)> {
        let fields = values.split_off(OWN_TYPES.len());
        let mut own = values.into_iter().zip(OWN);
        let rid = match own.next() {
            Some((Value::Int(rid), _)) => rid,
            _ => 0,
        };
        let mut next = || own.next().unwrap_or((Value::Null, ""));
        let mut int = || match next() {
            (Value::Int(number), _) => Ok(number),
            (_, column) => Err(self.corrupt(rid, column)),
        };
        let (record, rev, from_seq, to) = (int()?, int()?, int()?, int()?);
        let mut text = || match next() {
            (Value::Text(text), _) => Ok(text),
            (_, column) => Err(self.corrupt(rid, column)),
        };
        let (key, state) = (text()?, text()?);
        let retracted = match next() {
            (Value::Bool(gone), _) => gone,
            (_, column) => return Err(self.corrupt(rid, column)),
        };
        let mut text = || match next() {
            (Value::Text(text), _) => Ok(text),
            (_, column) => Err(self.corrupt(rid, column)),
        };
        let record = Record {
            record,
            rev,
            from_seq,
            to_seq: (to != STANDS).then_some(to),
            key,
            confirmation: Confirmation::parse(&state).ok_or_else(|| self.corrupt(rid, "_state"))?,
            retracted,
            source: text()?,
            place: text()?,
            values: fields,
        };
        Ok((rid, record))
    }
}

/// What a column holds, in words.
fn expected(ty: Type) -> String {
    match ty {
        Type::Bool => "是或否".to_owned(),
        Type::Int => "不超过 15 位的整数".to_owned(),
        Type::Decimal { scale } => format!("小数点后至多 {scale} 位、总共不超过 15 位的数"),
        Type::Date => "日期".to_owned(),
        Type::Text => "文字（不含空字符）".to_owned(),
    }
}
