//! What every answer is sent with, and who may ask.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qipan_server::{ServeError, serve};

use crate::fixture::Web;

const ALL: [&str; 19] = [
    "/board",
    "/board?by=group",
    "/figures/PRJ-N-ISSUED",
    "/units/kaizhou",
    "/registers/project",
    "/registers/project/records/1",
    "/journal",
    "/verify",
    "/press",
    "/assets/board.css",
    "/nothing",
    "/registers/nothing",
    "/api/v1/figures",
    "/api/v1/nothing",
    "/api/v1/healthz",
    "/",
    "/desk/",
    "/login",
    "/api/v1/server",
];

#[tokio::test]
async fn every_answer_forbids_scripts_frames_and_guessing() {
    let web = Web::new().await;
    for path in ALL {
        let answer = web.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        let cache = if path.starts_with("/assets/") || path.starts_with("/desk") {
            "no-cache"
        } else if path == "/api/v1/figures" {
            // Kept by the asker, and asked about each time.
            "private, no-cache"
        } else {
            "no-store"
        };
        assert_eq!(answer.header("cache-control"), cache, "{path}");
        // Nothing that the policy would have to make an exception for.
        // The desk's scripts are files of this server; no page carries one within itself.
        let scripts = answer.body.matches("<script").count();
        let files = answer.body.matches(" src=\"/desk/assets/").count();
        assert!(
            scripts <= if path.starts_with("/desk") { files } else { 0 },
            "{path}"
        );
        answer.lacks(&[
            " style=",
            "<style",
            " onclick=",
            "javascript:",
            "http://127",
        ]);
    }
}

#[tokio::test]
async fn only_this_machine_is_answered() {
    let web = Web::bare(true).await;
    let ask = async |host: &str| {
        let request = Request::get("/api/v1/healthz")
            .header(header::HOST, host)
            .body(Body::empty());
        web.ask(request.unwrap()).await.status
    };
    assert_eq!(ask("127.0.0.1:8080").await, StatusCode::OK);
    assert_eq!(ask("localhost:8080").await, StatusCode::OK);
    assert_eq!(ask("evil.example").await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(
        ask("localhost.evil.example:8080").await,
        StatusCode::MISDIRECTED_REQUEST
    );
    let bad = Request::get("http://evil.example/board")
        .body(Body::empty())
        .unwrap();
    let refused = web.ask(bad).await;
    assert_eq!(refused.status, StatusCode::MISDIRECTED_REQUEST);
    refused.has(&["Q4211", "<main"]);
}

#[tokio::test]
async fn request_numbers_are_kept_when_they_are_sane() {
    let web = Web::bare(true).await;
    let ask = async |id: &str| {
        let request = Request::get("/api/v1/healthz")
            .header("x-request-id", id)
            .body(Body::empty());
        web.ask(request.unwrap())
            .await
            .header("x-request-id")
            .to_owned()
    };
    assert_eq!(ask("abc-1.2_3").await, "abc-1.2_3");
    assert_ne!(ask("a b").await, "a b");
    assert_ne!(ask(&"x".repeat(65)).await, "x".repeat(65));
}

#[tokio::test]
async fn pages_are_compressed_when_asked_and_files_never() {
    let web = Web::new().await;
    let file = format!("/api/v1/files/{}", web.digest);
    let export = "/api/v1/registers/project/export?format=csv";
    for (path, expect) in [
        ("/board", "gzip"),
        ("/api/v1/figures", "gzip"),
        (export, "gzip"),
        (&file, ""),
    ] {
        let request = Request::get(path)
            .header(header::ACCEPT_ENCODING, "gzip")
            .body(Body::empty());
        assert_eq!(
            web.ask(request.unwrap()).await.header("content-encoding"),
            expect,
            "{path}"
        );
    }
}

#[tokio::test]
async fn addresses_that_others_could_reach_are_refused() {
    let web = Web::bare(true).await;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let state = web.state.clone();
        let refused = serve(state, address.parse().unwrap()).await.unwrap_err();
        assert!(matches!(refused, ServeError::NotLoopback(_)));
        assert!(refused.to_string().contains("--public-url"), "{refused}");
    }
}
