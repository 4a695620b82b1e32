//! The same asked of the database directly, by tasks of this process.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use super::{Question, RECIPIENT, SUPPORTER, TIME, Window};
use crate::Failure;
use crate::measure::Throughput;

/// Connections that only read.
pub async fn readers(data: &Path) -> Result<SqlitePool, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(data.join("qipan.db"))
        .read_only(true)
        .pragma("cache_size", "-65536");
    Ok(SqlitePoolOptions::new()
        .max_connections(8)
        .connect_with(options)
        .await?)
}

/// The pages and their totals as plain SQL.
pub async fn pages(
    pool: &SqlitePool,
    questions: &[Question],
    tasks: usize,
) -> Result<Throughput, Failure> {
    let nth = AtomicU64::new(0);
    let watch = Window::open();
    let one = || async {
        let mut times = Vec::new();
        while watch.is_open() {
            let question = Question::next(questions, &nth);
            let begun = Instant::now();
            let rows = sqlx::raw_sql(AssertSqlSafe(question.page()))
                .fetch_all(pool)
                .await?;
            let sum = sqlx::raw_sql(AssertSqlSafe(question.total()))
                .fetch_all(pool)
                .await?;
            if rows.is_empty() || sum.len() != 1 {
                return Err(Failure::from("the raw page is empty"));
            }
            watch.note(begun, &mut times);
        }
        Ok(times)
    };
    let times = futures::future::try_join_all((0..tasks).map(|_| one())).await?;
    Ok(Throughput::of(times.concat(), TIME))
}

/// Plain inserts of the same row into a table with the same indexes, each durable by itself: what
/// SQLite gives to callers who do not group.
pub async fn inserts(data: &Path, tasks: usize) -> Result<Throughput, Failure> {
    let path = data.join("raw-writes.db");
    if path.is_file() {
        std::fs::remove_file(&path)?;
    }
    let pool = crate::raw::open(&path).await?;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS sale (_rid INTEGER PRIMARY KEY, _key TEXT NOT NULL, supporter TEXT,
           recipient TEXT, buyer TEXT, product TEXT, amount INTEGER, deal_date TEXT, mode TEXT);
         CREATE UNIQUE INDEX IF NOT EXISTS sale_key ON sale (_key);
         CREATE INDEX IF NOT EXISTS sale_supporter ON sale (supporter, deal_date);
         CREATE INDEX IF NOT EXISTS sale_recipient ON sale (recipient, deal_date);
         CREATE INDEX IF NOT EXISTS sale_date ON sale (deal_date);",
    )
    .execute(&pool)
    .await?;
    let nth = AtomicU64::new(0);
    let watch = Window::open();
    let one = || async {
        let mut times = Vec::new();
        while watch.is_open() {
            let key = format!("RAW-{tasks}-{}", nth.fetch_add(1, Ordering::Relaxed));
            let begun = Instant::now();
            sqlx::query(
                "INSERT INTO sale (_key, supporter, recipient, buyer, product, amount, deal_date, mode)
                 VALUES (?, ?, ?, '采购单位', '柑橘', 123456, '2021-05-06', '直接采购')",
            )
            .bind(key)
            .bind(SUPPORTER)
            .bind(RECIPIENT)
            .execute(&pool)
            .await?;
            watch.note(begun, &mut times);
        }
        Ok::<_, Failure>(times)
    };
    let times = futures::future::try_join_all((0..tasks).map(|_| one())).await?;
    pool.close().await;
    Ok(Throughput::of(times.concat(), TIME))
}
