//! A store with the Chongqing pack, a few projects and an account of each role, behind the router.
//!
//! [`Web::new`] asks as the municipal coordinator, [`Web::as_`] as anybody else, [`Web::nobody`]
//! as nobody.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::Timestamp;
use jiff::civil::Date;
use qipan_accounts::{Accounts, By, Cost, NewAccount, Random};
use qipan_model::{Confirmation, Pack, Register, Type, Value};
use qipan_pack::Source;
use qipan_server::{AppState, Running, Site};
use qipan_store::{Backups, Change, Clock, NewRow, SourceFile, Store};
use tower::ServiceExt;

/// What somebody once typed into a cell.
pub const HOSTILE: &str = "<script>alert('示例')</script><img src=x onerror=alert(1)>\"&";
/// Name of the file that the rows came from.
pub const FILE: &str = "项目 \"一\"<b>.xlsx";
/// Content of that file.
pub const CONTENT: &[u8] = b"PK\x03\x04 not really a workbook";

/// Password of every account that [`ROLES`] names.
pub const PASSWORD: &str = "Xietong-2021";

/// An account of the fixture.
pub type Person = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [&'static str],
);

/// Accounts of the fixture: login, name, role, unit, registers.
pub const ROLES: [Person; 9] = [
    ("kaizhou-clerk", "开州填报", "clerk", Some("kaizhou"), &[]),
    ("jiangjin-clerk", "江津填报", "clerk", Some("jiangjin"), &[]),
    (
        "kaizhou-reviewer",
        "开州审核",
        "reviewer",
        Some("kaizhou"),
        &[],
    ),
    (
        "jiangjin-leader",
        "江津签批",
        "leader",
        Some("jiangjin"),
        &[],
    ),
    ("coordinator", "市级统筹", "coordinator", None, &[]),
    (
        "commerce",
        "市商务部门",
        "department",
        None,
        &["consumption", "marketing"],
    ),
    ("auditor", "审计员", "auditor", None, &[]),
    ("security", "安全管理员", "security", None, &[]),
    ("system", "系统管理员", "system", None, &[]),
];

/// A clock that goes on by a millisecond each time it is asked, from 2021-08-01T00:00:00Z, and
/// jumps when told to.
pub struct Ticking(AtomicI64);

impl Ticking {
    pub fn jump(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

/// Numbers that are random enough for a test: never the same twice.
pub struct Counting(AtomicI64);

impl Counting {
    pub fn new() -> Self {
        Self(AtomicI64::new(1))
    }
}

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        for chunk in bytes.chunks_mut(8) {
            let nth = self.0.fetch_add(1, Ordering::Relaxed).unsigned_abs();
            // SplitMix64.
            let mut mixed = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[derive(Clone)]
pub struct Web {
    router: Router,
    pub state: AppState,
    pub store: Store,
    pub accounts: Accounts,
    pub clock: Arc<Ticking>,
    pub digest: String,
    /// What is sent along with each request, to say who asks.
    pub credentials: Vec<(String, String)>,
    _dir: Arc<tempfile::TempDir>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
    /// Bytes of the body as it was sent.
    pub size: usize,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// Asserts that all of these stand in the body.
    pub fn has(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(
                self.body.contains(word),
                "“{word}” is not in\n{}",
                self.body
            );
        }
        self
    }

    /// Asserts that none of these stands in the body.
    pub fn lacks(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(!self.body.contains(word), "“{word}” is in\n{}", self.body);
        }
        self
    }
}

impl Web {
    /// Three counted projects, one pending, one of which was revised.
    pub async fn new() -> Self {
        let web = Self::empty(true, Site::default()).await;
        let pack = web.store.pack().await.unwrap().unwrap();
        let register = pack.register("project").unwrap();
        let revised = [
            ("fund", "2500000.00"),
            ("status", "已开工"),
            ("start_date", "2021-04-02"),
        ];
        web.write(
            &pack,
            "首报",
            &[
                row(register, "XT-1", "jiangjin", "kaizhou", "道路", &[]),
                row(
                    register,
                    "XT-2",
                    "bishan",
                    "liangping",
                    HOSTILE,
                    &[
                        ("responsible", "欧阳锋锋"),
                        ("start_date", "2021-05-06"),
                        ("status", "已开工"),
                    ],
                ),
                row(register, "XT-3", "liangjiang-zone", "wanzhou", "码头", &[]),
                NewRow {
                    confirmation: Confirmation::Pending,
                    ..row(
                        register,
                        "XT-4",
                        "liangjiang-zone",
                        "wanzhou",
                        "未确认",
                        &[],
                    )
                },
            ],
        )
        .await;
        web.write(
            &pack,
            "更正资金",
            &[row(
                register, "XT-1", "jiangjin", "kaizhou", "道路", &revised,
            )],
        )
        .await;
        web.peopled(&pack).await
    }

    /// The pack and the accounts alone, or nothing at all.
    pub async fn bare(pack: bool) -> Self {
        Self::at(pack, Site::default()).await
    }

    /// The same at some address.
    pub async fn at(pack: bool, site: Site) -> Self {
        let web = Self::empty(pack, site).await;
        match web.store.pack().await.unwrap() {
            Some(pack) => web.peopled(&pack).await,
            None => web,
        }
    }

    /// Makes the accounts of [`ROLES`], and asks as the coordinator.
    async fn peopled(self, pack: &Pack) -> Self {
        for (login, name, role, unit, registers) in ROLES {
            let new = NewAccount {
                login: login.to_owned(),
                name: name.to_owned(),
                unit: unit.map(str::to_owned),
                roles: vec![role.to_owned()],
                registers: registers.iter().map(ToString::to_string).collect(),
            };
            self.accounts
                .create_for_show(pack, &new, PASSWORD, &by())
                .await
                .unwrap();
        }
        self.as_("coordinator").await
    }

    async fn empty(pack: bool, site: Site) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ticking(AtomicI64::new(1_627_776_000_000)));
        let url = database().await;
        let store = Store::open(url.as_deref(), dir.path(), clock.clone())
            .await
            .unwrap();
        let random = Arc::new(Counting::new());
        let accounts = Accounts::new(store.clone(), clock.clone(), random, Cost::of_tests());
        if pack {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing");
            let source = Source::read_dir(&folder).unwrap();
            let checked = qipan_pack::check(&source);
            let pack = checked.pack.unwrap();
            store
                .apply_pack(
                    &source,
                    &pack,
                    &checked.renames,
                    change("pack", "建库", None),
                )
                .await
                .unwrap();
        }
        let digest = store.files().put(CONTENT).unwrap();
        let state = AppState {
            store: store.clone(),
            clock: clock.clone(),
            accounts: accounts.clone(),
            site,
            sign_on: None,
            backups: Backups::of(&store),
            illustrative: Some(qipan_server::Mark {
                zh: "示例数据，非真实记录".to_owned(),
                en: "Illustrative data".to_owned(),
            }),
            period: None,
        };
        Self {
            router: qipan_server::router(state.clone()),
            state,
            store,
            accounts,
            clock,
            digest,
            credentials: Vec::new(),
            _dir: Arc::new(dir),
        }
    }

    /// The same, asking as somebody else.
    pub async fn as_(&self, login: &str) -> Self {
        let opened = self
            .accounts
            .log_in_by(login, "test", "127.0.0.1", "tests")
            .await
            .unwrap();
        self.with_cookie(&opened.secret)
    }

    /// The same, with a session's secret.
    pub fn with_cookie(&self, secret: &str) -> Self {
        let cookie = format!("__Host-qipan={secret}");
        Self {
            credentials: vec![
                ("cookie".to_owned(), cookie),
                ("x-qipan".to_owned(), "1".to_owned()),
                ("sec-fetch-site".to_owned(), "same-origin".to_owned()),
            ],
            ..self.clone()
        }
    }

    /// The same, with a token.
    pub fn with_token(&self, secret: &str) -> Self {
        Self {
            credentials: vec![("authorization".to_owned(), format!("Bearer {secret}"))],
            ..self.clone()
        }
    }

    /// The same, with a single sign-on.
    #[cfg(feature = "oidc")]
    pub fn with_sign_on(&self, sign_on: qipan_server::SignOn) -> Self {
        let mut state = self.state.clone();
        state.sign_on = Some(sign_on);
        Self {
            router: qipan_server::router(state.clone()),
            state,
            ..self.clone()
        }
    }

    /// The same, asking as nobody.
    pub fn nobody(&self) -> Self {
        Self {
            credentials: Vec::new(),
            ..self.clone()
        }
    }

    /// Writes one more project that counts.
    pub async fn add_project(&self, code: &str, supporter: &str, recipient: &str) {
        let pack = self.store.pack().await.unwrap().unwrap();
        let register = pack.register("project").unwrap();
        let row = row(register, code, supporter, recipient, "新增", &[]);
        self.write(&pack, "新增", &[row]).await;
    }

    /// Files a return of a register: nothing has changed.
    pub async fn file(&self, register: &str, period: &str, unit: &str) {
        let pack = self.store.pack().await.unwrap().unwrap();
        let register = pack.register(register).unwrap();
        let mut writer = self
            .store
            .begin(change("return", "无变化", None))
            .await
            .unwrap();
        let period = period.parse().unwrap();
        writer
            .file_return(register, period, unit, qipan_store::ReturnKind::NoChange)
            .await
            .unwrap();
        writer.commit().await.unwrap();
    }

    async fn write(&self, pack: &Pack, reason: &str, rows: &[NewRow]) {
        let source = SourceFile {
            digest: self.digest.clone(),
            name: FILE.to_owned(),
        };
        let rows: Vec<NewRow> = rows
            .iter()
            .map(|row| NewRow {
                source: self.digest.as_str().into(),
                ..row.clone()
            })
            .collect();
        let mut writer = self
            .store
            .begin(change("import", reason, Some(source)))
            .await
            .unwrap();
        writer
            .upsert(pack.register("project").unwrap(), rows)
            .await
            .unwrap();
        writer.commit().await.unwrap();
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Asks and expects 200.
    pub async fn ok(&self, path: &str) -> Answer {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")));
        self.ask(request.unwrap()).await
    }

    /// The same with long work done beside it; who asks stays the same.
    pub fn working(&self) -> (Self, Running) {
        let (router, running) = qipan_server::start(self.state.clone());
        let web = Self {
            router,
            ..self.clone()
        };
        (web, running)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self._dir.path()
    }

    /// Sends JSON (nothing for `Null`) and gives the answer.
    pub async fn send(&self, method: &str, path: &str, body: serde_json::Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        self.ask(request.body(body).unwrap()).await
    }

    /// Asks just so, with the credentials where the request has none of that name.
    pub async fn ask(&self, mut request: Request<Body>) -> Answer {
        for (name, value) in &self.credentials {
            let name: axum::http::HeaderName = name.parse().unwrap();
            if !request.headers().contains_key(&name) {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 26).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
            size: bytes.len(),
        }
    }
}

/// A database of its own on the server of `TEST_DATABASE_URL` when `TEST_STORE` is `postgres`;
/// else the SQLite file in the data folder.
async fn database() -> Option<String> {
    static NTH: AtomicI64 = AtomicI64::new(0);
    if std::env::var("TEST_STORE").as_deref() != Ok("postgres") {
        return None;
    }
    let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL is set");
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let name = format!("qipan_web_{}_{nth}", std::process::id());
    let pool = sqlx::PgPool::connect(&server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let (base, _) = server.rsplit_once('/').unwrap();
    Some(format!("{base}/{name}"))
}

fn by() -> By {
    By {
        actor: "命令行".to_owned(),
        origin: "命令行".to_owned(),
    }
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn change(action: &str, reason: &str, source: Option<SourceFile>) -> Change {
    Change {
        actor: "测试员".to_owned(),
        reason: reason.to_owned(),
        action: action.to_owned(),
        source,
        origin: "127.0.0.1".to_owned(),
    }
}

/// A project row by field ids; fields not named are empty.
fn row(
    register: &Register,
    code: &str,
    supporter: &str,
    recipient: &str,
    name: &str,
    more: &[(&str, &str)],
) -> NewRow {
    let fixed = [
        ("code", code),
        ("name", name),
        ("supporter", supporter),
        ("recipient", recipient),
        ("total_investment", "5000000.00"),
        ("fund", "2000000.00"),
        ("issued_date", "2021-03-18"),
        ("status", "前期"),
    ];
    let values = register.fields.iter().map(|field| {
        let given = more
            .iter()
            .chain(&fixed)
            .find(|(id, _)| *id == field.id)
            .map(|(_, text)| *text);
        match (given, field.ty.value_type()) {
            (None, _) => Value::Null,
            (Some(text), Type::Text) => Value::Text(text.to_owned()),
            (Some(text), Type::Int) => Value::Int(text.parse().unwrap()),
            (Some(text), Type::Decimal { .. }) => Value::Decimal(text.parse().unwrap()),
            (Some(text), Type::Date) => Value::Date(text.parse::<Date>().unwrap()),
            (Some(text), Type::Bool) => Value::Bool(text == "true"),
        }
    });
    NewRow {
        values: values.collect(),
        confirmation: Confirmation::Agreed,
        source: "".into(),
        place: format!("项目台账!{code}"),
    }
}
