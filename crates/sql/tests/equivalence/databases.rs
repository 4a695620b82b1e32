//! The two databases behind one pair of questions.

use qipan_expr::{Expr, Type, Value};
use qipan_sql::{Dialect, cast_date_text, compile, condition, date};
use rust_decimal::Decimal;
use sea_query::{ExprTrait, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection, Decode, PgConnection, Row, SqliteConnection,
    Type as SqlType,
};

use crate::generate::{COLUMNS, TODAY};

pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    /// SQLite in memory, and PostgreSQL where `TEST_DATABASE_URL` tells of one. In CI it must.
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::Sqlite(
            SqliteConnection::connect("sqlite::memory:").await.unwrap(),
        )];
        match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => all.push(Self::Postgres(PgConnection::connect(&url).await.unwrap())),
            Err(_) => assert!(
                std::env::var_os("CI").is_none(),
                "TEST_DATABASE_URL must be set in CI: PostgreSQL is tested there too"
            ),
        }
        for database in &mut all {
            database.create().await;
        }
        all
    }

    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub async fn run(&mut self, sql: String) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(db) => sqlx::query(AssertSqlSafe(sql)).execute(db).await.map(drop),
            Self::Postgres(db) => sqlx::query(AssertSqlSafe(sql)).execute(db).await.map(drop),
        }
    }

    async fn create(&mut self) {
        let columns: Vec<String> = COLUMNS
            .iter()
            .map(|(name, ty)| {
                let ty = match (self.dialect(), ty) {
                    (Dialect::Sqlite, Type::Date | Type::Text) => "TEXT",
                    (Dialect::Sqlite, _) => "INTEGER",
                    (Dialect::Postgres, Type::Date) => "DATE",
                    // Not the order of bytes: what compiles must not rely on the locale.
                    (Dialect::Postgres, Type::Text) => "TEXT COLLATE \"und-x-icu\"",
                    (Dialect::Postgres, Type::Bool) => "BOOLEAN",
                    (Dialect::Postgres, _) => "BIGINT",
                };
                format!("\"{name}\" {ty}")
            })
            .collect();
        let (id, strict) = match self.dialect() {
            Dialect::Sqlite => ("INTEGER", " STRICT"),
            Dialect::Postgres => ("BIGINT", ""),
        };
        let columns = columns.join(", ");
        let sql = format!("CREATE TEMP TABLE rows (id {id} PRIMARY KEY, {columns}){strict}");
        self.run(sql).await.unwrap();
    }

    /// Replaces the rows of the table.
    pub async fn fill(&mut self, rows: &[Vec<Value>]) {
        self.run("DELETE FROM rows".to_owned()).await.unwrap();
        let rows: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(id, row)| {
                let values: Vec<String> = row
                    .iter()
                    .zip(COLUMNS)
                    .map(|(value, _)| self.written(value))
                    .collect();
                format!("({id}, {})", values.join(", "))
            })
            .collect();
        let sql = format!("INSERT INTO rows VALUES {}", rows.join(", "));
        self.run(sql).await.unwrap();
    }

    fn written(&self, value: &Value) -> String {
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(truth) if self.dialect() == Dialect::Sqlite => u8::from(*truth).to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Decimal(decimal) => decimal.mantissa().to_string(),
            Value::Date(date) => format!("'{date}'"),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }

    fn column(&self, index: usize) -> sea_query::Expr {
        match COLUMNS.get(index) {
            Some((name, _)) => sea_query::Expr::col(*name),
            None => date(TODAY, self.dialect()),
        }
    }

    /// Values of an expression over all rows, or over one.
    pub async fn values(
        &mut self,
        expr: &Expr,
        only: Option<usize>,
    ) -> Result<Vec<Value>, sqlx::Error> {
        let dialect = self.dialect();
        let mut sql = compile(expr, dialect, &|index| self.column(index));
        if expr.ty() == Type::Date {
            sql = cast_date_text(sql, dialect);
        }
        let mut select = Query::select();
        select
            .expr(sql)
            .from("rows")
            .order_by("id", sea_query::Order::Asc);
        if let Some(id) = only {
            select.and_where(sea_query::Expr::col("id").eq(id as i64));
        }
        self.fetch(&select, expr.ty()).await
    }

    /// Ids of the rows that satisfy a condition.
    pub async fn chosen(&mut self, expr: &Expr) -> Result<Vec<Value>, sqlx::Error> {
        let filter = condition(expr, self.dialect(), &|index| self.column(index));
        let mut select = Query::select();
        select
            .column("id")
            .from("rows")
            .and_where(filter)
            .order_by("id", sea_query::Order::Asc);
        self.fetch(&select, Type::Int).await
    }

    /// How the database means to find the rows that satisfy a condition.
    pub async fn plan(&mut self, expr: &Expr) -> String {
        let filter = condition(expr, self.dialect(), &|index| self.column(index));
        let select = Query::select()
            .column("id")
            .from("rows")
            .and_where(filter)
            .to_owned();
        match self {
            Self::Sqlite(db) => {
                let (sql, values) = select.build_sqlx(SqliteQueryBuilder);
                let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let rows = sqlx::query_with(sql, values).fetch_all(db).await.unwrap();
                rows.iter()
                    .map(|row| row.get::<String, _>("detail"))
                    .collect()
            }
            Self::Postgres(db) => {
                let (sql, values) = select.build_sqlx(PostgresQueryBuilder);
                let sql = AssertSqlSafe(format!("EXPLAIN {sql}"));
                let rows = sqlx::query_with(sql, values).fetch_all(db).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect()
            }
        }
    }

    async fn fetch(
        &mut self,
        select: &SelectStatement,
        ty: Type,
    ) -> Result<Vec<Value>, sqlx::Error> {
        match self {
            Self::Sqlite(db) => {
                let (sql, values) = select.build_sqlx(SqliteQueryBuilder);
                let rows = sqlx::query_with(AssertSqlSafe(sql), values);
                rows.fetch_all(db)
                    .await?
                    .iter()
                    .map(|row| read(row, ty))
                    .collect()
            }
            Self::Postgres(db) => {
                let (sql, values) = select.build_sqlx(PostgresQueryBuilder);
                let rows = sqlx::query_with(AssertSqlSafe(sql), values);
                rows.fetch_all(db)
                    .await?
                    .iter()
                    .map(|row| read(row, ty))
                    .collect()
            }
        }
    }
}

/// The first column of a row; a number that is not an integer of the database is an error.
fn read<'r, R>(row: &'r R, ty: Type) -> Result<Value, sqlx::Error>
where
    R: Row,
    usize: ColumnIndex<R>,
    bool: Decode<'r, R::Database> + SqlType<R::Database>,
    i64: Decode<'r, R::Database> + SqlType<R::Database>,
    String: Decode<'r, R::Database> + SqlType<R::Database>,
{
    Ok(match ty {
        Type::Bool => row.try_get::<Option<bool>, _>(0)?.map(Value::Bool),
        Type::Int => row.try_get::<Option<i64>, _>(0)?.map(Value::Int),
        Type::Decimal { scale } => row
            .try_get::<Option<i64>, _>(0)?
            .map(|number| Value::Decimal(Decimal::new(number, scale.into()))),
        Type::Date => row
            .try_get::<Option<String>, _>(0)?
            .map(|text| Value::Date(text.parse().unwrap())),
        Type::Text => row.try_get::<Option<String>, _>(0)?.map(Value::Text),
    }
    .unwrap_or_default())
}
