//! Coming in: by password, by session, by token; for how long, and what a stranger may not do.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use qipan_accounts::Setting;
use qipan_server::Site;
use serde_json::{Value, json};

use crate::fixture::{Answer, PASSWORD, Web};

const SESSION: &str = "/api/v1/session";

async fn log_in(web: &Web, login: &str, password: &str) -> Answer {
    let body = json!({"login": login, "password": password});
    web.nobody().send("POST", SESSION, body).await
}

/// The secret in the cookie that an answer sets.
fn secret(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    let (_, rest) = cookie.split_once('=').unwrap();
    rest.split(';').next().unwrap().to_owned()
}

fn code(answer: &Answer) -> String {
    answer.json()["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Actions of the journal's entries from one on.
async fn journal(web: &Web, from: i64) -> Vec<(String, String)> {
    let mut reader = web.store.reader().await.unwrap();
    let entries = reader.journal(from, i64::MAX).await.unwrap();
    entries
        .into_iter()
        .map(|entry| (entry.action, entry.actor))
        .collect()
}

async fn head(web: &Web) -> i64 {
    web.store.reader().await.unwrap().head().seq
}

#[tokio::test]
async fn nobody_sees_nothing() {
    let web = Web::new().await.nobody();
    let document = web
        .as_("coordinator")
        .await
        .ok("/api/v1/openapi.json")
        .await
        .json();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["x-action"] == "public" {
                continue;
            }
            let path = path
                .replace("{register}", "project")
                .replace("{record}", "1");
            let path = path
                .replace("{indicator}", "PRJ-N-ISSUED")
                .replace("{id}", "1");
            let path = path
                .replace("{digest}", &web.digest)
                .replace("{login}", "system");
            let answer = web.send(&method.to_uppercase(), &path, Value::Null).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(code(&answer), "Q4011", "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked}");
    for path in [
        "/board",
        "/registers/project/records/1",
        "/journal",
        "/verify",
    ] {
        let answer = web.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let to = answer.header("location");
        assert!(to.starts_with("/login?next=%2F"), "{path}: {to}");
    }
    let server = web.ok("/api/v1/server").await.json();
    assert_eq!(server["name"], "qipan");
    assert_ne!(server["mechanism"]["name_en"], "");
    assert!(server["mechanism"]["name_en"].is_string());
    assert_eq!(server["password"]["min_length"], 10);
    web.ok("/api/v1/healthz").await;
}

#[tokio::test]
async fn a_login_opens_a_session_and_says_what_may_be_done() {
    let web = Web::new().await;
    let from = head(&web).await + 1;
    let answer = log_in(&web, " Kaizhou-Clerk ", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "__Host-qipan=",
        "Path=/",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let session = answer.json();
    assert_eq!(session["account"]["login"], "kaizhou-clerk");
    assert_eq!(
        session["account"]["unit"],
        json!({"id": "kaizhou", "name": "开州区", "name_en": "Kaizhou District"})
    );
    assert_eq!(session["account"]["roles"][0]["name_en"], "Clerk");
    assert_eq!(session["account"]["registers"], Value::Null);
    assert_eq!(session["must_change"], false);
    assert_eq!(session["method"], "session");
    assert_eq!(session["period"], "2021H1");
    assert!(session["may"].as_array().unwrap().contains(&json!("write")));
    assert!(
        !session["may"]
            .as_array()
            .unwrap()
            .contains(&json!("journal"))
    );
    assert!(!session["registers"].as_array().unwrap().is_empty());
    let own = web.with_cookie(&secret(&answer));
    assert_eq!(own.ok(SESSION).await.json()["account"], session["account"]);
    let out = own.send("DELETE", SESSION, Value::Null).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(own.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
    let told = journal(&web, from).await;
    let clerk = |action: &str| (action.to_owned(), "kaizhou-clerk".to_owned());
    assert_eq!(told, [clerk("login"), clerk("logout")]);
    assert!(web.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn a_department_is_told_its_registers() {
    let web = Web::bare(true).await.as_("commerce").await;
    let session = web.ok(SESSION).await.json();
    assert_eq!(
        session["account"]["registers"],
        json!(["consumption", "marketing"])
    );
    let ids: Vec<&str> = session["registers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    let listed = web.ok("/api/v1/registers").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let hidden = web.get("/api/v1/registers/project").await;
    assert_eq!(
        (hidden.status, code(&hidden).as_str()),
        (StatusCode::NOT_FOUND, "Q4042")
    );
}

#[tokio::test]
async fn a_wrong_login_tells_nothing_and_is_paused() {
    let web = Web::bare(true).await;
    let wrong = log_in(&web, "kaizhou-clerk", "falsch-2021-X").await;
    let unknown = log_in(&web, "no-such-clerk", "falsch-2021-X").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(code(&wrong), "Q4012");
    for login in ["kaizhou-clerk", "no-such-clerk"] {
        for _ in 0..3 {
            let again = log_in(&web, login, "falsch-2021-X").await;
            assert_eq!(again.status, StatusCode::UNAUTHORIZED);
        }
        let paused = log_in(&web, login, "falsch-2021-X").await;
        assert_eq!(paused.status, StatusCode::TOO_MANY_REQUESTS, "{login}");
        assert_eq!(
            (code(&paused).as_str(), paused.header("retry-after")),
            ("Q4291", "300")
        );
    }
    let right = log_in(&web, "kaizhou-clerk", PASSWORD).await;
    assert_eq!(
        right.status,
        StatusCode::TOO_MANY_REQUESTS,
        "even the right one waits"
    );
    web.clock.jump(301);
    let right = log_in(&web, "kaizhou-clerk", PASSWORD).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.body);
}

#[tokio::test]
async fn many_logins_from_one_place_are_slowed_down() {
    let web = Web::bare(true).await;
    let mut slowed = 0;
    for nth in 0..30 {
        let answer = log_in(&web, &format!("clerk-{nth}"), "falsch-2021-X").await;
        slowed += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(slowed, 10);
    web.clock.jump(60);
    assert_eq!(
        log_in(&web, "system", PASSWORD).await.status,
        StatusCode::OK
    );
    // And the journal has not been filled.
    let told = journal(&web, 1).await;
    let failed = told
        .iter()
        .filter(|(action, _)| action == "login-failed")
        .count();
    assert!((1..=30).contains(&failed), "{failed}");
}

#[tokio::test]
async fn sessions_end_when_idle_and_in_any_case() {
    let web = Web::bare(true).await;
    let own = web.as_("kaizhou-clerk").await;
    // Used every 20 minutes it goes on, for twelve hours.
    for nth in 1..36 {
        web.clock.jump(20 * 60);
        assert_eq!(
            own.get(SESSION).await.status,
            StatusCode::OK,
            "after {nth} × 20 minutes"
        );
    }
    web.clock.jump(20 * 60);
    assert_eq!(own.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
    let idle = web.as_("kaizhou-clerk").await;
    web.clock.jump(29 * 60);
    let session = idle.ok(SESSION).await.json();
    assert!(session["idle_until"].as_str() < session["until"].as_str());
    web.clock.jump(30 * 60 + 1);
    assert_eq!(idle.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_are_listed_and_revoked() {
    let web = Web::bare(true).await;
    let (here, there) = (
        web.as_("kaizhou-clerk").await,
        web.as_("kaizhou-clerk").await,
    );
    let listed = here.ok("/api/v1/sessions").await.json();
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/api/v1/sessions/{}", other["id"]);
    // Nobody ends the sessions of others.
    let stranger = web.as_("jiangjin-clerk").await;
    let refused = stranger.send("DELETE", &path, Value::Null).await;
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (StatusCode::NOT_FOUND, "Q4048")
    );
    let ended = here.send("DELETE", &path, Value::Null).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(there.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(here.get(SESSION).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let web = Web::bare(true).await.as_("kaizhou-clerk").await;
    let cookie = web.credentials[0].1.clone();
    let ask = async |headers: &[(&str, &str)], path: &str| {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = web
            .nobody()
            .ask(request.body(Body::from("{}")).unwrap())
            .await;
        answer.status
    };
    let tokens = "/api/v1/tokens";
    let own = ("origin", "http://127.0.0.1:8080");
    assert_eq!(
        ask(&[], tokens).await,
        StatusCode::FORBIDDEN,
        "no header of ours"
    );
    assert_eq!(ask(&[own], tokens).await, StatusCode::FORBIDDEN);
    // What follows gets as far as its body, which says nothing of use.
    assert_eq!(
        ask(&[("x-qipan", "1")], tokens).await,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        ask(&[("x-qipan", "1"), own], tokens).await,
        StatusCode::BAD_REQUEST
    );
    for foreign in ["http://evil.example", "null", "http://127.0.0.1:9090"] {
        let headers = [("x-qipan", "1"), ("origin", foreign)];
        assert_eq!(
            ask(&headers, tokens).await,
            StatusCode::FORBIDDEN,
            "{foreign}"
        );
        assert_eq!(
            ask(&headers, SESSION).await,
            StatusCode::FORBIDDEN,
            "{foreign}"
        );
        assert_eq!(
            ask(&headers, "/login").await,
            StatusCode::FORBIDDEN,
            "{foreign}"
        );
    }
    // Forms of pages carry no header of ours, but they say where they come from.
    assert_eq!(ask(&[], "/logout").await, StatusCode::FORBIDDEN);
    assert_eq!(
        ask(&[("sec-fetch-site", "cross-site")], "/logout").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(ask(&[own], "/logout").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn whoever_must_change_the_password_can_do_nothing_else() {
    let web = Web::bare(true).await;
    let security = web.as_("security").await;
    let new = json!({
        "login": "wanzhou-clerk", "name": "万州填报", "unit": "wanzhou", "roles": ["clerk"],
    });
    let made = security.send("POST", "/api/v1/accounts", new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.json();
    assert_eq!(made["account"]["must_change"], true);
    let password = made["password"].as_str().unwrap();
    let answer = log_in(&web, "wanzhou-clerk", password).await;
    assert_eq!(answer.json()["must_change"], true);
    let own = web.with_cookie(&secret(&answer));
    let refused = own.get("/api/v1/units").await;
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (StatusCode::FORBIDDEN, "Q4032")
    );
    let board = own.get("/board?period=2021H1").await;
    assert_eq!(
        board.header("location"),
        "/password?next=%2Fboard%3Fperiod%3D2021H1"
    );
    own.ok("/password")
        .await
        .has(&["修改密码", "至少 10 个字符"]);
    let change = async |old: &str, new: &str| {
        let body = json!({"old": old, "new": new});
        own.send("POST", "/api/v1/session/password", body).await
    };
    let weak = change(password, "wanzhou").await;
    assert_eq!(
        (weak.status, code(&weak).as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "Q4231")
    );
    let errors = weak.json()["errors"].clone();
    assert_eq!(errors[0]["code"], "too-short", "{errors}");
    assert!(errors[0]["message_en"].as_str().unwrap().contains("10"));
    let old = change("not-the-0ld-one", "Wuling-2021-x").await;
    assert_eq!(old.json()["errors"][0]["code"], "old-password");
    let same = change(password, password).await;
    assert_eq!(same.json()["errors"][0]["code"], "reused");
    assert_eq!(
        change(password, "Wuling-2021-x").await.status,
        StatusCode::NO_CONTENT
    );
    own.ok("/api/v1/units").await;
    assert_eq!(own.ok(SESSION).await.json()["must_change"], false);
}

#[tokio::test]
async fn an_old_password_must_be_changed() {
    let web = Web::bare(true).await;
    web.clock.jump(90 * 86_400);
    let entered = log_in(&web, "kaizhou-clerk", PASSWORD).await;
    let own = web.with_cookie(&secret(&entered));
    assert_eq!(code(&own.get("/api/v1/units").await), "Q4032");
    assert_eq!(own.ok(SESSION).await.json()["must_change"], true);
}

#[tokio::test]
async fn tokens_do_what_they_name_and_no_more() {
    let web = Web::new().await;
    let own = web.as_("kaizhou-clerk").await;
    let make = async |who: &Web, body: Value| who.send("POST", "/api/v1/tokens", body).await;
    let made = make(
        &own,
        json!({"name": "取数", "actions": ["read"], "expires_days": 30}),
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.json();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("qp_") && secret.len() == 67, "{secret}");
    let program = web.with_token(secret);
    let session = program.ok(SESSION).await.json();
    assert_eq!(
        (&session["method"], &session["may"]),
        (&json!("token"), &json!(["read"]))
    );
    program.ok("/api/v1/registers/project/records").await;
    // No token makes tokens, changes passwords or ends sessions.
    let again = make(
        &program,
        json!({"name": "x", "actions": ["read"], "expires_days": 1}),
    )
    .await;
    assert_eq!(
        (again.status, code(&again).as_str()),
        (StatusCode::FORBIDDEN, "Q4031")
    );
    let listed = own.ok("/api/v1/tokens").await;
    listed.lacks(&[secret]);
    assert_eq!(listed.json()["tokens"][0]["actions"], json!(["read"]));
    // More than the owner may is refused, as is what only people do.
    for (who, actions) in [("kaizhou-clerk", "journal"), ("security", "accounts")] {
        let who = web.as_(who).await;
        let body = json!({"name": "x", "actions": [actions], "expires_days": 1});
        let refused = make(&who, body).await;
        assert_eq!(code(&refused), "Q4233", "{actions}");
    }
    let wrong = json!({"name": "x", "actions": ["fly"], "expires_days": 1});
    assert_eq!(make(&own, wrong).await.status, StatusCode::BAD_REQUEST);
    let long = json!({"name": "x", "actions": ["read"], "expires_days": 366});
    assert_eq!(code(&make(&own, long).await), "Q4233");
    // It ends when it is revoked, and by itself.
    let path = format!("/api/v1/tokens/{}", made["id"]);
    assert_eq!(
        own.send("DELETE", &path, Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(program.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
    let short = make(
        &own,
        json!({"name": "短", "actions": null, "expires_days": 1}),
    )
    .await
    .json();
    let short = web.with_token(short["secret"].as_str().unwrap());
    short.ok(SESSION).await;
    web.clock.jump(86_401);
    assert_eq!(short.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_loses_what_its_account_loses() {
    let web = Web::bare(true).await;
    let own = web.as_("kaizhou-clerk").await;
    let body = json!({"name": "填报", "actions": ["read", "write"], "expires_days": 30});
    let made = own.send("POST", "/api/v1/tokens", body).await.json();
    let program = web.with_token(made["secret"].as_str().unwrap());
    let security = web.as_("security").await;
    let path = "/api/v1/accounts/kaizhou-clerk";
    let changed = security
        .send("PATCH", path, json!({"roles": ["leader"]}))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(program.ok(SESSION).await.json()["may"], json!(["read"]));
    security
        .send("PATCH", path, json!({"disabled": true}))
        .await;
    assert_eq!(program.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(own.get(SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        log_in(&web, "kaizhou-clerk", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_login_page_works_without_script() {
    let web = Web::new().await;
    let nobody = web.nobody();
    nobody.ok("/login?next=/journal").await.has(&[
        "<form method=\"post\"",
        "name=\"password\" type=\"password\"",
        "value=\"/journal\"",
    ]);
    nobody.ok("/login?lang=en").await.has(&["Log in"]);
    let form = |login: &'static str, password: &'static str, next: &'static str| {
        [("login", login), ("password", password), ("next", next)]
    };
    let wrong = nobody
        .post("/login", &form("auditor", "wrong-2021-X", "/journal"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    wrong.has(&[
        "账号或密码不对",
        "Q4012",
        "value=\"auditor\"",
        "value=\"/journal\"",
    ]);
    wrong.lacks(&["wrong-2021-X"]);
    let right = nobody
        .post("/login", &form("auditor", PASSWORD, "/journal"))
        .await;
    assert_eq!(
        (right.status, right.header("location")),
        (StatusCode::SEE_OTHER, "/journal")
    );
    let own = web.with_cookie(&secret(&right));
    own.ok("/journal")
        .await
        .has(&["审计员", "退出", "action=\"/logout\""]);
    let away = nobody
        .post("/login", &form("auditor", PASSWORD, "//evil.example"))
        .await;
    assert_eq!(away.header("location"), "/");
    let out = own.post("/logout", &[]).await;
    assert_eq!(out.header("location"), "/login");
    assert_eq!(own.get("/journal").await.status, StatusCode::SEE_OTHER);
    let twice = own.post("/logout", &[]).await;
    assert_eq!(twice.header("location"), "/login");
}

#[tokio::test]
async fn a_public_site_is_strict() {
    let site = Site::new(Some("https://qipan.example.cn"), false).unwrap();
    let web = Web::at(true, site).await;
    let request = Request::get("/api/v1/healthz")
        .header(header::HOST, "qipan.example.cn")
        .body(Body::empty());
    let answer = web.ask(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
    let plain = Web::at(true, Site::new(None, true).unwrap()).await;
    let answer = plain.ok("/api/v1/server").await;
    assert_eq!(answer.header("strict-transport-security"), "");
    let cookie = log_in(&plain, "system", PASSWORD).await;
    let cookie = cookie.header("set-cookie");
    assert!(
        cookie.starts_with("qipan=") && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn whoever_asks_too_often_waits() {
    let web = Web::bare(true).await;
    let by = qipan_accounts::By {
        actor: "system".to_owned(),
        origin: "-".to_owned(),
    };
    let slow = [(Setting::RateBurst, 10), (Setting::RatePerSecond, 1)];
    web.accounts.set_policy(&slow, &by).await.unwrap();
    let mut refused = None;
    for _ in 0..30 {
        let answer = web.get(SESSION).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("there is an end to it");
    assert_eq!(
        (code(&refused).as_str(), refused.header("retry-after")),
        ("Q4291", "1")
    );
    // Others do not wait for them.
    assert_eq!(
        web.as_("auditor").await.get(SESSION).await.status,
        StatusCode::OK
    );
    web.clock.jump(2);
    assert_eq!(web.get(SESSION).await.status, StatusCode::OK);
}
