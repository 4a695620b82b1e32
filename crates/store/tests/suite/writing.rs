//! Records are revised, never overwritten; a change lands whole or not at all.

use qipan_model::{Confirmation, Period};
use qipan_store::{Error, ListQuery, Outcome, ReturnKind};

use crate::both;
use crate::fixture::{Fixture, change, project};

both!(
    rows_become_records_revisions_or_nothing,
    duplicates_within_a_change_are_named,
    a_dropped_change_leaves_nothing,
    retraction_keeps_history_and_the_key_may_come_back,
    states_are_revisions_too,
    entries_hold_a_thousand_rows,
    the_database_itself_refuses_change,
    moments_grow_whatever_the_clock_does,
    values_that_do_not_fit_are_refused,
    returns_replace_each_other,
    one_change_may_touch_several_registers,
    a_refused_row_leaves_the_change_whole,
    a_second_writer_waits_and_is_told,
);

async fn rows_become_records_revisions_or_nothing(f: Fixture) {
    let (outcomes, first) = f
        .write(vec![project("P-1").row(), project("P-2").row()])
        .await;
    assert_eq!(
        outcomes,
        [
            Outcome::Inserted { record: 1 },
            Outcome::Inserted { record: 2 }
        ]
    );
    let (outcomes, again) = f
        .write(vec![project("P-1").row(), project("P-2").row()])
        .await;
    assert_eq!(
        outcomes,
        [
            Outcome::Unchanged { record: 1 },
            Outcome::Unchanged { record: 2 }
        ]
    );
    assert!(again.is_empty());
    assert_eq!(again.last, first.last);
    let mut changed = project("P-2");
    changed.fund = "7";
    let (outcomes, third) = f.write(vec![project("P-1").row(), changed.row()]).await;
    assert_eq!(
        outcomes,
        [
            Outcome::Unchanged { record: 1 },
            Outcome::Updated { record: 2, rev: 2 }
        ]
    );
    let history = f
        .store
        .reader()
        .await
        .unwrap()
        .record_history(f.project(), 2)
        .await
        .unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].to_seq, Some(third.last));
    assert_eq!(
        (history[1].rev, history[1].from_seq, history[1].to_seq),
        (2, third.last, None)
    );
    assert_eq!(
        history[1].values[7].as_decimal(),
        Some("7".parse().unwrap())
    );
}

async fn duplicates_within_a_change_are_named(f: Fixture) {
    f.write(vec![project("P-0").row()]).await;
    let mut writer = f.store.begin(change("import")).await.unwrap();
    let mut twin = project("P-1");
    twin.place = "项目台账!A9".to_owned();
    let outcomes = writer
        .upsert(f.project(), vec![project("P-1").row(), twin.clone().row()])
        .await
        .unwrap();
    let named = Outcome::Duplicate {
        place: "项目台账!P-1".to_owned(),
    };
    assert_eq!(outcomes, [Outcome::Inserted { record: 2 }, named.clone()]);
    let later = writer
        .upsert(f.project(), vec![twin.row(), project("P-0").row()])
        .await
        .unwrap();
    assert_eq!(later, [named, Outcome::Unchanged { record: 1 }]);
    // A row found unchanged may not be contradicted by a later row of the same file.
    let mut other = project("P-0");
    other.fund = "1";
    let contradicted = writer.upsert(f.project(), vec![other.row()]).await.unwrap();
    assert_eq!(
        contradicted,
        [Outcome::Duplicate {
            place: "项目台账!P-0".to_owned()
        }]
    );
    writer.commit().await.unwrap();
}

async fn a_dropped_change_leaves_nothing(f: Fixture) {
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap();
    drop(writer);
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-2").row()])
        .await
        .unwrap();
    writer.rollback().await.unwrap();
    let mut reader = f.store.reader().await.unwrap();
    let page = reader
        .list(f.project(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!((page.records.len(), page.total), (0, 0));
    assert_eq!(reader.head().seq, 1, "the pack's own entry");
}

async fn retraction_keeps_history_and_the_key_may_come_back(f: Fixture) {
    f.write(vec![project("P-1").row()]).await;
    f.retract("P-1").await;
    let mut reader = f.store.reader().await.unwrap();
    assert_eq!(
        reader
            .list(f.project(), &ListQuery::default())
            .await
            .unwrap()
            .total,
        0
    );
    let stands = reader.by_key(f.project(), "P-1").await.unwrap().unwrap();
    assert!(stands.retracted);
    drop(reader);
    let mut writer = f.store.begin(change("retract")).await.unwrap();
    let twice = writer.retract(f.project(), "P-1").await.unwrap_err();
    assert!(matches!(twice, Error::NoRecord { .. }), "{twice}");
    drop(writer);
    let (outcomes, _) = f.write(vec![project("P-1").row()]).await;
    assert_eq!(outcomes, [Outcome::Updated { record: 1, rev: 3 }]);
    let mut reader = f.store.reader().await.unwrap();
    let history = reader.record_history(f.project(), 1).await.unwrap();
    let gone: Vec<bool> = history.iter().map(|record| record.retracted).collect();
    assert_eq!(gone, [false, true, false]);
    assert_eq!(
        reader
            .list(f.project(), &ListQuery::default())
            .await
            .unwrap()
            .total,
        1
    );
}

async fn states_are_revisions_too(f: Fixture) {
    let mut pending = project("P-1");
    pending.state = Confirmation::Pending;
    f.write(vec![pending.row()]).await;
    let (outcomes, _) = f.write(vec![project("P-1").row()]).await;
    assert_eq!(outcomes, [Outcome::Updated { record: 1, rev: 2 }]);
}

async fn entries_hold_a_thousand_rows(f: Fixture) {
    let rows = |range: std::ops::Range<usize>| -> Vec<_> {
        range
            .map(|nth| project(&format!("P-{nth}")).row())
            .collect()
    };
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer.upsert(f.project(), rows(0..700)).await.unwrap();
    writer.upsert(f.project(), rows(700..2345)).await.unwrap();
    let receipt = writer.commit().await.unwrap();
    assert_eq!((receipt.first, receipt.last), (2, 4));
    let mut reader = f.store.reader().await.unwrap();
    let entries = reader.journal(2, 4).await.unwrap();
    let counted: Vec<i64> = entries.iter().map(|entry| entry.rows).collect();
    assert_eq!(counted, [1000, 1000, 345]);
    assert!(entries.iter().all(|entry| entry.at == receipt.at));
    assert_eq!(entries[1].prev, entries[0].hash);
    assert_eq!(entries[0].payload["rids"], serde_json::json!([1, 1000]));
    drop(reader);
    assert!(f.store.verify().await.unwrap().ok);
}

async fn the_database_itself_refuses_change(f: Fixture) {
    f.write(vec![project("P-1").row()]).await;
    f.write(vec![{
        let mut row = project("P-1");
        row.fund = "1";
        row.row()
    }])
    .await;
    for sql in [
        "UPDATE project SET fund = 1",
        "UPDATE project SET _digest = _digest",
        "UPDATE project SET _to = 99 WHERE _rid = 1",
        "UPDATE project SET _to = 9223372036854775807 WHERE _rid = 1",
        "DELETE FROM project",
        "UPDATE journal SET reason = ''",
        "DELETE FROM journal",
        "UPDATE pack_version SET version = ''",
        "DELETE FROM pack_version",
        "UPDATE checkpoint SET at = ''",
        "DELETE FROM checkpoint",
    ] {
        let refused = f.try_sql(sql, false).await.unwrap_err().to_string();
        assert!(
            refused.contains("只增不改") || refused.contains("只能结束一次"),
            "{sql}: {refused}"
        );
    }
}

async fn moments_grow_whatever_the_clock_does(f: Fixture) {
    let (_, first) = f.write(vec![project("P-1").row()]).await;
    // Another process with a clock that goes wrong by starting all over.
    let other = f.reopen().await;
    let mut writer = other.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-2").row()])
        .await
        .unwrap();
    let second = writer.commit().await.unwrap();
    assert!(second.at > first.at);
    let mut reader = f.store.reader().await.unwrap();
    assert_eq!(reader.seq_at(first.at).await.unwrap(), first.last);
    assert_eq!(reader.seq_at(second.at).await.unwrap(), second.last);
    assert_eq!(reader.seq_at(jiff::Timestamp::UNIX_EPOCH).await.unwrap(), 0);
}

async fn values_that_do_not_fit_are_refused(f: Fixture) {
    let mut writer = f.store.begin(change("import")).await.unwrap();
    let mut fine = project("P-1");
    fine.fund = "0.001";
    let error = writer
        .upsert(f.project(), vec![fine.row()])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("帮扶资金"), "{error}");
    let mut unnamed = project("");
    unnamed.place = "项目台账!A7".to_owned();
    let error = writer
        .upsert(f.project(), vec![unnamed.row()])
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("项目台账!A7：缺少编号（项目编号）"),
        "{error}"
    );
}

async fn returns_replace_each_other(f: Fixture) {
    let period: Period = "2021-06".parse().unwrap();
    let mut seen = Vec::new();
    for kind in [ReturnKind::Nil, ReturnKind::Filed] {
        let mut writer = f.store.begin(change("return")).await.unwrap();
        writer
            .file_return(f.project(), period, "r1", kind)
            .await
            .unwrap();
        seen.push(writer.commit().await.unwrap().last);
    }
    let mut reader = f.store.reader().await.unwrap();
    let now = reader.returns("project", period, None).await.unwrap();
    assert_eq!(now.len(), 1);
    assert_eq!(
        (now[0].unit.as_str(), now[0].kind),
        ("r1", ReturnKind::Filed)
    );
    let then = reader
        .returns("project", period, Some(seen[0]))
        .await
        .unwrap();
    assert_eq!(then[0].kind, ReturnKind::Nil);
    let before = reader
        .returns("project", period, Some(seen[0] - 1))
        .await
        .unwrap();
    assert!(before.is_empty());
    drop(reader);
    assert!(f.store.verify().await.unwrap().ok);
}

async fn one_change_may_touch_several_registers(f: Fixture) {
    let visit = f.pack.register("visit").unwrap();
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap();
    let row = qipan_store::NewRow {
        values: vec![
            qipan_model::Value::Text("V-1".into()),
            crate::fixture::date("2021-05-01"),
        ],
        confirmation: Confirmation::Agreed,
        source: "".into(),
        place: "互访台账!A3".to_owned(),
    };
    writer.upsert(visit, vec![row]).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-2").row()])
        .await
        .unwrap();
    let receipt = writer.commit().await.unwrap();
    assert_eq!(receipt.last - receipt.first, 2);
    let mut reader = f.store.reader().await.unwrap();
    let stands = reader.by_key(visit, "V-1|2021-05-01").await.unwrap();
    assert_eq!(stands.unwrap().place, "互访台账!A3");
    drop(reader);
    assert!(f.store.verify().await.unwrap().ok);
}

async fn a_refused_row_leaves_the_change_whole(f: Fixture) {
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap();
    let mut wrong = project("P-3");
    wrong.fund = "0.001";
    writer
        .upsert(f.project(), vec![project("P-2").row(), wrong.row()])
        .await
        .unwrap_err();
    let receipt = writer.commit().await.unwrap();
    assert_eq!(receipt.first, receipt.last);
    let mut reader = f.store.reader().await.unwrap();
    assert_eq!(
        reader
            .list(f.project(), &ListQuery::default())
            .await
            .unwrap()
            .total,
        1
    );
    drop(reader);
    assert!(f.store.verify().await.unwrap().ok);
}

async fn a_second_writer_waits_and_is_told(f: Fixture) {
    let other = f.reopen().await;
    let writer = f.store.begin(change("import")).await.unwrap();
    let refused = match other.begin(change("import")).await {
        Err(error) => error,
        Ok(_) => panic!("two writers at once"),
    };
    assert!(matches!(refused, Error::Locked(_)), "{refused:?}");
    assert!(
        refused.to_string().contains("正被另一个 qipan 进程写入"),
        "{refused}"
    );
    writer.rollback().await.unwrap();
    // Once the first is done, the second gets its turn.
    other
        .begin(change("import"))
        .await
        .unwrap()
        .rollback()
        .await
        .unwrap();
}

/// The indexes of the projects' table, by name.
async fn indexes(f: &Fixture) -> Vec<String> {
    let path = f.dir.path().join("qipan.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    let sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'project'
               AND sql IS NOT NULL ORDER BY name";
    let names = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    pool.close().await;
    names
}

#[tokio::test]
async fn a_large_first_import_leaves_every_index_as_it_was() {
    let f = Fixture::sqlite().await;
    let before = indexes(&f).await;
    assert_eq!(before.len(), 5, "{before:?}");
    let rows = |range: std::ops::Range<u32>| -> Vec<_> {
        range
            .map(|nth| project(&format!("P-{nth}")).row())
            .collect()
    };
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer.upsert(f.project(), rows(0..10_500)).await.unwrap();
    writer.rollback().await.unwrap();
    assert_eq!(indexes(&f).await, before);

    f.write(rows(0..10_500)).await;
    assert_eq!(indexes(&f).await, before);
    let (outcomes, _) = f.write(rows(10_499..10_501)).await;
    assert!(matches!(
        outcomes[..],
        [Outcome::Unchanged { .. }, Outcome::Inserted { .. }]
    ));
    let report = f.store.verify().await.unwrap();
    assert!(report.ok, "{:?}", report.broken);
}
