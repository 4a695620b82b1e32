//! A register as a table: its statements, its definition in SQL, its rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use qipan_expr::COLUMN_LIMIT;
use qipan_model::{Confirmation, FieldType, Record, Register, Type, Value};

use crate::bulk::Bulk;
use qipan_sql::Dialect;

use crate::db::{Args, Cell, Row, STANDS, Speak, cell, quoted};
use crate::digest::{self, RowHead, Sha};
use crate::{Error, Result};

/// The store's own columns, in order; fields follow.
pub(crate) const OWN: [&str; 11] = [
    "_rid", "_record", "_rev", "_from", "_to", "_key", "_state", "_gone", "_source", "_place",
    "_digest",
];

/// Most fields of a register.
pub(crate) const MAX_FIELDS: usize = 200;
/// Most characters of a key.
pub(crate) const MAX_KEY: usize = 1_000;

/// Names that the store keeps for its own tables.
const RESERVED: [&str; 12] = [
    "meta",
    "journal",
    "pack_version",
    "register_column",
    "return",
    "checkpoint",
    "rollup",
    "rollup_key",
    "presence",
    "unit",
    "link",
    "indicator",
];

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
    /// All columns of a revision as [`Table::record`] reads them.
    pub select: String,
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
        // A row that is refused ends the whole change, so SQLite need not be able to take back a
        // single statement; that journal would cost a fifth of the time of an import.
        let insert = match dialect {
            Dialect::Sqlite => "INSERT OR FAIL INTO",
            Dialect::Postgres => "INSERT INTO",
        };
        let head = format!("{insert} {name} ({})", names.join(", "));
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
            id: id.to_owned(),
            name,
            key: Vec::new(),
            supporter: None,
            recipient: None,
            date: None,
            columns,
            digest_order,
            select,
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
        from: i64,
        head: RowHead<'_>,
        digest: &Sha,
        values: &[Value],
    ) {
        args.int(rid);
        args.int(head.record);
        args.int(head.rev);
        args.int(from);
        args.int(STANDS);
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

    /// Reads a revision selected by `self.select`.
    pub(crate) fn record(&self, row: &Row) -> Result<(i64, Record)> {
        let rid = row.int(0)?;
        let corrupt = |column: &str| Error::Corrupt {
            register: self.id.clone(),
            rid,
            column: column.to_owned(),
        };
        let to = row.int(4)?;
        let record = Record {
            record: row.int(1)?,
            rev: row.int(2)?,
            from_seq: row.int(3)?,
            to_seq: (to != STANDS).then_some(to),
            key: row.text(5).map_err(|_| corrupt("_key"))?,
            confirmation: Confirmation::parse(&row.text(6)?).ok_or_else(|| corrupt("_state"))?,
            retracted: row.flag(7)?,
            source: row.text(8).map_err(|_| corrupt("_source"))?,
            place: row.text(9).map_err(|_| corrupt("_place"))?,
            values: self
                .columns
                .iter()
                .enumerate()
                .map(|(nth, column)| {
                    row.value(10 + nth, column.ty)
                        .ok_or_else(|| corrupt(&column.id))
                })
                .collect::<Result<_>>()?,
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

/// Refuses registers that cannot become tables.
pub(crate) fn admissible(register: &Register) -> Result<()> {
    let named = |id: &str| {
        id.len() <= 40
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let refuse = |why: String| Err(Error::Pack(why));
    if !named(&register.id) || RESERVED.contains(&register.id.as_str()) {
        return refuse(format!(
            "台账不能叫“{}”：请换一个英文小写的名字",
            register.id
        ));
    }
    if register.fields.len() > MAX_FIELDS {
        return refuse(format!("台账“{}”的字段多于 {MAX_FIELDS} 个", register.id));
    }
    match register.fields.iter().find(|field| !named(&field.id)) {
        Some(field) => refuse(format!("台账“{}”的字段不能叫“{}”", register.id, field.id)),
        None => Ok(()),
    }
}

/// A field's column in a table definition. Only what can never change with a later pack is
/// checked here: the form of dates and truths, the width of numbers.
fn column(dialect: Dialect, id: &str, ty: &FieldType) -> String {
    let name = quoted(id);
    let ty = ty.value_type();
    let check = match (dialect, ty) {
        (Dialect::Sqlite, Type::Bool) => format!(" CHECK ({name} IN (0, 1))"),
        (Dialect::Sqlite, Type::Date) => {
            format!(" CHECK ({name} GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]')")
        }
        (_, Type::Int | Type::Decimal { .. }) => {
            format!(" CHECK ({name} BETWEEN -{COLUMN_LIMIT} AND {COLUMN_LIMIT})")
        }
        _ => String::new(),
    };
    format!("{name} {}{check}", dialect.column_type(ty))
}

/// `CREATE TABLE` and its indexes; triggers come with [`triggers`].
pub(crate) fn create(dialect: Dialect, register: &Register) -> String {
    let (integer, flag, blob, text, key, strict) = match dialect {
        Dialect::Sqlite => (
            "INTEGER",
            "INTEGER",
            "BLOB",
            "TEXT",
            "INTEGER PRIMARY KEY",
            " STRICT",
        ),
        Dialect::Postgres => (
            "BIGINT",
            "BOOLEAN",
            "BYTEA",
            "TEXT COLLATE \"C\"",
            "BIGINT PRIMARY KEY",
            "",
        ),
    };
    let gone = match dialect {
        Dialect::Sqlite => " CHECK (_gone IN (0, 1))",
        Dialect::Postgres => "",
    };
    let mut sql = format!(
        "CREATE TABLE {name} (
  _rid {key},
  _record {integer} NOT NULL,
  _rev {integer} NOT NULL CHECK (_rev >= 1),
  _from {integer} NOT NULL,
  _to {integer} NOT NULL CHECK (_to > _from),
  _key {text} NOT NULL,
  _state {text} NOT NULL CHECK (_state IN ('pending', 'agreed', 'contested', 'arbitrated')),
  _gone {flag} NOT NULL{gone},
  _source {text} NOT NULL,
  _place {text} NOT NULL,
  _digest {blob} NOT NULL CHECK (length(_digest) = 32)",
        name = quoted(&register.id),
    );
    for field in &register.fields {
        let _ = write!(sql, ",\n  {}", column(dialect, &field.id, &field.ty));
    }
    let _ = write!(sql, "\n){strict};\n");
    sql.push_str(&indexes(register));
    sql
}

/// Indexes of a register's table: one for keys, one for histories (only revised records are in
/// it), and the standing rows by side and day.
fn indexes(register: &Register) -> String {
    let table = quoted(&register.id);
    let index = |what: &str| quoted(&format!("{}_{what}", register.id));
    let column = |field: Option<usize>| field.map(|field| quoted(&register.fields[field].id));
    let mut sql = format!(
        "CREATE UNIQUE INDEX {} ON {table} (_key) WHERE _to = {STANDS};
CREATE INDEX {} ON {table} (_record, _rev) WHERE _rev > 1;\n",
        index("_key"),
        index("_history"),
    );
    let date = column(register.date);
    let sides = [
        ("_supporter", register.supporter),
        ("_recipient", register.recipient),
    ];
    for (what, side) in sides {
        let Some(side) = column(side) else { continue };
        let columns = date
            .iter()
            .fold(side, |columns, date| format!("{columns}, {date}"));
        let _ = writeln!(
            sql,
            "CREATE INDEX {} ON {table} ({columns}) WHERE _to = {STANDS};",
            index(what)
        );
    }
    if let Some(date) = date {
        let _ = writeln!(
            sql,
            "CREATE INDEX {} ON {table} ({date}) WHERE _to = {STANDS};",
            index("_date")
        );
    }
    sql
}

/// `ALTER TABLE` for a field that is new.
pub(crate) fn add_column(dialect: Dialect, register: &str, id: &str, ty: &FieldType) -> String {
    format!(
        "ALTER TABLE {} ADD COLUMN {};\n",
        quoted(register),
        column(dialect, id, ty)
    )
}

/// `ALTER TABLE` for a field that goes on under another id.
pub(crate) fn rename_column(register: &str, from: &str, to: &str) -> String {
    format!(
        "ALTER TABLE {} RENAME COLUMN {} TO {};\n",
        quoted(register),
        quoted(from),
        quoted(to)
    )
}

/// Triggers that let rows only be added and revisions only be ended, once. Made anew whenever
/// columns change.
pub(crate) fn triggers(dialect: Dialect, register: &Register) -> String {
    let fields = register.fields.iter().map(|field| quoted(&field.id));
    let frozen: Vec<String> = OWN
        .iter()
        .filter(|own| **own != "_to")
        .map(|own| (*own).to_owned())
        .chain(fields)
        .collect();
    let mut sql = append_only(
        dialect,
        &register.id,
        "台账只增不改：请写新的修订",
        Some(&frozen),
    );
    let table = quoted(&register.id);
    let name = quoted(&format!("{}__close", register.id));
    let when = format!("OLD._to <> {STANDS} OR NEW._to = {STANDS} OR NEW._to <= OLD._from");
    match dialect {
        Dialect::Sqlite => {
            let _ = writeln!(
                sql,
                "DROP TRIGGER IF EXISTS {name};
CREATE TRIGGER {name} BEFORE UPDATE OF _to ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, '修订只能结束一次'); END;"
            );
        }
        Dialect::Postgres => {
            let _ = writeln!(
                sql,
                "DROP TRIGGER IF EXISTS {name} ON {table};
CREATE TRIGGER {name} BEFORE UPDATE OF _to ON {table} FOR EACH ROW WHEN ({when})
EXECUTE FUNCTION qipan_refuse('修订只能结束一次');"
            );
        }
    }
    sql
}

/// Triggers that refuse DELETE and UPDATE (of `frozen` columns, or of any) on a table.
pub(crate) fn append_only(
    dialect: Dialect,
    table: &str,
    why: &str,
    frozen: Option<&[String]>,
) -> String {
    let name = |what: &str| quoted(&format!("{table}__{what}"));
    let (no_update, no_delete, no_truncate) = (name("frozen"), name("kept"), name("whole"));
    let of = frozen
        .map(|columns| format!(" OF {}", columns.join(", ")))
        .unwrap_or_default();
    let table = quoted(table);
    match dialect {
        Dialect::Sqlite => format!(
            "DROP TRIGGER IF EXISTS {no_update};
CREATE TRIGGER {no_update} BEFORE UPDATE{of} ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END;
DROP TRIGGER IF EXISTS {no_delete};
CREATE TRIGGER {no_delete} BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END;\n"
        ),
        Dialect::Postgres => format!(
            "DROP TRIGGER IF EXISTS {no_update} ON {table};
CREATE TRIGGER {no_update} BEFORE UPDATE{of} ON {table} FOR EACH ROW
EXECUTE FUNCTION qipan_refuse('{why}');
DROP TRIGGER IF EXISTS {no_delete} ON {table};
CREATE TRIGGER {no_delete} BEFORE DELETE ON {table} FOR EACH ROW
EXECUTE FUNCTION qipan_refuse('{why}');
DROP TRIGGER IF EXISTS {no_truncate} ON {table};
CREATE TRIGGER {no_truncate} BEFORE TRUNCATE ON {table}
EXECUTE FUNCTION qipan_refuse('{why}');\n"
        ),
    }
}
