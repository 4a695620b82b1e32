//! A store with a small pack, on a database of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use qipan_model::{Confirmation, Pack, Register, Value};
use qipan_pack::Source;
use qipan_store::{Change, Clock, NewRow, Outcome, Receipt, Store};
use tempfile::TempDir;

/// A clock that goes on by a second each time it is asked.
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

/// A clock that begins in June 2021.
pub fn ticking() -> Arc<Ticking> {
    Arc::new(Ticking(AtomicI64::new(1_622_505_600)))
}

pub struct Fixture {
    pub store: Store,
    pub dir: TempDir,
    pub url: Option<String>,
    pub pack: Pack,
}

/// Makes the tests named run on both databases.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        mod sqlite {
            $($(#[$meta])* #[tokio::test] async fn $name() {
                super::$name($crate::fixture::Fixture::sqlite().await).await;
            })+
        }
        mod postgres {
            $($(#[$meta])* #[tokio::test] async fn $name() {
                if let Some(fixture) = $crate::fixture::Fixture::postgres().await {
                    super::$name(fixture).await;
                }
            })+
        }
    };
}

pub const PROJECT: &str = r#"
id = "project"
code = "T2"
name = "项目台账"
name_en = "Projects"
key = ["code"]
supporter = "supporter"
recipient = "recipient"
date = "issued"
reporter = "recipient"
frequency = "month"
field = [
  { id = "code", label = "项目编号", label_en = "Code", type = "text", required = true },
  { id = "supporter", label = "帮扶区县", label_en = "Supporter", type = "unit", role = "supporter" },
  { id = "recipient", label = "受援区县", label_en = "Recipient", type = "unit", role = "recipient" },
  { id = "status", label = "状态", label_en = "Status", type = "choice", options = ["前期", "已开工"] },
  { id = "issued", label = "下达日期", label_en = "Issued", type = "date" },
  { id = "started", label = "开工日期", label_en = "Started", type = "date" },
  { id = "ended", label = "结束日期", label_en = "Ended", type = "date" },
  { id = "fund", label = "帮扶资金", label_en = "Fund", type = "money" },
  { id = "jobs", label = "带动就业", label_en = "Jobs", type = "int", measure = "人" },
  { id = "land", label = "占地", label_en = "Land", type = "area" },
  { id = "urgent", label = "是否加急", label_en = "Urgent", type = "bool" },
  { id = "owner", label = "负责人", label_en = "Owner", type = "text" },
]

[layout]
sheet = "项目台账"
title = "{period}项目台账"
money = "万元"
columns = [
  { field = "code" }, { field = "supporter" }, { field = "recipient" }, { field = "status" },
  { field = "issued" }, { field = "started" }, { field = "ended" }, { field = "fund" },
  { field = "jobs" }, { field = "land" }, { field = "urgent" }, { field = "owner" },
]
"#;

const VISIT: &str = r#"
id = "visit"
code = "T18"
name = "互访台账"
name_en = "Visits"
key = ["code", "held"]
reporter = "city"
frequency = "event"
field = [
  { id = "code", label = "编号", label_en = "Code", type = "text", required = true },
  { id = "held", label = "日期", label_en = "Day", type = "date", required = true },
]

[layout]
sheet = "互访台账"
title = "{period}互访台账"
money = "元"
columns = [{ field = "code" }, { field = "held" }]
"#;

fn indicator(id: &str, measure: &str, time: &str, source: &str) -> String {
    format!(
        r#"
[[indicator]]
id = "{id}"
version = 1
name = "{id}"
name_en = "{id}"
theme = ""
clause = "1.1"
owner = "市发展改革委"
definition = "试验用"
certainty = "open"
unit = "个"
measure = "{measure}"
{time}
format = {{ unit = "个", per = 1, decimals = 0, trim = true }}
[[indicator.source]]
register = "project"
{source}
[indicator.press]
all = [["{id}"]]
units = ["个"]
"#
    )
}

pub fn indicators() -> String {
    let year = "time = \"cumulative\"\nsince = \"year-start\"";
    [
        indicator("N-ISSUED", "count", year, "date = \"issued\""),
        indicator(
            "V-FUND",
            "sum",
            year,
            "date = \"issued\"\nvalue = \"fund\"\nfilter = \"status != '前期'\"",
        ),
        indicator(
            "N-STARTED",
            "count",
            year,
            "date = \"issued\"\ndone_by = \"started\"",
        ),
        indicator(
            "N-STANDING",
            "count",
            "time = \"stock\"",
            "date = \"issued\"\nends = \"ended\"",
        ),
        indicator(
            "N-OWNERS",
            "distinct-key",
            year,
            "date = \"issued\"\ndistinct = \"owner\"",
        ),
        indicator(
            "N-OWNERS-STANDING",
            "distinct-key",
            "time = \"stock\"",
            "date = \"issued\"\nends = \"ended\"\ndistinct = \"owner\"",
        ),
        indicator(
            "N-LINKS",
            "distinct-link",
            "time = \"flow\"",
            "date = \"issued\"\nfilter = \"has(started)\"",
        ),
    ]
    .concat()
}

/// The pack's files; `project` and `indicators` may differ.
pub fn source(project: &str, indicators: &str) -> Source {
    let mechanism = r#"
id = "trial"
version = "1"
name = "试验机制"
name_en = "Trial"
start = 2021-01-01
currency = "CNY"
supporter_word = "帮扶方"
recipient_word = "受援方"
registers = ["project", "visit"]
cluster = [{ id = "core", name = "主城" }]
"#;
    let clauses = r#"
[[clause]]
id = "1.1"
title = "项目"
text = "项目按年下达。"
registers = ["project", "visit"]
indicators = ["N-ISSUED"]
source = "试验"
"#;
    let mut units = String::from(
        "id,kind,name,short,name_en,role,cluster,valid_from,valid_to,successor,note\n",
    );
    for nth in 1..=3 {
        units += &format!("s{nth},district,帮扶{nth}区,帮扶{nth},S{nth},supporter,core,,,,\n");
        units += &format!("r{nth},district,受援{nth}县,受援{nth},R{nth},recipient,core,,,,\n");
    }
    let files = [
        ("mechanism.toml", mechanism),
        ("clauses.toml", clauses),
        ("units.csv", &units),
        ("unit_codes.csv", "unit,code,valid_from,valid_to\n"),
        ("unit_flags.csv", "unit,flag,valid_from,valid_to,evidence\n"),
        ("unit_aliases.csv", "unit,alias,valid_from,valid_to,note\n"),
        ("unit_overlaps.csv", "unit,within,note\n"),
        (
            "pairs.csv",
            "supporter,recipient,valid_from,valid_to,certainty,evidence\ns1,r1,2021-01-01,,attested,试验\n",
        ),
        ("registers/project.toml", project),
        ("registers/visit.toml", VISIT),
        ("indicators/all.toml", indicators),
    ];
    Source {
        files: files
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_owned()))
            .collect(),
    }
}

pub fn change(action: &str) -> Change {
    Change {
        actor: "测试员".to_owned(),
        reason: "试验".to_owned(),
        action: action.to_owned(),
        source: None,
        origin: String::new(),
    }
}

/// Checks a pack, showing what is wrong with it.
pub fn checked(source: &Source) -> qipan_pack::Checked {
    let checked = qipan_pack::check(source);
    let errors: Vec<_> = checked.errors().collect();
    assert!(errors.is_empty(), "{errors:#?}");
    checked
}

impl Fixture {
    pub async fn sqlite() -> Self {
        Self::new(None).await
    }

    pub async fn postgres() -> Option<Self> {
        static NTH: AtomicI64 = AtomicI64::new(0);
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            assert!(
                std::env::var_os("CI").is_none(),
                "TEST_DATABASE_URL is not set"
            );
            return None;
        };
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let name = format!("qipan_{}_{nth}", std::process::id());
        let pool = sqlx::PgPool::connect(&server).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let (base, options) = server.split_once('?').unwrap_or((&server, ""));
        let base = base.rsplit_once('/').unwrap().0;
        Some(Self::new(Some(format!("{base}/{name}?{options}"))).await)
    }

    async fn new(url: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::over(url, dir).await
    }

    /// The same on a database that version 1 of the layout has made.
    pub async fn of_version_1(self) -> Self {
        let (wipe, script) = match &self.url {
            None => ("", include_str!("layouts/v1.sqlite.sql")),
            Some(_) => (
                "DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
                include_str!("layouts/v1.postgres.sql"),
            ),
        };
        self.store.close().await;
        let fresh = Self {
            dir: tempfile::tempdir().unwrap(),
            ..self
        };
        fresh
            .try_sql(&format!("{wipe}{script}"), false)
            .await
            .unwrap();
        Self::over(fresh.url, fresh.dir).await
    }

    async fn over(url: Option<String>, dir: TempDir) -> Self {
        let store = open(url.as_deref(), dir.path()).await;
        store.init_key([7; 32]).unwrap();
        let source = source(PROJECT, &indicators());
        let checked = checked(&source);
        let pack = checked.pack.unwrap();
        store
            .apply_pack(&source, &pack, &checked.renames, change("pack"))
            .await
            .unwrap();
        Self {
            store,
            dir,
            url,
            pack,
        }
    }

    pub fn project(&self) -> &Register {
        self.pack.register("project").unwrap()
    }

    /// Opens the same database once more, as another process would.
    pub async fn reopen(&self) -> Store {
        open(self.url.as_deref(), self.dir.path()).await
    }

    /// Writes project rows in one change.
    pub async fn write(&self, rows: Vec<NewRow>) -> (Vec<Outcome>, Receipt) {
        let mut writer = self.store.begin(change("import")).await.unwrap();
        let outcomes = writer.upsert(self.project(), rows).await.unwrap();
        (outcomes, writer.commit().await.unwrap())
    }

    pub async fn retract(&self, key: &str) -> Receipt {
        let mut writer = self.store.begin(change("retract")).await.unwrap();
        writer.retract(self.project(), key).await.unwrap();
        writer.commit().await.unwrap()
    }

    /// Runs SQL of the intruder's own, triggers out of the way.
    pub async fn intrude(&self, sql: &str) {
        self.try_sql(sql, true).await.unwrap();
    }

    /// Runs SQL as any other tool would.
    pub async fn try_sql(&self, sql: &str, without_triggers: bool) -> Result<(), sqlx::Error> {
        match &self.url {
            None => {
                let path = self.dir.path().join("qipan.db");
                let options = sqlx::sqlite::SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true);
                let pool = sqlx::SqlitePool::connect_with(options).await?;
                if without_triggers {
                    let triggers: Vec<String> =
                        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                            .fetch_all(&pool)
                            .await?;
                    for trigger in triggers {
                        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER \"{trigger}\"")))
                            .execute(&pool)
                            .await?;
                    }
                }
                let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
                    .execute(&pool)
                    .await;
                pool.close().await;
                done.map(drop)
            }
            Some(url) => {
                let pool = sqlx::PgPool::connect(url).await?;
                let mode = if without_triggers {
                    "replica"
                } else {
                    "origin"
                };
                let script = format!("SET session_replication_role = {mode}; {sql}");
                let done = sqlx::raw_sql(sqlx::AssertSqlSafe(script))
                    .execute(&pool)
                    .await;
                pool.close().await;
                done.map(drop)
            }
        }
    }
}

pub async fn open(url: Option<&str>, dir: &Path) -> Store {
    let clock = ticking();
    Store::open(url, dir, clock).await.unwrap()
}

pub fn date(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::Date(text.parse::<Date>().unwrap())
    }
}

/// A project row; fields not named are empty.
#[derive(Debug, Clone)]
pub struct Project {
    pub code: String,
    pub supporter: &'static str,
    pub recipient: &'static str,
    pub status: &'static str,
    pub issued: &'static str,
    pub started: &'static str,
    pub ended: &'static str,
    pub fund: &'static str,
    pub jobs: Option<i64>,
    pub owner: &'static str,
    pub state: Confirmation,
    pub place: String,
}

pub fn project(code: &str) -> Project {
    Project {
        code: code.to_owned(),
        supporter: "s1",
        recipient: "r1",
        status: "已开工",
        issued: "2021-03-05",
        started: "",
        ended: "",
        fund: "100.50",
        jobs: None,
        owner: "",
        state: Confirmation::Agreed,
        place: format!("项目台账!{code}"),
    }
}

impl Project {
    pub fn row(self) -> NewRow {
        let text = |text: &str| {
            if text.is_empty() {
                Value::Null
            } else {
                Value::Text(text.to_owned())
            }
        };
        NewRow {
            values: vec![
                text(&self.code),
                text(self.supporter),
                text(self.recipient),
                text(self.status),
                date(self.issued),
                date(self.started),
                date(self.ended),
                if self.fund.is_empty() {
                    Value::Null
                } else {
                    Value::Decimal(self.fund.parse().unwrap())
                },
                self.jobs.map_or(Value::Null, Value::Int),
                Value::Null,
                Value::Bool(self.jobs.is_some()),
                text(self.owner),
            ],
            confirmation: self.state,
            source: "".into(),
            place: self.place,
        }
    }
}
