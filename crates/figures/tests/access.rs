//! Figures under access by row: whoever asks gets the figures of the rows that their scope admits,
//! as if there were no others.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::{CUTS, Ledger, chongqing, database, key, pack, record, server};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use qipan_figures::{By, Error, Explanation, Figure, exists};
use qipan_model::{Access, Action, Measure, Period, Scope, Side, Value};
use qipan_pack::TestRecord;
use rust_decimal::Decimal;

fn access(roles: &[&str], unit: Option<&str>, registers: &[&str]) -> Arc<Access> {
    let registers: BTreeSet<String> = registers.iter().map(|&id| id.to_owned()).collect();
    let day = jiff::civil::date(2021, 6, 30);
    Arc::new(Access::new(pack(), roles, unit, &registers, day))
}

fn callers() -> Vec<Arc<Access>> {
    vec![
        access(&["clerk"], Some("jiangjin"), &[]),
        access(&["leader"], Some("pengshui"), &[]),
        access(&["reviewer"], Some("tongnan"), &[]),
        access(&["clerk"], Some("zhongxian"), &[]),
        access(&["department"], None, &["project", "fund", "statistic"]),
        access(
            &["department", "clerk"],
            Some("kaizhou"),
            &["project", "training"],
        ),
        access(&["coordinator"], None, &[]),
        access(&["security"], None, &[]),
    ]
}

/// Of each part of a cut of each indicator what it comes to; nothing is nothing, reported or not.
fn numbers(figures: &[Figure]) -> BTreeMap<(String, [String; 2]), (Decimal, Decimal)> {
    let number = |figure: &Figure| {
        let place = (figure.indicator.clone(), figure.cut_units.clone());
        let value = figure.value.unwrap_or_default();
        (place, (value, figure.unconfirmed.unwrap_or_default()))
    };
    figures
        .iter()
        .map(number)
        .filter(|(_, number)| *number != (Decimal::ZERO, Decimal::ZERO))
        .collect()
}

/// Whether a caller is told of a part of a cut that no row names: of units that they know, and of
/// pairs of their own.
fn may_be_told(access: &Access, figure: &Figure) -> bool {
    let [supporter, recipient] = &figure.cut_units;
    pack().registers.iter().any(|register| {
        let scope = access.scope(Action::Read, &register.id);
        match (&**supporter, &**recipient) {
            ("", unit) | (unit, "") => scope.knows(unit),
            (supporter, recipient) => scope.admits_sides(supporter, recipient),
        }
    })
}

/// The rows behind a figure.
fn rows(explanation: &Explanation) -> (usize, usize, BTreeSet<(String, String)>) {
    let rows = explanation.rows.iter();
    (
        explanation.total,
        explanation.counted,
        rows.map(|row| (row.register.clone(), row.key.clone()))
            .collect(),
    )
}

/// A caller's figures are those of a ledger that holds only what the scope admits.
async fn compare(ledger: &Ledger, access: &Arc<Access>, standing: &[TestRecord], periods: &[&str]) {
    let admitted: Vec<TestRecord> = standing
        .iter()
        .filter(|record| {
            let register = pack().register(&record.register).unwrap();
            let scope = access.scope(Action::Read, &record.register);
            scope.admits(register, &record.values)
        })
        .cloned()
        .collect();
    let alone = Ledger::new(None).await;
    if !admitted.is_empty() {
        alone.write(&admitted).await;
    }
    for period in periods {
        ledger.both_ways_agree_for(Some(access), period).await;
        let period: Period = period.parse().unwrap();
        let there: BTreeSet<String> = {
            let reader = ledger.reader(Some(access)).await;
            pack()
                .indicators_on(period.end())
                .filter(|indicator| exists(&reader, pack(), indicator, period.end()))
                .map(|indicator| indicator.id.clone())
                .collect()
        };
        for by in CUTS {
            let own = ledger.engine(Some(access)).await.figures(period, by).await;
            let own = own.unwrap();
            let mut expect = numbers(&alone.figures(period, by).await);
            // A percentage of which one part is not there for the caller is not there itself.
            expect.retain(|(id, _), _| {
                let indicator = pack().indicator(id, period.end()).unwrap();
                let is_rate = matches!(indicator.measure, Measure::Percent { .. });
                !is_rate || there.contains(id)
            });
            assert_eq!(numbers(&own), expect, "{period} {by:?} {access:?}");
            // A rate over rows that are all open is none, so it says nothing of who is told.
            let empty = own.iter().filter(|figure| figure.value.is_none());
            for figure in empty.filter(|figure| by != By::Whole && figure.unit != "%") {
                assert!(may_be_told(access, figure), "{figure:?} {access:?}");
            }
            let told: BTreeSet<String> =
                own.iter().map(|figure| figure.indicator.clone()).collect();
            if by == By::Whole {
                assert_eq!(told, there);
            }
        }
        let mut own = ledger.engine(Some(access)).await;
        let mut whole = alone.engine(None).await;
        for indicator in pack().indicators_on(period.end()) {
            let id = &indicator.id;
            let opened = own.explain(id, period, 0..1000).await;
            if !there.contains(id) {
                assert!(matches!(opened, Err(Error::NoIndicator { .. })), "{id}");
                let statements = own.statements(id, period);
                assert!(matches!(statements, Err(Error::NoIndicator { .. })), "{id}");
                let figure = own.figure(id, period, By::Whole).await;
                assert!(matches!(figure, Err(Error::NoIndicator { .. })), "{id}");
                continue;
            }
            let opened = opened.unwrap();
            let expect = whole.explain(id, period, 0..1000).await.unwrap();
            assert_eq!(rows(&opened), rows(&expect), "{id} {access:?}");
            for (opened, expect) in opened.parts.iter().zip(&expect.parts) {
                assert_eq!(rows(opened), rows(expect), "{id} {access:?}");
            }
        }
        covered(ledger, access, &admitted, period).await;
    }
}

/// Coverage tells of the units that the caller knows: who is to report, and who has, in the rows
/// that the caller sees.
async fn covered(ledger: &Ledger, access: &Arc<Access>, admitted: &[TestRecord], period: Period) {
    let coverage = ledger.engine(Some(access)).await.coverage(period).await;
    let coverage = coverage.unwrap();
    for register in &pack().registers {
        let scope = access.scope(Action::Read, &register.id);
        let Some(reported) = coverage.get(&register.id) else {
            assert_eq!(scope, &Scope::Nothing);
            continue;
        };
        assert_ne!(scope, &Scope::Nothing);
        assert!(
            reported
                .due
                .iter()
                .all(|unit| scope.knows_return(register, unit))
        );
        let side = match register.reporter {
            Side::Supporter => register.supporter,
            Side::Recipient => register.recipient,
            Side::City => continue,
        };
        let within = |record: &&TestRecord| {
            let day = |date: usize| record.values[date].as_date();
            record.register == register.id
                && register
                    .date
                    .and_then(day)
                    .is_some_and(|day| period.start() <= day && day <= period.end())
        };
        let told: BTreeSet<String> = admitted
            .iter()
            .filter(within)
            .filter_map(|record| record.values[side?].as_text().map(str::to_owned))
            .filter(|unit| reported.due.contains(unit))
            .collect();
        assert_eq!(reported.units, told, "{} {access:?}", register.id);
    }
}

async fn play(url: Option<String>, batches: Vec<Vec<TestRecord>>) {
    let ledger = Ledger::new(url.as_deref()).await;
    let mut standing: Vec<TestRecord> = Vec::new();
    for batch in batches {
        let mut fresh: Vec<TestRecord> = Vec::new();
        for record in batch {
            if !fresh.iter().any(|known| key(known) == key(&record)) {
                fresh.push(record);
            }
        }
        ledger.write(&fresh).await;
        standing.retain(|old| !fresh.iter().any(|new| key(new) == key(old)));
        standing.extend(fresh);
    }
    for access in callers() {
        compare(
            &ledger,
            &access,
            &standing,
            &["2021H1", "2021-01-15..2021-06-15"],
        )
        .await;
    }
}

fn run(cases: u32, url: impl AsyncFn() -> Option<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let batches = prop::collection::vec(prop::collection::vec(record(), 10..80), 1..3);
    let result = runner.run(&batches, |batches| {
        runtime.block_on(async { play(url().await, batches).await });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn callers_get_the_figures_of_their_rows_on_sqlite() {
    run(2, async || None);
}

#[test]
fn callers_get_the_figures_of_their_rows_on_postgres() {
    if let Some(server) = server() {
        run(1, async || Some(database(&server).await));
    }
}

/// The pack's own samples under everybody's scope: what nobody but the commission sees is not in
/// anybody else's figures.
#[tokio::test]
async fn the_packs_samples_are_cut_to_the_scope() {
    let ledger = Ledger::new(None).await;
    let mut standing: Vec<TestRecord> = Vec::new();
    for test in &chongqing().1.tests {
        let fresh = test
            .records
            .iter()
            .filter(|record| !standing.iter().any(|known| key(known) == key(record)))
            .cloned()
            .collect::<Vec<_>>();
        ledger.write(&fresh).await;
        standing.extend(fresh);
    }
    for access in callers() {
        compare(&ledger, &access, &standing, &["2021H1"]).await;
    }
}

/// A record of a register with some fields, the others empty.
fn fact(register: &str, fields: &[(&str, Value)]) -> TestRecord {
    let of = pack().register(register).unwrap();
    let mut values = vec![Value::Null; of.fields.len()];
    for (field, value) in fields {
        values[of.index(field).unwrap()] = value.clone();
    }
    TestRecord {
        register: register.to_owned(),
        confirmation: qipan_model::Confirmation::Agreed,
        values,
    }
}

/// A twinned school in the name of these units; the empty text names none.
fn school(supporter: &str, recipient: &str, name: &str, with: &str) -> TestRecord {
    let text = |text: &str| match text {
        "" => Value::Null,
        text => Value::Text(text.to_owned()),
    };
    fact(
        "twinning",
        &[
            ("kind", text("学校")),
            ("supporter", text(supporter)),
            ("recipient", text(recipient)),
            ("recipient_org", text(name)),
            ("supporter_org", text(with)),
            ("start_date", Value::Date(jiff::civil::date(2021, 3, 1))),
        ],
    )
}

/// One school may be twinned with several units: it is one in whatever part of it a caller sees.
#[tokio::test]
async fn distinct_keys_are_not_added_up_over_pairs() {
    let schools = [
        school("yongchuan", "pengshui", "一中", "甲"),
        school("tongnan", "pengshui", "一中", "乙"),
        school("tongnan", "pengshui", "二中", "丙"),
        // Its counterpart's, with nobody yet.
        school("", "pengshui", "二中", "丁"),
        school("yongchuan", "", "三中", "戊"),
        // Somebody else's.
        school("jiangjin", "kaizhou", "四中", "己"),
        school("jiangjin", "pengshui", "五中", "庚"),
        // Of its own, with somebody who is no counterpart.
        school("tongnan", "kaizhou", "四中", "辛"),
    ];
    let ledger = Ledger::new(None).await;
    ledger.write(&schools).await;
    let period: Period = "2021H1".parse().unwrap();
    for (unit, whole) in [
        ("pengshui", 4),  // 一 二 五, and 三 of its counterpart alone
        ("tongnan", 3),   // 一 二 四
        ("yongchuan", 3), // 一 三, and 二 of its counterpart alone
        ("kaizhou", 1),
        ("jiangjin", 2),
        ("dazu", 0),
    ] {
        let access = access(&["clerk"], Some(unit), &[]);
        let mut engine = ledger.engine(Some(&access)).await;
        let figure = engine.figure("EDU-N-SCHOOL", period, By::Whole).await;
        let value = figure.unwrap()[0].value.unwrap_or_default();
        assert_eq!(value, Decimal::from(whole), "{unit}");
        drop(engine);
        compare(&ledger, &access, &schools, &["2021H1"]).await;
    }
}

/// A percentage whose part cannot be seen would be a zero that nobody has reported.
#[tokio::test]
async fn percentages_need_both_their_parts() {
    let ledger = Ledger::new(None).await;
    let mut mixed = pack().clone();
    let day = jiff::civil::date(2021, 6, 30);
    for indicator in &mut mixed.indicators {
        if let Measure::Percent { denominator, .. } = &mut indicator.measure {
            *denominator = "EDU-N-SCHOOL".to_owned();
        }
    }
    let rate = mixed.indicator("PRJ-R-START", day).unwrap();
    for (registers, there) in [
        (&["project"][..], false),
        (&["twinning"], false),
        (&["project", "twinning"], true),
    ] {
        let access = access(&["department"], None, registers);
        let reader = ledger.reader(Some(&access)).await;
        assert_eq!(exists(&reader, &mixed, rate, day), there, "{registers:?}");
    }
}

/// Somebody who does business beyond their links sees its percentages too.
#[tokio::test]
async fn percentages_stand_where_their_rows_do() {
    let text = |text: &str| Value::Text(text.to_owned());
    let day = |month: i8| Value::Date(jiff::civil::date(2021, month, 1));
    let project = |code: &str, started: Value| {
        let fields = [
            ("code", text(code)),
            ("supporter", text("tongnan")),
            ("recipient", text("kaizhou")),
            ("issued_date", day(2)),
            ("start_date", started),
        ];
        fact("project", &fields)
    };
    let projects = [project("P1", day(3)), project("P2", Value::Null)];
    let ledger = Ledger::new(None).await;
    ledger.write(&projects).await;
    let access = access(&["clerk"], Some("tongnan"), &[]);
    let period: Period = "2021H1".parse().unwrap();
    let mut engine = ledger.engine(Some(&access)).await;
    let parts = engine.figure("PRJ-R-START", period, By::Recipient).await;
    let told: Vec<(String, Option<Decimal>)> = parts
        .unwrap()
        .into_iter()
        .map(|figure| (figure.cut_units[1].clone(), figure.value))
        .collect();
    let half = Some(Decimal::from(50));
    assert_eq!(
        told,
        [("kaizhou".to_owned(), half), ("pengshui".to_owned(), None)]
    );
}
