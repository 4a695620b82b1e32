//! Long work: who sees it, how it goes on, how it ends.

use std::time::Duration;

use axum::http::StatusCode;
use qipan_store::{JobState, NewJob};
use serde_json::{Value, json};

use crate::fixture::{Answer, Web};

/// Waits until a job is over.
pub async fn over(web: &Web, job: &Value) -> Value {
    let id = job.as_i64().unwrap();
    for _ in 0..4_000 {
        // Not through the API, which does not like to be asked so often.
        if web.store.job(id).await.unwrap().unwrap().state.is_over() {
            let seen = web.ok(&format!("/api/v1/jobs/{job}")).await.json();
            // The server itself hears of it a moment later.
            if seen["state"] != "running" {
                return seen;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("job {job} does not end");
}

/// The events of a stream: name and data.
pub fn events(answer: &Answer) -> Vec<(String, Value)> {
    answer
        .body
        .split("\n\n")
        .filter_map(|event| {
            let name = event.strip_prefix("event: ")?;
            let (name, data) = name.split_once("\ndata: ")?;
            Some((name.to_owned(), serde_json::from_str(data).unwrap()))
        })
        .collect()
}

async fn verify(web: &Web) -> Value {
    let answer = web.send("POST", "/api/v1/verify", Value::Null).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    answer.json()["job"].clone()
}

#[tokio::test]
async fn a_job_is_followed_to_its_end() {
    let (web, running) = Web::new().await.working();
    let job = verify(&web).await;
    let answer = web.ok(&format!("/api/v1/jobs/{job}/events")).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert!(answer.header("content-encoding").is_empty());
    let events = events(&answer);
    let (name, last) = events.last().unwrap();
    assert_eq!((name.as_str(), &last["state"]), ("end", &json!("done")));
    assert!(
        events[..events.len() - 1]
            .iter()
            .all(|(name, _)| name == "progress")
    );
    assert_eq!(
        events[events.len() - 2].1,
        *last,
        "the end tells nothing new"
    );
    assert_eq!(last["result"]["ok"], true, "{last}");
    assert_eq!(last["kind"], "verify");
    assert_eq!(last["by"], "coordinator");
    for moment in ["created", "started", "finished"] {
        assert!(last[moment].is_string(), "{moment}: {last}");
    }
    // Whoever connects later is told the last state at once.
    let again = crate::jobs::events(&web.ok(&format!("/api/v1/jobs/{job}/events")).await);
    let names: Vec<&str> = again.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["progress", "end"]);
    // That it was asked for is in the journal.
    let journal = web.ok("/api/v1/journal").await;
    journal.has(&["\"verify\""]);
    running.stop().await;
}

#[tokio::test]
async fn a_job_is_its_askers_and_the_system_officers() {
    let (web, running) = Web::new().await.working();
    let job = verify(&web).await;
    over(&web, &job).await;
    let path = format!("/api/v1/jobs/{job}");
    for login in ["auditor", "kaizhou-clerk", "security"] {
        let other = web.as_(login).await;
        let answers = [
            other.get(&path).await,
            other.get(&format!("{path}/events")).await,
            other.send("DELETE", &path, Value::Null).await,
        ];
        for answer in answers {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login}");
            answer.has(&["Q4048"]);
        }
        let list = other.ok("/api/v1/jobs").await.json();
        assert_eq!(list["jobs"], json!([]), "{login}");
    }
    let system = web.as_("system").await;
    let seen = system.ok(&path).await.json();
    assert_eq!(
        (&seen["state"], &seen["result"]),
        (&json!("done"), &Value::Null)
    );
    let list = system.ok("/api/v1/jobs").await.json();
    assert_eq!(list["jobs"].as_array().unwrap().len(), 1);
    let own = web.ok("/api/v1/jobs").await.json();
    assert_eq!(own["jobs"][0]["result"]["ok"], true);

    assert_eq!(
        web.nobody().get(&path).await.status,
        StatusCode::UNAUTHORIZED
    );
    for wrong in ["99", "x", "-1", "1.5"] {
        let answer = web.get(&format!("/api/v1/jobs/{wrong}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        let answer = web.get(&format!("/api/v1/jobs/{wrong}/events")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let refused = web.as_("kaizhou-clerk").await;
    let refused = refused.send("POST", "/api/v1/verify", Value::Null).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_waits_is_called_off_and_one_that_is_over_stays() {
    // Nobody does it yet.
    let web = Web::new().await;
    let job = verify(&web).await;
    let path = format!("/api/v1/jobs/{job}");
    assert_eq!(web.ok(&path).await.json()["state"], "queued");
    let gone = web.send("DELETE", &path, Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(web.ok(&path).await.json()["state"], "cancelled");

    let (web, running) = web.working();
    let other = verify(&web).await;
    assert_eq!(over(&web, &other).await["state"], "done");
    let path = format!("/api/v1/jobs/{other}");
    let late = web.send("DELETE", &path, Value::Null).await;
    assert_eq!(late.status, StatusCode::NO_CONTENT);
    assert_eq!(web.ok(&path).await.json()["state"], "done");
    assert_eq!(
        web.ok(&format!("/api/v1/jobs/{job}")).await.json()["state"],
        "cancelled"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_this_program_does_not_know_fails_and_says_so() {
    let web = Web::new().await;
    let coordinator = web.accounts.find("coordinator").await.unwrap();
    let job = NewJob {
        kind: "fly".to_owned(),
        account: coordinator.id,
        login: coordinator.login,
        origin: "-".to_owned(),
        payload: json!({}),
    };
    let id = web.store.add_job(&job).await.unwrap();
    let (web, running) = web.working();
    let job = over(&web, &id.into()).await;
    assert_eq!(job["state"], "failed");
    assert!(job["message"].as_str().unwrap().contains("fly"), "{job}");
    assert!(job["message_en"].as_str().unwrap().contains("fly"), "{job}");
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_goes_down_ends_its_streams_and_keeps_what_waits() {
    let web = Web::new().await;
    let (working, running) = web.working();
    running.stop().await;
    // Taken in after that: it waits for the next server.
    let job = verify(&working).await;
    let path = format!("/api/v1/jobs/{job}/events");
    let stream = tokio::time::timeout(Duration::from_secs(10), working.ok(&path));
    let events = events(&stream.await.unwrap());
    assert_eq!(events.len(), 1, "the state, and no end");
    assert_eq!(events[0].1["state"], "queued");
    let (web, running) = web.working();
    assert_eq!(over(&web, &job).await["state"], "done");
    running.stop().await;
}

#[tokio::test]
async fn what_a_killed_server_left_is_done_by_the_next() {
    let web = Web::new().await;
    let job = verify(&web).await;
    // It was taken, and then the power went.
    let taken = web.store.take_job("dead").await.unwrap().unwrap();
    assert_eq!(taken.state, JobState::Running);
    // So long that a server beside it knows.
    web.clock.jump(100);
    let (web, running) = web.working();
    assert_eq!(over(&web, &job).await["state"], "done");
    running.stop().await;
}
