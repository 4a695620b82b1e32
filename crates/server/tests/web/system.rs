//! Settings and health: the system officer's.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fixture::Web;

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
    assert_eq!(health["database"]["kind"], "sqlite");
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
