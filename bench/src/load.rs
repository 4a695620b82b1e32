//! The API under load: `qipan serve` in a process of its own, asked over connections that stay
//! open, beside the same SQL asked of the database by as many tasks of this process.
//!
//! Client and server share the machine's cores, so that both sides of each ratio pay for asking.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::Failure;
use crate::machine;
use crate::measure::Throughput;
use crate::report::{Aim, Report};

/// Connections side by side.
const CONNECTIONS: [usize; 3] = [1, 32, 256];
/// How long each is measured, after a fifth of it for warming up.
const TIME: Duration = Duration::from_secs(5);
/// The recipient whose clerk asks, and one of its supporters.
const RECIPIENT: &str = "kaizhou";
const SUPPORTER: &str = "jiangjin";

/// Who asks.
const LOGIN: &str = "bench-clerk";
/// Fit for the rules; the folder is gone after the run.
const PASSWORD: &str = "Ceshi-Suanpan-7";

/// Asks lists, figures and writes of a filled data folder and reports what they take.
pub async fn measure(
    qipan: &Path,
    data: &Path,
    size: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let server = Server::start(qipan, data).await?;
    let list = format!("/api/v1/registers/consumption/records?limit=50&recipient={RECIPIENT}");
    let pool = readers(data).await?;
    for connections in CONNECTIONS {
        let ours = server.ask(connections, &|_| Asked::get(&list)).await?;
        let raw = pages(&pool, connections).await?;
        let aim = match connections {
            32 => Aim::Load {
                per_second: 2_500.0,
                p99: Some(Duration::from_millis(40)),
            },
            _ => Aim::None,
        };
        report.load(
            "API: list page with total, access by row",
            size,
            connections,
            &ours,
            Some(&raw),
            aim,
        );
    }
    pool.close().await;
    let figures = "/api/v1/figures?period=2021H1&by=group".to_owned();
    for connections in CONNECTIONS {
        let ours = server.ask(connections, &|_| Asked::get(&figures)).await?;
        report.load(
            "API: figures by group, access by row",
            size,
            connections,
            &ours,
            None,
            Aim::None,
        );
    }
    let nth = AtomicU64::new(0);
    for connections in CONNECTIONS {
        let ours = server
            .ask(connections, &|_| {
                Asked::record(nth.fetch_add(1, Ordering::Relaxed))
            })
            .await?;
        let raw = inserts(data, connections).await?;
        let aim = match connections {
            32 => Aim::Load {
                per_second: 2_500.0,
                p99: None,
            },
            _ => Aim::None,
        };
        report.load(
            "API: record write with journal, durable",
            size,
            connections,
            &ours,
            Some(&raw),
            aim,
        );
    }
    Ok(())
}

/// One request.
struct Asked {
    method: Method,
    path: String,
    body: String,
    expect: StatusCode,
}

impl Asked {
    fn get(path: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            body: String::new(),
            expect: StatusCode::OK,
        }
    }

    /// A sale that no other request writes.
    fn record(nth: u64) -> Self {
        let body = serde_json::json!({
            "reason": "bench",
            "values": {
                "supporter": SUPPORTER,
                "recipient": RECIPIENT,
                "buyer": format!("采购单位{nth}"),
                "mode": "直接采购",
                "product": "柑橘",
                "amount": "1234.56",
                "deal_date": "2021-05-06",
                "channel": "一区两群",
            },
        })
        .to_string();
        Self {
            method: Method::POST,
            path: "/api/v1/registers/consumption/records".to_owned(),
            body,
            expect: StatusCode::CREATED,
        }
    }
}

/// `qipan serve`, stopped when dropped.
struct Server {
    child: Child,
    address: std::net::SocketAddr,
    token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start(qipan: &Path, data: &Path) -> Result<Self, Failure> {
        let data = data.display().to_string();
        let password = machine::output(
            qipan,
            &[
                "--data", &data, "--quiet", "user", "add", LOGIN, "--name", "bench", "--role",
                "clerk", "--unit", RECIPIENT,
            ],
        )?;
        unlimited(Path::new(&data)).await?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(qipan)
            .args(["--data", &data, "serve", "--listen", &address.to_string()])
            .env("RUST_LOG", "error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self {
            child,
            address,
            token: String::new(),
        };
        server.token = server.token(password.trim()).await?;
        Ok(server)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        for _ in 0..500 {
            let Ok(stream) = tokio::net::TcpStream::connect(self.address).await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            return Ok(sender);
        }
        Err("qipan serve does not answer".into())
    }

    /// Logs in and makes a token.
    async fn token(&self, password: &str) -> Result<String, Failure> {
        let mut sender = self.connect().await?;
        let host = self.address.to_string();
        let post = |path: &str, cookie: &str, body: String| {
            Request::post(path)
                .header("host", &host)
                .header("x-qipan", "1")
                .header("cookie", cookie)
                .header("content-type", "application/json")
                .body(Full::new(Bytes::from(body)))
        };
        let login = serde_json::json!({"login": LOGIN, "password": password}).to_string();
        let answer = sender
            .send_request(post("/api/v1/session", "", login)?)
            .await?;
        let cookie = answer
            .headers()
            .get("set-cookie")
            .and_then(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned))
            .ok_or("the login sets no cookie")?;
        answer.into_body().collect().await?;
        // The first password is good for nothing but its own change.
        let changed = serde_json::json!({"old": password, "new": PASSWORD}).to_string();
        let answer = sender
            .send_request(post("/api/v1/session/password", &cookie, changed)?)
            .await?;
        if !answer.status().is_success() {
            return Err(format!("the password is not changed: {}", answer.status()).into());
        }
        answer.into_body().collect().await?;
        let wanted = "{\"name\":\"bench\",\"actions\":null,\"expires_days\":1}".to_owned();
        let answer = sender
            .send_request(post("/api/v1/tokens", &cookie, wanted)?)
            .await?;
        let body = answer.into_body().collect().await?.to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body)?;
        body["secret"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("no token: {body}").into())
    }

    /// Asks over so many connections, each one request after the other, for [`TIME`].
    async fn ask(
        &self,
        connections: usize,
        next: &(dyn Fn(usize) -> Asked + Sync),
    ) -> Result<Throughput, Failure> {
        let host = self.address.to_string();
        let bearer = format!("Bearer {}", self.token);
        let watch = Arc::new(Window::open());
        let mut clients = Vec::with_capacity(connections);
        for nth in 0..connections {
            let mut sender = self.connect().await?;
            let (host, bearer, watch) = (&host, &bearer, Arc::clone(&watch));
            clients.push(async move {
                let mut times = Vec::new();
                while watch.is_open() {
                    let asked = next(nth);
                    let begun = Instant::now();
                    let request = Request::builder()
                        .method(asked.method)
                        .uri(asked.path)
                        .header("host", host)
                        .header("authorization", bearer)
                        .header("content-type", "application/json")
                        .body(Full::new(Bytes::from(asked.body)))?;
                    sender.ready().await?;
                    let answer = sender.send_request(request).await?;
                    let status = answer.status();
                    let body = answer.into_body().collect().await?.to_bytes();
                    if status != asked.expect {
                        let body = String::from_utf8_lossy(&body).into_owned();
                        return Err(Failure::from(format!("{status}: {body}")));
                    }
                    watch.note(begun, &mut times);
                }
                Ok(times)
            });
        }
        let times = futures::future::try_join_all(clients).await?;
        Ok(Throughput::of(times.concat(), TIME))
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

/// Lets a single caller ask as often as the measures do.
async fn unlimited(data: &Path) -> Result<(), Failure> {
    let pool = crate::raw::open(&data.join("qipan.db")).await?;
    sqlx::raw_sql(
        "INSERT OR REPLACE INTO setting (key, value)
         VALUES ('rate_per_second', '1000000'), ('rate_burst', '1000000')",
    )
    .execute(&pool)
    .await?;
    pool.close().await;
    Ok(())
}

async fn readers(data: &Path) -> Result<SqlitePool, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(data.join("qipan.db"))
        .read_only(true)
        .pragma("cache_size", "-65536");
    Ok(SqlitePoolOptions::new()
        .max_connections(8)
        .connect_with(options)
        .await?)
}

/// The page and its total as plain SQL.
async fn pages(pool: &SqlitePool, tasks: usize) -> Result<Throughput, Failure> {
    let page = format!(
        "SELECT * FROM consumption WHERE _to = 9223372036854775807 AND recipient = '{RECIPIENT}'
         ORDER BY deal_date DESC, _rid DESC LIMIT 51"
    );
    let total = format!(
        "SELECT sum(n + n_open) FROM presence WHERE register = 'consumption' AND recipient = '{RECIPIENT}'"
    );
    let watch = Window::open();
    let one = || async {
        let mut times = Vec::new();
        while watch.is_open() {
            let begun = Instant::now();
            let rows = sqlx::raw_sql(AssertSqlSafe(page.clone()))
                .fetch_all(pool)
                .await?;
            let sum = sqlx::raw_sql(AssertSqlSafe(total.clone()))
                .fetch_all(pool)
                .await?;
            if rows.len() != 51 || sum.len() != 1 {
                return Err(Failure::from("the raw page is not full"));
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
async fn inserts(data: &Path, tasks: usize) -> Result<Throughput, Failure> {
    let path = data.join("raw-writes.db");
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
