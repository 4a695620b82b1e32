//! Files and uploads that mean no good.

use futures::stream;

use super::*;

fn uploads(web: &Web) -> usize {
    std::fs::read_dir(web.folder().join("imports/uploads"))
        .map(Iterator::count)
        .unwrap_or(0)
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_with_their_reason() {
    let (web, running) = working().await;
    let clean = sample("s01_clean.xlsx");
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01".to_vec();
    for (name, content, code) in [
        ("炸弹.xlsx", sample("h03_zip_bomb_200MB.xlsx"), "S1005"),
        ("半截.xlsx", clean[..clean.len() / 2].to_vec(), "S1008"),
        ("空.xlsx", Vec::new(), "S1001"),
        ("图.xlsx", png, "S1002"),
    ] {
        let found = sent(&web, name, content).await;
        assert_eq!(found["state"], "refused", "{name}");
        assert_eq!(found["problems"][0]["code"], code, "{name}");
        assert_eq!(found["errors"], 1);
        let id = &found["id"];
        let answer = commit(&web, id, true).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{name}");
        let answer = web.get(&format!("/api/v1/imports/{id}/marked")).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{name}");
        let rows = web
            .ok(&format!("/api/v1/imports/{id}/preview"))
            .await
            .json();
        assert_eq!(rows["rows"], json!([]));
        web.ok(&format!("/api/v1/imports/{id}/file")).await;
        let gone = web
            .send("DELETE", &format!("/api/v1/imports/{id}"), Value::Null)
            .await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    }
    // A sheet that says it is huge is read as far as it goes.
    let found = sent(&web, "大.xlsx", sample("h04_huge_dimension.xlsx")).await;
    assert_ne!(found["state"], "analysing");
    assert_eq!(keys(&web).await.len(), 4);
    running.stop().await;
}

#[tokio::test]
async fn cells_that_are_formulas_or_markup_stay_text() {
    let (web, running) = working().await;
    let found = sent(&web, "注入.xlsx", sample("s07_injection.xlsx")).await;
    assert_eq!(found["registers"][0]["inserted"], 12, "{found:#}");
    let sheet = web
        .ok(&format!("/api/v1/imports/{}/sheets/0", found["id"]))
        .await;
    assert_eq!(sheet.header("content-type"), "application/json");
    assert_eq!(sheet.header("x-content-type-options"), "nosniff");
    running.stop().await;
}

#[tokio::test]
async fn an_upload_that_is_too_large_or_breaks_off_leaves_nothing() {
    let web = Web::new().await;
    let request = Request::post("/api/v1/imports?name=a.xlsx")
        .header(header::CONTENT_LENGTH, (201_u64 << 20).to_string())
        .body(Body::from("PK"))
        .unwrap();
    let answer = web.ask(request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    answer.has(&["Q4131", "200 MiB"]);

    // One that announces nothing is counted while it comes.
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    let endless = stream::iter((0..202).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let request = Request::post("/api/v1/imports?name=a.csv")
        .body(Body::from_stream(endless))
        .unwrap();
    let answer = web.ask(request).await;
    assert_eq!(
        answer.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "{}",
        answer.body
    );

    let broken = stream::iter([
        Ok(Bytes::from_static("项目编号".as_bytes())),
        Err(std::io::Error::other("connection reset")),
    ]);
    let request = Request::post("/api/v1/imports?name=a.csv")
        .body(Body::from_stream(broken))
        .unwrap();
    let answer = web.ask(request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    answer.has(&["Q4002"]);

    assert_eq!(uploads(&web), 0);
    let list = web.ok("/api/v1/imports").await.json();
    assert_eq!(list["imports"], json!([]));
    assert_eq!(web.ok("/api/v1/jobs").await.json()["jobs"], json!([]));
}

#[tokio::test]
async fn names_lead_nowhere() {
    let (web, running) = working().await;
    for (asked, name) in [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\台账\\六月.csv", "六月.csv"),
        (" a.csv ", "a.csv"),
        ("..", ".."),
        ("\"<b>.csv", "\"<b>.csv"),
    ] {
        let found = sent(&web, asked, "甲,乙\n1,2\n").await;
        assert_eq!(found["name"], name);
        let id = &found["id"];
        let file = web.ok(&format!("/api/v1/imports/{id}/file")).await;
        assert_eq!(file.body, "甲,乙\n1,2\n");
        let folder = web.folder().join("imports").join(id.to_string());
        assert!(folder.join("original").is_file());
    }
    for asked in ["", "/", "a\u{0}b.csv", "a\nb.csv", &"长".repeat(121)] {
        let answer = upload(&web, &format!("name={}", encoded(asked)), "x").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{asked:?}");
    }
    assert_eq!(uploads(&web), 0);
    running.stop().await;
}

#[tokio::test]
async fn there_is_an_end_to_open_imports() {
    let web = Web::new().await;
    let clerk = web.as_("jiangjin-clerk").await;
    for _ in 0..50 {
        let answer = upload(&clerk, "name=a.csv", "x").await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    }
    let answer = upload(&clerk, "name=a.csv", "x").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    answer.has(&["Q4097"]);
    // That is each account's own.
    let answer = upload(&web, "name=a.csv", "x").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let gone = clerk.send("DELETE", "/api/v1/imports/1", Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let answer = upload(&clerk, "name=a.csv", "x").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_told() {
    let (web, running) = working().await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let found = sent(&web, "台账.csv", text).await;
    let id = &found["id"];
    for (path, status, code) in [
        ("sheets/9", StatusCode::NOT_FOUND, "Q4048"),
        ("sheets/x", StatusCode::NOT_FOUND, "Q4048"),
        ("sheets/0?from=x", StatusCode::BAD_REQUEST, "Q4001"),
        ("preview?what=everything", StatusCode::BAD_REQUEST, "Q4001"),
        ("preview?after=1", StatusCode::UNPROCESSABLE_ENTITY, "Q4226"),
        (
            "preview?after=99999",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Q4226",
        ),
        ("preview?after=x", StatusCode::UNPROCESSABLE_ENTITY, "Q4226"),
    ] {
        let answer = web.get(&format!("/api/v1/imports/{id}/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        answer.has(&[code]);
    }
    for path in ["x", "0", "-1", "99"] {
        let answer = web.get(&format!("/api/v1/imports/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let answer = web.get("/api/v1/imports?after=x").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let far = web
        .ok(&format!(
            "/api/v1/imports/{id}/sheets/0?from=4294967295&rows=500"
        ))
        .await;
    assert_eq!(far.json()["rows"], json!([]));
    let long = json!({"reason": "长".repeat(501)});
    let answer = web
        .send("POST", &format!("/api/v1/imports/{id}/commit"), long)
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    running.stop().await;
}
