//! A ledger with the Chongqing pack, and random records for it.

#![allow(dead_code)]

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use proptest::prelude::*;
use qipan_figures::{AsOf, By, Engine, Figure};
use qipan_model::{Access, Action, Confirmation, FieldType, Pack, Period, Type, Value};
use qipan_pack::{Checked, Source, TestRecord};
use qipan_store::{Change, Clock, NewRow, Reader, Store};
use rust_decimal::Decimal;
use tempfile::TempDir;

/// A clock that goes on by a second each time it is asked.
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

/// The pack with its files, checked once.
pub fn chongqing() -> &'static (Source, Checked) {
    static READ: OnceLock<(Source, Checked)> = OnceLock::new();
    READ.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing");
        let source = Source::read_dir(&folder).unwrap();
        let checked = qipan_pack::check(&source);
        let errors: Vec<_> = checked.errors().collect();
        assert!(errors.is_empty(), "{errors:#?}");
        (source, checked)
    })
}

pub fn pack() -> &'static Pack {
    chongqing().1.pack.as_ref().unwrap()
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

/// The server of the second database; in CI there must be one.
pub fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok();
    assert!(
        server.is_some() || std::env::var_os("CI").is_none(),
        "TEST_DATABASE_URL is not set"
    );
    server
}

pub async fn database(server: &str) -> String {
    static NTH: AtomicUsize = AtomicUsize::new(0);
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let name = format!("qipan_figures_{}_{nth}", std::process::id());
    let pool = sqlx::PgPool::connect(server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create).execute(&pool).await.unwrap();
    pool.close().await;
    let (base, options) = server.split_once('?').unwrap_or((server, ""));
    format!("{}/{name}?{options}", base.rsplit_once('/').unwrap().0)
}

/// An open store with the pack applied.
pub struct Ledger {
    pub store: Store,
    _dir: TempDir,
}

impl Ledger {
    pub async fn new(url: Option<&str>) -> Self {
        let (source, checked) = chongqing();
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ticking(AtomicI64::new(1_622_505_600)));
        let store = Store::open(url, dir.path(), clock).await.unwrap();
        store
            .apply_pack(source, pack(), &checked.renames, change("pack"))
            .await
            .unwrap();
        Self { store, _dir: dir }
    }

    pub async fn write(&self, records: &[TestRecord]) {
        let mut writer = self.store.begin(change("import")).await.unwrap();
        for record in records {
            let row = NewRow {
                values: record.values.clone(),
                confirmation: record.confirmation,
                source: "".into(),
                place: String::new(),
            };
            let register = pack().register(&record.register).unwrap();
            writer.upsert(register, vec![row]).await.unwrap();
        }
        writer.commit().await.unwrap();
    }

    /// Withdraws records.
    pub async fn withdraw(&self, records: &[TestRecord]) {
        let mut writer = self.store.begin(change("retract")).await.unwrap();
        for record in records {
            let (_, key) = key(record);
            writer
                .retract(pack().register(&record.register).unwrap(), &key)
                .await
                .unwrap();
        }
        writer.commit().await.unwrap();
    }
}

impl Ledger {
    /// A reader for a caller; of everything for nobody.
    pub async fn reader(&self, access: Option<&Arc<Access>>) -> Reader {
        match access {
            None => self.store.reader().await.unwrap(),
            Some(access) => {
                let access = Arc::clone(access);
                self.store.reader_of(access, Action::Read).await.unwrap()
            }
        }
    }

    /// An engine that reads the rollups where they serve.
    pub async fn engine(&self, access: Option<&Arc<Access>>) -> Engine<'static> {
        let reader = self.reader(access).await;
        Engine::new(pack(), reader, None).await.unwrap()
    }

    /// An engine as of the head: it never reads the rollups.
    pub async fn engine_by_rows(&self, access: Option<&Arc<Access>>) -> Engine<'static> {
        let reader = self.reader(access).await;
        let head = reader.head().clone();
        let as_of = AsOf {
            seq: head.seq,
            at: head.at,
        };
        Engine::new(pack(), reader, Some(as_of)).await.unwrap()
    }

    pub async fn figures(&self, period: Period, by: By) -> Vec<Figure> {
        let mut engine = self.engine(None).await;
        engine.figures(period, by).await.unwrap()
    }

    pub async fn by_rows(&self, period: Period, by: By) -> Vec<Figure> {
        let mut engine = self.engine_by_rows(None).await;
        engine.figures(period, by).await.unwrap()
    }

    /// Both ways give the same figures to everybody.
    pub async fn both_ways_agree(&self, period: &str) {
        self.both_ways_agree_for(None, period).await;
    }

    /// Both ways give the same figures to a caller.
    pub async fn both_ways_agree_for(&self, access: Option<&Arc<Access>>, period: &str) {
        let period = period.parse().unwrap();
        for by in CUTS {
            let quick = self.engine(access).await.figures(period, by).await;
            let slow = self.engine_by_rows(access).await.figures(period, by).await;
            let (quick, slow) = (quick.unwrap(), slow.unwrap());
            assert_eq!(quick.len(), slow.len(), "{period} {by:?}");
            for (quick, slow) in quick.iter().zip(&slow) {
                assert_eq!(quick, slow, "{period} {by:?} {access:?}");
            }
        }
    }
}

/// Every way to cut a figure.
pub const CUTS: [By; 5] = [By::Whole, By::Group, By::Link, By::Supporter, By::Recipient];

/// What a record is known by.
pub fn key(record: &TestRecord) -> (String, String) {
    let register = pack().register(&record.register).unwrap();
    (
        record.register.clone(),
        register.key_of(&record.values).unwrap(),
    )
}

/// Values that the indicators look at, from a few days around the edges of periods.
pub fn value(ty: &FieldType, units: &'static [&'static str]) -> BoxedStrategy<Value> {
    const DAYS: [&str; 8] = [
        "2020-12-31",
        "2021-01-01",
        "2021-02-28",
        "2021-03-31",
        "2021-04-01",
        "2021-06-30",
        "2021-07-01",
        "2022-01-01",
    ];
    let words = |words: Vec<String>| prop::sample::select(words).prop_map(Value::Text).boxed();
    let filled = match ty {
        FieldType::Text { .. } => words(["甲", "乙", "丙"].map(str::to_owned).into()),
        FieldType::Choice { options } => {
            words(options.iter().map(|option| option.label.clone()).collect())
        }
        FieldType::Unit { .. } => words(units.iter().map(|&unit| unit.to_owned()).collect()),
        FieldType::Int { .. } => (0_i64..50).prop_map(Value::Int).boxed(),
        FieldType::Date { .. } => prop::sample::select(DAYS.as_slice())
            .prop_map(|day| Value::Date(day.parse().unwrap()))
            .boxed(),
        FieldType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldType::Decimal { .. } | FieldType::Money { .. } | FieldType::Area => {
            let Type::Decimal { scale } = ty.value_type() else {
                unreachable!("declared so")
            };
            (0_i64..1_000_000)
                .prop_map(move |number| Value::Decimal(Decimal::new(number, u32::from(scale))))
                .boxed()
        }
    };
    prop_oneof![1 => Just(Value::Null), 5 => filled].boxed()
}

/// A record of any register that figures rest on; few keys, so that many are revisions.
pub fn record() -> BoxedStrategy<TestRecord> {
    let mut registers: Vec<&'static str> = pack()
        .indicators
        .iter()
        .flat_map(|indicator| {
            indicator
                .sources
                .iter()
                .map(|source| source.register.as_str())
        })
        .collect();
    registers.sort_unstable();
    registers.dedup();
    let states = prop::sample::select(vec![
        Confirmation::Agreed,
        Confirmation::Agreed,
        Confirmation::Pending,
        Confirmation::Contested,
        Confirmation::Arbitrated,
    ]);
    (prop::sample::select(registers), states)
        .prop_flat_map(|(id, confirmation)| {
            let register = pack().register(id).unwrap();
            let values: Vec<BoxedStrategy<Value>> = register
                .fields
                .iter()
                .enumerate()
                .map(|(index, field)| {
                    let units: &[&str] = if register.supporter == Some(index) {
                        &["jiangjin", "yongchuan", "tongnan"]
                    } else {
                        &["kaizhou", "pengshui", "zhongxian"]
                    };
                    let own = value(&field.ty, units);
                    if register.key.contains(&index) {
                        own.prop_filter("a key is filled", |value| !value.is_null())
                            .boxed()
                    } else {
                        own
                    }
                })
                .collect();
            values.prop_map(move |values| TestRecord {
                register: id.to_owned(),
                confirmation,
                values,
            })
        })
        .boxed()
}
