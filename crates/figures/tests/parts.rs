//! Engines narrowed to a part, figures beside their past, figures opened page by page.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::{Ledger, chongqing, pack, record};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use qipan_figures::{By, Engine, Figure, Part};
use qipan_model::{Access, Period};
use qipan_pack::TestRecord;
use rust_decimal::Decimal;

fn part(supporter: &str, recipient: &str) -> Part {
    let some = |unit: &str| (!unit.is_empty()).then(|| unit.to_owned());
    Part {
        supporter: some(supporter),
        recipient: some(recipient),
    }
}

/// What each part of a cut of each indicator comes to; nothing is nothing, reported or not.
fn numbers(figures: &[Figure]) -> BTreeMap<(String, [String; 2]), (Decimal, Decimal)> {
    figures
        .iter()
        .map(|figure| {
            let place = (figure.indicator.clone(), figure.cut_units.clone());
            let value = figure.value.unwrap_or_default();
            (place, (value, figure.unconfirmed.unwrap_or_default()))
        })
        .filter(|(_, number)| *number != (Decimal::ZERO, Decimal::ZERO))
        .collect()
}

/// The records of all the pack's tests that can stand beside each other.
fn records() -> Vec<TestRecord> {
    let mut known = BTreeSet::new();
    let tests = chongqing().1.tests.iter();
    let all = tests.flat_map(|test| test.records.iter().cloned());
    all.filter(|record| known.insert(common::key(record)))
        .collect()
}

/// Whole figures of a part are those of the cut that names it; a group's figures of one supporter
/// are those of its links.
async fn parts_are_cuts(engine: impl AsyncFn() -> Engine<'static>, period: Period) {
    for (part, by) in [
        (part("jiangjin", ""), By::Supporter),
        (part("", "kaizhou"), By::Recipient),
        (part("jiangjin", "kaizhou"), By::Link),
        (part("tongnan", "zhongxian"), By::Link),
    ] {
        let own = |figures: &[Figure]| {
            let mut numbers = numbers(figures);
            numbers.retain(|(_, [supporter, recipient]), _| {
                part.supporter.as_ref().is_none_or(|own| own == supporter)
                    && part.recipient.as_ref().is_none_or(|own| own == recipient)
            });
            numbers
        };
        let cut = engine().await.figures(period, by).await.unwrap();
        let mut narrowed = engine().await.within(part.clone());
        let whole = narrowed.figures(period, By::Whole).await.unwrap();
        assert_eq!(numbers(&whole), own(&cut), "{part:?} {period}");
        for figure in &whole {
            let units =
                [&part.supporter, &part.recipient].map(|unit| unit.clone().unwrap_or_default());
            assert_eq!(figure.cut_units, units);
        }
        let links = engine().await.figures(period, By::Link).await.unwrap();
        let mut narrowed = engine().await.within(part.clone());
        let of_links = narrowed.figures(period, By::Link).await.unwrap();
        assert_eq!(numbers(&of_links), own(&links), "{part:?} by link");
        if part.supporter.is_some() {
            let groups = narrowed.figures(period, By::Group).await.unwrap();
            assert_eq!(numbers(&groups), own(&links), "{part:?} by group");
        }
    }
}

#[test]
fn a_part_is_what_the_cut_says_by_rollups_and_by_rows() {
    let config = Config {
        cases: 2,
        failure_persistence: None,
        ..Config::default()
    };
    let leader = ["leader"];
    let day = jiff::civil::date(2021, 6, 30);
    let access = Arc::new(Access::new(
        pack(),
        &leader,
        Some("jiangjin"),
        &BTreeSet::new(),
        day,
    ));
    TestRunner::new(config)
        .run(&prop::collection::vec(record(), 10..60), |records| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let ledger = Ledger::new(None).await;
                let mut known = BTreeSet::new();
                let fresh: Vec<TestRecord> = records
                    .into_iter()
                    .filter(|record| known.insert(common::key(record)))
                    .collect();
                ledger.write(&fresh).await;
                for access in [None, Some(&access)] {
                    for period in ["2021H1", "2021-03", "2021-02-28..2021-06-15"] {
                        let period = period.parse().unwrap();
                        parts_are_cuts(async || ledger.engine(access).await, period).await;
                        parts_are_cuts(async || ledger.engine_by_rows(access).await, period).await;
                    }
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn parts_are_cuts_on_postgres_too() {
    let Some(server) = common::server() else {
        return;
    };
    let ledger = Ledger::new(Some(&common::database(&server).await)).await;
    ledger.write(&records()).await;
    let period = "2021H1".parse().unwrap();
    parts_are_cuts(async || ledger.engine(None).await, period).await;
    parts_are_cuts(async || ledger.engine_by_rows(None).await, period).await;
    rows_of_parts_add_up(&ledger).await;
}

#[tokio::test]
async fn the_rows_of_a_part_add_up_and_pages_leave_nothing_out() {
    let ledger = Ledger::new(None).await;
    ledger.write(&records()).await;
    rows_of_parts_add_up(&ledger).await;
}

async fn rows_of_parts_add_up(ledger: &Ledger) {
    let period: Period = "2021H1".parse().unwrap();
    let mut engine = ledger.engine(None).await;
    let whole = engine
        .explain("PRJ-N-ISSUED", period, 0..1000)
        .await
        .unwrap();
    assert!(whole.total > 3, "{}", whole.total);
    assert_eq!(whole.rows.len(), whole.total);
    // Page by page the same rows in the same order, and the same numbers on each page.
    let mut paged = Vec::new();
    for from in (0..whole.total + 2).step_by(2) {
        let page = engine
            .explain("PRJ-N-ISSUED", period, from..from + 2)
            .await
            .unwrap();
        assert_eq!((page.total, page.counted), (whole.total, whole.counted));
        assert!(page.rows.len() <= 2);
        paged.extend(page.rows);
    }
    assert_eq!(paged, whole.rows);
    // Every row of a supporter's part is its own, and the parts leave no row out.
    let mut total = 0;
    for unit in pack().units.all() {
        let mut engine = ledger.engine(None).await.within(part(unit.id.as_str(), ""));
        let own = engine
            .explain("PRJ-N-ISSUED", period, 0..1000)
            .await
            .unwrap();
        for row in &own.rows {
            assert_eq!(row.values["supporter"], unit.id.as_str());
        }
        assert!(own.rows.is_empty() || own.sql[0].contains(unit.id.as_str()));
        total += own.total;
    }
    assert_eq!(total, whole.total);
}

/// A recipient's last month is its own, whoever supported it then.
#[tokio::test]
async fn latest_values_open_to_the_rows_that_make_them() {
    let ledger = Ledger::new(None).await;
    ledger.write(&records()).await;
    let period: Period = "2021H1".parse().unwrap();
    let mut engine = ledger.engine(None).await;
    let latest: Vec<&str> = pack()
        .indicators_on(period.end())
        .filter(|indicator| indicator.time == qipan_model::TimeType::Latest)
        .map(|indicator| indicator.id.as_str())
        .collect();
    assert!(!latest.is_empty());
    for id in latest {
        let all = engine.explain(id, period, 0..1000).await.unwrap();
        let mut paged = Vec::new();
        for from in 0..all.total {
            paged.extend(
                engine
                    .explain(id, period, from..from + 1)
                    .await
                    .unwrap()
                    .rows,
            );
        }
        assert_eq!(paged, all.rows, "{id}");
    }
}

#[tokio::test]
async fn coverage_of_a_part_is_of_its_own_units() {
    let ledger = Ledger::new(None).await;
    ledger.write(&records()).await;
    let period: Period = "2021H1".parse().unwrap();
    let mut engine = ledger.engine(None).await.within(part("jiangjin", ""));
    let coverage = engine.coverage(period).await.unwrap();
    let partners: BTreeSet<String> = pack()
        .links
        .iter()
        .filter(|link| link.validity.overlaps(period.start(), period.end()))
        .filter(|link| {
            link.supporter
                .as_ref()
                .is_some_and(|id| id.as_str() == "jiangjin")
        })
        .filter_map(|link| link.recipient.as_ref().map(ToString::to_string))
        .collect();
    assert!(!partners.is_empty());
    assert_eq!(coverage["project"].due, partners);
    assert!(coverage["project"].units.is_subset(&partners));
    let figure = engine
        .figure("PRJ-N-ISSUED", period, By::Whole)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(figure.coverage.due as usize, partners.len());
    assert_eq!(figure.cut, "江津区");
    let missing = engine
        .explain("PRJ-N-ISSUED", period, 0..1)
        .await
        .unwrap()
        .missing;
    assert!(missing.len() <= partners.len());
    // What a register cannot tell of a supporter is not zero.
    let silent = engine.figures(period, By::Whole).await.unwrap();
    let of_city: Vec<&Figure> = silent
        .iter()
        .filter(|figure| {
            let indicator = pack().indicator(&figure.indicator, period.end()).unwrap();
            let of = |source: &qipan_model::Source| pack().register(&source.register).unwrap();
            !indicator.sources.is_empty()
                && indicator
                    .sources
                    .iter()
                    .all(|source| of(source).supporter.is_none())
        })
        .collect();
    for figure in of_city {
        assert_eq!(figure.value, None, "{}", figure.indicator);
    }
}

#[tokio::test]
async fn figures_stand_beside_their_past() {
    let ledger = Ledger::new(None).await;
    ledger.write(&records()).await;
    let [now, before, year] =
        ["2022H1", "2021H2", "2021H1"].map(|text| text.parse::<Period>().unwrap());
    let mut engine = ledger.engine(None).await;
    let compared = engine.compared(now, By::Group).await.unwrap();
    let figures = engine.figures(now, By::Group).await.unwrap();
    let [previous, last_year] = [
        engine.figures(before, By::Group).await.unwrap(),
        engine.figures(year, By::Group).await.unwrap(),
    ];
    assert_eq!(compared.len(), figures.len());
    let mut changed = 0;
    for (one, figure) in compared.iter().zip(&figures) {
        assert_eq!(one.figure, *figure);
        let of = |all: &[Figure]| {
            all.iter()
                .find(|past| {
                    past.indicator == figure.indicator && past.cut_units == figure.cut_units
                })
                .cloned()
        };
        let (then, long_ago) = (of(&previous), of(&last_year));
        assert_eq!(
            one.previous.as_ref().map(|past| past.value),
            then.as_ref().map(|past| past.value)
        );
        assert_eq!(
            one.last_year.as_ref().map(|past| past.value),
            long_ago.as_ref().map(|past| past.value)
        );
        let less = |past: Option<Figure>| Some(figure.value? - past?.value?);
        assert_eq!(one.change, less(then));
        assert_eq!(one.change_year, less(long_ago));
        if figure.unit == "%" {
            assert_eq!(one.change_unit, "个百分点");
        }
        changed += usize::from(one.change_year.is_some_and(|change| !change.is_zero()));
    }
    assert!(changed > 0, "the records change something");
}

#[tokio::test]
async fn a_trend_has_a_point_for_each_period() {
    let ledger = Ledger::new(None).await;
    ledger.write(&records()).await;
    let mut engine = ledger.engine(None).await;
    let last: Period = "2021H2".parse().unwrap();
    let points = engine
        .trend("PRJ-N-ISSUED", &last.and_before(4))
        .await
        .unwrap();
    let periods: Vec<&str> = points.iter().map(|point| point.period.as_str()).collect();
    assert_eq!(periods, ["2020H1", "2020H2", "2021H1", "2021H2"]);
    let figure = engine
        .figure("PRJ-N-ISSUED", "2021H1".parse().unwrap(), By::Whole)
        .await
        .unwrap();
    assert_eq!(points[2].value, figure[0].value);
    assert_eq!(points[2].coverage, Some(figure[0].coverage));
    let none = engine
        .trend("NOTHING", &last.and_before(4))
        .await
        .unwrap_err();
    assert!(matches!(none, qipan_figures::Error::NoIndicator { .. }));
}
