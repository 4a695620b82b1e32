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
use qipan_model::Type;
use qipan_sql::Dialect;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Postgres, Sqlite, Transaction};

use crate::cells::{Args, Inner, Row};
use crate::readers::{Readers, Reading};
use crate::{Error, Result};

/// `_to` of a revision that still stands.
pub(crate) const STANDS: i64 = i64::MAX;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(10);

/// Rows that SQLite may be ahead of their reader: with few, the two threads wait for each other at
/// every row.
const ROWS_AHEAD: usize = 1_000;

/// What the store asks of a dialect beside expressions.
pub(crate) trait Speak: Copy {
    /// Numbers the `?` of a statement where the database wants `$1`, `$2` …
    fn sql(self, text: &str) -> Arc<str>;
    /// `column IN (all of one list parameter)`; bind with [`Args::ints`] or [`Args::texts`].
    fn in_list(self, column: &str) -> String;
    /// A table of pairs `a`, `b` out of parameters; bind with [`Args::pairs`].
    fn pairs(self) -> &'static str;
    /// The column type that holds a value type.
    fn column_type(self, ty: Type) -> &'static str;
}

impl Speak for Dialect {
    fn sql(self, text: &str) -> Arc<str> {
        if self == Self::Sqlite {
            return text.into();
        }
        let mut numbered = String::with_capacity(text.len() + 64);
        for (count, part) in text.split('?').enumerate() {
            if count > 0 {
                numbered.push('$');
                numbered.push_str(&count.to_string());
            }
            numbered.push_str(part);
        }
        numbered.into()
    }

    fn in_list(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each(?))"),
            Self::Postgres => format!("{column} = ANY(?)"),
        }
    }

    fn pairs(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "(SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b
                  FROM json_each(?))"
            }
            Self::Postgres => "(SELECT * FROM unnest(?::bigint[], ?::bigint[]) AS u (a, b))",
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
    Sqlite { write: SqlitePool, read: Readers },
    Postgres(PgPool),
}

impl Db {
    /// Opens by address; `None` is the SQLite file `qipan.db` in the data folder.
    pub(crate) async fn open(url: Option<&str>, data_dir: &Path) -> Result<Self> {
        match url {
            None => Self::sqlite(&data_dir.join("qipan.db")),
            Some(url) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
                let options = PgConnectOptions::from_str(url).map_err(|_| redacted(url))?;
                // The pool would try again and again; whoever mistyped the address is told at once.
                match tokio::time::timeout(BUSY, sqlx::ConnectOptions::connect(&options)).await {
                    Ok(Ok(first)) => sqlx::Connection::close(first).await?,
                    Ok(Err(error)) => return Err(unreachable(&options, &error.to_string())),
                    Err(_) => return Err(unreachable(&options, "等待连接超时")),
                }
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
            .busy_timeout(BUSY)
            .row_buffer_size(ROWS_AHEAD);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            // `Table::check` has looked at every value before it comes here. Checks that call
            // functions would make each insert of many rows one that may fail halfway, for which
            // SQLite copies every page aside that it touches (`Table::of_columns`). They stay for
            // other programs, and `verify` looks for what breaks them.
            .connect_lazy_with(
                options
                    .clone()
                    .pragma("cache_size", "-65536")
                    .pragma("ignore_check_constraints", "ON"),
            );
        // A longer queue of rows between the driver's thread and ours: fewer waits in exports.
        let options = options
            .pragma("query_only", "ON")
            .pragma("cache_size", "-8192")
            .row_buffer_size(512);
        let read = Readers::new(options, BUSY);
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
                tx.run(
                    "SET LOCAL lock_timeout = '10s';
                     SELECT pg_advisory_xact_lock(74726, hashtext(current_schema()));
                     SET LOCAL lock_timeout = 0",
                )
                .await?;
                Ok(tx)
            }
        }
    }

    /// A transaction that reads one and the same state throughout.
    pub(crate) async fn read(&self) -> Result<Tx> {
        match self {
            Self::Sqlite { read, .. } => Ok(Tx::Reading(Box::new(read.begin().await?))),
            Self::Postgres(pool) => Ok(Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            )),
        }
    }

    /// Writes a copy of the database as it stands, packed, into a file that is not there yet.
    pub(crate) async fn copy_into(&self, path: &Path) -> Result<()> {
        let Self::Sqlite { read, .. } = self else {
            return Err(Error::OwnBackup);
        };
        let name = path.to_str().ok_or_else(|| {
            Error::file(path)(std::io::Error::from(std::io::ErrorKind::InvalidFilename))
        })?;
        // A connection of its own: those of readers may write nothing, not even elsewhere.
        let mut own = read.alone().await?;
        let copied = async {
            own.execute("PRAGMA query_only = OFF").await?;
            own.execute(sqlx::query("VACUUM INTO ?").bind(name)).await
        };
        let copied = copied.await;
        own.close().await?;
        copied?;
        Ok(())
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

/// The server as it may be told.
fn unreachable(options: &PgConnectOptions, why: &str) -> Error {
    let name = options.get_database().unwrap_or_default();
    let server = format!("{}:{}/{name}", options.get_host(), options.get_port());
    Error::Unreachable {
        server,
        why: why.to_owned(),
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
    /// Of SQLite too, only to read.
    Reading(Box<Reading>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) | Self::Reading(_) => Dialect::Sqlite,
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
            Self::Sqlite(tx) => script.execute(&mut **tx).await.map(|_| ())?,
            Self::Postgres(tx) => script.execute(&mut **tx).await.map(|_| ())?,
            Self::Reading(_) => return Err(only_reads()),
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
            (Self::Reading(_), _) => Err(only_reads()),
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
        self.stream(Arc::clone(sql), args).try_collect().await
    }

    /// Rows one by one.
    pub(crate) fn stream(&mut self, sql: Arc<str>, args: Args) -> BoxStream<'_, Result<Row>> {
        match (self, args.0) {
            (Self::Sqlite(tx), Inner::Sqlite(args)) => of_sqlite(tx, sql, args),
            (Self::Reading(reading), Inner::Sqlite(args)) => match reading.with(&sql) {
                Ok((connection, sql)) => of_sqlite(connection, sql, args),
                Err(error) => refused(error),
            },
            (Self::Postgres(tx), Inner::Postgres(args)) => Box::pin(
                sqlx::query_with(AssertSqlSafe(sql), args)
                    .fetch(&mut **tx)
                    .map_ok(Row::Postgres)
                    .map_err(Error::from),
            ),
            _ => refused(mixed()),
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
            Self::Reading(reading) => reading.end().await,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
            Self::Reading(reading) => reading.end().await,
        }
        Ok(())
    }
}

fn of_sqlite(
    connection: &mut SqliteConnection,
    sql: Arc<str>,
    args: SqliteArguments,
) -> BoxStream<'_, Result<Row>> {
    Box::pin(
        sqlx::query_with(AssertSqlSafe(sql), args)
            .fetch(connection)
            .map_ok(Row::Sqlite)
            .map_err(Error::from),
    )
}

fn refused(error: Error) -> BoxStream<'static, Result<Row>> {
    Box::pin(futures::stream::once(async { Err(error) }))
}

fn only_reads() -> Error {
    Error::Database("a change on a connection that only reads".to_owned())
}

fn mixed() -> Error {
    Error::Database("arguments of one database given to the other".to_owned())
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
}
