//! Settings, health and backups: the system officer's.

use axum::http::StatusCode;
use qipan_store::Dialect;
use serde_json::{Value, json};

use crate::fixture::Web;
use crate::imports::working;
use crate::jobs::over;

fn value(settings: &Value, key: &str) -> i64 {
    let mut all = settings["settings"].as_array().unwrap().iter();
    let one = all.find(|one| one["key"] == key).unwrap();
    one["value"].as_i64().unwrap()
}

#[tokio::test]
async fn settings_are_shown_and_changed_within_bounds() {
    let web = Web::new().await;
    let system = web.as_("system").await;
    let settings = system.ok("/api/v1/settings").await.json();
    assert_eq!(value(&settings, "idle_minutes"), 30);
    for one in settings["settings"].as_array().unwrap() {
        assert!(one["least"].as_i64() <= one["default"].as_i64());
        assert!(one["default"].as_i64() <= one["most"].as_i64());
        assert!(!one["name"].as_str().unwrap().is_empty());
    }
    let change = json!({"idle_minutes": 15, "absolute_hours": 8});
    let changed = system.send("PATCH", "/api/v1/settings", change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let settings = system.ok("/api/v1/settings").await.json();
    assert_eq!(
        (
            value(&settings, "idle_minutes"),
            value(&settings, "absolute_hours")
        ),
        (15, 8)
    );
    let journal = web.ok("/api/v1/journal?action=setting").await.json();
    assert_eq!(journal["entries"].as_array().unwrap().len(), 2);
    assert_eq!(journal["entries"][0]["actor"], "system");
    // All or nothing, and never beyond the bounds.
    for (body, status) in [
        (json!({"idle_minutes": 20, "absolute_hours": 10_000}), 422),
        (json!({"idle_minutes": 20, "nothing": 1}), 400),
        (json!({"idle_minutes": "soon"}), 400),
        (json!([1]), 400),
    ] {
        let refused = system.send("PATCH", "/api/v1/settings", body.clone()).await;
        assert_eq!(refused.status.as_u16(), status, "{body}: {}", refused.body);
    }
    let settings = system.ok("/api/v1/settings").await.json();
    assert_eq!(value(&settings, "idle_minutes"), 15);
    for login in ["coordinator", "security", "auditor", "kaizhou-clerk"] {
        let other = web.as_(login).await;
        for path in ["/api/v1/settings", "/api/v1/health"] {
            assert_eq!(
                other.get(path).await.status,
                StatusCode::FORBIDDEN,
                "{login} {path}"
            );
        }
        let change = other
            .send("PATCH", "/api/v1/settings", json!({"idle_minutes": 10}))
            .await;
        assert_eq!(change.status, StatusCode::FORBIDDEN, "{login}");
    }
}

#[tokio::test]
async fn health_tells_how_the_system_is() {
    let web = Web::new().await;
    let system = web.as_("system").await;
    let health = system.ok("/api/v1/health").await.json();
    let kind = match web.store.dialect() {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    };
    assert_eq!(health["database"]["kind"], kind);
    assert!(health["database"]["bytes"].as_i64().unwrap() > 10_000);
    assert!(health["journal"]["head"].as_i64().unwrap() > 3);
    assert_eq!(health["checkpoint"]["key"], false, "the fixture has no key");
    assert_eq!(health["verified"], Value::Null);
    assert_eq!(health["pack"]["id"], "chongqing");
    assert!(health["disk"]["total"].as_u64() > health["disk"]["free"].as_u64());
    assert!(health["uptime"].as_i64().unwrap() >= 0);
    web.ok("/api/v1/verify").await;
    let after = system.ok("/api/v1/health").await.json();
    assert_eq!(after["verified"]["ok"], true);
    assert_eq!(after["verified"]["by"], "coordinator");
    // Nothing of where things lie or how they are reached.
    system
        .ok("/api/v1/health")
        .await
        .lacks(&["/tmp", "sqlite:", "postgres://", "password"]);
}

async fn backups(system: &Web) -> Vec<Value> {
    let list = system.ok("/api/v1/backups").await.json();
    assert_eq!(list["possible"], true);
    list["backups"].as_array().unwrap().clone()
}

/// Has a backup made; gives its name.
async fn backed_up(system: &Web) -> String {
    let asked = system.send("POST", "/api/v1/backups", Value::Null).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let job = over(system, &asked.json()["job"]).await;
    assert_eq!(job["state"], "done", "{job}");
    job["result"]["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn backups_are_made_listed_and_removed_by_the_system_officer_alone() {
    let (web, running) = working().await;
    if web.store.dialect() == Dialect::Postgres {
        return;
    }
    let system = web.as_("system").await;
    assert_eq!(backups(&system).await, Vec::<Value>::new());
    let head = web.store.reader().await.unwrap().head().seq;
    let name = backed_up(&system).await;
    let listed = backups(&system).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["name"], name.as_str());
    assert!(listed[0]["head"].as_i64().unwrap() >= head);
    let journal = web.ok("/api/v1/journal?action=backup").await.json();
    assert_eq!(journal["entries"][0]["actor"], "system");
    // Where it lies is for those who keep the machine.
    system.ok("/api/v1/backups").await.lacks(&["/tmp"]);
    for login in ["coordinator", "security", "auditor", "kaizhou-clerk"] {
        let other = web.as_(login).await;
        let path = format!("/api/v1/backups/{name}");
        for (method, path) in [
            ("GET", "/api/v1/backups"),
            ("POST", "/api/v1/backups"),
            ("DELETE", &path),
        ] {
            let refused = other.send(method, path, Value::Null).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{login} {method}");
        }
    }
    for wrong in ["20200101T000000Z", "..", "%2e%2e%2ffiles"] {
        let path = format!("/api/v1/backups/{wrong}");
        let gone = system.send("DELETE", &path, Value::Null).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND, "{wrong}: {}", gone.body);
    }
    let path = format!("/api/v1/backups/{name}");
    let gone = system.send("DELETE", &path, Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(backups(&system).await, Vec::<Value>::new());
    let journal = web.ok("/api/v1/journal?action=backup-remove").await.json();
    assert_eq!(journal["entries"].as_array().unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn the_server_backs_up_by_itself_when_it_is_time_and_keeps_the_last_ones() {
    let (web, running) = working().await;
    if web.store.dialect() == Dialect::Postgres {
        return;
    }
    let system = web.as_("system").await;
    let first = backed_up(&system).await;
    running.stop().await;
    let change = json!({"backup_hours": 24, "backups_kept": 1});
    let changed = system.send("PATCH", "/api/v1/settings", change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    // A server begun within the day has nothing to do.
    web.clock.jump(23 * 3_600);
    let (web, running) = web.working();
    let system = web.as_("system").await;
    running.stop().await;
    assert_eq!(backups(&system).await[0]["name"], first.as_str());
    web.clock.jump(2 * 3_600);
    let (web, running) = web.working();
    let system = web.as_("system").await;
    let mut made = Vec::new();
    for _ in 0..200 {
        made = backups(&system).await;
        if made.len() == 1 && made[0]["name"] != first.as_str() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    running.stop().await;
    assert_eq!(made.len(), 1, "the old one went");
    assert_ne!(made[0]["name"], first.as_str());
    let coordinator = web.as_("coordinator").await;
    let journal = coordinator.ok("/api/v1/journal?action=backup").await.json();
    let entries = journal["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "one asked for, one by itself");
    assert_eq!(entries[0]["actor"], "qipan");
}

#[tokio::test]
async fn a_server_on_postgresql_leaves_backups_to_it() {
    let (web, running) = working().await;
    if web.store.dialect() == Dialect::Sqlite {
        return;
    }
    let system = web.as_("system").await;
    let list = system.ok("/api/v1/backups").await.json();
    assert_eq!(list["possible"], false);
    let refused = system.send("POST", "/api/v1/backups", Value::Null).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.has(&["pg_dump"]);
    running.stop().await;
}
