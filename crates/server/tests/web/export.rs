//! Registers as files.

use serde_json::{Value, json};

use crate::fixture::Web;

const EXPORT: &str = "/api/v1/registers/project/export";

#[tokio::test]
async fn registers_are_exported_as_far_as_the_caller_reaches() {
    let web = Web::new().await;
    let csv = web
        .ok(&format!("{EXPORT}?format=csv&reason=%E6%A0%B8%E5%AF%B9"))
        .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("project.csv"));
    assert_eq!(csv.body.lines().count(), 5);
    csv.has(&["XT-1", "XT-4", "欧阳锋锋", "2500000.00"]);
    let clerk = web.as_("kaizhou-clerk").await;
    let own = clerk.ok(&format!("{EXPORT}?format=csv")).await;
    own.has(&["XT-1"]).lacks(&["XT-2", "XT-3", "XT-4"]);
    // Leaders may export, and see no personal data.
    let leader = web.as_("jiangjin-leader").await;
    leader
        .ok(&format!("{EXPORT}?format=csv"))
        .await
        .has(&["XT-1"]);
    let auditor = web.as_("auditor").await;
    auditor.ok(&format!("{EXPORT}?format=csv")).await;
    web.as_("security")
        .await
        .get(&format!("{EXPORT}?format=csv"))
        .await
        .is(403);

    let rows = web.ok(&format!("{EXPORT}?format=json&q=XT-2")).await.json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["code"], "XT-2");
    for (format, magic) in [("xlsx", "PK"), ("parquet", "PAR1")] {
        let file = web
            .ok(&format!("{EXPORT}?format={format}&period=2021H1"))
            .await;
        assert!(file.body.starts_with(magic), "{format}");
    }
    for query in [
        "format=doc",
        "format=csv&where=fund+%3E",
        "format=csv&x=1",
        "",
    ] {
        let refused = web.get(&format!("{EXPORT}?{query}")).await;
        assert!(
            refused.status.is_client_error(),
            "{query}: {}",
            refused.body
        );
    }
    let journal = web.ok("/api/v1/journal").await.json();
    let entries = journal["entries"].as_array().unwrap().iter();
    let exports: Vec<&Value> = entries.filter(|one| one["action"] == "export").collect();
    assert_eq!(exports.len(), 7);
    assert_eq!(exports[0]["actor"], "coordinator");
    assert_eq!(exports[0]["reason"], "核对");
    assert_eq!(exports[0]["payload"]["event"]["rows"], 4);
    assert_eq!(exports[1]["payload"]["event"]["rows"], 1);
    assert_eq!(exports[1]["register"], "project");
}

#[tokio::test]
async fn a_template_holds_what_is_known() {
    let web = Web::new().await.as_("kaizhou-clerk").await;
    let path = "/api/v1/registers/project/template?period=2021H1";
    let file = web.ok(path).await;
    assert!(file.body.starts_with("PK"));
    let disposition = file.header("content-disposition");
    assert!(disposition.contains("template.xlsx"), "{disposition}");
    web.get(&format!("{path}&unit=nowhere")).await.is(404);
    web.get("/api/v1/registers/project/template?period=x")
        .await
        .is(422);
    assert_eq!(json!(null), Value::Null);
}
