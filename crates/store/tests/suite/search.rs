//! What a search finds is what a look at every text finds, whatever state its index is in.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use qipan_store::{ListQuery, Search};

use crate::both;
use crate::fixture::{Fixture, project};

both!(
    searches_find_what_stands_there,
    random_searches_equal_a_naive_look,
    searches_obey_filters_and_the_past,
    a_verified_store_stays_so_with_indexes,
);

impl Fixture {
    async fn found(&self, asked: &str) -> BTreeSet<String> {
        let search = Search::new(asked, &self.pack.units);
        let query = ListQuery {
            search: search.as_ref(),
            limit: 1000,
            ..ListQuery::default()
        };
        let mut reader = self.store.reader().await.unwrap();
        let page = reader.list(self.project(), &query).await.unwrap();
        assert_eq!(page.total, page.records.len() as i64, "{asked}");
        page.records.into_iter().map(|record| record.key).collect()
    }
}

fn set(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

async fn searches_find_what_stands_there(f: Fixture) {
    let named = |code: &str, owner: &'static str| {
        let mut row = project(code);
        row.owner = owner;
        row.row()
    };
    let mut other = project("P-5");
    (other.supporter, other.recipient, other.status) = ("s2", "r2", "前期");
    f.write(vec![
        named("P-1", "示范路（一期）50%"),
        named("P-2", "路示范"),
        named("P-3", "Example_Road 'x' \"y\""),
        named("P-4", "😀码头"),
        other.row(),
    ])
    .await;
    for indexed in [false, true] {
        if indexed {
            f.store.index("project").await.unwrap();
        }
        for (asked, expect) in [
            ("路", &["P-1", "P-2"][..]),
            ("示范路", &["P-1"]),
            ("示范", &["P-1", "P-2"]),
            ("范路", &["P-1"]),
            ("一期）5", &["P-1"]),
            ("%", &["P-1"]),
            ("_", &["P-3"]),
            ("example_road", &["P-3"]),
            ("ROAD", &["P-3"]),
            ("'x'", &["P-3"]),
            ("\"y", &["P-3"]),
            ("😀", &["P-4"]),
            ("码头", &["P-4"]),
            ("示范 期", &["P-1"]),
            ("p-2", &["P-2"]),
            ("已开工", &["P-1", "P-2", "P-3", "P-4"]),
            ("帮扶2", &["P-5"]),
            ("受援1县 路", &["P-1", "P-2"]),
            ("没有", &[]),
            ("示路", &[]),
        ] {
            assert_eq!(f.found(asked).await, set(expect), "{asked} {indexed}");
        }
    }
    // What comes later is found before the index has it.
    f.write(vec![named("P-6", "新示范路")]).await;
    assert_eq!(f.found("示范路").await, set(&["P-1", "P-6"]));
    assert!(Search::new("  ", &f.pack.units).is_none());
}

async fn random_searches_equal_a_naive_look(f: Fixture) {
    let letters =
        || prop::sample::select("万州区示范道路 aB%_'\"\\（）-1".chars().collect::<Vec<_>>());
    let text = |most| prop::collection::vec(letters(), 0..most);
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(1)
    };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let mut draw = |most: usize| -> String {
        let tree = text(most).new_tree(&mut runner).unwrap();
        proptest::strategy::ValueTree::current(&tree)
            .into_iter()
            .collect()
    };
    let mut rows = Vec::new();
    for nth in 0..60 {
        let mut row = project(&format!("P-{nth}")).row();
        let owner = draw(12);
        let index = f.project().index("owner").unwrap();
        row.values[index] = match owner.trim() {
            "" => qipan_model::Value::Null,
            _ => qipan_model::Value::Text(owner),
        };
        rows.push(row);
    }
    let later = rows.split_off(40);
    f.write(rows.clone()).await;
    f.store.index("project").await.unwrap();
    f.write(later.clone()).await;
    rows.extend(later);
    let mut hits = 0;
    for nth in 0..150 {
        let asked = draw(1 + nth % 5);
        let Some(search) = Search::new(&asked, &f.pack.units) else {
            continue;
        };
        let expect: BTreeSet<String> = rows
            .iter()
            .filter(|row| search.finds(f.project(), &row.values))
            .filter_map(|row| f.project().key_of(&row.values))
            .collect();
        hits += expect.len();
        assert_eq!(f.found(&asked).await, expect, "{asked:?}");
    }
    assert!(hits > 100, "{hits}");
}

async fn searches_obey_filters_and_the_past(f: Fixture) {
    let named = |owner: &'static str, fund: &'static str| {
        let mut row = project("P-1");
        (row.owner, row.fund) = (owner, fund);
        row.row()
    };
    let (_, first) = f
        .write(vec![named("旧名", "1"), project("P-2").row()])
        .await;
    f.write(vec![named("新名", "2")]).await;
    f.store.index("project").await.unwrap();
    assert_eq!(f.found("旧名").await, set(&[]));
    assert_eq!(f.found("新名").await, set(&["P-1"]));
    let search = Search::new("旧", &f.pack.units);
    let fund = f.project().index("fund").unwrap();
    let query = ListQuery {
        search: search.as_ref(),
        as_of: Some(first.last),
        ..ListQuery::default()
    };
    let mut reader = f.store.reader().await.unwrap();
    let then = reader.list(f.project(), &query).await.unwrap();
    assert_eq!((then.total, then.records[0].rev), (1, 1));
    let sums = reader.totals(f.project(), &query, &[fund]).await.unwrap();
    assert_eq!(sums, (1, vec![Some(100)]));
    let search = Search::new("名", &f.pack.units);
    let equals = [(fund, qipan_model::Value::Decimal("2".parse().unwrap()))];
    let march = (
        jiff::civil::date(2021, 3, 1),
        jiff::civil::date(2021, 3, 31),
    );
    for (days, equals, expect) in [
        (Some(march), &equals[..], 1),
        (None, &[(fund, qipan_model::Value::Null)][..], 0),
        (Some((march.1, march.1)), &[], 0),
    ] {
        let query = ListQuery {
            search: search.as_ref(),
            days,
            equals,
            ..ListQuery::default()
        };
        let found = reader.list(f.project(), &query).await.unwrap();
        assert_eq!(found.total, expect, "{days:?} {equals:?}");
    }
    let all = ListQuery::default();
    let sums = reader.totals(f.project(), &all, &[fund]).await.unwrap();
    assert_eq!(sums, (2, vec![Some(10_250)]));
}

async fn a_verified_store_stays_so_with_indexes(f: Fixture) {
    let rows = (0..3000).map(|nth| project(&format!("P-{nth}")).row());
    f.write(rows.collect()).await;
    // A search that finds its index far behind has it made in the background.
    assert_eq!(f.found("P-2999").await.len(), 1);
    let mut reached = 0;
    for _ in 0..200 {
        let mut look = f.store.look().await.unwrap();
        let row = look.row("SELECT rid FROM search_position", &[]).await;
        reached = row.unwrap().map_or(0, |row| row.int(0).unwrap());
        look.close().await.unwrap();
        if reached == 3000 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(reached, 3000);
    assert_eq!(f.found("P-2999").await.len(), 1);
    assert_eq!(f.found("帮扶1 P-299").await.len(), 11);
    let report = f.store.verify().await.unwrap();
    assert!(report.ok, "{:#?}", report.broken);
}

/// What an index costs beside the rows, and what a search takes with and without it. Run by hand:
/// `cargo test --release -p qipan-store --test suite -- --ignored --nocapture speed_of_searches`
#[tokio::test]
#[ignore = "a measurement"]
async fn speed_of_searches() {
    let f = Fixture::sqlite().await;
    let begin = std::time::Instant::now();
    let mut writer = f
        .store
        .begin(crate::fixture::change("import"))
        .await
        .unwrap();
    for piece in 0..100 {
        let rows = (0..1_000).map(|nth| {
            let nth = piece * 1_000 + nth;
            let mut row = project(&format!("P-{nth:06}"));
            row.owner = ["示例公司", "万达建设集团", "区水利局", "第三中学"][nth % 4];
            row.row()
        });
        writer.upsert(f.project(), rows.collect()).await.unwrap();
    }
    writer.commit().await.unwrap();
    println!("100,000 rows written in {:?}", begin.elapsed());
    for indexed in [false, true] {
        if indexed {
            let begin = std::time::Instant::now();
            f.store.index("project").await.unwrap();
            println!("index made in {:?}", begin.elapsed());
        }
        for asked in ["P-077", "利局", "公"] {
            let begin = std::time::Instant::now();
            let search = Search::new(asked, &f.pack.units);
            let query = ListQuery {
                search: search.as_ref(),
                ..ListQuery::default()
            };
            let mut reader = f.store.reader().await.unwrap();
            let page = reader.list(f.project(), &query).await.unwrap();
            println!("{asked}: {} in {:?}", page.total, begin.elapsed());
        }
    }
}
