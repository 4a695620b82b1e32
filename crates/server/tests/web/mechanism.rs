//! The mechanism as people read it: clauses traced both ways, the pack's files.

use axum::http::StatusCode;
use serde_json::Value;

use crate::fixture::Web;

fn by_id<'l>(list: &'l Value, id: &str) -> &'l Value {
    let mut all = list.as_array().unwrap().iter();
    all.find(|one| one["id"] == id)
        .unwrap_or_else(|| panic!("{id}"))
}

fn ids(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap().iter();
    all.map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn clauses_are_traced_both_ways() {
    let web = Web::new().await;
    let clauses = web.ok("/api/v1/clauses").await.json();
    let indicators = web.ok("/api/v1/indicators").await.json();
    let registers = web.ok("/api/v1/registers").await.json();
    let mut followed = std::collections::BTreeSet::new();
    for clause in clauses.as_array().unwrap() {
        let id = clause["id"].as_str().unwrap();
        followed.insert(clause["followed"].as_str().unwrap());
        // There and back: whatever a clause leads to names the clause.
        for traced in ids(&clause["traced_indicators"]) {
            let back = &by_id(&indicators, traced)["clauses"];
            assert!(
                back.as_array().unwrap().contains(&id.into()),
                "{id} {traced}"
            );
        }
        for traced in ids(&clause["traced_registers"]) {
            let back = &by_id(&registers, traced)["clauses"];
            assert!(
                back.as_array().unwrap().contains(&id.into()),
                "{id} {traced}"
            );
        }
        for named in clause["registers"].as_array().unwrap() {
            assert!(ids(&clause["traced_registers"]).contains(&named.as_str().unwrap()));
        }
        match clause["followed"].as_str().unwrap() {
            "counted" => assert!(!ids(&clause["traced_indicators"]).is_empty()),
            "recorded" => {
                assert!(ids(&clause["traced_indicators"]).is_empty());
                assert!(!ids(&clause["traced_registers"]).is_empty());
            }
            _ => assert!(ids(&clause["traced_registers"]).is_empty()),
        }
    }
    assert_eq!(
        followed.len(),
        3,
        "the pack leaves some clauses open, and says so"
    );
    for indicator in indicators.as_array().unwrap() {
        for clause in indicator["clauses"].as_array().unwrap() {
            let clause = by_id(&clauses, clause.as_str().unwrap());
            let id = indicator["id"].as_str().unwrap();
            assert!(ids(&clause["traced_indicators"]).contains(&id));
        }
    }
}

#[tokio::test]
async fn the_packs_files_are_read_as_text() {
    let web = Web::new().await;
    let list = web.ok("/api/v1/pack/files").await.json();
    let files = list["files"].as_array().unwrap();
    let path = |file: &Value| file["path"].as_str().unwrap().to_owned();
    assert!(files.iter().any(|file| path(file) == "mechanism.toml"));
    for file in files {
        let shown = web
            .ok(&format!(
                "/api/v1/pack/files/{}",
                path(file).replace('/', "%2F")
            ))
            .await;
        assert_eq!(shown.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(shown.size as u64, file["size"].as_u64().unwrap(), "{file}");
    }
    web.ok("/api/v1/pack/files/registers%2Fproject.toml")
        .await
        .has(&["项目台账"]);
    for wrong in [
        "..%2F..%2Fetc%2Fpasswd",
        "%2Fetc%2Fpasswd",
        "registers%2F..%2Fmechanism.toml",
        "nothing.toml",
        "",
    ] {
        let absent = web.get(&format!("/api/v1/pack/files/{wrong}")).await;
        assert_eq!(absent.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    // The pack is policy, not data: every role reads it, nobody else does.
    web.as_("security").await.ok("/api/v1/pack/files").await;
    let none = web.nobody().get("/api/v1/pack/files").await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
}
