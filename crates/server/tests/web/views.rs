//! Saved views.

use serde_json::{Value, json};

use crate::fixture::Web;

#[tokio::test]
async fn views_are_saved_for_oneself() {
    let web = Web::new().await.as_("kaizhou-clerk").await;
    let save = |web: &Web, register: &str, name: &str, query: &str| {
        let body = json!({"register": register, "name": name, "query": query});
        let web = web.clone();
        async move { web.send("POST", "/api/v1/views", body).await }
    };
    let first = save(&web, "project", " 未开工 ", "eq.status=x")
        .await
        .is(201);
    assert_eq!(first["name"], "未开工");
    save(&web, "fund", "大额", "where=y").await.is(201);
    // The same name is saved anew.
    let again = save(&web, "project", "未开工", "eq.status=z").await.is(201);
    assert_eq!(again["id"], first["id"]);
    let views = web.ok("/api/v1/views?register=project").await.json();
    assert_eq!(views["views"], json!([again]));
    assert_eq!(
        web.ok("/api/v1/views").await.json()["views"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let other = web.as_("jiangjin-clerk").await;
    assert_eq!(other.ok("/api/v1/views").await.json()["views"], json!([]));
    let path = format!("/api/v1/views/{}", first["id"]);
    other.send("DELETE", &path, Value::Null).await.is(404);
    web.send("DELETE", &path, Value::Null).await.is(204);
    web.send("DELETE", &path, Value::Null).await.is(404);
    web.send("DELETE", "/api/v1/views/x", Value::Null)
        .await
        .is(404);
    save(&web, "nothing", "a", "b").await.is(404);
    save(&web, "project", "", "b").await.is(422);
    save(&web, "project", &"长".repeat(51), "b").await.is(422);
}
