//! `qipan serve` as it is measured: started with an account and a token, asked over connections
//! that stay open.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;

use super::{RECIPIENT, SUPPORTER, TIME, Window};
use crate::Failure;
use crate::machine;
use crate::measure::Throughput;

/// Of the account that asks; fit for the rules. The folder is gone after the run.
pub const PASSWORD: &str = "Ceshi-Suanpan-7";

/// One request.
pub struct Asked {
    method: Method,
    path: String,
    body: String,
    expect: StatusCode,
}

impl Asked {
    /// A page.
    pub fn get(path: &str) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            body: String::new(),
            expect: StatusCode::OK,
        }
    }

    /// A sale that no other request writes.
    pub fn record(nth: u64) -> Self {
        let body = serde_json::json!({
            "reason": "bench",
            "values": {
                "supporter": SUPPORTER,
                "recipient": RECIPIENT,
                "buyer": format!("采购单位{}-{nth}", std::process::id()),
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
pub struct Server {
    child: Child,
    address: std::net::SocketAddr,
    token: String,
    login: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts it over a data folder, with an account that has these `--role` and `--unit`.
    pub async fn start(qipan: &Path, data: &Path, role: &[&str]) -> Result<Self, Failure> {
        let data = data.display().to_string();
        // A folder that is measured again has the account of the last run.
        let login = format!("bench-{}-{}", std::process::id(), role[1]);
        let add = [
            "--data", &data, "--quiet", "user", "add", &login, "--name", "bench",
        ];
        let password = machine::output(qipan, &[&add, role].concat())?;
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
            login,
        };
        server.token = server.token(&server.login, password.trim()).await?;
        Ok(server)
    }

    /// Where it is, and the login of its account.
    pub fn place(&self) -> (String, &str) {
        (format!("http://{}", self.address), &self.login)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        for _ in 0..500 {
            let stream = tokio::net::TcpStream::connect(self.address).await;
            // Before the server listens, the system may connect a free port with itself.
            let others = |stream: &tokio::net::TcpStream| {
                stream.local_addr().is_ok_and(|own| own != self.address)
            };
            let Some(stream) = stream.ok().filter(others) else {
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
    async fn token(&self, login: &str, password: &str) -> Result<String, Failure> {
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
        let login = serde_json::json!({"login": login, "password": password}).to_string();
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
    pub async fn ask(
        &self,
        connections: usize,
        next: &(dyn Fn() -> Asked + Sync),
    ) -> Result<Throughput, Failure> {
        let host = self.address.to_string();
        let bearer = format!("Bearer {}", self.token);
        let watch = Arc::new(Window::open());
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            let mut sender = self.connect().await?;
            let (host, bearer, watch) = (&host, &bearer, Arc::clone(&watch));
            clients.push(async move {
                let mut times = Vec::new();
                while watch.is_open() {
                    let asked = next();
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
