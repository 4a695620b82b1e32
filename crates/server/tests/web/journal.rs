//! The journal: searched, and by whom.

use axum::http::StatusCode;
use serde_json::Value;

use crate::fixture::{Web, encoded};

async fn found(web: &Web, query: &str) -> Value {
    web.ok(&format!("/api/v1/journal?{query}")).await.json()
}

fn reasons(journal: &Value) -> Vec<&str> {
    let entries = journal["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["reason"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_journal_is_searched_newest_first() {
    let web = Web::new().await;
    let imports = found(&web, "action=import").await;
    assert_eq!(reasons(&imports), ["更正资金", "首报"]);
    assert_eq!(
        reasons(&found(&web, "register=project&action=import").await).len(),
        2
    );
    assert_eq!(
        reasons(&found(&web, &format!("q={}", encoded("更正"))).await),
        ["更正资金"]
    );
    // Names of files stand in the particulars.
    assert_eq!(
        reasons(&found(&web, &format!("q={}", encoded("<b>.XLSX"))).await).len(),
        2
    );
    assert_eq!(reasons(&found(&web, "q=nothing-like-it").await), [""; 0]);
    let actor = found(&web, &format!("actor={}", encoded("测试员"))).await;
    assert!(reasons(&actor).contains(&"首报"));
    assert!(reasons(&found(&web, "from=2021-08-01&to=2021-08-01").await).len() > 3);
    assert!(reasons(&found(&web, "to=2021-07-31").await).is_empty());
    assert!(reasons(&found(&web, "from=2021-08-02").await).is_empty());
    // Empty words are none: the chain as it stands, oldest first.
    let chain = found(&web, "actor=&q=").await;
    assert_eq!(chain["entries"][0]["seq"], 1);
}

#[tokio::test]
async fn a_search_is_paged_by_the_number() {
    let web = Web::new().await;
    let all = found(&web, "limit=1000").await;
    assert_eq!(all["next"], Value::Null);
    let mut last = String::new();
    let mut seen = Vec::new();
    loop {
        let page = found(&web, &format!("limit=3{last}")).await;
        seen.extend(page["entries"].as_array().unwrap().clone());
        match page["next"].as_i64() {
            Some(next) => last = format!("&last={next}"),
            None => break,
        }
    }
    assert_eq!(Value::from(seen), all["entries"]);
}

#[tokio::test]
async fn only_those_with_the_journal_see_it() {
    let web = Web::new().await;
    web.as_("auditor")
        .await
        .ok("/api/v1/journal?action=import")
        .await;
    for login in [
        "kaizhou-clerk",
        "jiangjin-leader",
        "commerce",
        "security",
        "system",
    ] {
        let refused = web.as_(login).await.get("/api/v1/journal?q=x").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{login}");
    }
    for (query, status, code) in [
        ("from=yesterday", 422, "Q4222"),
        ("to=yesterday", 422, "Q4222"),
        ("limit=many", 400, "Q4001"),
        ("author=x", 400, "Q4001"),
    ] {
        let wrong = web.get(&format!("/api/v1/journal?{query}")).await;
        assert_eq!(wrong.status.as_u16(), status, "{query}");
        wrong.has(&[code]);
    }
}

#[tokio::test]
async fn what_is_found_is_taken_along_as_lines_and_noted() {
    let web = Web::new().await;
    let mut every = found(&web, "limit=1000").await["entries"].clone();
    let file = web.ok("/api/v1/journal/export").await;
    assert_eq!(file.header("content-type"), "application/x-ndjson");
    assert!(file.header("content-disposition").contains(".ndjson"));
    let lines = |body: &str| -> Vec<Value> {
        let lines = body.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    assert_eq!(Value::from(lines(&file.body)), every.take());
    let imports = web.ok("/api/v1/journal/export?action=import").await;
    assert_eq!(lines(&imports.body).len(), 2);
    let noted = found(&web, "action=export").await;
    assert_eq!(noted["entries"].as_array().unwrap().len(), 2);
    assert_eq!(noted["entries"][0]["actor"], "coordinator");
    let asked = &noted["entries"][0]["payload"]["event"]["journal"];
    assert_eq!(asked["action"], "import", "{noted}");
    let wrong = web.get("/api/v1/journal/export?from=yesterday").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let noted = found(&web, "action=export").await;
    assert_eq!(
        noted["entries"].as_array().unwrap().len(),
        2,
        "nothing left"
    );
    let newest = web.ok("/api/v1/journal/export?limit=3").await;
    let numbers: Vec<i64> = lines(&newest.body)
        .iter()
        .map(|entry| entry["seq"].as_i64().unwrap())
        .collect();
    let head = numbers[0];
    assert_eq!(numbers, [head, head - 1, head - 2]);
}
