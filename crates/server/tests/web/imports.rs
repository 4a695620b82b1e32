//! Workbooks sent in: what is found, whose it is, what becomes of it.

use std::path::PathBuf;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use qipan_import::Options;
use qipan_server::Running;
use serde_json::{Value, json};

use crate::fixture::{Answer, Web, encoded};
use crate::jobs::{events, over};

mod access;
mod hostile;
mod steps;
mod survival;

/// A file of the sheets crate.
fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sheets/tests/data");
    std::fs::read(PathBuf::from(folder).join(name)).unwrap()
}

/// A CSV file of projects: code, supporter, recipient, name, fund in 元.
fn projects(rows: &[[&str; 5]]) -> String {
    let mut text = String::from(
        "项目编号,项目名称,帮扶区县,受援区县,总投资（元）,帮扶资金（元）,下达日期,项目状态\n",
    );
    for [code, supporter, recipient, name, fund] in rows {
        text += &format!("{code},{name},{supporter},{recipient},90000000,{fund},2021-03-18,前期\n");
    }
    text
}

/// A CSV file of so many projects.
fn many(count: usize) -> String {
    let codes: Vec<String> = (0..count).map(|nth| format!("DL-{nth}")).collect();
    let rows: Vec<[&str; 5]> = codes
        .iter()
        .map(|code| [code, "江津", "开州", "道路", "100"])
        .collect();
    projects(&rows)
}

/// The pack, the accounts, a few projects, and long work.
async fn working() -> (Web, Running) {
    Web::new().await.working()
}

async fn upload(web: &Web, query: &str, content: impl Into<Bytes>) -> Answer {
    let request = Request::post(format!("/api/v1/imports?{query}"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(Body::from(content.into()))
        .unwrap();
    web.ask(request).await
}

/// Sends a file in and waits until it has been read.
async fn sent(web: &Web, name: &str, content: impl Into<Bytes>) -> Value {
    let answer = upload(web, &format!("name={}", encoded(name)), content).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    let answer = answer.json();
    let job = over(web, &answer["job"]).await;
    assert_eq!(job["state"], "done", "{job}");
    import(web, &answer["id"]).await
}

async fn import(web: &Web, id: &Value) -> Value {
    web.ok(&format!("/api/v1/imports/{id}")).await.json()
}

async fn commit(web: &Web, id: &Value, accept_good_rows: bool) -> Answer {
    let body = json!({"accept_good_rows": accept_good_rows, "reason": "六月汇总"});
    web.send("POST", &format!("/api/v1/imports/{id}/commit"), body)
        .await
}

/// Commits and waits for the end of the job.
async fn committed(web: &Web, id: &Value, accept_good_rows: bool) -> Value {
    let answer = commit(web, id, accept_good_rows).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    over(web, &answer.json()["job"]).await
}

/// What `qipan import` reports of a file as things stand.
async fn reported(web: &Web, name: &str, content: &[u8]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let pack = web.store.pack().await.unwrap().unwrap();
    let now = qipan_store::Clock::now(&*web.clock);
    let today = jiff::tz::Offset::constant(8).to_datetime(now).date();
    let options = Options {
        dry_run: true,
        accept_good_rows: true,
        ..Options::default()
    };
    let report = qipan_import::import(
        &web.store,
        &pack,
        &path,
        &options,
        qipan_store::Change::default(),
        today,
        &|_| {},
    )
    .await
    .unwrap();
    serde_json::to_value(report).unwrap()
}

/// Keys of the projects that stand.
async fn keys(web: &Web) -> Vec<String> {
    let list = web
        .ok("/api/v1/registers/project/records?limit=1000&sort=code")
        .await
        .json();
    let records = list["records"].as_array().unwrap().iter();
    records
        .map(|record| record["key"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_workbook_goes_from_the_upload_to_the_registers() {
    let (web, running) = working().await;
    let content = sample("s01_clean.xlsx");
    let expect = reported(&web, "项目台账.xlsx", &content).await;
    let found = sent(&web, "项目台账.xlsx", content.clone()).await;
    assert_eq!(
        (&found["state"], &found["by"]),
        (&json!("ready"), &json!("coordinator"))
    );
    assert_eq!(found["name"], "项目台账.xlsx");
    assert_eq!(found["size"], content.len());
    assert_eq!(found["registers"], expect["registers"], "{found:#}");
    assert_eq!(found["problems"], expect["problems"], "{found:#}");
    assert_eq!(
        (&found["errors"], &found["receipt"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(found["registers"][0]["inserted"], 5);

    let table = &found["tables"][0];
    assert_eq!(table["register"], "project");
    let nth = table["sheet"].as_i64().unwrap();
    let columns = table["columns"].as_array().unwrap();
    let fund = columns.iter().find(|one| one["field"] == "fund").unwrap();
    assert_eq!(fund["measure"], "万元");

    let id = &found["id"];
    let sheet = web
        .ok(&format!("/api/v1/imports/{id}/sheets/{nth}"))
        .await
        .json();
    assert_eq!(sheet["first"], 1);
    assert_eq!(sheet["total_rows"], found["sheets"][0]["rows"]);
    let inserts = sheet["changes"].as_array().unwrap();
    assert_eq!(inserts.len(), 5);
    assert!(inserts.iter().all(|change| change["what"] == "insert"));
    // A part of it, by the number of its first row.
    let row = inserts[1]["row"].as_u64().unwrap();
    let part = web
        .ok(&format!(
            "/api/v1/imports/{id}/sheets/{nth}?from={row}&rows=1"
        ))
        .await
        .json();
    assert_eq!(
        (&part["first"], part["rows"].as_array().unwrap().len()),
        (&json!(row), 1)
    );
    assert_eq!(part["rows"][0], sheet["rows"][row as usize - 1]);
    assert_eq!(part["changes"], json!([{"row": row, "what": "insert"}]));

    let first = web
        .ok(&format!("/api/v1/imports/{id}/preview?limit=3"))
        .await
        .json();
    let mark = first["next"].as_str().unwrap();
    let rest = web
        .ok(&format!(
            "/api/v1/imports/{id}/preview?limit=3&after={mark}&what=insert&register=project"
        ))
        .await
        .json();
    assert_eq!(
        (rest["rows"].as_array().unwrap().len(), &rest["next"]),
        (2, &Value::Null)
    );
    assert_eq!(rest["rows"][0]["changes"], json!([]));
    assert!(first["rows"][0]["values"]["fund"].is_number());

    // Nothing is written until it is committed.
    assert_eq!(keys(&web).await.len(), 4);
    let answer = commit(&web, id, false).await;
    let job = answer.json()["job"].clone();
    let events = events(&web.ok(&format!("/api/v1/jobs/{job}/events")).await);
    let (name, end) = events.last().unwrap();
    assert_eq!(
        (name.as_str(), &end["state"]),
        ("end", &json!("done")),
        "{end}"
    );
    assert_eq!((&end["done"], &end["total"]), (&json!(5), &json!(5)));
    let done = import(&web, id).await;
    assert_eq!(done["state"], "committed");
    assert_eq!(done["registers"][0]["inserted"], 5);
    assert_eq!(keys(&web).await.len(), 9);

    // The journal says who, why and from which file.
    let last = done["receipt"]["last"].as_i64().unwrap();
    let first = done["receipt"]["first"].as_i64().unwrap();
    let journal = web
        .ok(&format!("/api/v1/journal?first={first}&last={last}"))
        .await
        .json();
    let entry = &journal["entries"][0];
    assert_eq!(
        (&entry["actor"], &entry["reason"]),
        (&json!("coordinator"), &json!("六月汇总"))
    );
    assert_eq!(entry["action"], "import");
    assert_eq!(entry["payload"]["source"]["name"], "项目台账.xlsx");
    assert_eq!(entry["payload"]["source"]["digest"], done["digest"]);

    // The original is kept, and its download is told to the journal.
    let file = web.ok(&format!("/api/v1/imports/{id}/file")).await;
    assert_eq!(file.bytes, content);
    assert!(
        file.header("content-disposition")
            .contains(&encoded("项目台账"))
    );
    assert_eq!(file.header("content-type"), "application/octet-stream");
    web.ok("/api/v1/journal").await.has(&["\"download\""]);

    // What is written cannot be written again, given up or read otherwise.
    for answer in [
        commit(&web, id, true).await,
        web.send("DELETE", &format!("/api/v1/imports/{id}"), Value::Null)
            .await,
        web.send("POST", &format!("/api/v1/imports/{id}/mapping"), json!({}))
            .await,
    ] {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        answer.has(&["Q4096", "\"state\":\"committed\""]);
    }
    assert_eq!(keys(&web).await.len(), 9);
    assert!(web.store.verify().await.unwrap().ok);

    // The same file again has nothing new, and can be committed all the same.
    let again = sent(&web, "项目台账.xlsx", content).await;
    assert_eq!(again["registers"][0]["unchanged"], 5);
    let job = committed(&web, &again["id"], false).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(import(&web, &again["id"]).await["state"], "committed");

    // The history, a page at a time.
    let newest = web.ok("/api/v1/imports?limit=1").await.json();
    assert_eq!(newest["imports"][0]["id"], again["id"]);
    let after = newest["next"].as_str().unwrap();
    let older = web
        .ok(&format!("/api/v1/imports?limit=1&after={after}"))
        .await
        .json();
    assert_eq!(
        (&older["imports"][0]["id"], &older["next"]),
        (id, &Value::Null)
    );
    running.stop().await;
}

#[tokio::test]
async fn bad_rows_are_shown_in_their_cells_and_left_when_so_asked() {
    let (web, running) = working().await;
    let content = sample("s06_bad_rows.xlsx");
    let expect = reported(&web, "有错.xlsx", &content).await;
    let found = sent(&web, "有错.xlsx", content).await;
    assert_eq!(found["registers"], expect["registers"]);
    assert_eq!(found["registers"][0]["rejected"], 7);
    assert_eq!(found["problems"], expect["problems"]);
    let id = &found["id"];
    let problem = &found["problems"].as_array().unwrap().iter();
    let problem = problem
        .clone()
        .find(|problem| problem["severity"] == "error" && problem["cell"] != "")
        .unwrap();

    let sheet = web
        .ok(&format!("/api/v1/imports/{id}/sheets/0?rows=500"))
        .await
        .json();
    let marks = sheet["marks"].as_array().unwrap();
    let mark = marks
        .iter()
        .find(|mark| mark["row"] == problem["row"])
        .unwrap();
    assert!(mark["col"].is_u64() && !mark["message_en"].as_str().unwrap().is_empty());
    let refused: Vec<&Value> = sheet["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["what"] == "refused")
        .collect();
    assert_eq!(refused.len(), 7);
    let rows = web
        .ok(&format!("/api/v1/imports/{id}/preview?what=refused"))
        .await
        .json();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 7);

    let refused = commit(&web, id, false).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.has(&["Q4236"]);
    assert_eq!(import(&web, id).await["state"], "ready");

    // The marked copy opens, says the same, and lists the problems.
    let marked = web.ok(&format!("/api/v1/imports/{id}/marked")).await;
    assert!(
        marked
            .header("content-disposition")
            .contains(&encoded("有错（标注）"))
    );
    let again = reported(&web, "有错.xlsx", &marked.bytes).await;
    assert_eq!(again["registers"], found["registers"]);
    let mut book = qipan_sheets::read::Workbook::from_bytes(
        marked.bytes,
        "有错.xlsx",
        &qipan_sheets::read::Limits::default(),
    )
    .unwrap();
    let names: Vec<&str> = book
        .sheets()
        .iter()
        .map(|sheet| sheet.name.as_str())
        .collect();
    let listed = names
        .iter()
        .position(|name| name.starts_with(qipan_sheets::write::SUMMARY_SHEET))
        .unwrap();
    let mut rows = book.rows(listed).unwrap();
    let mut row = qipan_sheets::read::Row::default();
    let mut count = 0;
    while rows.next_into(&mut row).unwrap() {
        count += 1;
    }
    assert!(count > 7, "{count}");

    let job = committed(&web, id, true).await;
    assert_eq!(job["state"], "done", "{job}");
    let done = import(&web, id).await;
    assert_eq!(
        (&done["state"], &done["options"]["accept_good_rows"]),
        (&json!("committed"), &json!(true))
    );
    assert_eq!(done["registers"][0]["inserted"], 5);
    assert_eq!(done["registers"][0]["rejected"], 7);
    // The marked copy can still be had.
    web.ok(&format!("/api/v1/imports/{id}/marked")).await;
    running.stop().await;
}

#[tokio::test]
async fn generated_workbooks_give_the_numbers_of_the_command_line() {
    // Some of their rows are of the autumn.
    let web = Web::bare(true).await;
    web.clock.jump(60 * 24 * 3_600);
    let (web, running) = web.as_("coordinator").await.working();
    let pack = web.store.pack().await.unwrap().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let samples = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../packs/chongqing/samples/2021H1"
    );
    let files = qipan_sheets::write::write_sample_workbooks(
        &pack,
        std::path::Path::new(samples),
        folder.path(),
    )
    .unwrap();
    let mut registers = std::collections::BTreeSet::new();
    for path in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let content = std::fs::read(path).unwrap();
        let expect = reported(&web, name, &content).await;
        let found = sent(&web, name, content).await;
        assert_eq!(found["registers"], expect["registers"], "{name}");
        assert_eq!(found["errors"], 0, "{name}: {}", found["problems"]);
        let job = committed(&web, &found["id"], false).await;
        assert_eq!(job["state"], "done", "{job}");
        let done = import(&web, &found["id"]).await;
        assert_eq!(done["registers"], expect["registers"], "{name}");
        for register in done["registers"].as_array().unwrap() {
            registers.insert(register["register"].as_str().unwrap().to_owned());
        }
    }
    assert!(registers.len() > 15, "{registers:?}");
    assert!(web.store.verify().await.unwrap().ok);
    running.stop().await;
}
