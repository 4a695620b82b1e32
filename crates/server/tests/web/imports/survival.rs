//! Servers that go down in the middle of the work.

use std::time::Duration;

use super::*;

/// Waits until a job has written some rows.
async fn in_the_middle(web: &Web, job: &Value) {
    let path = format!("/api/v1/jobs/{job}");
    loop {
        let seen = web.ok(&path).await.json();
        assert_ne!(seen["state"], "done", "too fast to be stopped");
        if seen["done"].as_i64().unwrap() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        // Who asks so often would be told to wait.
        web.clock.jump(1);
    }
}

async fn total(web: &Web) -> i64 {
    let list = web.ok("/api/v1/registers/project/records?limit=1").await;
    list.json()["total"].as_i64().unwrap()
}

#[tokio::test]
async fn what_waits_is_read_by_the_next_server() {
    let web = Web::new().await;
    let answer = upload(&web, "name=a.csv", many(10)).await.json();
    let (web, running) = web.working();
    assert_eq!(over(&web, &answer["job"]).await["state"], "done");
    assert_eq!(import(&web, &answer["id"]).await["state"], "ready");
    running.stop().await;
}

#[tokio::test]
async fn a_commit_that_was_cut_off_is_done_whole_and_once_by_the_next_server() {
    let (web, running) = working().await;
    let found = sent(&web, "大.csv", many(30_000)).await;
    let id = &found["id"];
    let job = commit(&web, id, false).await.json()["job"].clone();
    in_the_middle(&web, &job).await;
    running.kill().await;
    assert_eq!(total(&web).await, 4, "nothing of it");
    assert_eq!(
        web.store
            .import_file(1)
            .await
            .unwrap()
            .unwrap()
            .state
            .as_str(),
        "committing"
    );

    // So long that a server beside it knows.
    web.clock.jump(100);
    let (web, running) = web.working();
    let done = over(&web, &job).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(total(&web).await, 30_004);
    let file = import(&web, id).await;
    assert_eq!(file["registers"][0]["inserted"], 30_000);
    assert!(web.store.verify().await.unwrap().ok);
    running.stop().await;
}

#[tokio::test]
async fn a_commit_that_landed_unheard_is_not_done_again() {
    let (web, running) = working().await;
    let found = sent(&web, "一.csv", many(10)).await;
    let id = &found["id"];
    running.stop().await;
    let answer = commit(&web, id, false).await.json();
    // A server takes the job, its rows become durable, and it is killed before it can say so.
    web.store.take_job("dead").await.unwrap().unwrap();
    let mut writer = web
        .store
        .begin(qipan_store::Change::default())
        .await
        .unwrap();
    writer.settle(qipan_store::Settlement {
        import: id.as_i64().unwrap(),
        summary: json!({"errors": 0}),
        report: json!({}),
    });
    writer.commit().await.unwrap();
    let head = web.store.reader().await.unwrap().head().seq;

    web.clock.jump(100);
    let (web, running) = web.working();
    let again = over(&web, &answer["job"]).await;
    assert_eq!(again["state"], "done", "{again}");
    assert_eq!(again["result"]["import"], *id);
    assert_eq!(import(&web, id).await["state"], "committed");
    let reader = web.store.reader().await.unwrap();
    assert_eq!(reader.head().seq, head);
    assert_eq!(total(&web).await, 4);
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_puts_reading_back() {
    let (web, running) = working().await;
    let answer = upload(&web, "name=a.csv", many(60_000)).await.json();
    let job = &answer["job"];
    // Until it is being read.
    let id = job.as_i64().unwrap();
    let state = async || web.store.job(id).await.unwrap().unwrap().state.as_str();
    while state().await == "queued" {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(state().await, "running", "too fast to be stopped");
    running.stop().await;
    assert_eq!(
        web.ok(&format!("/api/v1/jobs/{job}")).await.json()["state"],
        "queued"
    );
    assert_eq!(import(&web, &answer["id"]).await["state"], "analysing");
    let (web, running) = web.working();
    assert_eq!(over(&web, job).await["state"], "done");
    let found = import(&web, &answer["id"]).await;
    assert_eq!(found["registers"][0]["inserted"], 60_000);
    running.stop().await;
}
