//! My work, from the store: the rules themselves are tested with the pack's roles in `qipan-pack`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixture::Web;
use crate::imports::{committed, many, sent, working};

async fn items(web: &Web, login: &str) -> Vec<Value> {
    let list = web
        .as_(login)
        .await
        .ok("/api/v1/todo?period=2021H1")
        .await
        .json();
    list["items"].as_array().unwrap().clone()
}

fn kinds(items: &[Value]) -> BTreeSet<&str> {
    items
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn each_role_has_its_own_work() {
    let web = Web::new().await;
    let clerk = items(&web, "kaizhou-clerk").await;
    assert_eq!(kinds(&clerk), BTreeSet::from(["file"]), "{clerk:?}");
    // Its projects are filed by their rows; 19 other registers of recipients are not.
    assert!(clerk.iter().all(|item| item["register"] != "project"));
    assert_eq!(clerk.len(), 19);
    assert_eq!(clerk[0]["unit"], "kaizhou");
    assert_eq!(clerk[0]["period"], "2021H1");
    let supporter = items(&web, "jiangjin-clerk").await;
    assert!(supporter.is_empty(), "{supporter:?}");
    let coordinator = items(&web, "coordinator").await;
    assert_eq!(kinds(&coordinator), BTreeSet::from(["missing", "open"]));
    let open = coordinator
        .iter()
        .find(|item| item["kind"] == "open")
        .unwrap();
    assert_eq!(
        (&open["register"], &open["count"]),
        (&json!("project"), &json!(1))
    );
    let leader = items(&web, "jiangjin-leader").await;
    assert_eq!(kinds(&leader), BTreeSet::from(["missing"]));
    // Kaizhou has filed something; what it lacks is told, of nobody else anything.
    for item in &leader {
        assert!(!item["detail"].as_str().unwrap().contains("万州"), "{item}");
    }
    assert!(items(&web, "auditor").await.is_empty());
    assert!(items(&web, "commerce").await.is_empty());
    let system = items(&web, "system").await;
    assert_eq!(kinds(&system), BTreeSet::from(["health"]));
    assert!(items(&web, "security").await.is_empty());
    let nobody = web.nobody().get("/api/v1/todo").await;
    assert_eq!(nobody.status.as_u16(), 401);
}

#[tokio::test]
async fn what_is_done_is_gone() {
    let web = Web::new().await;
    let clerk = items(&web, "kaizhou-clerk").await;
    assert!(clerk.iter().any(|item| item["register"] == "fund"));
    web.file("fund", "2021H1", "kaizhou").await;
    let clerk = items(&web, "kaizhou-clerk").await;
    assert!(clerk.iter().all(|item| item["register"] != "fund"));
    // The officer's list empties with a walk along the journal.
    let says = |items: &[Value], word: &str| {
        items
            .iter()
            .any(|item| item["title"].as_str().unwrap().contains(word))
    };
    assert!(says(&items(&web, "system").await, "还没有校验过"));
    web.ok("/api/v1/verify").await;
    assert!(!says(&items(&web, "system").await, "校验"));
}

#[tokio::test]
async fn locked_accounts_wait_for_the_security_officer() {
    let web = Web::new().await;
    for _ in 0..6 {
        let wrong = json!({"login": "kaizhou-clerk", "password": "Wrong-Wrong-1"});
        web.nobody().send("POST", "/api/v1/session", wrong).await;
    }
    let security = items(&web, "security").await;
    assert_eq!(kinds(&security), BTreeSet::from(["locked"]));
    assert!(
        security[0]["title"]
            .as_str()
            .unwrap()
            .contains("kaizhou-clerk")
    );
    let coordinator = items(&web, "coordinator").await;
    assert!(!kinds(&coordinator).contains("locked"));
}

#[tokio::test]
async fn imports_wait_for_whoever_sent_them() {
    let (web, running) = working().await;
    let clerk = web.as_("kaizhou-clerk").await;
    let good = sent(&clerk, "项目.csv", many(2)).await;
    let bad = sent(&clerk, "乱.xlsx", "PK\u{3}\u{4} no workbook").await;
    let imports: Vec<Value> = items(&web, "kaizhou-clerk")
        .await
        .into_iter()
        .filter(|item| item["kind"] == "import")
        .collect();
    let to: Vec<&Value> = imports.iter().map(|item| &item["to"]).collect();
    let path = |import: &Value| json!(format!("/imports/{}", import["id"]));
    // What was refused comes first.
    assert_eq!(to, [&path(&bad), &path(&good)]);
    assert_eq!(imports[0]["severity"], "high");
    let other = items(&web, "coordinator").await;
    assert!(!kinds(&other).contains("import"), "somebody else's");
    let job = committed(&clerk, &good["id"], false).await;
    assert_eq!(job["state"], "done", "{job}");
    let left = items(&web, "kaizhou-clerk").await;
    let left = left.iter().filter(|item| item["kind"] == "import").count();
    assert_eq!(left, 1);
    running.stop().await;
}
