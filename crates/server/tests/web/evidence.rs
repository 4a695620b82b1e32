//! Files bound to records: by type and size, in the journal, through the record alone.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::fixture::{Answer, Web, encoded};

const EVIDENCE: &str = "/api/v1/registers/project/records/1/evidence";
const PDF: &[u8] = b"%PDF-1.7\nexample";

impl Web {
    /// Binds a file to a record.
    pub async fn attach(&self, path: &str, name: &str, content: &[u8]) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/octet-stream")
            .header("x-file-name", encoded(name))
            .body(Body::from(content.to_vec()));
        self.ask(request.unwrap()).await
    }
}

#[tokio::test]
async fn files_are_bound_shown_and_taken_off_again() {
    let web = Web::new().await.as_("kaizhou-clerk").await;
    let bound = web.attach(EVIDENCE, "验收单.pdf", PDF).await.is(201);
    assert_eq!(
        (&bound["name"], &bound["type"]),
        (&json!("验收单.pdf"), &json!("application/pdf"))
    );
    assert_eq!(
        (&bound["size"], &bound["actor"]),
        (&json!(PDF.len()), &json!("kaizhou-clerk"))
    );
    let (digest, entry) = (bound["digest"].as_str().unwrap(), bound["entry"].clone());
    let twice = web.attach(EVIDENCE, "又一份.pdf", PDF).await.is(409);
    assert_eq!(twice["code"], "Q4091");
    let list = web.ok(EVIDENCE).await.json();
    assert_eq!(list, json!([bound]));
    let card = web.ok("/api/v1/registers/project/records/1").await;
    assert_eq!(card.json()["evidence"], list);
    assert_ne!(card.header("etag"), "\"r2\"", "the card has changed");
    // Its tag serves for a change all the same.
    let body = json!({"values": {"note": "有验收单"}, "reason": "更正"});
    let tag = [("if-match", card.header("etag"))];
    let path = "/api/v1/registers/project/records/1";
    web.with("PATCH", path, &tag, body).await.is(200);

    let file = format!("/api/v1/files/{digest}?entry={entry}");
    let got = web.ok(&file).await;
    assert_eq!(got.body.as_bytes(), PDF);
    assert!(got.header("content-disposition").starts_with("attachment;"));
    assert_eq!(got.header("content-type"), "application/octet-stream");
    let shown = web.ok(&format!("{file}&inline=1")).await;
    assert!(shown.header("content-disposition").starts_with("inline;"));
    assert_eq!(shown.header("content-type"), "application/pdf");
    assert_eq!(shown.header("x-frame-options"), "SAMEORIGIN");
    let policy = shown.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script"),
        "{policy}"
    );

    let why = encoded("传错了");
    web.send("DELETE", &format!("{EVIDENCE}/{digest}"), Value::Null)
        .await
        .is(422);
    let path = format!("{EVIDENCE}/{digest}?reason={why}");
    web.send("DELETE", &path, Value::Null).await.is(204);
    web.send("DELETE", &path, Value::Null).await.is(404);
    assert_eq!(web.ok(EVIDENCE).await.json(), json!([]));
    let history = web.ok(&format!("{EVIDENCE}?history=true")).await.json();
    assert!(history[0]["ended"].as_i64() > entry.as_i64());
    web.ok(&file).await;
    // Every step is in the journal, downloads too.
    let coordinator = web.as_("coordinator").await;
    let journal = coordinator.ok("/api/v1/journal").await.json();
    let entries = journal["entries"].as_array().unwrap();
    let count = |action: &str| entries.iter().filter(|one| one["action"] == action).count();
    assert_eq!(count("evidence"), 1);
    assert_eq!(count("evidence-retract"), 1);
    assert_eq!(count("download"), 3);
    assert!(web.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn files_are_taken_by_what_they_are() {
    let web = Web::new().await;
    for (name, content, status, expect) in [
        ("图.png", &b"\x89PNG\r\n\x1a\n1"[..], 201, "图.png"),
        ("图.pdf", b"\xff\xd8\xff\xe01", 201, "图.pdf.jpg"),
        ("说明.txt", "验收合格".as_bytes(), 201, "说明.txt"),
        ("页.html", b"<script>alert(1)</script>", 201, "页.html.txt"),
        ("a.exe", b"MZ\x90\0\x03", 415, "Q4151"),
        ("空.pdf", b"", 415, "Q4151"),
        ("", PDF, 422, "Q4232"),
    ] {
        let answer = web.attach(EVIDENCE, name, content).await.is(status);
        let told = if status == 201 {
            &answer["name"]
        } else {
            &answer["code"]
        };
        assert_eq!(told, expect, "{name}");
        if status == 201 {
            // What is not a picture or PDF is only handed out.
            let digest = answer["digest"].as_str().unwrap();
            let file = web.ok(&format!("/api/v1/files/{digest}?inline=1")).await;
            let inline = file.header("content-disposition").starts_with("inline");
            assert_eq!(inline, answer["type"] != "text/plain", "{name}");
        }
    }
    let large = vec![b'a'; (20 << 20) + 1];
    let refused = web.attach(EVIDENCE, "大.txt", &large).await.is(413);
    assert_eq!(refused["code"], "Q4131");
    let fits = vec![b'b'; 20 << 20];
    web.attach(EVIDENCE, "不大.txt", &fits).await.is(201);
}

#[tokio::test]
async fn evidence_is_seen_through_its_record_alone() {
    let web = Web::new().await;
    let path = "/api/v1/registers/project/records/3/evidence";
    let bound = web.attach(path, "万州.pdf", PDF).await.is(201);
    let digest = bound["digest"].as_str().unwrap();
    let clerk = web.as_("kaizhou-clerk").await;
    clerk.get(path).await.is(404);
    clerk.attach(path, "x.pdf", b"%PDF-2").await.is(404);
    for query in [String::new(), format!("?entry={}", bound["entry"])] {
        let file = format!("/api/v1/files/{digest}{query}");
        assert_eq!(clerk.get(&file).await.is(404)["code"], "Q4045");
        web.ok(&file).await;
    }
    clerk
        .send("DELETE", &format!("{path}/{digest}?reason=x"), Value::Null)
        .await
        .is(404);
    // Seen, and not to be changed.
    let leader = web.as_("jiangjin-leader").await;
    leader.attach(EVIDENCE, "x.pdf", PDF).await.is(403);
    let auditor = web.as_("auditor").await;
    auditor.ok(path).await;
    auditor.attach(path, "x.pdf", b"%PDF-3").await.is(403);
    // The workbook that records came from tells of others too: only who may see all of them,
    // unmasked, may have it.
    let source = format!("/api/v1/files/{}?entry=2", web.digest);
    web.ok(&source).await;
    clerk.get(&source).await.is(404);
    leader.get(&source).await.is(404);
    web.nobody().get(&source).await.is(401);
}
