//! Returns filed through the API.

use serde_json::json;

use crate::fixture::Web;

#[tokio::test]
async fn a_unit_files_for_itself() {
    let web = Web::new().await;
    let clerk = web.as_("kaizhou-clerk").await;
    let file = |web: &Web, unit: serde_json::Value, kind: &str| {
        let body = json!({"register": "project", "period": "2021H1", "unit": unit, "kind": kind});
        let web = web.clone();
        async move { web.send("POST", "/api/v1/returns", body).await }
    };
    file(&clerk, json!("kaizhou"), "no-change").await.is(204);
    file(&clerk, json!(null), "nil").await.is(204);
    let refused = file(&clerk, json!("jiangjin"), "nil").await.is(403);
    assert_eq!(refused["code"], "Q4031");
    file(&clerk, json!("nowhere"), "nil").await.is(404);
    file(&clerk, json!("kaizhou"), "later").await.is(422);
    let leader = web.as_("jiangjin-leader").await;
    file(&leader, json!("jiangjin"), "nil").await.is(403);
    file(&web, json!("wanzhou"), "filed").await.is(204);
    let mut reader = web.store.reader().await.unwrap();
    let period = "2021H1".parse().unwrap();
    let returns = reader.returns("project", period, None).await.unwrap();
    let kinds: Vec<(&str, &str)> = returns
        .iter()
        .map(|one| (one.unit.as_str(), one.kind.as_str()))
        .collect();
    assert_eq!(kinds, [("kaizhou", "nil"), ("wanzhou", "filed")]);
    let head = reader.head().seq;
    // Refusals are told to the journal beside the answers and may come in later.
    let entries = reader.journal(1, head).await.unwrap();
    let filed = entries.iter().rev().find(|entry| entry.action == "return");
    let entry = filed.unwrap();
    assert_eq!(
        (entry.actor.as_str(), entry.action.as_str()),
        ("coordinator", "return")
    );
}
