//! Reading: lists, history, streams, the journal; all within one snapshot.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use jiff::Timestamp;
use qipan_model::{Pack, Period, Record, Register, Type, Value};
use qipan_sql::Dialect;
use sea_query::{
    Alias, Condition, Expr, ExprTrait, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder,
};
use sea_query_sqlx::SqlxBinder;
use serde::Serialize;

use crate::cells::{Args, Row};
use crate::clock::written;
use crate::db::{STANDS, Speak, Tx};
use crate::digest::hex;
use crate::journal::{self, Stored};
use crate::list::{Mark, conditions, order_of, sort};
use crate::packed;
use crate::packs::{self, Schema};
use crate::store::Store;
use crate::table::Table;
use crate::search::{self, Search};
use crate::{Error, Result, ReturnKind};

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

/// One journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// Moment.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What sort of change.
    pub action: String,
    /// Register touched; empty for changes of the pack.
    pub register: String,
    /// Rows written.
    pub rows: i64,
    /// Particulars as JSON.
    pub payload: serde_json::Value,
    /// Digest of what was written, hex.
    pub digest: String,
    /// Hash of the entry before, hex.
    pub prev: String,
    /// Hash of this entry, hex.
    pub hash: String,
}

/// A filed return (报送); of several for the same register, period and unit the last one holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Journal entry that wrote it.
    pub seq: i64,
    /// Register id.
    pub register: String,
    /// Period.
    pub period: Period,
    /// Unit id.
    pub unit: String,
    /// How it was filed.
    pub kind: ReturnKind,
}

/// Sorting by one field, within it by entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Field index; `None` is the register's day where it has one, then the order of entry.
    /// Lists in that order, of the whole register or of one side, are served by an index.
    pub field: Option<usize>,
    /// Greatest (newest) first. Nothing counts as smaller than anything.
    pub descending: bool,
}

/// What a list shows.
#[derive(Debug, Clone)]
pub struct ListQuery<'a> {
    /// Only rows for which this holds.
    pub filter: Option<&'a qipan_model::Expr>,
    /// Value of `today` in the filter.
    pub today: Option<jiff::civil::Date>,
    /// Only rows of this supporter.
    pub supporter: Option<&'a str>,
    /// Only rows of this recipient.
    pub recipient: Option<&'a str>,
    /// Only rows with these values, by field index; `Null` is nothing.
    pub equals: &'a [(usize, Value)],
    /// Only rows of these days (both inclusive); a register without a day has none.
    pub days: Option<(jiff::civil::Date, jiff::civil::Date)>,
    /// Only rows in which these words stand.
    pub search: Option<&'a Search>,
    /// The records that are withdrawn, instead of those that stand.
    pub withdrawn: bool,
    /// Only rows that figures count (agreed or arbitrated).
    pub counted_only: bool,
    /// Order; newest first by default.
    pub order: Order,
    /// Most rows on a page, 1 to 1000.
    pub limit: u32,
    /// [`Page::next`] of the page before.
    pub after: Option<&'a str>,
    /// State after this journal entry; `None` is now.
    pub as_of: Option<i64>,
}

impl Default for ListQuery<'_> {
    fn default() -> Self {
        Self {
            filter: None,
            today: None,
            supporter: None,
            recipient: None,
            equals: &[],
            days: None,
            search: None,
            withdrawn: false,
            counted_only: false,
            order: Order {
                field: None,
                descending: true,
            },
            limit: 50,
            after: None,
            as_of: None,
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub records: Vec<Record>,
    /// Rows in the whole list.
    pub total: i64,
    /// Mark of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// One snapshot of the database; needs no lock and blocks nobody.
pub struct Reader {
    store: Store,
    schema: Option<Arc<Schema>>,
    tx: Tx,
}

impl Reader {
    pub(crate) async fn open(store: &Store) -> Result<Self> {
        let mut tx = store.db().read().await?;
        let schema = store.schema(&mut tx).await?;
        Ok(Self {
            store: store.clone(),
            schema,
            tx,
        })
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

    pub(crate) fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    pub(crate) fn table(&self, register: &Register) -> Result<Arc<Table>> {
        let schema = self.schema.as_ref().ok_or(Error::NoPack)?;
        schema.readable(self.tx.dialect(), register)
    }

    /// The newest journal entry this reader sees.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn head(&mut self) -> Result<Head> {
        let tip = journal::tip(&mut self.tx).await?;
        Ok(Head {
            seq: tip.seq,
            at: tip.at.unwrap_or(Timestamp::UNIX_EPOCH),
            hash: hex(&tip.hash),
        })
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

    /// One page of a register.
    ///
    /// # Errors
    /// When the page mark is not of this list, or the database refuses.
    pub async fn list(&mut self, register: &Register, query: &ListQuery<'_>) -> Result<Page> {
        let table = self.table(register)?;
        let dialect = self.dialect();
        let limit = query.limit.clamp(1, MOST_LISTED);
        let wanted = self.wanted(&table, register, query).await?;

        let order = order_of(&table, query.order);
        let parts = match query.after {
            None => vec![Expr::cust("1 = 1")],
            Some(written) => Mark::read(written)
                .and_then(|mark| mark.after(&table, order, dialect))
                .ok_or_else(|| Error::Cursor(written.to_owned()))?,
        };
        let mut records = Vec::with_capacity(limit as usize + 1);
        for part in parts {
            let room = limit as usize + 1 - records.len();
            let mut page = Query::select();
            page.expr(Expr::cust(table.select.clone()))
                .from(Alias::new(&table.id))
                .cond_where(wanted.clone().add(part))
                .limit(room as u64);
            sort(&mut page, &table, order, dialect);
            for row in self.fetch(&page).await? {
                records.push(table.record(&row)?);
            }
            if records.len() > limit as usize {
                break;
            }
        }
        let next = (records.len() > limit as usize).then(|| {
            records.truncate(limit as usize);
            records
                .last()
                .map(|(rid, record)| Mark::of(*rid, record, order).written())
        });
        let next = next.flatten();
        let total = self.total(&table, query, wanted).await?;
        let records = records.into_iter().map(|(_, record)| record).collect();
        Ok(Page {
            records,
            total,
            next,
        })
    }

    /// The rows that a list asks for.
    async fn wanted(
        &mut self,
        table: &Table,
        register: &Register,
        query: &ListQuery<'_>,
    ) -> Result<Condition> {
        let wanted = conditions(table, query, self.dialect());
        let Some(search) = query.search else {
            return Ok(wanted);
        };
        let (found, behind) = search::condition(&mut self.tx, register, search, query.as_of).await?;
        if behind {
            self.store.catch_up(&register.id);
        }
        Ok(wanted.add(found))
    }

    /// How many rows a list has, and the sums of some fields over them, in units of each field's
    /// last place; `None` where no row states anything. Order and page do not matter.
    ///
    /// # Errors
    /// When the database refuses or a sum has more than 64 bits.
    pub async fn totals(
        &mut self,
        register: &Register,
        query: &ListQuery<'_>,
        fields: &[usize],
    ) -> Result<(i64, Vec<Option<i64>>)> {
        let table = self.table(register)?;
        let wanted = self.wanted(&table, register, query).await?;
        let mut sums = Query::select();
        sums.expr(Expr::cust("count(*)"))
            .from(Alias::new(&table.id))
            .cond_where(wanted);
        for &field in fields {
            let column = table
                .columns
                .get(field)
                .filter(|column| matches!(column.ty, Type::Int | Type::Decimal { .. }))
                .ok_or_else(|| Error::NoRegister(table.id.clone()))?;
            let column = crate::db::quoted(&column.id);
            sums.expr(Expr::cust(format!("CAST(sum({column}) AS BIGINT)")));
        }
        let types = vec![Type::Int; fields.len() + 1];
        let row = self.select(&sums, &types).await?.pop().unwrap_or_default();
        let mut numbers = row.iter().map(|value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        });
        let total = numbers.next().flatten().unwrap_or(0);
        Ok((total, numbers.collect()))
    }

    /// How many rows a list has: kept with the rollups when only sides are asked for.
    async fn total(
        &mut self,
        table: &Table,
        query: &ListQuery<'_>,
        wanted: Condition,
    ) -> Result<i64> {
        let mut count = Query::select();
        let by_sides_alone = query.filter.is_none()
            && query.as_of.is_none()
            && query.equals.is_empty()
            && query.days.is_none()
            && query.search.is_none()
            && !query.withdrawn;
        if by_sides_alone {
            let number = if query.counted_only {
                "n"
            } else {
                "n + n_open"
            };
            count
                .expr(Expr::cust(format!(
                    "CAST(coalesce(sum({number}), 0) AS BIGINT)"
                )))
                .from(Alias::new("presence"))
                .and_where(Expr::col(Alias::new("register")).eq(table.id.as_str()));
            for (side, unit) in [
                ("supporter", query.supporter),
                ("recipient", query.recipient),
            ] {
                if let Some(unit) = unit {
                    count.and_where(Expr::col(Alias::new(side)).eq(unit));
                }
            }
        } else {
            count
                .expr(Expr::cust("count(*)"))
                .from(Alias::new(&table.id))
                .cond_where(wanted);
        }
        self.fetch(&count)
            .await?
            .first()
            .map_or(Ok(0), |row| row.int(0))
    }

    /// All revisions of a record, oldest first.
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
        rows.iter()
            .map(|row| table.record(row).map(|(_, record)| record))
            .collect()
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
        row.map(|row| table.record(&row).map(|(_, record)| record))
            .transpose()
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
        rows.iter()
            .map(|row| table.unpack(row).map(|(_, record)| record))
            .collect()
    }

    /// All rows of a list in order of entry, for exports; holds few rows at a time. Order and page
    /// of the query do not matter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows<'a>(
        &'a mut self,
        register: &Register,
        query: &ListQuery<'_>,
    ) -> Result<BoxStream<'a, Result<Record>>> {
        let table = self.table(register)?;
        let mut rows = Query::select();
        rows.expr(Expr::cust(table.packed.clone()))
            .from(Alias::new(&table.id))
            .cond_where(self.wanted(&table, register, query).await?)
            .order_by_expr(Expr::col(Alias::new("_rid")), sea_query::Order::Asc);
        let (sql, args) = built(&rows, self.dialect());
        Ok(Box::pin(self.tx.stream(sql, args).map(move |row| {
            table.unpack(&row?).map(|(_, record)| record)
        })))
    }

    /// All standing rows in order of entry, for exports; holds few rows at a time.
    pub fn stream<'a>(
        &'a mut self,
        register: &'a Register,
        filter: Option<&qipan_model::Expr>,
        today: Option<jiff::civil::Date>,
        as_of: Option<i64>,
    ) -> BoxStream<'a, Result<Record>> {
        let table = match self.table(register) {
            Ok(table) => table,
            Err(error) => return Box::pin(futures::stream::once(async { Err(error) })),
        };
        let dialect = self.dialect();
        let query = ListQuery {
            filter,
            today,
            as_of,
            ..ListQuery::default()
        };
        let mut rows = Query::select();
        rows.expr(Expr::cust(table.packed.clone()))
            .from(Alias::new(&table.id))
            .cond_where(conditions(&table, &query, dialect))
            .order_by_expr(Expr::col(Alias::new("_rid")), sea_query::Order::Asc);
        let (sql, args) = built(&rows, dialect);
        Box::pin(
            self.tx
                .stream(sql, args)
                .map(move |row| table.unpack(&row?).map(|(_, record)| record)),
        )
    }

    /// Journal entries `first..=last`, at most 1000.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn journal(&mut self, first: i64, last: i64) -> Result<Vec<Entry>> {
        let sql = format!(
            "SELECT {} FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT 1000",
            journal::COLUMNS
        );
        let mut args = self.tx.args();
        args.int(first);
        args.int(last);
        let rows = self.tx.rows(&sql, args).await?;
        rows.iter()
            .map(|row| {
                let entry = Stored::read(row)?;
                Ok(Entry {
                    seq: entry.seq,
                    at: journal::moment(&entry.at)?,
                    actor: entry.actor,
                    reason: entry.reason,
                    action: entry.action,
                    register: entry.register,
                    rows: entry.rows,
                    payload: serde_json::from_str(&entry.payload)
                        .map_err(|error| Error::Database(error.to_string()))?,
                    digest: hex(&entry.digest),
                    prev: hex(&entry.prev),
                    hash: hex(&entry.hash),
                })
            })
            .collect()
    }

    /// Returns that hold for a register and a period, in the order of unit ids.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn returns(
        &mut self,
        register: &str,
        period: Period,
        as_of: Option<i64>,
    ) -> Result<Vec<Return>> {
        let sql = "SELECT _from, unit, kind FROM \"return\" AS r
            WHERE register = ? AND period = ? AND _rid = (
              SELECT max(_rid) FROM \"return\" AS later WHERE later.register = r.register
              AND later.period = r.period AND later.unit = r.unit AND later._from <= ?)
            ORDER BY unit";
        let mut args = self.tx.args();
        args.text(register);
        args.text(&period.to_string());
        args.int(as_of.unwrap_or(STANDS));
        let rows = self.tx.rows(sql, args).await?;
        rows.iter()
            .map(|row| {
                let kind = row.text(2)?;
                Ok(Return {
                    seq: row.int(0)?,
                    register: register.to_owned(),
                    period,
                    unit: row.text(1)?,
                    kind: ReturnKind::parse(&kind)
                        .ok_or_else(|| Error::Database(format!("return.kind: {kind}")))?,
                })
            })
            .collect()
    }

    /// Runs a select built with sea-query (bound values only) and gives its columns as the types
    /// asked for. Decimals must be selected as scaled integers; in PostgreSQL sums and counts
    /// must be cast to `BIGINT`.
    ///
    /// # Errors
    /// When the database refuses or a column does not hold what was asked for.
    pub async fn select(
        &mut self,
        statement: &SelectStatement,
        types: &[Type],
    ) -> Result<Vec<Vec<Value>>> {
        if self.dialect() == Dialect::Sqlite {
            let (sql, args) = built(statement, Dialect::Sqlite);
            let sql = packed::answer(&sql, types.len()).into();
            return match self.tx.fetch(&sql, args).await?.first() {
                Some(row) => packed::read_answer(&row.text(0)?, types),
                None => Ok(Vec::new()),
            };
        }
        let rows = self.fetch(statement).await?;
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

    async fn fetch(&mut self, statement: &SelectStatement) -> Result<Vec<Row>> {
        let (sql, args) = built(statement, self.dialect());
        self.tx.fetch(&sql, args).await
    }

    /// The text of a select with its values written in, for people to read; it is never run.
    #[must_use]
    pub fn explain(&self, statement: &SelectStatement) -> String {
        match self.dialect() {
            Dialect::Sqlite => statement.to_string(SqliteQueryBuilder),
            Dialect::Postgres => statement.to_string(PostgresQueryBuilder),
        }
    }
}

/// Most rows on a page.
const MOST_LISTED: u32 = 1_000;

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
