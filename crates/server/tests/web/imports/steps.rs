//! Understood otherwise, called off, given up, cleared away.

use std::time::Duration;

use super::*;

async fn map(web: &Web, id: &Value, body: Value) -> Answer {
    web.send("POST", &format!("/api/v1/imports/{id}/mapping"), body)
        .await
}

#[tokio::test]
async fn a_mapping_makes_sense_of_foreign_headers() {
    let (web, running) = working().await;
    let text = "二季度\n甲列,乙列,丙列,丁列,戊列,己列,庚列,辛列\n\
                XT-8,道路,江津,开州,500,200,2021-03-18,前期\n";
    let found = sent(&web, "奇怪.csv", text).await;
    let id = &found["id"];
    assert_eq!(
        (&found["state"], &found["problems"][0]["code"]),
        (&json!("ready"), &json!("S2001"))
    );
    assert_eq!(found["registers"], json!([]));
    let columns = json!({
        "A": "code", "B": "name", "C": "supporter", "D": "recipient", "E": "total_investment",
        "F": "fund", "G": "issued_date", "H": "status",
    });
    let table = json!({
        "sheet": 0, "register": "project", "header": 2, "money": "万元", "columns": columns,
    });
    let answer = map(&web, id, json!({"tables": [table], "period": "2021H1"})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    assert_eq!(answer.json()["id"], *id);
    over(&web, &answer.json()["job"]).await;
    let found = import(&web, id).await;
    assert_eq!(
        (&found["state"], &found["errors"]),
        (&json!("ready"), &json!(0)),
        "{found:#}"
    );
    assert_eq!(found["registers"][0]["inserted"], 1);
    assert_eq!(found["options"]["period"], "2021H1");
    assert_eq!(found["mapping"][0]["header"], 2);
    let rows = web
        .ok(&format!("/api/v1/imports/{id}/preview"))
        .await
        .json();
    assert_eq!(rows["rows"][0]["values"]["fund"], 2_000_000);
    let job = committed(&web, id, false).await;
    assert_eq!(job["state"], "done", "{job}");
    assert!(keys(&web).await.contains(&"XT-8".to_owned()));
    running.stop().await;
}

#[tokio::test]
async fn a_place_that_fits_several_registers_is_asked_about() {
    let (web, running) = working().await;
    let text = "活动名称,日期,帮扶区县,受援区县\n甲,2021-01-05,江津,开州\n";
    let found = sent(&web, "活动.csv", text).await;
    let table = &found["tables"][0];
    assert_eq!(table["register"], Value::Null);
    let fits = table["fits"].as_array().unwrap();
    assert!(fits.len() > 1, "{found:#}");
    let register = &fits[0]["register"];
    let answer = map(
        &web,
        &found["id"],
        json!({"tables": [{"sheet": 0, "register": register}]}),
    )
    .await;
    over(&web, &answer.json()["job"]).await;
    let found = import(&web, &found["id"]).await;
    assert_eq!(found["tables"][0]["register"], *register, "{found:#}");
    // Or the sheet is set aside.
    let answer = map(
        &web,
        &found["id"],
        json!({"tables": [{"sheet": 0, "skip": true}]}),
    )
    .await;
    over(&web, &answer.json()["job"]).await;
    assert_eq!(import(&web, &found["id"]).await["tables"], json!([]));
    running.stop().await;
}

#[tokio::test]
async fn a_faulty_mapping_changes_nothing() {
    let (web, running) = working().await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let found = sent(&web, "台账.csv", text).await;
    let id = &found["id"];
    for (body, status) in [
        (json!({"tables": [{"sheet": 3}]}), 422),
        (json!({"tables": [{"sheet": 0}, {"sheet": 0}]}), 422),
        (json!({"tables": [{"sheet": 0, "header": 0}]}), 422),
        (
            json!({"tables": [{"sheet": 0, "columns": {"3": "fund"}}]}),
            422,
        ),
        (
            json!({"tables": [{"sheet": 0, "columns": {"a": "fund"}}]}),
            422,
        ),
        (
            json!({"tables": [{"sheet": 0, "columns": {"ZZZ": "fund"}}]}),
            422,
        ),
        (
            json!({"tables": [{"sheet": 0, "columns": {"A": "nothing"}}]}),
            422,
        ),
        (
            json!({"tables": [{"sheet": 0, "columns": {"A": "fund", "B": "fund"}}]}),
            422,
        ),
        (
            json!({"tables": [{"sheet": 0, "register": "nothing"}]}),
            404,
        ),
        (json!({"tables": [{"sheet": 0, "money": "美元"}]}), 400),
        (json!({"tables": [{"sheet": -1}]}), 400),
        (json!({"more": 1}), 400),
        (json!({"period": "2021H9"}), 422),
        (json!({"unit": "nowhere"}), 404),
    ] {
        let answer = map(&web, id, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
    }
    let still = import(&web, id).await;
    assert_eq!(still, found);
    running.stop().await;
}

#[tokio::test]
async fn a_workbook_that_is_given_up_goes_with_its_files() {
    let (web, running) = working().await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let found = sent(&web, "台账.csv", text).await;
    let id = &found["id"];
    let folder = web.folder().join("imports").join(id.to_string());
    assert!(folder.is_dir());
    let path = format!("/api/v1/imports/{id}");
    for _ in 0..2 {
        let gone = web.send("DELETE", &path, Value::Null).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    }
    assert!(!folder.exists());
    let left = import(&web, id).await;
    assert_eq!(
        (&left["state"], &left["kept"]),
        (&json!("discarded"), &json!(false))
    );
    web.ok("/api/v1/journal")
        .await
        .has(&["import-discard", &found["digest"].as_str().unwrap()[..12]]);
    for part in ["sheets/0", "preview", "file", "marked"] {
        let answer = web.get(&format!("{path}/{part}")).await;
        assert_eq!(answer.status, StatusCode::GONE, "{part}");
        answer.has(&["Q4101"]);
    }
    assert_eq!(commit(&web, id, false).await.status, StatusCode::CONFLICT);
    running.stop().await;
}

#[tokio::test]
async fn reading_is_called_off_while_it_waits() {
    let web = Web::new().await;
    let answer = upload(&web, "name=a.csv", many(10)).await.json();
    let (id, job) = (&answer["id"], &answer["job"]);
    let waits = import(&web, id).await;
    assert_eq!(
        (&waits["state"], &waits["tables"]),
        (&json!("analysing"), &json!([]))
    );
    for part in ["sheets/0", "preview", "marked"] {
        let early = web.get(&format!("/api/v1/imports/{id}/{part}")).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "{part}");
    }
    assert_eq!(commit(&web, id, false).await.status, StatusCode::CONFLICT);
    web.send("DELETE", &format!("/api/v1/jobs/{job}"), Value::Null)
        .await;
    assert_eq!(import(&web, id).await["state"], "failed");
    let gone = web
        .send("DELETE", &format!("/api/v1/imports/{id}"), Value::Null)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_commit_that_is_called_off_writes_nothing() {
    let (web, running) = working().await;
    let found = sent(&web, "大.csv", many(30_000)).await;
    let id = &found["id"];
    let job = commit(&web, id, false).await.json()["job"].clone();
    let path = format!("/api/v1/jobs/{job}");
    // In the middle of its rows.
    loop {
        let seen = web.ok(&path).await.json();
        assert_ne!(seen["state"], "done", "too fast to be called off");
        if seen["done"].as_i64().unwrap() > 0 {
            assert_eq!(seen["total"], 30_000);
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        // Who asks so often would be told to wait.
        web.clock.jump(1);
    }
    let answer = web.send("DELETE", &path, Value::Null).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(over(&web, &job).await["state"], "cancelled");
    let left = import(&web, id).await;
    assert_eq!(
        (&left["state"], &left["receipt"]),
        (&json!("ready"), &Value::Null)
    );
    assert_eq!(keys(&web).await.len(), 4);
    // It can be committed after all.
    let job = committed(&web, id, false).await;
    assert_eq!(job["state"], "done", "{job}");
    let list = web
        .ok("/api/v1/registers/project/records?limit=1")
        .await
        .json();
    assert_eq!(list["total"], 30_004);
    running.stop().await;
}

#[tokio::test]
async fn of_two_commits_one_is_told_that_it_comes_late() {
    let (web, running) = working().await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let found = sent(&web, "台账.csv", text).await;
    let id = &found["id"];
    let (one, two) = tokio::join!(commit(&web, id, false), commit(&web, id, false));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    running.stop().await;
}

#[tokio::test]
async fn what_others_have_written_meanwhile_is_seen_at_the_commit() {
    let (web, running) = working().await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let first = sent(&web, "一.csv", text.clone()).await;
    let second = sent(&web, "二.csv", text).await;
    assert_eq!(second["registers"][0]["inserted"], 1);
    committed(&web, &first["id"], false).await;
    committed(&web, &second["id"], false).await;
    let done = import(&web, &second["id"]).await;
    assert_eq!(
        (
            &done["registers"][0]["inserted"],
            &done["registers"][0]["unchanged"]
        ),
        (&json!(0), &json!(1))
    );
    running.stop().await;
}

#[tokio::test]
async fn working_files_go_in_due_time_and_originals_stay() {
    let (web, running) = working().await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let written = sent(&web, "一.csv", text.clone()).await;
    committed(&web, &written["id"], false).await;
    let open = sent(&web, "二.csv", text.clone()).await;
    running.stop().await;
    let day = 24 * 3_600;
    web.clock.jump(8 * day);
    let web = web.as_("coordinator").await;
    let (web, running) = web.working();
    tidied(&web, &open["id"]).await;
    assert_eq!(import(&web, &open["id"]).await["state"], "discarded");
    let id = &written["id"];
    web.ok(&format!("/api/v1/imports/{id}/sheets/0")).await;
    running.stop().await;
    web.clock.jump(30 * day);
    let web = web.as_("coordinator").await;
    let (web, running) = web.working();
    tidied(&web, id).await;
    let kept = import(&web, id).await;
    assert_eq!(
        (&kept["state"], &kept["kept"]),
        (&json!("committed"), &json!(false))
    );
    let answer = web.get(&format!("/api/v1/imports/{id}/sheets/0")).await;
    assert_eq!(answer.status, StatusCode::GONE);
    let file = web.ok(&format!("/api/v1/imports/{id}/file")).await;
    assert_eq!(file.body, text);
    running.stop().await;
}

/// Waits until the working files of an import are gone.
async fn tidied(web: &Web, id: &Value) {
    let folder = web.folder().join("imports").join(id.to_string());
    for _ in 0..200 {
        if !folder.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} stays", folder.display());
}
