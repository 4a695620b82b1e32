//! A store with the Chongqing pack and a few projects, behind the router.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::Timestamp;
use jiff::civil::Date;
use qipan_model::{Confirmation, Pack, Register, Type, Value};
use qipan_pack::Source;
use qipan_server::AppState;
use qipan_store::{Change, Clock, NewRow, SourceFile, Store};
use tower::ServiceExt;

/// What somebody once typed into a cell.
pub const HOSTILE: &str = "<script>alert('示例')</script><img src=x onerror=alert(1)>\"&";
/// Name of the file that the rows came from.
pub const FILE: &str = "项目 \"一\"<b>.xlsx";
/// Content of that file.
pub const CONTENT: &[u8] = b"PK\x03\x04 not really a workbook";

/// A clock that goes on by a second each time it is asked, from 2021-08-01T00:00:00Z.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

pub struct Web {
    router: Router,
    pub store: Store,
    pub digest: String,
    _dir: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
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
        let web = Self::bare(true).await;
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
        web
    }

    /// The pack alone, or nothing at all.
    pub async fn bare(pack: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Ticking(AtomicI64::new(1_627_776_000)));
        let store = Store::open(None, dir.path(), Arc::clone(&clock))
            .await
            .unwrap();
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
            clock,
            illustrative: Some("示例数据，非真实记录".to_owned()),
            period: None,
        };
        Self {
            router: qipan_server::router(state),
            store,
            digest,
            _dir: dir,
        }
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

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 26).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
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
