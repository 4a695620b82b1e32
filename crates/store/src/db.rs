//! The two databases behind one face: pools, transactions, arguments and rows.
//!
//! Statements are written once, with `?` for parameters; [`Dialect::sql`] numbers them for
//! PostgreSQL. Identifiers in statements come from a checked pack and are quoted.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use futures::stream::BoxStream;
use jiff::civil::Date;
use qipan_expr::COLUMN_LIMIT;
use qipan_model::{Type, Value};
use qipan_sql::Dialect;
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{
    PgArgumentBuffer, PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow, PgTypeInfo,
    PgValueFormat,
};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments, AssertSqlSafe, Encode, Postgres, Row as _, Sqlite, Transaction, ValueRef as _,
};

use crate::{Error, Result};

/// `_to` of a revision that still stands.
pub(crate) const STANDS: i64 = i64::MAX;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(10);

/// What the store asks of a dialect beside expressions.
pub(crate) trait Speak: Copy {
    /// Numbers the `?` of a statement where the database wants `$1`, `$2` …
    fn sql(self, text: &str) -> Arc<str>;
    /// `column IN (all of one list parameter)`; bind with [`Args::ints`] or [`Args::texts`].
    fn in_list(self, column: &str) -> String;
    /// The column type that holds a value type.
    fn column_type(self, ty: Type) -> &'static str;
}

impl Speak for Dialect {
    fn sql(self, text: &str) -> Arc<str> {
        if self == Self::Sqlite {
            return text.into();
        }
        let mut numbered = String::with_capacity(text.len() + 64);
        let mut count = 0;
        for part in text.split('?') {
            if count > 0 {
                numbered.push('$');
                numbered.push_str(&count.to_string());
            }
            numbered.push_str(part);
            count += 1;
        }
        numbered.into()
    }

    fn in_list(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each(?))"),
            Self::Postgres => format!("{column} = ANY(?)"),
        }
    }

    fn column_type(self, ty: Type) -> &'static str {
        match (self, ty) {
            (Self::Sqlite, Type::Bool | Type::Int | Type::Decimal { .. }) => "INTEGER",
            (Self::Sqlite, Type::Date | Type::Text) => "TEXT",
            (Self::Postgres, Type::Bool) => "BOOLEAN",
            (Self::Postgres, Type::Int | Type::Decimal { .. }) => "BIGINT",
            (Self::Postgres, Type::Date) => "DATE",
            (Self::Postgres, Type::Text) => "TEXT COLLATE \"C\"",
        }
    }
}

/// A quoted identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An open database.
#[derive(Clone)]
pub(crate) enum Db {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Postgres(PgPool),
}

impl Db {
    /// Opens by address; `None` is the SQLite file `qipan.db` in the data folder.
    pub(crate) async fn open(url: Option<&str>, data_dir: &Path) -> Result<Self> {
        match url {
            None => Self::sqlite(&data_dir.join("qipan.db")),
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                let options = PgConnectOptions::from_str(url).map_err(|_| redacted(url))?;
                let pool = PgPoolOptions::new()
                    .max_connections(8)
                    .acquire_timeout(BUSY)
                    .test_before_acquire(false)
                    .connect_with(options)
                    .await?;
                Ok(Self::Postgres(pool))
            }
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(path) => Self::sqlite(Path::new(path.trim_start_matches("//"))),
                None => Err(redacted(url)),
            },
        }
    }

    fn sqlite(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(
                options
                    .clone()
                    .pragma("cache_size", "-65536")
                    .pragma("temp_store", "MEMORY"),
            );
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(BUSY)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self::Sqlite { write, read })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A transaction that may write; one at a time over all processes.
    pub(crate) async fn write(&self) -> Result<Tx> {
        match self {
            Self::Sqlite { write, .. } => {
                Ok(Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?))
            }
            Self::Postgres(pool) => {
                let mut tx = Tx::Postgres(pool.begin().await?);
                // One writer at a time, so that the journal's order is total. The number is
                // "qipan" in letters of the telephone; the schema keeps databases apart.
                tx.run("SELECT pg_advisory_xact_lock(74726, hashtext(current_schema()))")
                    .await?;
                Ok(tx)
            }
        }
    }

    /// A transaction that reads one and the same state throughout.
    pub(crate) async fn read(&self) -> Result<Tx> {
        match self {
            Self::Sqlite { read, .. } => Ok(Tx::Sqlite(read.begin().await?)),
            Self::Postgres(pool) => Ok(Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            )),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// An address without its password.
fn redacted(url: &str) -> Error {
    let shown = match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}://{user}:***{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    };
    Error::Url(shown)
}

/// One transaction; dropping it undoes it.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Empty arguments for this database.
    pub(crate) fn args(&self) -> Args {
        Args::new(self.dialect())
    }

    /// Runs statements without parameters, in the dialect as it is.
    pub(crate) async fn run(&mut self, script: &str) -> Result<()> {
        let script = sqlx::raw_sql(AssertSqlSafe(script.to_owned()));
        match self {
            Self::Sqlite(tx) => drop(script.execute(&mut **tx).await?),
            Self::Postgres(tx) => drop(script.execute(&mut **tx).await?),
        }
        Ok(())
    }

    /// Runs a prepared statement (numbered by [`Dialect::sql`]); gives the rows touched.
    pub(crate) async fn execute(&mut self, sql: &Arc<str>, args: Args) -> Result<u64> {
        let sql = AssertSqlSafe(Arc::clone(sql));
        match (self, args.0) {
            (Self::Sqlite(tx), Inner::Sqlite(args)) => Ok(sqlx::query_with(sql, args)
                .execute(&mut **tx)
                .await?
                .rows_affected()),
            (Self::Postgres(tx), Inner::Postgres(args)) => Ok(sqlx::query_with(sql, args)
                .execute(&mut **tx)
                .await?
                .rows_affected()),
            _ => Err(mixed()),
        }
    }

    /// Writes a statement with `?` and runs it.
    pub(crate) async fn exec(&mut self, text: &str, args: Args) -> Result<u64> {
        let sql = self.dialect().sql(text);
        self.execute(&sql, args).await
    }

    /// All rows of a statement with `?`.
    pub(crate) async fn rows(&mut self, text: &str, args: Args) -> Result<Vec<Row>> {
        let sql = self.dialect().sql(text);
        self.fetch(&sql, args).await
    }

    /// The first row of a statement with `?`.
    pub(crate) async fn row(&mut self, text: &str, args: Args) -> Result<Option<Row>> {
        Ok(self.rows(text, args).await?.into_iter().next())
    }

    /// All rows of a numbered statement.
    pub(crate) async fn fetch(&mut self, sql: &Arc<str>, args: Args) -> Result<Vec<Row>> {
        let sql = AssertSqlSafe(Arc::clone(sql));
        match (self, args.0) {
            (Self::Sqlite(tx), Inner::Sqlite(args)) => {
                let rows = sqlx::query_with(sql, args).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            (Self::Postgres(tx), Inner::Postgres(args)) => {
                let rows = sqlx::query_with(sql, args).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
            _ => Err(mixed()),
        }
    }

    /// Rows one by one.
    pub(crate) fn stream(&mut self, sql: Arc<str>, args: Args) -> BoxStream<'_, Result<Row>> {
        let sql = AssertSqlSafe(sql);
        match (self, args.0) {
            (Self::Sqlite(tx), Inner::Sqlite(args)) => Box::pin(
                sqlx::query_with(sql, args)
                    .fetch(&mut **tx)
                    .map_ok(Row::Sqlite)
                    .map_err(Error::from),
            ),
            (Self::Postgres(tx), Inner::Postgres(args)) => Box::pin(
                sqlx::query_with(sql, args)
                    .fetch(&mut **tx)
                    .map_ok(Row::Postgres)
                    .map_err(Error::from),
            ),
            _ => Box::pin(futures::stream::once(async { Err(mixed()) })),
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

fn mixed() -> Error {
    Error::Database("arguments of one database given to the other".to_owned())
}

/// Arguments of a statement, in order.
pub(crate) struct Args(Inner);

enum Inner {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

macro_rules! add {
    ($self:ident, $value:expr) => {{
        // Encoding these types cannot fail; were it to, the statement would miss a parameter
        // and the database would refuse it.
        let added = match &mut $self.0 {
            Inner::Sqlite(args) => args.add($value),
            Inner::Postgres(args) => args.add($value),
        };
        debug_assert!(added.is_ok());
        drop(added);
    }};
}

impl Args {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self(match dialect {
            Dialect::Sqlite => Inner::Sqlite(SqliteArguments::default()),
            Dialect::Postgres => Inner::Postgres(PgArguments::default()),
        })
    }

    /// Values that sea-query has collected.
    pub(crate) fn from_values(dialect: Dialect, values: sea_query_sqlx::SqlxValues) -> Self {
        use sqlx::IntoArguments;
        Self(match dialect {
            Dialect::Sqlite => Inner::Sqlite(IntoArguments::<Sqlite>::into_arguments(values)),
            Dialect::Postgres => Inner::Postgres(IntoArguments::<Postgres>::into_arguments(values)),
        })
    }

    pub(crate) fn reserve(&mut self, count: usize) {
        match &mut self.0 {
            Inner::Sqlite(args) => args.reserve(count, 0),
            Inner::Postgres(args) => args.reserve(count, count * 16),
        }
    }

    pub(crate) fn int(&mut self, value: i64) {
        add!(self, value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        add!(self, value);
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        add!(self, value);
    }

    pub(crate) fn flag(&mut self, value: bool) {
        match &mut self.0 {
            Inner::Sqlite(args) => drop(args.add(i64::from(value))),
            Inner::Postgres(args) => drop(args.add(value)),
        }
    }

    pub(crate) fn date(&mut self, value: Date) {
        match &mut self.0 {
            Inner::Sqlite(args) => drop(args.add(value.to_string())),
            Inner::Postgres(args) => drop(args.add(Day(value))),
        }
    }

    /// Whole numbers for [`Dialect::in_list`].
    pub(crate) fn ints(&mut self, values: &[i64]) {
        match &mut self.0 {
            Inner::Sqlite(args) => drop(args.add(json_list(values.iter().map(i64::to_string)))),
            Inner::Postgres(args) => drop(args.add(values)),
        }
    }

    /// Texts for [`Dialect::in_list`].
    pub(crate) fn texts(&mut self, values: &[&str]) {
        match &mut self.0 {
            Inner::Sqlite(args) => {
                let quoted = values
                    .iter()
                    .map(|text| serde_json::Value::from(*text).to_string());
                drop(args.add(json_list(quoted)));
            }
            Inner::Postgres(args) => drop(args.add(values)),
        }
    }

    /// Nothing, of a type.
    pub(crate) fn null(&mut self, ty: Type) {
        match (&mut self.0, ty) {
            (Inner::Sqlite(args), _) => drop(args.add(None::<i64>)),
            (Inner::Postgres(args), Type::Bool) => drop(args.add(None::<bool>)),
            (Inner::Postgres(args), Type::Int | Type::Decimal { .. }) => {
                drop(args.add(None::<i64>));
            }
            (Inner::Postgres(args), Type::Date) => drop(args.add(None::<Day>)),
            (Inner::Postgres(args), Type::Text) => drop(args.add(None::<&str>)),
        }
    }

    pub(crate) fn cell(&mut self, cell: Cell<'_>, ty: Type) {
        match cell {
            Cell::Null => self.null(ty),
            Cell::Bool(truth) => self.flag(truth),
            Cell::Int(number) => self.int(number),
            Cell::Date(day) => self.date(day),
            Cell::Text(text) => self.text(text),
        }
    }
}

fn json_list(items: impl Iterator<Item = String>) -> String {
    let mut list = String::from("[");
    for (nth, item) in items.enumerate() {
        if nth > 0 {
            list.push(',');
        }
        list.push_str(&item);
    }
    list.push(']');
    list
}

/// A value as the database holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    /// A whole number, or a decimal in units of its last place.
    Int(i64),
    Date(Date),
    Text(&'a str),
}

/// The value as a column of this type holds it; `None` when it cannot.
pub(crate) fn cell(value: &Value, ty: Type) -> Option<Cell<'_>> {
    Some(match (value, ty) {
        (Value::Null, _) => Cell::Null,
        (Value::Bool(truth), Type::Bool) => Cell::Bool(*truth),
        (Value::Int(number), Type::Int) => Cell::Int(within(*number)?),
        (Value::Int(number), Type::Decimal { scale }) => {
            Cell::Int(within(scaled(Decimal::from(*number), scale)?)?)
        }
        (Value::Decimal(decimal), Type::Decimal { scale }) => {
            Cell::Int(within(scaled(*decimal, scale)?)?)
        }
        (Value::Date(day), Type::Date) if day.year() >= 1 => Cell::Date(*day),
        // PostgreSQL cannot hold NUL in a text.
        (Value::Text(text), Type::Text) if !text.contains('\0') => Cell::Text(text),
        _ => return None,
    })
}

/// A number that expressions can compute with.
fn within(number: i64) -> Option<i64> {
    (number.unsigned_abs() <= COLUMN_LIMIT.unsigned_abs()).then_some(number)
}

/// A decimal in units of its last place; `None` when it has more places or too many digits.
pub(crate) fn scaled(decimal: Decimal, scale: u8) -> Option<i64> {
    let scale = u32::from(scale);
    let decimal = if decimal.scale() > scale {
        decimal.normalize()
    } else {
        decimal
    };
    let missing = scale.checked_sub(decimal.scale())?;
    let units = decimal
        .mantissa()
        .checked_mul(10_i128.checked_pow(missing)?)?;
    i64::try_from(units).ok()
}

/// A day for PostgreSQL: sqlx knows no jiff.
struct Day(Date);

fn epoch() -> Date {
    jiff::civil::date(2000, 1, 1)
}

impl sqlx::Type<Postgres> for Day {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1082)) // DATE
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let days = (self.0 - epoch()).get_days();
        buffer.extend_from_slice(&days.to_be_bytes());
        Ok(IsNull::No)
    }
}

/// One row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn int(&self, index: usize) -> Result<i64> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn text(&self, index: usize) -> Result<String> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn bytes(&self, index: usize) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(index)?,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    pub(crate) fn flag(&self, index: usize) -> Result<bool> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get::<i64, _>(index)? != 0,
            Self::Postgres(row) => row.try_get(index)?,
        })
    }

    /// The value of a column of a type; `None` when what is stored does not fit it.
    pub(crate) fn value(&self, index: usize, ty: Type) -> Option<Value> {
        match self {
            Self::Sqlite(row) => {
                let raw = row.try_get_raw(index).ok()?;
                if raw.is_null() {
                    return Some(Value::Null);
                }
                Some(match ty {
                    Type::Bool => match row.try_get::<i64, _>(index).ok()? {
                        0 => Value::Bool(false),
                        1 => Value::Bool(true),
                        _ => return None,
                    },
                    Type::Int => Value::Int(row.try_get(index).ok()?),
                    Type::Decimal { scale } => decimal(row.try_get(index).ok()?, scale),
                    Type::Date => Value::Date(day(row.try_get(index).ok()?)?),
                    Type::Text => Value::Text(row.try_get(index).ok()?),
                })
            }
            Self::Postgres(row) => {
                let raw = row.try_get_raw(index).ok()?;
                if raw.is_null() {
                    return Some(Value::Null);
                }
                Some(match ty {
                    Type::Bool => Value::Bool(row.try_get(index).ok()?),
                    Type::Int => Value::Int(row.try_get(index).ok()?),
                    Type::Decimal { scale } => decimal(row.try_get(index).ok()?, scale),
                    Type::Date if raw.format() == PgValueFormat::Binary => {
                        let days = i32::from_be_bytes(raw.as_bytes().ok()?.try_into().ok()?);
                        let span = jiff::Span::new().try_days(days).ok()?;
                        Value::Date(epoch().checked_add(span).ok()?)
                    }
                    Type::Date => Value::Date(day(raw.as_str().ok()?)?),
                    Type::Text => Value::Text(row.try_get(index).ok()?),
                })
            }
        }
    }
}

fn decimal(units: i64, scale: u8) -> Value {
    Value::Decimal(Decimal::new(units, u32::from(scale)))
}

/// Reads `2021-06-30` and nothing else.
fn day(text: &str) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_i16, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i16::from(byte - b'0'))
        })
    };
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_show() {
        let shown = redacted("mysql://clerk:secret@host/db").to_string();
        assert!(shown.contains("mysql://clerk:***@host/db"), "{shown}");
        assert!(!shown.contains("secret"));
    }

    #[test]
    fn parameters_are_numbered_for_postgres() {
        assert_eq!(
            &*Dialect::Postgres.sql("a = ? AND b = ?"),
            "a = $1 AND b = $2"
        );
        assert_eq!(&*Dialect::Sqlite.sql("a = ?"), "a = ?");
    }

    #[test]
    fn decimals_are_scaled_exactly_or_not_at_all() {
        let check = |text: &str, scale, expect| {
            assert_eq!(scaled(text.parse().unwrap(), scale), expect, "{text}");
        };
        check("12.3", 2, Some(1230));
        check("12.340", 2, Some(1234));
        check("12.345", 2, None);
        check("-0.01", 2, Some(-1));
        check("99999999999999999999", 2, None);
    }

    #[test]
    fn columns_hold_fifteen_digits() {
        let money = Type::Decimal { scale: 2 };
        let at = |text: &str| Value::Decimal(text.parse().unwrap());
        assert_eq!(
            cell(&at("9999999999999.99"), money),
            Some(Cell::Int(COLUMN_LIMIT))
        );
        assert_eq!(cell(&at("10000000000000"), money), None);
        assert_eq!(cell(&Value::Int(i64::MIN), Type::Int), None);
        assert_eq!(cell(&Value::Text("a\0".into()), Type::Text), None);
    }

    #[test]
    fn days_are_read_strictly() {
        assert_eq!(day("2021-06-30"), Some(jiff::civil::date(2021, 6, 30)));
        for wrong in ["2021-6-30", "2021-06-31", "2021/06/30", "+021-06-30", ""] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
