//! Which routes each role may take at all. What each role may do stands here in words of its own.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fixture::{ROLES, Web};

/// What the roles may do, after domain §1.2 and the three offices (三员分立).
const MAY: [(&str, &[&str]); 8] = [
    (
        "clerk",
        &[
            "read", "write", "import", "export", "return", "evidence", "check",
        ],
    ),
    (
        "reviewer",
        &[
            "read", "write", "export", "return", "evidence", "brief", "check",
        ],
    ),
    ("leader", &["read", "export", "brief", "check"]),
    (
        "coordinator",
        &[
            "read", "write", "import", "export", "return", "evidence", "brief", "check", "journal",
            "verify",
        ],
    ),
    (
        "department",
        &[
            "read", "write", "import", "export", "return", "evidence", "check",
        ],
    ),
    ("auditor", &["read", "export", "journal", "verify"]),
    ("security", &["accounts"]),
    ("system", &["system"]),
];

/// A route: method, path with nothing there to be found, what it needs.
struct Route {
    method: String,
    path: String,
    action: String,
}

/// All routes of the document.
async fn routes(web: &Web) -> Vec<Route> {
    let document = web.ok("/api/v1/openapi.json").await.json();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let Some(action) = operation["x-action"].as_str() else {
                panic!("{method} {path} does not say what it needs");
            };
            let made_up = path
                .replace("{register}", "project")
                .replace("{login}", "nobody-here")
                .replace("{digest}", &"0".repeat(64));
            let made_up: String = made_up
                .split('/')
                .map(|part| {
                    if part.starts_with('{') {
                        "987654"
                    } else {
                        part
                    }
                })
                .collect::<Vec<_>>()
                .join("/");
            routes.push(Route {
                method: method.to_uppercase(),
                path: made_up,
                action: action.to_owned(),
            });
        }
    }
    routes
}

#[tokio::test]
async fn each_role_takes_the_routes_it_may_and_no_others() {
    let web = Web::new().await;
    let routes = routes(&web).await;
    assert!(routes.len() > 150, "only {} routes", routes.len());
    let (mut let_in, mut kept_out) = (0, 0);
    let mut wrong = Vec::new();
    for (login, _, role, ..) in ROLES {
        let (_, may) = MAY.iter().find(|(id, _)| *id == role).unwrap();
        let caller = web.as_(login).await;
        for Route {
            method,
            path,
            action,
        } in &routes
        {
            if ["public", "caller"].contains(&action.as_str()) {
                continue;
            }
            web.clock.jump(1);
            let body = match method.as_str() {
                "GET" | "DELETE" => Value::Null,
                _ => json!({}),
            };
            let answer = caller.send(method, path, body).await;
            let refused = answer.status == StatusCode::FORBIDDEN;
            if refused == may.contains(&action.as_str()) {
                wrong.push(format!(
                    "{login}: {method} {path} ({action}): {} {}",
                    answer.status, answer.body
                ));
            }
            assert!(!answer.status.is_server_error() || answer.status == 503);
            let_in += u32::from(!refused);
            kept_out += u32::from(refused);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        let_in > 300 && kept_out > 300,
        "{let_in} let in, {kept_out} kept out"
    );
}

#[tokio::test]
async fn nobody_takes_a_route_that_is_not_public() {
    let web = Web::new().await;
    let nobody = web.nobody();
    for Route {
        method,
        path,
        action,
    } in routes(&web).await
    {
        if action == "public" {
            continue;
        }
        web.clock.jump(1);
        let answer = nobody.send(&method, &path, Value::Null).await;
        // Whoever sends nothing of this server's own is a stranger before they are nobody.
        let shut = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
        assert!(shut, "{method} {path}: {} {}", answer.status, answer.body);
    }
}
