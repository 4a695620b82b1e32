//! The Chongqing pack's own tests through a real store: sample records give the figures that the
//! pack says, and the two ways to a number — rollups, and SQL over the rows — never part.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use common::{Ledger, chongqing, database, key, pack, record, server};
use proptest::prelude::*;
use qipan_figures::{By, Figure, Window};
use qipan_model::{Indicator, Measure, Period, TimeType, Value};
use qipan_pack::{PackTest, TestRecord};
use rust_decimal::Decimal;

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
