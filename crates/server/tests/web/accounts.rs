//! Keeping accounts: who may, what cannot be, and what the journal is told.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fixture::{PASSWORD, ROLES, Web};

const ACCOUNTS: &str = "/api/v1/accounts";

fn code(answer: &crate::fixture::Answer) -> String {
    answer.json()["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn only_the_security_officer_keeps_accounts() {
    let web = Web::bare(true).await;
    let one = format!("{ACCOUNTS}/kaizhou-clerk");
    let calls = [
        ("GET", "/api/v1/roles", Value::Null),
        ("GET", ACCOUNTS, Value::Null),
        (
            "POST",
            ACCOUNTS,
            json!({"login": "zz", "name": "某", "roles": ["security"]}),
        ),
        ("PATCH", &one, json!({"name": "某人"})),
        ("POST", &format!("{one}/password"), Value::Null),
        ("POST", &format!("{one}/unlock"), Value::Null),
    ];
    for (login, ..) in ROLES {
        let who = web.as_(login).await;
        for (method, path, body) in &calls {
            let answer = who.send(method, path, body.clone()).await;
            if login == "security" {
                assert!(
                    answer.status.is_success(),
                    "{method} {path}: {}",
                    answer.body
                );
            } else {
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{login} {method} {path}"
                );
                assert_eq!(code(&answer), "Q4031", "{login} {method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_three_offices_are_three_people() {
    let web = Web::bare(true).await.as_("security").await;
    let make = async |roles: Value| {
        let body = json!({
            "login": "zhang.san", "name": "张三", "unit": "kaizhou", "roles": roles,
        });
        web.send("POST", ACCOUNTS, body).await
    };
    for roles in [
        json!(["auditor", "security"]),
        json!(["security", "system"]),
        json!(["auditor", "clerk"]),
        json!([]),
        json!(["king"]),
    ] {
        let refused = make(roles.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{roles}");
        assert_eq!(code(&refused), "Q4233");
    }
    assert_eq!(
        make(json!(["clerk", "reviewer"])).await.status,
        StatusCode::CREATED
    );
    let taken = make(json!(["clerk"])).await;
    assert_eq!(
        (taken.status, code(&taken).as_str()),
        (StatusCode::CONFLICT, "Q4092")
    );
    let path = format!("{ACCOUNTS}/zhang.san");
    let refused = web
        .send("PATCH", &path, json!({"roles": ["clerk", "system"]}))
        .await;
    assert_eq!(code(&refused), "Q4233");
    for wrong in [
        json!({"login": "Zhang", "name": "张", "roles": ["leader"], "unit": "kaizhou"}),
        json!({"login": "zhang", "name": "", "roles": ["leader"], "unit": "kaizhou"}),
        json!({"login": "zhang", "name": "张", "roles": ["leader"]}),
        json!({"login": "zhang", "name": "张", "roles": ["leader"], "unit": "atlantis"}),
        json!({"login": "zhang", "name": "张", "roles": ["department"]}),
    ] {
        let refused = web.send("POST", ACCOUNTS, wrong.clone()).await;
        assert_eq!(code(&refused), "Q4233", "{wrong}");
    }
}

#[tokio::test]
async fn nobody_raises_or_shuts_out_themselves() {
    let web = Web::bare(true).await.as_("security").await;
    let own = format!("{ACCOUNTS}/security");
    for patch in [
        json!({"roles": ["system"]}),
        json!({"disabled": true}),
        json!({"unit": "kaizhou"}),
        json!({"registers": ["project"]}),
    ] {
        let refused = web.send("PATCH", &own, patch.clone()).await;
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (StatusCode::FORBIDDEN, "Q4034")
        );
    }
    let named = web.send("PATCH", &own, json!({"name": "王安"})).await;
    assert_eq!(named.json()["name"], "王安");
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_a_pause_can_be_ended() {
    let web = Web::bare(true).await;
    let clerk = web.as_("kaizhou-clerk").await;
    let security = web.as_("security").await;
    let log_in = async |password: &str| {
        let body = json!({"login": "kaizhou-clerk", "password": password});
        web.nobody()
            .send("POST", "/api/v1/session", body)
            .await
            .status
    };
    for _ in 0..5 {
        log_in("wrong-2021-X").await;
    }
    assert_eq!(log_in(PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    let locked = async || {
        let listed = security.ok(ACCOUNTS).await.json();
        let accounts = listed["accounts"].as_array().unwrap().clone();
        let one = accounts
            .into_iter()
            .find(|one| one["login"] == "kaizhou-clerk");
        one.unwrap()["locked"].clone()
    };
    assert_eq!(locked().await, true);
    let path = format!("{ACCOUNTS}/kaizhou-clerk");
    let unlocked = security
        .send("POST", &format!("{path}/unlock"), Value::Null)
        .await;
    assert_eq!(unlocked.status, StatusCode::NO_CONTENT);
    assert_eq!(locked().await, false);
    assert_eq!(log_in(PASSWORD).await, StatusCode::OK);
    let reset = security
        .send("POST", &format!("{path}/password"), Value::Null)
        .await;
    let password = reset.json()["password"].as_str().unwrap().to_owned();
    assert_eq!(
        clerk.get("/api/v1/session").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(log_in(PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&password).await, StatusCode::OK);
    let absent = security
        .send("POST", &format!("{ACCOUNTS}/nobody/unlock"), Value::Null)
        .await;
    assert_eq!(
        (absent.status, code(&absent).as_str()),
        (StatusCode::NOT_FOUND, "Q4047")
    );
}

#[tokio::test]
async fn the_journal_is_told_of_accounts_refusals_and_downloads() {
    let web = Web::new().await;
    let from = web.store.reader().await.unwrap().head().seq + 1;
    let security = web.as_("security").await;
    let body = json!({
        "login": "zhang.san", "name": "张三", "unit": "kaizhou", "roles": ["clerk"],
    });
    let made = security.send("POST", ACCOUNTS, body).await.json();
    let path = format!("{ACCOUNTS}/zhang.san");
    let patch = json!({"roles": ["reviewer"], "unit": "wanzhou"});
    security.send("PATCH", &path, patch).await;
    web.ok(&format!("/api/v1/files/{}?entry=2", web.digest))
        .await;
    let clerk = web.as_("kaizhou-clerk").await;
    for _ in 0..50 {
        assert_eq!(
            clerk.get("/api/v1/journal").await.status,
            StatusCode::FORBIDDEN
        );
    }
    let commerce = web.as_("commerce").await;
    assert_eq!(
        commerce.get("/api/v1/registers/project").await.status,
        StatusCode::NOT_FOUND
    );
    // Refusals are written beside the answer.
    let mut entries = Vec::new();
    for _ in 0..200 {
        let mut reader = web.store.reader().await.unwrap();
        entries = reader.journal(from, i64::MAX).await.unwrap();
        if entries
            .iter()
            .filter(|entry| entry.action == "refused")
            .count()
            == 2
        {
            break;
        }
        drop(reader);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let of = |action: &str| -> Vec<&qipan_store::Entry> {
        entries
            .iter()
            .filter(|entry| entry.action == action)
            .collect()
    };
    let accounts = of("account");
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0].payload["event"]["what"], "create");
    assert_eq!(
        accounts[1].payload["event"]["before"]["roles"],
        json!(["clerk"])
    );
    assert_eq!(accounts[1].payload["event"]["after"]["unit"], "wanzhou");
    assert_eq!(accounts[1].actor, "security");
    let downloads = of("download");
    assert_eq!(downloads[0].payload["event"]["digest"], web.digest.as_str());
    let refused = of("refused");
    assert_eq!(refused.len(), 2, "fifty times the same is told once");
    assert!(refused.iter().any(|entry| {
        entry.actor == "kaizhou-clerk" && entry.payload["event"]["code"] == "Q4031"
    }));
    assert!(refused.iter().any(|entry| {
        entry.actor == "commerce" && entry.payload["event"]["path"] == "/api/v1/registers/project"
    }));
    // No secret is in it.
    let all = serde_json::to_string(&entries).unwrap();
    assert!(!all.contains(made["password"].as_str().unwrap()) && !all.contains("argon2"));
    assert!(web.store.verify().await.unwrap().ok);
}
