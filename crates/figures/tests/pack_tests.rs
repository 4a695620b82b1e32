//! The Chongqing pack's own tests through a real store: sample records give the figures that the
//! pack says, and the two ways to a number — rollups, and SQL over the rows — never part.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use proptest::prelude::*;
use qipan_figures::{AsOf, By, Engine, Figure, Window};
use qipan_model::{
    Confirmation, FieldType, Indicator, Measure, Pack, Period, TimeType, Type, Value,
};
use qipan_pack::{Checked, PackTest, Source, TestRecord};
use qipan_store::{Change, Clock, NewRow, Store};
use rust_decimal::Decimal;
use tempfile::TempDir;

/// A clock that goes on by a second each time it is asked.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

/// The pack with its files, checked once.
fn chongqing() -> &'static (Source, Checked) {
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

fn pack() -> &'static Pack {
    chongqing().1.pack.as_ref().unwrap()
}

fn change(action: &str) -> Change {
    Change {
        actor: "测试员".to_owned(),
        reason: "试验".to_owned(),
        action: action.to_owned(),
        source: None,
        origin: String::new(),
    }
}

/// The server of the second database; in CI there must be one.
fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok();
    assert!(
        server.is_some() || std::env::var_os("CI").is_none(),
        "TEST_DATABASE_URL is not set"
    );
    server
}

async fn database(server: &str) -> String {
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
struct Ledger {
    store: Store,
    _dir: TempDir,
}

impl Ledger {
    async fn new(url: Option<&str>) -> Self {
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

    async fn write(&self, records: &[TestRecord]) {
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
    async fn withdraw(&self, records: &[TestRecord]) {
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

    /// Figures the quick way, from the rollups where they serve.
    async fn figures(&self, period: Period, by: By) -> Vec<Figure> {
        let reader = self.store.reader().await.unwrap();
        Engine::new(pack(), reader, None)
            .await
            .unwrap()
            .figures(period, by)
            .await
            .unwrap()
    }

    /// Figures as of the head: never from the rollups.
    async fn by_rows(&self, period: Period, by: By) -> Vec<Figure> {
        let mut reader = self.store.reader().await.unwrap();
        let head = reader.head().await.unwrap();
        let as_of = AsOf {
            seq: head.seq,
            at: head.at,
        };
        Engine::new(pack(), reader, Some(as_of))
            .await
            .unwrap()
            .figures(period, by)
            .await
            .unwrap()
    }

    async fn both_ways_agree(&self, period: &str) {
        let period = period.parse().unwrap();
        for by in [By::Whole, By::Group, By::Link, By::Supporter, By::Recipient] {
            let quick = self.figures(period, by).await;
            let slow = self.by_rows(period, by).await;
            assert_eq!(quick.len(), slow.len(), "{period} {by:?}");
            for (quick, slow) in quick.iter().zip(&slow) {
                assert_eq!(quick, slow, "{period} {by:?}");
            }
        }
    }
}

/// What a record is known by.
fn key(record: &TestRecord) -> (String, String) {
    let register = pack().register(&record.register).unwrap();
    (
        record.register.clone(),
        register.key_of(&record.values).unwrap(),
    )
}

#[track_caller]
fn assert_figures(test: &PackTest, figures: &[Figure]) {
    for (id, expect) in &test.figures {
        let found = figures
            .iter()
            .find(|figure| figure.indicator == *id)
            .unwrap();
        assert_eq!(found.value, *expect, "{}（{}）：{id}", test.file, test.name);
    }
}

/// Each test of the pack, one after the other in one ledger: the records of the last are
/// withdrawn first, so that this too is shown to take figures back.
async fn pack_tests(url: Option<&str>) {
    let tests = &chongqing().1.tests;
    assert!(tests.len() >= 10, "the pack shows what its figures mean");
    let ledger = Ledger::new(url).await;
    for test in tests {
        ledger.write(&test.records).await;
        assert_figures(test, &ledger.figures(test.period, By::Whole).await);
        assert_figures(test, &ledger.by_rows(test.period, By::Whole).await);
        ledger.both_ways_agree(&test.period.to_string()).await;
        ledger.withdraw(&test.records).await;
        for figure in ledger.figures(test.period, By::Whole).await {
            assert_eq!(figure.value, None, "{}: {}", test.file, figure.indicator);
        }
    }
    assert!(ledger.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn pack_tests_hold_on_sqlite() {
    pack_tests(None).await;
}

#[tokio::test]
async fn pack_tests_hold_on_postgres() {
    if let Some(server) = server() {
        pack_tests(Some(&database(&server).await)).await;
    }
}

/// Stocks and latest values live on rows of earlier periods: that nobody reported anew makes them
/// no less.
#[tokio::test]
async fn earlier_rows_keep_stocks_alive() {
    let ledger = Ledger::new(None).await;
    for file in ["stock.toml", "latest.toml"] {
        let test = chongqing()
            .1
            .tests
            .iter()
            .find(|test| test.file.ends_with(file))
            .unwrap();
        ledger.write(&test.records).await;
    }
    let value = async |id: &str, period: &str| {
        let figures = ledger.figures(period.parse().unwrap(), By::Whole).await;
        figures
            .into_iter()
            .find(|figure| figure.indicator == id)
            .unwrap()
            .value
    };
    for period in ["2021H1", "2021-06", "2022Q1", "2022-03-05..2022-03-09"] {
        assert!(value("PRK-N-OPEN", period).await.is_some(), "{period}");
        assert!(value("SCI-N-INCUB", period).await.is_some(), "{period}");
        ledger.both_ways_agree(period).await;
    }
    assert_eq!(value("SCI-N-INCUB", "2022Q1").await, Some(19.into()));
    // A year of which nobody has told anything.
    assert_eq!(value("PRK-N-OPEN", "2019").await, None);
}

/// Values that the indicators look at, from a few days around the edges of periods.
fn value(ty: &FieldType, units: &'static [&'static str]) -> BoxedStrategy<Value> {
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
fn record() -> BoxedStrategy<TestRecord> {
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

/// A count or sum by a plain walk over the records that stand, for indicators of one source.
fn by_hand(indicator: &Indicator, standing: &[TestRecord], period: Period) -> Option<Decimal> {
    let window = Window::of(indicator, &pack().mechanism, period);
    let [source] = indicator.sources.as_slice() else {
        return None;
    };
    if indicator.time == TimeType::Latest || indicator.subset.is_some() {
        return None;
    }
    let row = |record: &TestRecord| [record.values.as_slice(), &[Value::Null]].concat();
    let rows: Vec<&TestRecord> = standing
        .iter()
        .filter(|record| record.register == source.register && record.confirmation.counts())
        .filter(|record| {
            let day = |index: usize| record.values[index].as_date();
            let within = day(source.date).is_some_and(|day| {
                day <= window.end && window.start.is_none_or(|start| day >= start)
            });
            let done = |index| day(index).is_some_and(|day| day <= window.end);
            let goes_on = |index| day(index).is_none_or(|day| day > window.end);
            within
                && source.done_by.is_none_or(done)
                && source.ends.is_none_or(goes_on)
                && source
                    .filter
                    .as_ref()
                    .is_none_or(|filter| filter.eval(&row(record)).unwrap() == Value::Bool(true))
        })
        .collect();
    match indicator.measure {
        Measure::Count => Some(rows.len().into()),
        Measure::Sum => {
            let value = source.value.as_ref()?;
            let amounts =
                rows.iter()
                    .filter_map(|record| match value.eval(&row(record)).unwrap() {
                        Value::Decimal(number) => Some(number),
                        Value::Int(number) => Some(number.into()),
                        _ => None,
                    });
            Some(amounts.sum())
        }
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random records, revised and withdrawn at random: both ways agree after each change, and
    /// counts and sums are those of a plain walk over the records that stand.
    #[test]
    fn random_revisions_never_part_the_two_ways(
        batches in prop::collection::vec(prop::collection::vec(record(), 1..25), 1..4),
        withdrawn in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ledger = Ledger::new(None).await;
            let mut standing: Vec<TestRecord> = Vec::new();
            for batch in batches {
                // A change may state a fact once.
                let mut fresh: Vec<TestRecord> = Vec::new();
                for record in batch {
                    if !fresh.iter().any(|known| key(known) == key(&record)) {
                        fresh.push(record);
                    }
                }
                ledger.write(&fresh).await;
                standing.retain(|old| !fresh.iter().any(|new| key(new) == key(old)));
                standing.extend(fresh);
                let gone = standing.remove(withdrawn.index(standing.len()));
                ledger.withdraw(&[gone]).await;
                for period in ["2021H1", "2021-03", "2022"] {
                    ledger.both_ways_agree(period).await;
                }
                let period: Period = "2021H1".parse().unwrap();
                let mut compared = 0;
                for figure in ledger.figures(period, By::Whole).await {
                    let indicator = pack().indicator(&figure.indicator, period.end()).unwrap();
                    if let Some(expect) = by_hand(indicator, &standing, period) {
                        assert_eq!(figure.value.unwrap_or_default(), expect, "{}", figure.indicator);
                        compared += 1;
                    }
                }
                assert!(compared > 10);
            }
        });
    }
}
