//! Briefs: in which forms, over what, and told to the journal.

use axum::http::StatusCode;
use serde_json::Value;

use crate::fixture::Web;

const BRIEF: &str = "/api/v1/briefs/half-year?period=2021H1";

async fn exports(web: &Web) -> Vec<Value> {
    let journal = web.ok("/api/v1/journal?action=export").await.json();
    journal["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn briefs_come_in_three_forms_as_files() {
    let web = Web::new().await;
    let list = web.ok("/api/v1/briefs?period=2021H1").await.json();
    assert_eq!(list["briefs"][0]["id"], "half-year");
    let name = list["briefs"][0]["name"].as_str().unwrap();
    assert!(name.contains("2021年上半年"), "{name}");
    let html = web.ok(BRIEF).await;
    assert!(html.header("content-type").starts_with("text/html"));
    assert!(html.header("content-disposition").starts_with("attachment"));
    html.has(&["示例数据，非真实记录", "2021年上半年", "累计下达"])
        .lacks(&["<script"]);
    let text = web.ok(&format!("{BRIEF}&format=md")).await;
    assert!(text.header("content-type").starts_with("text/markdown"));
    text.has(&["# 关于2021年上半年"]);
    let docx = web.ok(&format!("{BRIEF}&format=docx")).await;
    assert!(docx.header("content-type").contains("wordprocessingml"));
    assert!(
        docx.header("content-disposition")
            .ends_with("half-year-2021H1.docx")
    );
    assert!(
        docx.body.starts_with("PK") && docx.size > 20_000,
        "{}",
        docx.size
    );
    // Each download stands in the journal with who, over what, in which form.
    let told = exports(&web).await;
    let forms: Vec<&str> = told
        .iter()
        .map(|entry| {
            assert_eq!(entry["actor"], "coordinator");
            assert_eq!(entry["payload"]["event"]["brief"], "half-year");
            assert_eq!(entry["payload"]["event"]["period"], "2021H1");
            entry["payload"]["event"]["format"].as_str().unwrap()
        })
        .collect();
    assert_eq!(forms, ["docx", "md", "html"]);
}

#[tokio::test]
async fn a_preview_is_shown_in_a_sandbox_and_is_no_download() {
    let web = Web::new().await;
    let preview = web.ok(&format!("{BRIEF}&inline=1")).await;
    let policy = preview.header("content-security-policy");
    assert!(
        policy.starts_with("sandbox; default-src 'none'"),
        "{policy}"
    );
    assert!(
        policy.contains("frame-ancestors 'self'") && !policy.contains("allow-"),
        "{policy}"
    );
    assert_eq!(preview.header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(preview.header("content-disposition"), "");
    assert!(exports(&web).await.is_empty());
    // Only HTML can be looked at; anything else is a file.
    let file = web.ok(&format!("{BRIEF}&inline=1&format=md")).await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(exports(&web).await.len(), 1);
}

#[tokio::test]
async fn a_limited_brief_says_so_and_holds_no_more() {
    let web = Web::new().await;
    let whole = web.ok(&format!("{BRIEF}&format=md")).await;
    whole.lacks(&["只含"]);
    let leader = web.as_("jiangjin-leader").await;
    let own = leader.ok(&format!("{BRIEF}&format=md")).await;
    let title = own
        .body
        .lines()
        .find(|line| line.starts_with("# "))
        .unwrap();
    assert!(title.contains("（只含江津区的结对关系）"), "{title}");
    own.has(&["累计下达对口帮扶项目[1个]"]);
    whole.has(&["累计下达对口帮扶项目[3个]"]);
    let told = exports(&web).await;
    assert_eq!(told[0]["payload"]["event"]["scope"], "只含江津区的结对关系");
    assert_eq!(told[1]["payload"]["event"]["scope"], Value::Null);
    // Clerks and departments make none, and the offices see no figures.
    for login in ["kaizhou-clerk", "commerce", "auditor", "security", "system"] {
        let refused = web.as_(login).await.get(BRIEF).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{login}");
        refused.has(&["Q4031"]);
    }
}

#[tokio::test]
async fn a_brief_as_of_a_past_moment_stays_the_same() {
    let web = Web::new().await;
    let path = format!("{BRIEF}&format=html&as_of=2021-07-31");
    let first = web.ok(&path).await;
    first.has(&["2021年7月31日", "未报"]);
    web.add_project("XT-9", "jiangjin", "kaizhou").await;
    assert_eq!(web.ok(&path).await.body, first.body);
    for (path, status, code) in [
        ("/api/v1/briefs/nothing", 404, "Q4045"),
        ("/api/v1/briefs/half-year?format=pdf", 400, "Q4001"),
        ("/api/v1/briefs/half-year?period=2021H9", 422, "Q4221"),
    ] {
        let wrong = web.get(path).await;
        assert_eq!(wrong.status.as_u16(), status, "{path}");
        wrong.has(&[code]);
    }
}
