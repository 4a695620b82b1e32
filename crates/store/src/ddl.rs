//! Definitions of register tables in SQL: columns, indexes, triggers.

use std::fmt::Write as _;

use qipan_expr::COLUMN_LIMIT;
use qipan_model::{FieldType, Register, Type};
use qipan_sql::Dialect;

use crate::db::{STANDS, Speak, quoted};
use crate::table::OWN;
use crate::{Error, Result, schema};

/// Most fields of a register.
pub(crate) const MAX_FIELDS: usize = 200;
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
    if !named(&register.id) || schema::is_own(&register.id) {
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
    sql.push_str(&indexes(dialect, register));
    sql
}

/// Indexes of a register's table: one for keys, one for histories (only revised records are in
/// it), and those for lists.
fn indexes(dialect: Dialect, register: &Register) -> String {
    let table = quoted(&register.id);
    let mut sql = format!(
        "CREATE UNIQUE INDEX {} ON {table} (_key) WHERE _to = {STANDS};
CREATE INDEX {} ON {table} (_record, _rev) WHERE _rev > 1;\n",
        index(register, "_key"),
        index(register, "_history"),
    );
    for (_, create) in list_indexes(dialect, register) {
        sql.push_str(&create);
    }
    sql
}

fn index(register: &Register, what: &str) -> String {
    quoted(&format!("{}_{what}", register.id))
}

/// Names and definitions of the indexes for lists: the standing rows by side and day, nothing
/// first, then by entry, which SQLite has in every index by itself.
pub(crate) fn list_indexes(dialect: Dialect, register: &Register) -> Vec<(String, String)> {
    let column = |field: usize| quoted(&register.fields[field].id);
    let (nulls_first, entry) = match dialect {
        Dialect::Sqlite => ("", None),
        Dialect::Postgres => (" NULLS FIRST", Some("_rid".to_owned())),
    };
    let day = register
        .date
        .map(|date| format!("{}{nulls_first}", column(date)));
    let lists = [
        ("_supporter", register.supporter.map(column)),
        ("_recipient", register.recipient.map(column)),
    ]
    .into_iter()
    .filter_map(|(what, side)| Some((what, vec![side?])))
    .chain(day.is_some().then(|| ("_date", Vec::new())));
    lists
        .map(|(what, mut columns)| {
            columns.extend(day.clone());
            columns.extend(entry.clone());
            let name = index(register, what);
            let create = format!(
                "CREATE INDEX {name} ON {} ({}) WHERE _to = {STANDS};\n",
                quoted(&register.id),
                columns.join(", ")
            );
            (name, create)
        })
        .collect()
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
