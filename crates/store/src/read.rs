//! Reading: history, streams, the journal; all within one snapshot, all within the scope of the
//! caller for whom the reader was opened. Lists are in [`crate::paging`].

use std::sync::Arc;

use jiff::Timestamp;
use qipan_model::{Action, Pack, Record, Register, Scope, Type, Value};
use qipan_sql::Dialect;
use sea_query::{
    Alias, Condition, Expr, ExprTrait, PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder,
};
use sea_query_sqlx::SqlxBinder;

use crate::cells::{Args, Row};
use crate::clock::written;
use crate::db::{STANDS, Speak, Tx};
use crate::digest::hex;
use crate::journal;
use crate::packed;
use crate::packs::{self, Schema};
use crate::scope::{self, Kept, Limits};
use crate::store::Store;
use crate::table::Table;
use crate::{Error, Result};

/// The newest journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 when the journal is empty.
    pub seq: i64,
    /// Its moment.
    pub at: Timestamp,
    /// Its hash, hex.
    pub hash: String,
}

/// One snapshot of the database; needs no lock and blocks nobody.
///
/// A reader that was opened for a caller ([`Store::reader_of`]) shows nothing that is not within
/// the caller's scope: what one may not see is as if it were not there.
pub struct Reader {
    pub(crate) store: Store,
    pub(crate) schema: Option<Arc<Schema>>,
    pub(crate) tx: Tx,
    pub(crate) head: Head,
    /// `None` sees everything.
    limits: Option<Limits>,
}

/// A select that shows no more than its reader's caller may see. Only a [`Reader`] makes it.
#[derive(Debug, Clone)]
pub struct Scoped(SelectStatement);

impl Reader {
    pub(crate) async fn open(store: &Store, limits: Option<Limits>) -> Result<Self> {
        let mut tx = store.db().read().await?;
        let (tip, schema) = store.opening(&mut tx).await?;
        Ok(Self {
            store: store.clone(),
            schema,
            tx,
            head: Head {
                seq: tip.seq,
                at: tip.at.unwrap_or(Timestamp::UNIX_EPOCH),
                hash: hex(&tip.hash),
            },
            limits,
        })
    }

    /// The rows of a register that this reader shows; [`Scope::Nothing`] where the register is as
    /// if it were not there.
    #[must_use]
    pub fn scope(&self, register: &str) -> &Scope {
        self.limits
            .as_ref()
            .map_or(&Scope::All, |limits| limits.scope(register))
    }

    /// Whether the caller has an action; a reader of everything has all.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.limits
            .as_ref()
            .is_none_or(|limits| limits.access.may(action))
    }

    /// Whether there is nothing that it does not show: neither a row of any register nor a field.
    #[must_use]
    pub fn shows_everything(&self) -> bool {
        let registers = self.schema.iter().flat_map(|schema| &schema.pack.registers);
        let mut scopes = registers.map(|register| self.scope(&register.id));
        self.sees_personal() && scopes.all(|scope| *scope == Scope::All)
    }

    /// Whether personal data is the caller's to see.
    pub(crate) fn sees_personal(&self) -> bool {
        self.limits
            .as_ref()
            .is_none_or(|limits| limits.access.sees_personal())
    }

    /// The condition of a register's rows that are shown; `None` when all are.
    pub(crate) fn within(&self, table: &Table) -> Option<Condition> {
        scope::of_rows(self.scope(&table.id), table)
    }

    /// Which SQL the database speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    /// The pack in force in this snapshot.
    #[must_use]
    pub fn pack(&self) -> Option<Arc<Pack>> {
        self.schema.as_ref().map(|schema| Arc::clone(&schema.pack))
    }

    /// The pack that was in force after a journal entry: its definitions, units and links as they
    /// stood then. Its fields go by the names that their columns have in this snapshot.
    ///
    /// # Errors
    /// When there is no pack, the database refuses or the pack cannot be read by this program.
    pub async fn pack_as_of(&mut self, seq: i64) -> Result<Arc<Pack>> {
        let schema = Arc::clone(self.schema.as_ref().ok_or(Error::NoPack)?);
        packs::as_of(&mut self.tx, &schema, seq).await
    }

    pub(crate) fn table(&self, register: &Register) -> Result<Arc<Table>> {
        let schema = self.schema.as_ref().ok_or(Error::NoPack)?;
        schema.readable(self.tx.dialect(), register)
    }

    /// The newest journal entry this reader sees.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The last journal entry at or before a moment; 0 when there is none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seq_at(&mut self, moment: Timestamp) -> Result<i64> {
        let mut args = self.tx.args();
        args.text(&written(moment));
        let sql = "SELECT seq FROM journal WHERE at <= ? ORDER BY at DESC, seq DESC LIMIT 1";
        self.tx
            .row(sql, args)
            .await?
            .map_or(Ok(0), |row| row.int(0))
    }

    /// The moment of a journal entry; `None` when there is no such entry.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn moment_of(&mut self, seq: i64) -> Result<Option<Timestamp>> {
        let mut args = self.tx.args();
        args.int(seq);
        let row = self
            .tx
            .row("SELECT at FROM journal WHERE seq = ?", args)
            .await?;
        row.map(|row| journal::moment(&row.text(0)?)).transpose()
    }

    /// All revisions of a record, oldest first. None when its newest revision is out of scope; of
    /// the earlier ones those that were within.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn record_history(
        &mut self,
        register: &Register,
        record: i64,
    ) -> Result<Vec<Record>> {
        let table = self.table(register)?;
        // A record has the number of its first row; later revisions have an index of their own.
        let sql = format!(
            "SELECT {columns} FROM {name} WHERE _rid = ? AND _rev = 1
             UNION ALL
             SELECT {columns} FROM {name} WHERE _record = ? AND _rev > 1
             ORDER BY 3",
            columns = table.select,
            name = table.name
        );
        let mut args = self.tx.args();
        args.int(record);
        args.int(record);
        let rows = self.tx.rows(&sql, args).await?;
        let mut revisions = rows
            .iter()
            .map(|row| table.record(row).map(|(_, record)| record))
            .collect::<Result<Vec<_>>>()?;
        let scope = self.scope(&register.id);
        let shown = |record: &Record| scope.admits(register, &record.values);
        if !revisions.last().is_some_and(shown) {
            return Ok(Vec::new());
        }
        revisions.retain(shown);
        Ok(revisions)
    }

    /// The standing revision with a key (retracted ones too).
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn by_key(&mut self, register: &Register, key: &str) -> Result<Option<Record>> {
        let table = self.table(register)?;
        let sql = format!(
            "SELECT {} FROM {} WHERE _to = {STANDS} AND _key = ?",
            table.select, table.name
        );
        let mut args = self.tx.args();
        args.text(key);
        let row = self.tx.row(&sql, args).await?;
        let found = row
            .map(|row| table.record(&row).map(|(_, record)| record))
            .transpose()?;
        let scope = self.scope(&register.id);
        Ok(found.filter(|record| scope.admits(register, &record.values)))
    }

    /// Revisions by row number (`_rid`), in the order of the numbers.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows_by_rid(&mut self, register: &Register, rids: &[i64]) -> Result<Vec<Record>> {
        let table = self.table(register)?;
        let sql = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY _rid",
            table.packed,
            table.name,
            self.dialect().in_list("_rid")
        );
        let mut args = self.tx.args();
        args.ints(rids);
        let rows = self.tx.rows(&sql, args).await?;
        let scope = self.scope(&register.id);
        rows.iter()
            .map(|row| table.unpack(row).map(|(_, record)| record))
            .filter(
                |record| !matches!(record, Ok(record) if !scope.admits(register, &record.values)),
            )
            .collect()
    }

    /// A select over a register's table, `FROM` still to come: here it is said, together with the
    /// rows that are shown.
    ///
    /// # Errors
    /// When there is no such register.
    pub fn of_register(&self, register: &Register, select: SelectStatement) -> Result<Scoped> {
        let table = self.table(register)?;
        Ok(limited(select, &table.id, self.within(&table)))
    }

    /// A select over a table that is kept beside the registers, `FROM` still to come.
    #[must_use]
    pub fn of_kept(&self, kept: Kept, select: SelectStatement) -> Scoped {
        let within = match (&self.limits, &self.schema) {
            (Some(limits), Some(schema)) => scope::of_kept(limits, &schema.pack, kept),
            _ => None,
        };
        limited(select, kept.table(), within)
    }

    /// Runs a select built with sea-query (bound values only) and gives its columns as the types
    /// asked for. Decimals must be selected as scaled integers; in PostgreSQL sums and counts
    /// must be cast to `BIGINT`.
    ///
    /// # Errors
    /// When the database refuses or a column does not hold what was asked for.
    pub async fn select(&mut self, select: &Scoped, types: &[Type]) -> Result<Vec<Vec<Value>>> {
        self.run(&select.0, types).await
    }

    /// Runs a select as it is.
    pub(crate) async fn run(
        &mut self,
        statement: &SelectStatement,
        types: &[Type],
    ) -> Result<Vec<Vec<Value>>> {
        let (sql, args) = built(statement, self.dialect());
        self.answer(&sql, args, types).await
    }

    /// Runs a select and gives so many of its rows.
    pub(crate) async fn first(
        &mut self,
        statement: &SelectStatement,
        rows: usize,
        types: &[Type],
    ) -> Result<Vec<Vec<Value>>> {
        let (sql, args) = built(statement, self.dialect());
        // Written out: SQLite would plan a statement with a bound limit anew each time it is run.
        self.answer(&format!("{sql} LIMIT {rows}"), args, types)
            .await
    }

    async fn answer(&mut self, sql: &str, args: Args, types: &[Type]) -> Result<Vec<Vec<Value>>> {
        if self.dialect() == Dialect::Sqlite {
            let sql = packed::answer(sql, types.len()).into();
            return match self.tx.fetch(&sql, args).await?.first() {
                Some(row) => packed::read_answer(&row.text(0)?, types),
                None => Ok(Vec::new()),
            };
        }
        let rows = self.tx.fetch(&sql.into(), args).await?;
        rows.iter()
            .map(|row| {
                types
                    .iter()
                    .enumerate()
                    .map(|(nth, ty)| {
                        row.value(nth, *ty).ok_or_else(|| {
                            Error::Database(format!("column {nth} does not hold {ty:?}"))
                        })
                    })
                    .collect()
            })
            .collect()
    }

    /// Runs a select of one column of whole numbers.
    pub(crate) async fn numbers(&mut self, statement: &SelectStatement) -> Result<Vec<i64>> {
        let (sql, args) = built(statement, self.dialect());
        if self.dialect() == Dialect::Sqlite {
            let sql = packed::numbers(&sql).into();
            return match self.tx.fetch(&sql, args).await?.first() {
                Some(row) => packed::read_numbers(&row.text(0)?),
                None => Ok(Vec::new()),
            };
        }
        let rows = self.tx.fetch(&sql, args).await?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    pub(crate) async fn fetch(&mut self, statement: &SelectStatement) -> Result<Vec<Row>> {
        let (sql, args) = built(statement, self.dialect());
        self.tx.fetch(&sql, args).await
    }

    /// The text of a select with its values written in, for people to read; it is never run.
    #[must_use]
    pub fn explain(&self, select: &Scoped) -> String {
        match self.dialect() {
            Dialect::Sqlite => select.0.to_string(SqliteQueryBuilder),
            Dialect::Postgres => select.0.to_string(PostgresQueryBuilder),
        }
    }
}

fn limited(mut select: SelectStatement, table: &str, within: Option<Condition>) -> Scoped {
    select.from(Alias::new(table));
    if let Some(within) = within {
        select.cond_where(within);
    }
    Scoped(select)
}

fn built(statement: &SelectStatement, dialect: Dialect) -> (Arc<str>, Args) {
    let (sql, values) = match dialect {
        Dialect::Sqlite => statement.build_sqlx(SqliteQueryBuilder),
        Dialect::Postgres => statement.build_sqlx(PostgresQueryBuilder),
    };
    (sql.into(), Args::from_values(dialect, values))
}

/// The rows of a register's table that stand (not retracted): now, or after a journal entry.
/// The newest state is written as a literal, so that the partial indexes serve it.
#[must_use]
pub fn standing(as_of: Option<i64>, dialect: Dialect) -> Expr {
    let stands = match as_of {
        None => Expr::cust(format!("\"_to\" = {STANDS}")),
        Some(seq) => Expr::col(Alias::new("_from"))
            .lte(seq)
            .and(Expr::col(Alias::new("_to")).gt(seq)),
    };
    let gone = match dialect {
        Dialect::Sqlite => "\"_gone\" = 0",
        Dialect::Postgres => "NOT \"_gone\"",
    };
    stands.and(Expr::cust(gone))
}

/// The rows that figures count: agreed or arbitrated (promise 3).
#[must_use]
pub fn counted() -> Expr {
    Expr::cust("\"_state\" IN ('agreed', 'arbitrated')")
}
