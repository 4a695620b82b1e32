//! Random revisions, retractions and undone changes against a simple model in memory: every
//! past moment reads as it was, the rollups kept up equal those built anew, the chain holds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use qipan_model::{Confirmation, Value};
use qipan_store::{ListQuery, NewRow, Store};

use crate::fixture::{Fixture, Project, change, project};
use crate::rollups::rollups;

/// One row's worth of a change.
#[derive(Debug, Clone)]
enum Step {
    Write(Project),
    Retract(u8),
}

/// A change and whether it is committed.
type Act = (Vec<Step>, bool);

fn row() -> impl Strategy<Value = Project> {
    let days = || {
        prop::sample::select(vec![
            "",
            "2021-01-31",
            "2021-02-01",
            "2021-06-30",
            "2022-01-01",
        ])
    };
    (
        0..6_u8,
        prop::sample::select(vec!["", "s1", "s2"]),
        prop::sample::select(vec!["r1", "r2"]),
        prop::sample::select(vec!["前期", "已开工", ""]),
        (days(), days(), days()),
        prop::sample::select(vec!["", "0", "0.01", "-5", "123456.78"]),
        prop::sample::select(vec!["", "张三", "李四"]),
        prop::sample::select(vec![
            Confirmation::Agreed,
            Confirmation::Pending,
            Confirmation::Contested,
            Confirmation::Arbitrated,
        ]),
    )
        .prop_map(
            |(key, supporter, recipient, status, (issued, started, ended), fund, owner, state)| {
                Project {
                    supporter,
                    recipient,
                    status,
                    issued,
                    started,
                    ended,
                    fund,
                    owner,
                    state,
                    ..project(&format!("K{key}"))
                }
            },
        )
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let step =
        prop_oneof![4 => row().prop_map(Step::Write), 1 => (0..6_u8).prop_map(Step::Retract)];
    prop::collection::vec(
        (
            prop::collection::vec(step, 1..8),
            prop::bool::weighted(0.85),
        ),
        1..12,
    )
}

type State = BTreeMap<String, (Vec<Value>, Confirmation)>;

async fn read(store: &Store, fixture: &Fixture, as_of: Option<i64>) -> State {
    let mut reader = store.reader().await.unwrap();
    let query = ListQuery {
        as_of,
        limit: 1000,
        ..ListQuery::default()
    };
    let page = reader.list(fixture.project(), &query).await.unwrap();
    assert_eq!(usize::try_from(page.total).unwrap(), page.records.len());
    page.records
        .into_iter()
        .map(|record| (record.key, (record.values, record.confirmation)))
        .collect()
}

async fn play(fixture: Fixture, acts: Vec<Act>) {
    let register = fixture.project();
    let mut state = State::new();
    let mut past: Vec<(i64, State)> = Vec::new();
    for (steps, commit) in acts {
        let mut next = state.clone();
        let mut touched = Vec::new();
        let mut writer = fixture.store.begin(change("trial")).await.unwrap();
        for step in steps {
            match step {
                Step::Write(row) => {
                    let row: NewRow = row.row();
                    let key = register.key_of(&row.values).unwrap();
                    if !touched.contains(&key) {
                        next.insert(key.clone(), (row.values.clone(), row.confirmation));
                        touched.push(key);
                    }
                    writer.upsert(register, vec![row]).await.unwrap();
                }
                Step::Retract(key) => {
                    let key = format!("K{key}");
                    if !touched.contains(&key) && next.contains_key(&key) {
                        writer.retract(register, &key).await.unwrap();
                        next.remove(&key);
                        touched.push(key);
                    }
                }
            }
        }
        if commit {
            let receipt = writer.commit().await.unwrap();
            state = next;
            past.push((receipt.last, state.clone()));
        } else {
            writer.rollback().await.unwrap();
        }
        assert_eq!(read(&fixture.store, &fixture, None).await, state);
    }
    for (seq, expect) in past {
        assert_eq!(
            read(&fixture.store, &fixture, Some(seq)).await,
            expect,
            "as of {seq}"
        );
    }
    let report = fixture.store.verify().await.unwrap();
    assert!(report.ok, "{:#?}", report.broken);
    let kept = rollups(&fixture.store).await;
    fixture.store.rebuild_rollups().await.unwrap();
    assert_eq!(kept, rollups(&fixture.store).await);
}

fn run(cases: u32, make: impl AsyncFn() -> Option<Fixture>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&acts(), |acts| {
        runtime.block_on(async {
            if let Some(fixture) = make().await {
                play(fixture, acts).await;
            }
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn random_changes_read_back_on_sqlite() {
    run(32, async || Some(Fixture::sqlite().await));
}

#[test]
fn random_changes_read_back_on_postgres() {
    run(6, async || Fixture::postgres().await);
}
