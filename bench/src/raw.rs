//! The bare equivalents: the same rows, columns and indexes with nothing of ours around them.

use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use jiff::civil::Date;
use qipan_model::{Register, Type};
use sqlx::postgres::{PgArguments, PgPool};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, Row as _};

use crate::Failure;
use crate::generate::{Cell, Spec};
use crate::measure::Watch;

/// Rows in one insert statement, and rows made before the watch runs.
const AT_ONCE: usize = 128;
const CHUNK: usize = 100 * AT_ONCE;

/// Opens a SQLite file with the store's own settings.
pub async fn open(path: &Path) -> Result<SqlitePool, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .row_buffer_size(1_000)
        .pragma("cache_size", "-65536");
    Ok(SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?)
}

/// A register as a plain table: its fields and its key, the indexes that the store keeps.
fn definition(register: &Register, postgres: bool) -> String {
    let column = |ty: Type| match (ty, postgres) {
        (Type::Int | Type::Decimal { .. }, true) => "BIGINT",
        (Type::Bool, true) => "BOOLEAN",
        (Type::Int | Type::Decimal { .. } | Type::Bool, false) => "INTEGER",
        (Type::Date, true) => "DATE",
        (Type::Text, true) => "TEXT COLLATE \"C\"",
        (Type::Date | Type::Text, false) => "TEXT",
    };
    let id = &register.id;
    let fields: Vec<String> = register
        .fields
        .iter()
        .map(|field| format!("\"{}\" {}", field.id, column(field.ty.value_type())))
        .collect();
    let (key, text) = if postgres {
        ("BIGINT PRIMARY KEY", "TEXT COLLATE \"C\"")
    } else {
        ("INTEGER PRIMARY KEY", "TEXT")
    };
    let mut sql = format!(
        "CREATE TABLE \"{id}\" (_rid {key}, _key {text} NOT NULL, {});
         CREATE UNIQUE INDEX \"{id}_key\" ON \"{id}\" (_key);",
        fields.join(", ")
    );
    let name =
        |field: Option<usize>| field.map(|field| format!("\"{}\"", register.fields[field].id));
    let date = name(register.date);
    for side in [name(register.supporter), name(register.recipient)]
        .into_iter()
        .flatten()
    {
        let columns = date
            .iter()
            .fold(side.clone(), |all, date| format!("{all}, {date}"));
        sql.push_str(&format!(
            "CREATE INDEX {id}_{} ON \"{id}\" ({columns});",
            side.trim_matches('"')
        ));
    }
    if let Some(date) = date {
        sql.push_str(&format!("CREATE INDEX {id}_day ON \"{id}\" ({date});"));
    }
    sql
}

/// The insert statement for so many rows.
fn insert(register: &Register, spec: &Spec, rows: usize, postgres: bool) -> String {
    let columns: Vec<String> = spec
        .columns
        .iter()
        .map(|(id, _)| format!("\"{id}\""))
        .collect();
    let width = columns.len() + 2;
    let mut sql = format!(
        "INSERT INTO \"{}\" (_rid, _key, {}) VALUES ",
        register.id,
        columns.join(", ")
    );
    for row in 0..rows {
        let parameters: Vec<String> = (1..=width)
            .map(|nth| {
                if postgres {
                    format!("${}", row * width + nth)
                } else {
                    "?".to_owned()
                }
            })
            .collect();
        sql.push_str(if row > 0 { ",(" } else { "(" });
        sql.push_str(&parameters.join(","));
        sql.push(')');
    }
    sql
}

fn key_of(register: &Register, spec: &Spec, cells: &[Cell]) -> String {
    let parts: Vec<String> = register
        .key
        .iter()
        .filter_map(|&field| {
            let at = spec
                .columns
                .iter()
                .position(|(id, _)| *id == register.fields[field].id)?;
            Some(match &cells[at] {
                Cell::Text(text) => text.clone(),
                Cell::Unit(id, _) => (*id).to_owned(),
                Cell::Int(number) | Cell::Money(number) => number.to_string(),
                Cell::Day(day) => day.to_string(),
                Cell::Flag(truth) => truth.to_string(),
                Cell::Null => String::new(),
            })
        })
        .collect();
    parts.join("|")
}

/// Inserts the rows in one transaction; the time of the statements and the commit alone.
pub async fn insert_sqlite(
    pool: &SqlitePool,
    register: &Register,
    spec: &Spec,
    rows: usize,
) -> Result<Duration, Failure> {
    sqlx::raw_sql(AssertSqlSafe(definition(register, false)))
        .execute(pool)
        .await?;
    let many: std::sync::Arc<str> = insert(register, spec, AT_ONCE, false).into();
    let mut took = Duration::ZERO;
    let mut tx = pool.begin().await?;
    for from in (0..rows).step_by(CHUNK) {
        let mut statements = Vec::new();
        let end = rows.min(from + CHUNK);
        for from in (from..end).step_by(AT_ONCE) {
            let count = AT_ONCE.min(end - from);
            let mut args = SqliteArguments::default();
            for nth in from..from + count {
                let cells = spec.row(nth);
                args.add(i64::try_from(nth)?)?;
                args.add(key_of(register, spec, &cells))?;
                for cell in cells {
                    match cell {
                        Cell::Null => args.add(None::<i64>)?,
                        Cell::Text(text) => args.add(text)?,
                        Cell::Unit(id, _) => args.add(id)?,
                        Cell::Int(number) | Cell::Money(number) => args.add(number)?,
                        Cell::Day(day) => args.add(day.to_string())?,
                        Cell::Flag(truth) => args.add(i64::from(truth))?,
                    }
                }
            }
            statements.push((count, args));
        }
        let watch = Watch::start();
        for (count, args) in statements {
            let sql = if count == AT_ONCE {
                AssertSqlSafe(many.clone())
            } else {
                AssertSqlSafe(insert(register, spec, count, false).into())
            };
            sqlx::query_with(sql, args).execute(&mut *tx).await?;
        }
        took += watch.stop();
    }
    let watch = Watch::start();
    tx.commit().await?;
    Ok(took + watch.stop())
}

/// As [`insert_sqlite`], in PostgreSQL.
pub async fn insert_postgres(
    pool: &PgPool,
    register: &Register,
    spec: &Spec,
    rows: usize,
) -> Result<Duration, Failure> {
    sqlx::raw_sql(AssertSqlSafe(definition(register, true)))
        .execute(pool)
        .await?;
    let many: std::sync::Arc<str> = dated(insert(register, spec, AT_ONCE, true), spec).into();
    let mut took = Duration::ZERO;
    let mut tx = pool.begin().await?;
    for from in (0..rows).step_by(AT_ONCE) {
        let count = AT_ONCE.min(rows - from);
        let mut args = PgArguments::default();
        for nth in from..from + count {
            let cells = spec.row(nth);
            args.add(i64::try_from(nth)?)?;
            args.add(key_of(register, spec, &cells))?;
            for ((_, fill), cell) in spec.columns.iter().zip(cells) {
                match cell {
                    Cell::Null if crate::generate::is_day(*fill) => args.add(None::<i32>)?,
                    Cell::Null => args.add(None::<String>)?,
                    Cell::Text(text) => args.add(text)?,
                    Cell::Unit(id, _) => args.add(id)?,
                    Cell::Int(number) | Cell::Money(number) => args.add(number)?,
                    Cell::Day(day) => args.add(days(day))?,
                    Cell::Flag(truth) => args.add(truth)?,
                }
            }
        }
        let sql = if count == AT_ONCE {
            AssertSqlSafe(many.clone())
        } else {
            AssertSqlSafe(dated(insert(register, spec, count, true), spec).into())
        };
        let watch = Watch::start();
        sqlx::query_with(sql, args).execute(&mut *tx).await?;
        took += watch.stop();
    }
    let watch = Watch::start();
    tx.commit().await?;
    Ok(took + watch.stop())
}

/// Days since 2000-01-01: what [`dated`] adds to it.
fn days(day: Date) -> i32 {
    (day - jiff::civil::date(2000, 1, 1)).get_days()
}

/// sqlx binds no jiff dates, so that days go in as whole numbers added to a day.
fn dated(sql: String, spec: &Spec) -> String {
    let width = spec.columns.len() + 2;
    let mut written = String::with_capacity(sql.len() * 2);
    for (nth, part) in sql.split('$').enumerate() {
        if nth == 0 {
            written.push_str(part);
            continue;
        }
        let column = (nth - 1) % width;
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let is_day = column >= 2 && crate::generate::is_day(spec.columns[column - 2].1);
        let parameter = &part[..end];
        if is_day {
            written.push_str(&format!("(DATE '2000-01-01' + ${parameter}::int)"));
        } else {
            written.push_str(&format!("${parameter}"));
        }
        written.push_str(&part[end..]);
    }
    written
}

/// Runs a statement and counts its rows.
pub async fn run(pool: &SqlitePool, sql: &str) -> Result<usize, Failure> {
    Ok(sqlx::query(AssertSqlSafe(sql.to_owned()))
        .fetch_all(pool)
        .await?
        .len())
}

/// Writes the first columns of a table as comma-separated text, row by row.
pub async fn export(
    pool: &SqlitePool,
    table: &str,
    out: &mut impl std::io::Write,
) -> Result<usize, Failure> {
    let sql = format!("SELECT * FROM \"{table}\" ORDER BY _rid");
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(pool);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        for column in 0..row.len() {
            if column > 0 {
                out.write_all(b",")?;
            }
            if let Ok(Some(text)) = row.try_get_unchecked::<Option<&str>, _>(column) {
                out.write_all(text.as_bytes())?;
            }
        }
        out.write_all(b"\r\n")?;
        count += 1;
    }
    Ok(count)
}
