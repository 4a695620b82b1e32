//! The API under load: `qipan serve` in a process of its own, asked over connections that stay
//! open, beside the same SQL asked of the database by as many tasks of this process.
//!
//! Client and server share the machine's cores, so that both sides of each ratio pay for asking.
//! Every question is another one than the one before, on both sides alike: nothing can be answered
//! from what was answered a moment ago.

mod bare;
mod desk;
mod server;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::sqlite::SqlitePool;

use crate::Failure;
use crate::report::{Aim, Report};
use crate::suite::Wanted;
use server::{Asked, Server};

/// Connections side by side.
const CONNECTIONS: [usize; 3] = [1, 32, 256];
/// How long each is measured, after a fifth of it for warming up.
const TIME: Duration = Duration::from_secs(5);
/// The recipient whose clerk asks, and one of its supporters.
const RECIPIENT: &str = "kaizhou";
const SUPPORTER: &str = "jiangjin";

/// What is measured, on which filled data folder.
pub struct Load<'a> {
    pub wanted: &'a Wanted,
    pub data: &'a Path,
    pub size: usize,
}

impl Load<'_> {
    /// Asks lists, figures and writes and reports what they take.
    pub async fn measure(&self, qipan: &Path, report: &mut Report) -> Result<(), Failure> {
        if self.wanted.has("desk") {
            let server = Server::start(qipan, self.data, &["--role", "coordinator"]).await?;
            desk::measure(&server, self.size, report)?;
        }
        let clerk = ["--role", "clerk", "--unit", RECIPIENT];
        let server = Server::start(qipan, self.data, &clerk).await?;
        if self.wanted.has("load-lists") {
            self.lists(&server, report).await?;
        }
        if self.wanted.has("load-figures") {
            self.figures(&server, report).await?;
        }
        if self.wanted.has("load-writes") {
            self.writes(&server, report).await?;
        }
        report.note(
            "The API is asked in turn for all sales of a recipient and for those of each of its \
             links, of the year and of each month (39 lists, raw likewise), and for the figures of \
             19 periods. Nothing is written meanwhile, so figures after the first round are those \
             that are kept (docs/decisions/0009).",
        );
        Ok(())
    }

    async fn lists(&self, server: &Server, report: &mut Report) -> Result<(), Failure> {
        let pool = bare::readers(self.data).await?;
        let questions = Question::all(&pool).await?;
        for connections in CONNECTIONS {
            let nth = AtomicU64::new(0);
            let next = || Asked::get(&Question::next(&questions, &nth).path());
            let ours = server.ask(connections, &next).await?;
            let raw = bare::pages(&pool, &questions, connections).await?;
            let aim = match connections {
                32 => Aim::Load {
                    per_second: 2_500.0,
                    p99: Some(Duration::from_millis(40)),
                },
                _ => Aim::None,
            };
            report.load(
                "API: list page with total, access by row",
                self.size,
                connections,
                &ours,
                Some(&raw),
                aim,
            );
        }
        pool.close().await;
        Ok(())
    }

    async fn figures(&self, server: &Server, report: &mut Report) -> Result<(), Failure> {
        let periods = periods();
        for connections in CONNECTIONS {
            let nth = AtomicU64::new(0);
            let next = || {
                let period = &periods[turn(&nth, periods.len())];
                Asked::get(&format!("/api/v1/figures?period={period}&by=group"))
            };
            let ours = server.ask(connections, &next).await?;
            report.load(
                "API: figures by group, access by row",
                self.size,
                connections,
                &ours,
                None,
                Aim::None,
            );
        }
        Ok(())
    }

    async fn writes(&self, server: &Server, report: &mut Report) -> Result<(), Failure> {
        let nth = AtomicU64::new(0);
        for connections in CONNECTIONS {
            let next = || Asked::record(nth.fetch_add(1, Ordering::Relaxed));
            let ours = server.ask(connections, &next).await?;
            let raw = bare::inserts(self.data, connections).await?;
            let aim = match connections {
                32 => Aim::Load {
                    per_second: 2_500.0,
                    p99: None,
                },
                _ => Aim::None,
            };
            report.load(
                "API: record write with journal, durable",
                self.size,
                connections,
                &ours,
                Some(&raw),
                aim,
            );
        }
        Ok(())
    }
}

/// Whose turn it is among so many.
fn turn(nth: &AtomicU64, among: usize) -> usize {
    usize::try_from(nth.fetch_add(1, Ordering::Relaxed)).unwrap_or(0) % among
}

/// The year, its halves, quarters and months.
fn periods() -> Vec<String> {
    let months = (1..=12).map(|month| format!("2021-{month:02}"));
    let quarters = (1..=4).map(|quarter| format!("2021Q{quarter}"));
    let longer = ["2021H1", "2021H2", "2021"].map(str::to_owned);
    months.chain(quarters).chain(longer).collect()
}

/// A page of the clerk's: all sales of the recipient or of one link, of the year or of one month.
struct Question {
    supporter: Option<String>,
    month: Option<u8>,
}

impl Question {
    async fn all(pool: &SqlitePool) -> Result<Vec<Self>, Failure> {
        let supporters: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT supporter FROM presence
             WHERE register = 'consumption' AND recipient = ? ORDER BY 1",
        )
        .bind(RECIPIENT)
        .fetch_all(pool)
        .await?;
        let supporters = supporters.into_iter().map(Some);
        let questions = std::iter::once(None)
            .chain(supporters)
            .flat_map(|supporter| {
                let months = std::iter::once(None).chain((1..=12).map(Some));
                months.map(move |month| Self {
                    supporter: supporter.clone(),
                    month,
                })
            });
        Ok(questions.collect())
    }

    fn next<'q>(questions: &'q [Self], nth: &AtomicU64) -> &'q Self {
        &questions[turn(nth, questions.len())]
    }

    /// As the API is asked.
    fn path(&self) -> String {
        let mut path =
            format!("/api/v1/registers/consumption/records?limit=50&recipient={RECIPIENT}");
        if let Some(supporter) = &self.supporter {
            path.push_str(&format!("&supporter={supporter}"));
        }
        if let Some(month) = self.month {
            path.push_str(&format!("&period=2021-{month:02}"));
        }
        path
    }

    fn supporters(&self) -> String {
        let supporter = self.supporter.as_ref();
        supporter.map_or(String::new(), |unit| format!(" AND supporter = '{unit}'"))
    }

    /// The page as plain SQL.
    fn page(&self) -> String {
        let days = self.month.map_or(String::new(), |month| {
            format!(" AND deal_date BETWEEN '2021-{month:02}-01' AND '2021-{month:02}-31'")
        });
        format!(
            "SELECT * FROM consumption WHERE _to = 9223372036854775807
             AND recipient = '{RECIPIENT}'{}{days}
             ORDER BY deal_date DESC, _rid DESC LIMIT 51",
            self.supporters()
        )
    }

    /// Its total as plain SQL.
    fn total(&self) -> String {
        let month = self.month.map_or(String::new(), |month| {
            format!(" AND month = 2021{month:02}")
        });
        format!(
            "SELECT sum(n + n_open) FROM presence WHERE register = 'consumption'
             AND recipient = '{RECIPIENT}'{}{month}",
            self.supporters()
        )
    }
}

/// Warming up, then measuring.
struct Window {
    from: Instant,
    to: Instant,
}

impl Window {
    fn open() -> Self {
        let from = Instant::now() + TIME / 5;
        Self {
            from,
            to: from + TIME,
        }
    }

    fn is_open(&self) -> bool {
        Instant::now() < self.to
    }

    /// Keeps the time of what began and ended within.
    fn note(&self, begun: Instant, times: &mut Vec<Duration>) {
        if begun >= self.from && self.is_open() {
            times.push(begun.elapsed());
        }
    }
}
