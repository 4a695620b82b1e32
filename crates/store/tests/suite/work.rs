//! Jobs outlive whoever does them; workbooks go from step to step, each once.

use jiff::SignedDuration;
use qipan_store::{
    ImportState, ImportStep, JobState, MOST_ATTEMPTS, NewImport, NewJob, Progress, Settlement,
    Store,
};
use serde_json::{Value, json};

use crate::both;
use crate::fixture::{Fixture, change, project};

both!(
    a_job_is_taken_once_and_its_end_stands,
    a_job_that_waits_is_cancelled_at_once_and_one_that_runs_is_told,
    jobs_of_a_dead_runner_go_back_a_few_times,
    a_job_handed_back_is_no_attempt,
    old_jobs_are_forgotten_and_their_numbers_not_given_again,
    a_workbook_goes_from_step_to_step,
    of_two_commits_one_wins,
    rows_and_workbook_are_settled_together,
    a_workbook_whose_job_is_gone_is_put_right,
    working_files_go_when_nobody_needs_them,
);

fn job(kind: &str) -> NewJob {
    NewJob {
        kind: kind.to_owned(),
        account: 7,
        login: "zhang".to_owned(),
        origin: "10.0.0.1".to_owned(),
        payload: json!({}),
    }
}

fn progress(done: i64) -> Progress {
    Progress {
        done,
        total: 10,
        message: "进行中".to_owned(),
        message_en: "going on".to_owned(),
    }
}

async fn state(store: &Store, id: i64) -> JobState {
    store.job(id).await.unwrap().unwrap().state
}

async fn a_job_is_taken_once_and_its_end_stands(f: Fixture) {
    let store = &f.store;
    assert_eq!(store.take_job("r").await.unwrap(), None);
    let first = store.add_job(&job("a")).await.unwrap();
    let second = store.add_job(&job("b")).await.unwrap();
    assert_eq!((first, second), (1, 2));
    let taken = store.take_job("r").await.unwrap().unwrap();
    assert_eq!(
        (taken.id, taken.state, taken.attempts),
        (1, JobState::Running, 1)
    );
    assert_eq!((taken.login.as_str(), taken.account), ("zhang", 7));
    assert_eq!(store.take_job("r").await.unwrap().unwrap().id, 2);
    assert_eq!(store.take_job("r").await.unwrap(), None);

    assert!(!store.beat_job(1, &progress(3)).await.unwrap());
    let seen = store.job(1).await.unwrap().unwrap();
    assert_eq!((seen.done, seen.total, &*seen.message), (3, 10, "进行中"));
    let result = json!({"rows": 10});
    store
        .end_job(1, JobState::Done, &progress(10), &result)
        .await
        .unwrap();
    // A second end changes nothing.
    store
        .end_job(1, JobState::Failed, &progress(0), &Value::Null)
        .await
        .unwrap();
    let over = store.job(1).await.unwrap().unwrap();
    assert_eq!((over.state, &over.result), (JobState::Done, &result));
    assert!(over.finished.unwrap() > over.started.unwrap());

    let all = store.jobs(None, 10).await.unwrap();
    assert_eq!(all.iter().map(|job| job.id).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(store.jobs(Some(7), 1).await.unwrap().len(), 1);
    assert!(store.jobs(Some(8), 10).await.unwrap().is_empty());
}

async fn a_job_that_waits_is_cancelled_at_once_and_one_that_runs_is_told(f: Fixture) {
    let store = &f.store;
    let (runs, waits) = (
        store.add_job(&job("a")).await.unwrap(),
        store.add_job(&job("b")).await.unwrap(),
    );
    store.take_job("r").await.unwrap();
    store.cancel_job(waits).await.unwrap();
    store.cancel_job(runs).await.unwrap();
    assert_eq!(state(store, waits).await, JobState::Cancelled);
    assert_eq!(state(store, runs).await, JobState::Running);
    assert!(store.beat_job(runs, &progress(1)).await.unwrap(), "is told");
    assert_eq!(store.take_job("r").await.unwrap(), None);
    assert_eq!(store.cancel_job(99).await.unwrap(), None);
}

async fn jobs_of_a_dead_runner_go_back_a_few_times(f: Fixture) {
    let store = &f.store;
    let id = store.add_job(&job("a")).await.unwrap();
    for attempt in 1..=MOST_ATTEMPTS {
        let taken = store.take_job("r").await.unwrap().unwrap();
        assert_eq!(taken.attempts, attempt);
        // A runner that has just spoken is not dead.
        let long_ago = taken.started.unwrap() - SignedDuration::from_secs(3_600);
        assert_eq!(store.recover_jobs(Some(long_ago)).await.unwrap(), 0);
        assert_eq!(state(store, id).await, JobState::Running);
        let much_later = taken.started.unwrap() + SignedDuration::from_secs(3_600);
        assert_eq!(store.recover_jobs(Some(much_later)).await.unwrap(), 1);
    }
    let over = store.job(id).await.unwrap().unwrap();
    assert_eq!(over.state, JobState::Failed, "not for ever");
    assert!(over.message.contains("重新提交"), "{}", over.message);
    // One that had been called off is not begun again.
    let id = store.add_job(&job("b")).await.unwrap();
    store.take_job("r").await.unwrap();
    store.cancel_job(id).await.unwrap();
    assert_eq!(store.recover_jobs(None).await.unwrap(), 1);
    assert_eq!(state(store, id).await, JobState::Cancelled);
}

async fn a_job_handed_back_is_no_attempt(f: Fixture) {
    let store = &f.store;
    let id = store.add_job(&job("a")).await.unwrap();
    for _ in 0..MOST_ATTEMPTS + 2 {
        assert_eq!(store.take_job("r").await.unwrap().unwrap().attempts, 1);
        store.hand_back_job(id).await.unwrap();
        assert_eq!(state(store, id).await, JobState::Queued);
    }
}

async fn old_jobs_are_forgotten_and_their_numbers_not_given_again(f: Fixture) {
    let store = &f.store;
    for _ in 0..3 {
        let id = store.add_job(&job("a")).await.unwrap();
        store.take_job("r").await.unwrap();
        store
            .end_job(id, JobState::Done, &progress(1), &Value::Null)
            .await
            .unwrap();
    }
    let last = store.job(3).await.unwrap().unwrap();
    let later = last.finished.unwrap() + SignedDuration::from_secs(1);
    assert_eq!(store.forget_jobs(later).await.unwrap(), 2);
    assert_eq!(store.jobs(None, 10).await.unwrap().len(), 1);
    assert_eq!(store.add_job(&job("a")).await.unwrap(), 4);
}

fn workbook() -> NewImport {
    NewImport {
        name: "项目台账.xlsx".to_owned(),
        size: 1_234,
        digest: "ab".repeat(32),
        options: json!({"register": null}),
    }
}

/// A workbook that has been read.
async fn ready(store: &Store) -> i64 {
    let mut told = None;
    let (id, number) = store
        .add_import(&workbook(), &job("read"), |id| {
            told = Some(id);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(told, Some(id));
    let taken = store.take_job("r").await.unwrap().unwrap();
    assert_eq!((taken.id, &taken.payload), (number, &json!({"import": id})));
    let found = Some((json!({"errors": 0}), json!({"problems": []})));
    let step = ImportStep {
        found,
        ..ImportStep::default()
    };
    let from = [ImportState::Analysing];
    assert!(
        store
            .step_import(id, &from, ImportState::Ready, &step)
            .await
            .unwrap()
    );
    store
        .end_job(number, JobState::Done, &progress(1), &Value::Null)
        .await
        .unwrap();
    id
}

async fn commit(store: &Store, id: i64) -> Option<i64> {
    let from = [ImportState::Ready];
    store
        .send_import(
            id,
            &from,
            ImportState::Committing,
            &ImportStep::default(),
            &job("commit"),
        )
        .await
        .unwrap()
}

async fn a_workbook_goes_from_step_to_step(f: Fixture) {
    let store = &f.store;
    let id = ready(store).await;
    let file = store.import_file(id).await.unwrap().unwrap();
    assert_eq!((file.state, file.kept), (ImportState::Ready, true));
    assert_eq!(file.summary, json!({"errors": 0}));
    assert_eq!(
        store.import_report(id).await.unwrap(),
        json!({"problems": []})
    );
    assert_eq!(store.open_imports(7).await.unwrap(), 1);
    let step = ImportStep {
        mapping: Some(json!([{"sheet": 0}])),
        options: Some(json!({"period": "2021H1"})),
        found: None,
    };
    let from = [ImportState::Ready];
    let again = store
        .send_import(id, &from, ImportState::Analysing, &step, &job("read"))
        .await
        .unwrap();
    let file = store.import_file(id).await.unwrap().unwrap();
    assert_eq!(Some(file.job), again);
    assert_eq!(file.mapping, json!([{"sheet": 0}]));
    assert_eq!(file.options, json!({"period": "2021H1"}));
    // Given up while it is read: the job that waits goes with it.
    assert!(store.discard_import(id).await.unwrap());
    assert_eq!(state(store, file.job).await, JobState::Cancelled);
    assert!(!store.discard_import(id).await.unwrap());
    assert_eq!(store.open_imports(7).await.unwrap(), 0);

    let other = ready(store).await;
    let mine = store.import_files(Some(7), None, 10).await.unwrap();
    assert_eq!(
        mine.iter().map(|file| file.id).collect::<Vec<_>>(),
        [other, id]
    );
    let older = store.import_files(None, Some(other), 10).await.unwrap();
    assert_eq!(older.len(), 1);
    assert!(
        store
            .import_files(Some(8), None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.imports_of(&"ab".repeat(32)).await.unwrap().len(), 2);
    assert_eq!(store.import_file(99).await.unwrap(), None);
    // A file that cannot be laid in its place is not taken in.
    let refused = store
        .add_import(&workbook(), &job("read"), |_| {
            Err(qipan_store::Error::Limit("满".to_owned()))
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(store.import_files(None, None, 10).await.unwrap().len(), 2);
    assert_eq!(store.take_job("r").await.unwrap(), None);
}

async fn of_two_commits_one_wins(f: Fixture) {
    let id = ready(&f.store).await;
    let (one, two) = tokio::join!(commit(&f.store, id), commit(&f.store, id));
    assert!(one.is_some() ^ two.is_some(), "{one:?} {two:?}");
    // The other has left no job behind.
    assert!(f.store.take_job("r").await.unwrap().is_some());
    assert_eq!(f.store.take_job("r").await.unwrap(), None);
    assert!(
        !f.store.discard_import(id).await.unwrap(),
        "is being written"
    );
}

fn settlement(import: i64) -> Settlement {
    Settlement {
        import,
        summary: json!({"errors": 1}),
        report: json!({"problems": [1]}),
    }
}

async fn rows_and_workbook_are_settled_together(f: Fixture) {
    let store = &f.store;
    let id = ready(store).await;
    commit(store, id).await.unwrap();
    // Undone together …
    let mut writer = store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap();
    writer.settle(settlement(id));
    writer.rollback().await.unwrap();
    let file = store.import_file(id).await.unwrap().unwrap();
    assert_eq!(file.state, ImportState::Committing);
    // … and written together.
    let write = async || {
        let mut writer = store.begin(change("import")).await.unwrap();
        writer
            .upsert(f.project(), vec![project("P-1").row()])
            .await
            .unwrap();
        writer.settle(settlement(id));
        writer.commit().await
    };
    let receipt = write().await.unwrap();
    let file = store.import_file(id).await.unwrap().unwrap();
    assert_eq!(file.state, ImportState::Committed);
    assert_eq!(file.receipt, Some(receipt));
    assert_eq!(file.summary, json!({"errors": 1}));
    // Whoever comes too late writes no rows either, not even the same ones.
    assert_eq!(write().await.unwrap_err().code(), "store.settled");
    let reader = store.reader().await.unwrap();
    assert_eq!(reader.head().seq, receipt.last);

    // A workbook with nothing new is settled too.
    store.take_job("r").await.unwrap();
    let id = ready(store).await;
    commit(store, id).await.unwrap();
    let mut writer = store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap();
    writer.settle(settlement(id));
    assert!(writer.commit().await.unwrap().is_empty());
    let file = store.import_file(id).await.unwrap().unwrap();
    assert_eq!(file.state, ImportState::Committed);
    assert!(store.verify().await.unwrap().ok);
}

async fn a_workbook_whose_job_is_gone_is_put_right(f: Fixture) {
    let store = &f.store;
    let (unread, number) = store
        .add_import(&workbook(), &job("read"), |_| Ok(()))
        .await
        .unwrap();
    store.take_job("r").await.unwrap();
    let id = ready_after(store, unread).await;
    let commit = commit(store, id).await.unwrap();
    store.take_job("r").await.unwrap();
    let state = async |id| store.import_file(id).await.unwrap().unwrap().state;
    store
        .recover_jobs(Some(jiff::Timestamp::UNIX_EPOCH))
        .await
        .unwrap();
    assert_eq!(state(unread).await, ImportState::Analysing, "both run");
    assert_eq!(state(id).await, ImportState::Committing);
    for job in [number, commit] {
        store
            .end_job(job, JobState::Failed, &progress(0), &Value::Null)
            .await
            .unwrap();
    }
    assert_eq!(state(unread).await, ImportState::Failed);
    assert_eq!(state(id).await, ImportState::Ready, "it can be tried again");
}

/// Another workbook that has been read, beside one that is being read.
async fn ready_after(store: &Store, other: i64) -> i64 {
    let id = ready(store).await;
    assert_ne!(id, other);
    id
}

async fn working_files_go_when_nobody_needs_them(f: Fixture) {
    let store = &f.store;
    let given_up = ready(store).await;
    store.discard_import(given_up).await.unwrap();
    let open = ready(store).await;
    let touched = store.import_file(open).await.unwrap().unwrap().touched;
    let before = touched - SignedDuration::from_secs(1);
    let after = touched + SignedDuration::from_secs(1);
    assert_eq!(
        store.idle_imports(before, before).await.unwrap(),
        [given_up]
    );
    assert_eq!(
        store.idle_imports(after, before).await.unwrap(),
        [given_up, open]
    );
    // One that is being written keeps them.
    commit(store, open).await.unwrap();
    assert!(!store.clear_import(open).await.unwrap());
    let mut writer = store.begin(change("import")).await.unwrap();
    writer.settle(settlement(open));
    writer.commit().await.unwrap();
    assert!(store.idle_imports(after, before).await.unwrap() == [given_up]);
    let late = after + SignedDuration::from_secs(3_600);
    assert_eq!(
        store.idle_imports(before, late).await.unwrap(),
        [given_up, open]
    );
    assert!(store.clear_import(open).await.unwrap());
    assert!(!store.clear_import(open).await.unwrap(), "once");
    let file = store.import_file(open).await.unwrap().unwrap();
    assert_eq!((file.state, file.kept), (ImportState::Committed, false));
    assert!(store.clear_import(given_up).await.unwrap());
    assert!(store.idle_imports(late, late).await.unwrap().is_empty());
}
