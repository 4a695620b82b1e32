//! Lists, pages, as-of, streams.

use futures::TryStreamExt;
use qipan_model::{Confirmation, Expr, Type, Value};
use qipan_store::{Error, ListQuery, Order};

use crate::both;
use crate::fixture::{Fixture, project};

both!(
    pages_follow_each_other_whatever_the_order,
    lists_are_filtered_and_counted,
    past_states_are_read_as_they_were,
    streams_give_everything_in_order,
    a_reader_sees_one_state,
    every_type_comes_back,
);

async fn codes(f: &Fixture, query: &ListQuery<'_>) -> (Vec<String>, i64) {
    let page = f
        .store
        .reader()
        .await
        .unwrap()
        .list(f.project(), query)
        .await
        .unwrap();
    (
        page.records.into_iter().map(|record| record.key).collect(),
        page.total,
    )
}

async fn pages_follow_each_other_whatever_the_order(f: Fixture) {
    let funds = ["3", "", "1", "1", "2", "", "30", "-1"];
    let rows = funds.iter().enumerate().map(|(nth, fund)| {
        let mut row = project(&format!("P-{nth}"));
        row.fund = fund;
        row.issued = if nth % 3 == 0 { "" } else { "2021-02-03" };
        row.jobs = (nth % 2 == 0).then_some(nth as i64);
        row.row()
    });
    f.write(rows.collect()).await;
    let register = f.project();
    for field in [None, Some(0), Some(4), Some(7), Some(8), Some(10)] {
        for descending in [false, true] {
            let order = Order { field, descending };
            let whole = ListQuery {
                order,
                ..ListQuery::default()
            };
            let (expect, total) = codes(&f, &whole).await;
            assert_eq!((expect.len(), total), (8, 8));
            let mut reader = f.store.reader().await.unwrap();
            let (mut got, mut after) = (Vec::new(), None::<String>);
            loop {
                let query = ListQuery {
                    order,
                    limit: 3,
                    after: after.as_deref(),
                    ..ListQuery::default()
                };
                let page = reader.list(register, &query).await.unwrap();
                got.extend(page.records.into_iter().map(|record| record.key));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(got, expect, "{order:?}");
        }
    }
    let order = Order {
        field: Some(7),
        descending: false,
    };
    let (by_fund, _) = codes(
        &f,
        &ListQuery {
            order,
            ..ListQuery::default()
        },
    )
    .await;
    assert_eq!(
        by_fund,
        ["P-1", "P-5", "P-7", "P-2", "P-3", "P-4", "P-0", "P-6"]
    );
    let bad = ListQuery {
        after: Some("00"),
        ..ListQuery::default()
    };
    let error = f
        .store
        .reader()
        .await
        .unwrap()
        .list(register, &bad)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Cursor(_)), "{error}");
}

async fn lists_are_filtered_and_counted(f: Fixture) {
    let mut other = project("P-2");
    (other.supporter, other.recipient, other.fund) = ("s2", "r2", "5");
    let mut open = project("P-3");
    open.state = Confirmation::Pending;
    f.write(vec![project("P-1").row(), other.row(), open.row()])
        .await;
    let all = ListQuery::default();
    assert_eq!(
        codes(&f, &all).await,
        (vec!["P-3".into(), "P-2".into(), "P-1".into()], 3)
    );
    let counted = ListQuery {
        counted_only: true,
        ..ListQuery::default()
    };
    assert_eq!(
        codes(&f, &counted).await,
        (vec!["P-2".into(), "P-1".into()], 2)
    );
    let of_s1 = ListQuery {
        supporter: Some("s1"),
        ..ListQuery::default()
    };
    assert_eq!(
        codes(&f, &of_s1).await,
        (vec!["P-3".into(), "P-1".into()], 2)
    );
    let of_r2 = ListQuery {
        recipient: Some("r2"),
        ..ListQuery::default()
    };
    assert_eq!(codes(&f, &of_r2).await, (vec!["P-2".into()], 1));
    let filter = Expr::compile(
        "fund > 50 && issued >= date('2021-03-05') && issued <= today",
        f.project(),
        Some(Type::Bool),
    )
    .unwrap();
    let today = Some(jiff::civil::date(2021, 3, 5));
    let rich = ListQuery {
        filter: Some(&filter),
        today,
        ..ListQuery::default()
    };
    assert_eq!(
        codes(&f, &rich).await,
        (vec!["P-3".into(), "P-1".into()], 2)
    );
}

async fn past_states_are_read_as_they_were(f: Fixture) {
    let (_, first) = f
        .write(vec![project("P-1").row(), project("P-2").row()])
        .await;
    let mut changed = project("P-1");
    changed.fund = "1";
    let (_, second) = f.write(vec![changed.row()]).await;
    let third = f.retract("P-2").await;
    for (as_of, expect) in [
        (Some(first.first - 1), vec![]),
        (Some(first.last), vec![("P-1", "100.50"), ("P-2", "100.50")]),
        (Some(second.last), vec![("P-1", "1.00"), ("P-2", "100.50")]),
        (Some(third.last), vec![("P-1", "1.00")]),
        (None, vec![("P-1", "1.00")]),
    ] {
        let mut reader = f.store.reader().await.unwrap();
        let order = Order {
            field: Some(0),
            descending: false,
        };
        let query = ListQuery {
            as_of,
            order,
            ..ListQuery::default()
        };
        let page = reader.list(f.project(), &query).await.unwrap();
        let got: Vec<(&str, String)> = page
            .records
            .iter()
            .map(|record| {
                (
                    record.key.as_str(),
                    record.values[7].as_decimal().unwrap().to_string(),
                )
            })
            .collect();
        let got: Vec<(&str, &str)> = got
            .iter()
            .map(|(key, fund)| (*key, fund.as_str()))
            .collect();
        assert_eq!(got, expect, "as of {as_of:?}");
        assert_eq!(usize::try_from(page.total).unwrap(), expect.len());
    }
}

async fn streams_give_everything_in_order(f: Fixture) {
    let rows = (0..1500)
        .map(|nth| project(&format!("P-{nth}")).row())
        .collect();
    let (_, receipt) = f.write(rows).await;
    f.retract("P-7").await;
    let filter = Expr::compile("code != 'P-8'", f.project(), Some(Type::Bool)).unwrap();
    let mut reader = f.store.reader().await.unwrap();
    let filtered = ListQuery {
        filter: Some(&filter),
        ..ListQuery::default()
    };
    let now: Vec<i64> = reader
        .rows(f.project(), &filtered)
        .await
        .unwrap()
        .map_ok(|record| record.record)
        .try_collect()
        .await
        .unwrap();
    let expect: Vec<i64> = (1..=1500)
        .filter(|record| ![8, 9].contains(record))
        .collect();
    assert_eq!(now, expect);
    let past = ListQuery {
        as_of: Some(receipt.last),
        ..ListQuery::default()
    };
    let then: Vec<_> = reader
        .rows(f.project(), &past)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(then.len(), 1500);
}

async fn a_reader_sees_one_state(f: Fixture) {
    f.write(vec![project("P-1").row()]).await;
    let mut reader = f.store.reader().await.unwrap();
    let head = reader.head().clone();
    f.write(vec![project("P-2").row()]).await;
    assert_eq!(*reader.head(), head);
    let page = reader
        .list(f.project(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!((page.records.len(), page.total), (1, 1));
    // And a writer at work hides nothing from readers and blocks none.
    let mut writer = f
        .store
        .begin(crate::fixture::change("import"))
        .await
        .unwrap();
    writer
        .upsert(f.project(), vec![project("P-3").row()])
        .await
        .unwrap();
    let mut reader = f.store.reader().await.unwrap();
    let page = reader
        .list(f.project(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!((page.records.len(), page.total), (2, 2));
    writer.commit().await.unwrap();
}

async fn every_type_comes_back(f: Fixture) {
    let mut row = project("引号'\"| 与　换行\n").row();
    row.values[4] = Value::Date(jiff::civil::date(1999, 12, 31));
    row.values[7] = Value::Decimal("-9999999999999.99".parse().unwrap());
    row.values[8] = Value::Int(-999_999_999_999_999);
    row.values[9] = Value::Decimal("0.0001".parse().unwrap());
    row.values[10] = Value::Bool(false);
    let expect = row.values.clone();
    f.write(vec![row.clone()]).await;
    let mut reader = f.store.reader().await.unwrap();
    let page = reader
        .list(f.project(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(page.records[0].values, expect);
    drop(reader);
    let (outcomes, _) = f.write(vec![row]).await;
    assert_eq!(outcomes, [qipan_store::Outcome::Unchanged { record: 1 }]);
    assert!(f.store.verify().await.unwrap().ok);
}
