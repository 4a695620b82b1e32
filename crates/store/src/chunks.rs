//! All rows of a list, for exports: first their numbers, then the rows, many in one piece.
//!
//! A piece is handed over as the database gave it, so that whoever writes a file can take it apart
//! on a thread of its own while the next one is fetched.

use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use qipan_model::{Record, Register};
use qipan_sql::Dialect;
use sea_query::{Alias, Condition, Expr, ExprTrait, Query};

use crate::cells::Row;
use crate::db::Speak;
use crate::packed;
use crate::table::Table;
use crate::{ListQuery, Reader, Result};

/// Rows fetched at once.
const ROWS: usize = 500;
/// Numbers of rows looked for at once.
const NUMBERS: usize = 100_000;

/// Rows as the database gave them.
pub struct Chunk {
    table: Arc<Table>,
    rows: Vec<Row>,
}

impl Chunk {
    /// The records, in order of entry.
    ///
    /// # Errors
    /// When a row does not hold what its columns are declared as.
    pub fn records(self) -> Result<Vec<Record>> {
        let mut records = self.table.unpack_all(&self.rows)?;
        // SQLite promises no order within one value.
        records.sort_by_key(|(rid, _)| *rid);
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }
}

impl Reader {
    /// All rows of a list in order of entry, some hundred at a time. Order and page of the query do
    /// not matter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn chunks<'a>(
        &'a mut self,
        register: &Register,
        query: &ListQuery<'_>,
    ) -> Result<BoxStream<'a, Result<Chunk>>> {
        let table = self.table(register)?;
        let wanted = self.wanted(&table, register, query).await?;
        let wanted = wanted.add_option(self.within(&table));
        let walk = Walk {
            reader: self,
            table,
            wanted,
            numbers: Vec::new(),
            taken: 0,
            last: 0,
        };
        let steps = stream::try_unfold(walk, |mut walk| async {
            Ok(walk.next().await?.map(|chunk| (chunk, walk)))
        });
        Ok(steps.boxed())
    }

    /// All rows of a list in order of entry, one by one; holds few at a time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows<'a>(
        &'a mut self,
        register: &Register,
        query: &ListQuery<'_>,
    ) -> Result<BoxStream<'a, Result<Record>>> {
        let chunks = self.chunks(register, query).await?;
        let records = chunks.and_then(|chunk| async {
            let records = chunk.records()?;
            Ok(stream::iter(records.into_iter().map(Ok)))
        });
        Ok(records.try_flatten().boxed())
    }
}

/// How far a walk over the rows has come.
struct Walk<'a> {
    reader: &'a mut Reader,
    table: Arc<Table>,
    wanted: Condition,
    numbers: Vec<i64>,
    /// How many of the numbers have been fetched.
    taken: usize,
    /// The greatest number that was looked for.
    last: i64,
}

impl Walk<'_> {
    async fn next(&mut self) -> Result<Option<Chunk>> {
        if self.taken == self.numbers.len() {
            self.numbers = self.numbers().await?;
            self.taken = 0;
        }
        let Some(&last) = self.numbers.last() else {
            return Ok(None);
        };
        self.last = last;
        let from = self.taken;
        self.taken = self.numbers.len().min(from + ROWS);
        let rows = self.fetch(from).await?;
        let table = Arc::clone(&self.table);
        Ok(Some(Chunk { table, rows }))
    }

    /// The next numbers.
    async fn numbers(&mut self) -> Result<Vec<i64>> {
        let rid = || Expr::col(Alias::new("_rid"));
        let mut numbers = Query::select();
        numbers
            .expr(rid())
            .from(Alias::new(&self.table.id))
            .cond_where(self.wanted.clone().add(rid().gt(self.last)))
            .order_by_expr(rid(), sea_query::Order::Asc)
            .limit(NUMBERS as u64);
        self.reader.numbers(&numbers).await
    }

    /// The rows from a number on.
    async fn fetch(&mut self, from: usize) -> Result<Vec<Row>> {
        let tx = &mut self.reader.tx;
        let dialect = tx.dialect();
        let columns = match dialect {
            Dialect::Sqlite => &packed::all(&self.table.packed),
            Dialect::Postgres => &self.table.packed,
        };
        let sql = format!(
            "SELECT {columns} FROM {} WHERE {}",
            self.table.name,
            dialect.in_list("_rid")
        );
        let mut args = tx.args();
        args.ints(&self.numbers[from..self.taken]);
        tx.rows(&sql, args).await
    }
}
