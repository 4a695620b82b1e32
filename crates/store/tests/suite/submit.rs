//! Single changes of many callers share a transaction, and remain changes of their own.

use std::sync::Arc;

use qipan_model::{Confirmation, Value};
use qipan_store::{
    Answer, Edit, Error, ListQuery, NewEvidence, NewRow, Once, Outcome, Refusal, Submission,
    Submitted, Work,
};

use crate::both;
use crate::fixture::{Fixture, Project, change, project};
use crate::rollups::rollups;

both!(
    many_callers_write_at_once_and_everything_fits,
    each_change_has_its_own_entry_and_moment,
    refused_changes_leave_nothing_and_hurt_nobody,
    a_change_of_several_records_is_whole_or_not_at_all,
    a_key_may_be_corrected_but_not_taken,
    what_was_withdrawn_may_be_restored,
    the_same_request_is_carried_out_once,
    evidence_is_bound_and_taken_off_in_the_journal,
    imports_and_single_changes_take_turns,
);

fn row(code: &str) -> NewRow {
    entered(project(code))
}

fn entered(project: Project) -> NewRow {
    NewRow {
        place: String::new(),
        ..project.row()
    }
}

fn funded(code: &str, fund: &'static str) -> NewRow {
    let mut changed = project(code);
    changed.fund = fund;
    entered(changed)
}

impl Fixture {
    fn submission(&self, who: &str, work: Work) -> Submission {
        let mut change = change("edit");
        who.clone_into(&mut change.actor);
        change.reason = format!("{who}的理由");
        change.origin = "10.0.0.7".to_owned();
        Submission {
            change,
            pack: Arc::new(self.pack.clone()),
            register: "project".to_owned(),
            work,
            once: None,
        }
    }

    async fn edit(&self, edits: Vec<Edit>) -> Answer {
        self.try_edit(edits).await.unwrap()
    }

    async fn try_edit(&self, edits: Vec<Edit>) -> Result<Answer, Error> {
        let submission = self.submission("测试员", Work::Records(edits));
        self.store.submit(submission).await
    }

    async fn verified(&self) {
        let report = self.store.verify().await.unwrap();
        assert!(report.ok, "{:#?}", report.broken);
    }
}

fn create(code: &str) -> Edit {
    Edit::Create { row: row(code) }
}

/// Thirty callers, each with a chain of changes of its own record, some of them refused.
async fn many_callers_write_at_once_and_everything_fits(f: Fixture) {
    const CALLERS: usize = 30;
    const ROUNDS: i64 = 6;
    let caller = async |nth: usize| {
        let code = format!("P-{nth}");
        let made = f.edit(vec![create(&code)]).await.unwrap();
        let [Outcome::Inserted { record }] = made.outcomes[..] else {
            panic!("{made:?}");
        };
        for rev in 1..=ROUNDS {
            let fund = ["1", "2.5", "", "99", "7", "8"][usize::try_from(rev).unwrap() - 1];
            let revise = |rev| Edit::Revise {
                record,
                rev,
                row: funded(&code, fund),
            };
            let done = f.edit(vec![revise(rev)]).await.unwrap();
            let next = rev + 1;
            assert_eq!(done.outcomes, [Outcome::Updated { record, rev: next }]);
            // The same again was made on a revision that is no longer the newest.
            let late = f.edit(vec![revise(rev)]).await.unwrap_err();
            assert_eq!(late, Refusal::Stale(vec![(record, next)]));
        }
        record
    };
    let mut records = futures::future::join_all((0..CALLERS).map(caller)).await;
    records.sort_unstable();
    records.dedup();
    assert_eq!(records.len(), CALLERS);
    let mut reader = f.store.reader().await.unwrap();
    let page = reader
        .list(f.project(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!((page.total, page.records.len()), (30, 30));
    assert!(page.records.iter().all(|record| record.rev == ROUNDS + 1));
    let head = reader.head().clone();
    let changes = CALLERS as i64 * (ROUNDS + 1);
    assert_eq!(
        head.seq,
        1 + changes,
        "one entry a change, the pack's before"
    );
    let entries = reader.journal(2, 1 + changes).await.unwrap();
    assert!(
        entries.windows(2).all(|pair| pair[0].at < pair[1].at),
        "each change has a moment of its own"
    );
    drop(reader);
    f.verified().await;
    let kept = rollups(&f.store).await;
    f.store.rebuild_rollups().await.unwrap();
    assert_eq!(kept, rollups(&f.store).await);
}

async fn each_change_has_its_own_entry_and_moment(f: Fixture) {
    let submit = |who: &str, code: &str| {
        let work = Work::Records(vec![create(code)]);
        f.store.submit(f.submission(who, work))
    };
    let (first, second) = tokio::join!(submit("甲", "P-1"), submit("乙", "P-2"));
    let (first, second) = (first.unwrap().unwrap(), second.unwrap().unwrap());
    assert_eq!((first.entry, second.entry), (Some(2), Some(3)));
    let mut reader = f.store.reader().await.unwrap();
    let entries = reader.journal(2, 3).await.unwrap();
    for (entry, (who, rid)) in entries.iter().zip([("甲", 1), ("乙", 2)]) {
        assert_eq!(entry.actor, who);
        assert_eq!(entry.reason, format!("{who}的理由"));
        assert_eq!((entry.action.as_str(), entry.rows), ("edit", 1));
        assert_eq!(entry.payload["rids"], serde_json::json!([rid, rid]));
        assert_eq!(entry.payload["origin"], "10.0.0.7");
    }
    // Between the two moments only the first is there.
    let seq = reader.seq_at(entries[0].at).await.unwrap();
    let query = ListQuery {
        as_of: Some(seq),
        ..ListQuery::default()
    };
    let then = reader.list(f.project(), &query).await.unwrap();
    assert_eq!(then.records.len(), 1);
}

async fn refused_changes_leave_nothing_and_hurt_nobody(f: Fixture) {
    f.edit(vec![create("P-1")]).await.unwrap();
    let mut too_large = row("P-9");
    too_large.values[7] = Value::Decimal("99999999999999999".parse().unwrap());
    let mut no_key = row("P-9");
    no_key.values[0] = Value::Null;
    let outcomes = futures::future::join_all(vec![
        f.try_edit(vec![create("P-2")]),
        f.try_edit(vec![create("P-1")]),
        f.try_edit(vec![Edit::Create { row: too_large }]),
        f.try_edit(vec![Edit::Create { row: no_key }]),
        f.try_edit(vec![Edit::Retract { record: 77, rev: 1 }]),
        f.try_edit(vec![create("P-3")]),
        f.try_edit(vec![Edit::Retract { record: 1, rev: 4 }]),
        f.try_edit(vec![create("P-4")]),
    ])
    .await;
    let stands = Refusal::KeyStands {
        record: 1,
        rev: 1,
        gone: false,
    };
    assert_eq!(*outcomes[1].as_ref().unwrap(), Err(stands));
    assert!(matches!(outcomes[2], Err(Error::Value { .. })));
    assert!(matches!(outcomes[3], Err(Error::NoKey { .. })));
    assert_eq!(*outcomes[4].as_ref().unwrap(), Err(Refusal::NoRecord(77)));
    let stale = Refusal::Stale(vec![(1, 1)]);
    assert_eq!(*outcomes[6].as_ref().unwrap(), Err(stale));
    for (nth, record) in [(0, 2), (5, 3), (7, 4)] {
        let done = outcomes[nth].as_ref().unwrap().as_ref().unwrap();
        assert_eq!(done.outcomes, [Outcome::Inserted { record }], "{nth}");
    }
    let reader = f.store.reader().await.unwrap();
    assert_eq!(reader.head().seq, 5);
    drop(reader);
    f.verified().await;
}

async fn a_change_of_several_records_is_whole_or_not_at_all(f: Fixture) {
    f.edit(vec![create("P-1"), create("P-2"), create("P-3")])
        .await
        .unwrap();
    let revise = |record: i64, rev, fund| Edit::Revise {
        record,
        rev,
        row: funded(&format!("P-{record}"), fund),
    };
    let refused = f
        .edit(vec![
            revise(1, 1, "5"),
            revise(2, 2, "5"),
            revise(3, 7, "5"),
        ])
        .await
        .unwrap_err();
    assert_eq!(
        refused,
        Refusal::Stale(vec![(2, 1), (3, 1)]),
        "all are named"
    );
    let done = f
        .edit(vec![
            revise(1, 1, "5"),
            revise(2, 1, "100.50"),
            revise(3, 1, "5"),
        ])
        .await
        .unwrap();
    assert_eq!(
        done.outcomes,
        [
            Outcome::Updated { record: 1, rev: 2 },
            Outcome::Unchanged { record: 2 },
            Outcome::Updated { record: 3, rev: 2 },
        ]
    );
    let mut reader = f.store.reader().await.unwrap();
    let entries = reader.journal(1, 9).await.unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!((entries[1].rows, entries[2].rows), (3, 2));
    drop(reader);
    let twice = f.try_edit(vec![revise(1, 2, "6"), revise(1, 2, "7")]).await;
    assert!(matches!(twice, Err(Error::Limit(_))), "{twice:?}");
    let same_key = f.edit(vec![create("P-4"), create("P-4")]).await;
    assert_eq!(same_key, Err(Refusal::KeyTwice("P-4".to_owned())));
    f.verified().await;
}

async fn a_key_may_be_corrected_but_not_taken(f: Fixture) {
    f.edit(vec![create("P-1"), create("P-2")]).await.unwrap();
    let to = |record, rev, code: &str| Edit::Revise {
        record,
        rev,
        row: row(code),
    };
    let taken = f.edit(vec![to(1, 1, "P-2")]).await.unwrap_err();
    assert!(
        matches!(taken, Refusal::KeyStands { record: 2, .. }),
        "{taken:?}"
    );
    f.edit(vec![to(1, 1, "P-9")]).await.unwrap();
    f.edit(vec![create("P-1")]).await.unwrap();
    // Two records may change their keys with each other in one change.
    f.edit(vec![to(1, 2, "P-2"), to(2, 1, "P-9")])
        .await
        .unwrap();
    let mut reader = f.store.reader().await.unwrap();
    let found = reader.by_key(f.project(), "P-9").await.unwrap().unwrap();
    assert_eq!((found.record, found.rev), (2, 2));
    drop(reader);
    f.verified().await;
}

async fn what_was_withdrawn_may_be_restored(f: Fixture) {
    f.edit(vec![create("P-1")]).await.unwrap();
    let gone = f.edit(vec![Edit::Retract { record: 1, rev: 1 }]).await;
    let retracted = Outcome::Retracted { record: 1, rev: 2 };
    assert_eq!(gone.unwrap().outcomes, [retracted]);
    let twice = f.edit(vec![Edit::Retract { record: 1, rev: 2 }]).await;
    assert_eq!(twice, Err(Refusal::Withdrawn(1)));
    let again = f.edit(vec![create("P-1")]).await.unwrap_err();
    let stands = Refusal::KeyStands {
        record: 1,
        rev: 2,
        gone: true,
    };
    assert_eq!(again, stands);
    let query = ListQuery {
        withdrawn: true,
        ..ListQuery::default()
    };
    let mut reader = f.store.reader().await.unwrap();
    let bin = reader.list(f.project(), &query).await.unwrap();
    assert_eq!((bin.total, bin.records[0].rev), (1, 2));
    drop(reader);
    let back = f
        .edit(vec![Edit::Revise {
            record: 1,
            rev: 2,
            row: row("P-1"),
        }])
        .await
        .unwrap();
    assert_eq!(back.outcomes, [Outcome::Updated { record: 1, rev: 3 }]);
    f.verified().await;
}

async fn the_same_request_is_carried_out_once(f: Fixture) {
    let once = |id: &str, body: &str, code: &str| Submission {
        once: Some(Once {
            id: id.to_owned(),
            body: body.to_owned(),
        }),
        ..f.submission("测试员", Work::Records(vec![create(code)]))
    };
    // At the same time, and again later.
    let (a, b) = tokio::join!(
        f.store.submit(once("k1", "b1", "P-1")),
        f.store.submit(once("k1", "b1", "P-1"))
    );
    let (a, b) = (a.unwrap().unwrap(), b.unwrap().unwrap());
    assert_eq!(a.outcomes, [Outcome::Inserted { record: 1 }]);
    assert_eq!((a.repeated, b.repeated), (false, true));
    let reopened = f.reopen().await;
    let later = reopened.submit(once("k1", "b1", "P-1")).await.unwrap();
    let expect = Submitted {
        repeated: true,
        ..a
    };
    assert_eq!(later, Ok(expect));
    let other = f.store.submit(once("k1", "b2", "P-2")).await.unwrap();
    assert_eq!(other, Err(Refusal::OtherRequest));
    // A refused request is not remembered: what stood in its way may be gone.
    let refused = f.store.submit(once("k2", "b1", "P-1")).await.unwrap();
    assert!(matches!(refused, Err(Refusal::KeyStands { .. })));
    let taken = f.store.submit(once("k2", "b9", "P-5")).await.unwrap();
    assert!(taken.is_ok());
    let reader = f.store.reader().await.unwrap();
    assert_eq!(reader.head().seq, 3);
}

async fn evidence_is_bound_and_taken_off_in_the_journal(f: Fixture) {
    f.edit(vec![create("P-1")]).await.unwrap();
    let digest = f.store.files().put("佐证".as_bytes()).unwrap();
    let file = NewEvidence {
        digest: digest.clone(),
        name: "验收单.pdf".to_owned(),
        kind: "application/pdf".to_owned(),
        size: 6,
    };
    let attach = |record| Work::Attach {
        record,
        file: file.clone(),
    };
    let detach = Work::Detach {
        record: 1,
        digest: digest.clone(),
    };
    let submit = |work| f.store.submit(f.submission("测试员", work));
    assert_eq!(submit(attach(9)).await.unwrap(), Err(Refusal::NoRecord(9)));
    assert_eq!(
        submit(detach.clone()).await.unwrap(),
        Err(Refusal::NotAttached)
    );
    submit(attach(1)).await.unwrap().unwrap();
    assert_eq!(submit(attach(1)).await.unwrap(), Err(Refusal::Attached));
    let found = f
        .store
        .reader()
        .await
        .unwrap()
        .evidence(f.project(), 1)
        .await;
    let found = found.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].file, file);
    assert_eq!((found[0].entry, found[0].ended), (3, None));
    submit(detach).await.unwrap().unwrap();
    submit(attach(1)).await.unwrap().unwrap();
    let mut reader = f.store.reader().await.unwrap();
    let found = reader.evidence_of(&digest).await.unwrap();
    let ends: Vec<_> = found.iter().map(|one| (one.entry, one.ended)).collect();
    assert_eq!(ends, [(3, Some(4)), (5, None)]);
    drop(reader);
    f.verified().await;
    for sql in ["DELETE FROM evidence", "UPDATE evidence SET name = 'x'"] {
        let refused = f.try_sql(sql, false).await.unwrap_err().to_string();
        assert!(refused.contains("只增不改"), "{refused}");
    }
    f.intrude("UPDATE evidence SET name = '别的.pdf' WHERE _rid = 2")
        .await;
    let report = f.store.verify().await.unwrap();
    assert_eq!(report.broken[0].seq, 4, "{:?}", report.broken);
    std::fs::write(f.store.files().path(&digest).unwrap(), "改").unwrap();
    let report = f.store.verify().await.unwrap();
    let file = report.broken.iter().find(|one| one.seq == 3);
    assert!(file.unwrap().what.contains("验收单.pdf"));
}

async fn imports_and_single_changes_take_turns(f: Fixture) {
    let import = async {
        for nth in 0..5 {
            let rows = (0..50).map(|row| project(&format!("I-{nth}-{row}")).row());
            f.write(rows.collect()).await;
        }
    };
    let single = async {
        for nth in 0..20 {
            let mut row = row(&format!("S-{nth}"));
            row.confirmation = Confirmation::Pending;
            f.edit(vec![Edit::Create { row }]).await.unwrap();
        }
    };
    tokio::join!(import, single);
    let mut reader = f.store.reader().await.unwrap();
    let query = ListQuery::default();
    assert_eq!(reader.list(f.project(), &query).await.unwrap().total, 270);
    drop(reader);
    f.verified().await;
}

/// How many single changes a second are acknowledged, each durable. Run by hand:
/// `cargo test --release -p qipan-store --test suite -- --ignored --nocapture speed`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed_of_single_changes() {
    let f = Fixture::sqlite().await;
    let f = &f;
    for callers in [1, 32, 256] {
        let begin = std::time::Instant::now();
        let deadline = std::time::Duration::from_secs(4);
        let caller = async |nth: usize| {
            let mut done = 0;
            while begin.elapsed() < deadline {
                let code = format!("{callers}-{nth}-{done}");
                f.edit(vec![create(&code)]).await.unwrap();
                done += 1;
            }
            done
        };
        let done = futures::future::join_all((0..callers).map(caller)).await;
        let done: usize = done.into_iter().sum();
        let rate = done as f64 / begin.elapsed().as_secs_f64();
        println!("{callers} callers: {rate:.0} changes a second");
    }
}
