//! The JSON API: what each route answers, and what it refuses.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fixture::{CONTENT, HOSTILE, Web, encoded};

#[tokio::test]
async fn tells_what_the_pack_declares() {
    let web = Web::new().await;
    let mechanism = web.ok("/api/v1/mechanism").await.json();
    assert_eq!(mechanism["id"], "chongqing");
    assert_eq!(mechanism["illustrative"], "示例数据，非真实记录");
    assert_eq!(
        mechanism["period"], "2021H1",
        "the last half-year that has ended on 2021-08-01"
    );
    for (path, count) in [("themes", 4), ("registers", 21), ("indicators", 32)] {
        let list = web.ok(&format!("/api/v1/{path}")).await.json();
        assert_eq!(list.as_array().unwrap().len(), count, "{path}");
    }
    let units = web.ok("/api/v1/units").await.json();
    let wanzhou = units
        .as_array()
        .unwrap()
        .iter()
        .find(|unit| unit["id"] == "wanzhou")
        .unwrap();
    assert_eq!(wanzhou["code"], "500101");
    assert_eq!(wanzhou["role"], "recipient");
    let links = web.ok("/api/v1/links").await.json();
    let open = links
        .as_array()
        .unwrap()
        .iter()
        .filter(|link| link["certainty"] == "open");
    assert!(
        open.clone().count() > 5,
        "what is not known is there as 待确认"
    );
    assert!(
        web.ok("/api/v1/clauses")
            .await
            .json()
            .as_array()
            .unwrap()
            .len()
            > 10
    );
    let register = web.ok("/api/v1/registers/project").await.json();
    assert_eq!(register["about"]["name"], "项目台账");
    assert_eq!(register["key"], json!(["code"]));
    assert!(
        register["fields"]
            .as_array()
            .unwrap()
            .iter()
            .any(|field| field["personal"] == true)
    );
    assert!(!register["rules"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn lists_records_page_by_page() {
    let web = Web::new().await;
    let path = "/api/v1/registers/project/records";
    let first = web.ok(&format!("{path}?limit=3&sort=code")).await.json();
    assert_eq!(first["total"], 4);
    assert_eq!(keys(&first), ["XT-1", "XT-2", "XT-3"]);
    let next = first["next"].as_str().unwrap();
    let second = web
        .ok(&format!("{path}?limit=3&sort=code&after={next}"))
        .await
        .json();
    assert_eq!(keys(&second), ["XT-4"]);
    assert_eq!(second["next"], Value::Null);

    let record = &first["records"][0];
    assert_eq!(record["rev"], 2);
    // Exact decimals, digit by digit, not floats and not texts.
    assert_eq!(record["values"]["fund"].to_string(), "2500000");
    assert_eq!(record["values"]["issued_date"], "2021-03-18");
    assert_eq!(record["values"]["supporter"], "jiangjin");
    assert_eq!(record["values"]["note"], Value::Null);
    assert_eq!(
        first["records"][1]["values"]["name"], HOSTILE,
        "text is kept as it was typed"
    );
}

#[tokio::test]
async fn filters_sorts_and_reads_the_past() {
    let web = Web::new().await;
    let ask = async |query: &str| {
        web.ok(&format!("/api/v1/registers/project/records?{query}"))
            .await
            .json()
    };
    let filter = |text: &str| format!("sort=code&where={}", encoded(text));
    assert_eq!(
        keys(&ask(&filter("has(start_date) && fund > 2000000")).await),
        ["XT-1"]
    );
    assert_eq!(keys(&ask(&filter("issued_date > today")).await), [""; 0]);
    assert_eq!(keys(&ask("sort=-code&limit=2").await), ["XT-4", "XT-3"]);
    assert_eq!(
        keys(&ask("recipient=wanzhou&sort=entry").await),
        ["XT-3", "XT-4"]
    );
    assert_eq!(
        keys(&ask("supporter=jiangjin&counted=true").await),
        ["XT-1"]
    );
    assert_eq!(ask("counted=true").await["total"], 3);
    // Before the correction the fund was another one; before the import there was nothing.
    let journal = web.ok("/api/v1/journal").await.json();
    let entries = journal["entries"].as_array().unwrap();
    let first = entries
        .iter()
        .find(|entry| entry["reason"] == "首报")
        .unwrap();
    let then = format!(
        "as_of={}&where={}",
        encoded(first["at"].as_str().unwrap()),
        encoded("code == 'XT-1'")
    );
    assert_eq!(
        ask(&then).await["records"][0]["values"]["fund"].to_string(),
        "2000000"
    );
    assert_eq!(ask("as_of=2021-07-01").await["total"], 0);
}

#[tokio::test]
async fn personal_fields_are_masked_and_cannot_be_asked() {
    let web = Web::new().await.as_("auditor").await;
    for path in [
        "/api/v1/registers/project/records",
        "/api/v1/registers/project/records/2/revisions",
        "/api/v1/figures/PRJ-N-ISSUED?period=2021H1",
        "/registers/project",
        "/registers/project/records/2",
        "/figures/PRJ-N-ISSUED",
    ] {
        web.ok(path).await.lacks(&["欧阳锋", "锋锋"]);
    }
    web.ok("/api/v1/registers/project/records")
        .await
        .has(&["欧***"]);
    for query in [
        format!("where={}", encoded("responsible.startsWith('欧')")),
        "sort=responsible".to_owned(),
    ] {
        let refused = web
            .get(&format!("/api/v1/registers/project/records?{query}"))
            .await;
        problem(&refused, 422, "Q4227");
    }
}

#[tokio::test]
async fn a_record_tells_its_revisions() {
    let web = Web::new().await;
    let history = web
        .ok("/api/v1/registers/project/records/1/revisions")
        .await
        .json();
    let revisions = history["revisions"].as_array().unwrap();
    assert_eq!(history["key"], "XT-1");
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[0]["reason"], "首报");
    assert_eq!(revisions[0]["changes"], json!([]));
    let changed: Vec<&str> = revisions[1]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["fund", "start_date", "status"]);
    assert_eq!(revisions[1]["changes"][0]["before"].to_string(), "2000000");
    assert_eq!(revisions[1]["actor"], "测试员");
}

#[tokio::test]
async fn figures_come_as_the_command_line_gives_them() {
    let web = Web::new().await;
    let figures = web.ok("/api/v1/figures?period=2021H1").await.json();
    assert_eq!(figures.as_array().unwrap().len(), 32);
    let issued = &figures[0];
    assert_eq!(issued["indicator"], "PRJ-N-ISSUED");
    assert_eq!(issued["value"], 3);
    assert_eq!(issued["display"], "3个");
    assert_eq!(issued["unconfirmed"], 1);
    assert_eq!(issued["coverage"], json!({"reported": 3, "due": 17}));
    let silent = figures
        .as_array()
        .unwrap()
        .iter()
        .find(|figure| figure["indicator"] == "EDU-P")
        .unwrap();
    assert_eq!(silent["value"], Value::Null, "missing is not zero");
    assert_eq!(silent["display"], "未报");

    let groups = web
        .ok("/api/v1/figures?period=2021H1&by=group")
        .await
        .json();
    let kaizhou = groups
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["cut"] == "开州区")
        .unwrap();
    assert_eq!(kaizhou["value"], 1);
    let past = web
        .ok("/api/v1/figures?period=2021H1&as_of=2021-07-01")
        .await
        .json();
    assert_eq!(past[0]["value"], Value::Null);
}

#[tokio::test]
async fn a_figure_opens_to_its_rows() {
    let web = Web::new().await;
    let opened = web
        .ok("/api/v1/figures/PRJ-N-ISSUED?period=2021H1")
        .await
        .json();
    assert_eq!(opened["total"], 4);
    assert_eq!(
        opened["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["counted"] == true)
            .count(),
        3
    );
    assert_eq!(opened["rows"][0]["source"], web.digest);
    assert_eq!(opened["missing"].as_array().unwrap().len(), 14);
    assert!(opened["sql"][0].as_str().unwrap().contains("SELECT"));
    assert_eq!(opened["definition"]["certainty"], "likely");
    let rate = web
        .ok("/api/v1/figures/PRJ-R-START?period=2021H1")
        .await
        .json();
    assert_eq!(rate["figure"]["display"], "66.7%");
    assert_eq!(rate["parts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn coverage_names_who_has_not_reported() {
    let web = Web::new().await;
    let coverage = web.ok("/api/v1/coverage?period=2021H1").await.json();
    let project = coverage
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["register"] == "project")
        .unwrap();
    assert_eq!(
        project["reported"],
        json!(["wanzhou", "kaizhou", "liangping"])
    );
    assert_eq!(project["due"], 17);
    assert_eq!(project["missing"].as_array().unwrap().len(), 14);
}

#[tokio::test]
async fn the_journal_can_be_read_and_verified() {
    let web = Web::new().await;
    let journal = web.ok("/api/v1/journal").await.json();
    let head = journal["head"].as_i64().unwrap();
    assert_eq!(journal["entries"].as_array().unwrap().len() as i64, head);
    let one = web
        .ok(&format!("/api/v1/journal?first={head}&last={head}"))
        .await
        .json();
    assert_eq!(one["entries"][0]["reason"], "登录");
    assert_eq!(one["entries"][0]["hash"], journal["hash"]);
    assert_eq!(journal["entries"][2]["reason"], "更正资金");
    assert_eq!(journal["entries"][2]["payload"]["origin"], "127.0.0.1");
    let report = web.ok("/api/v1/verify").await.json();
    assert_eq!(report["ok"], true);
    assert_eq!(report["entries"], head);
    assert_eq!(web.ok("/api/v1/healthz").await.json()["status"], "ok");
}

#[tokio::test]
async fn original_files_come_byte_for_byte_as_attachments() {
    let web = Web::new().await;
    let file = web
        .ok(&format!("/api/v1/files/{}?entry=2", web.digest))
        .await;
    assert_eq!(file.body.as_bytes(), CONTENT);
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let disposition = file.header("content-disposition");
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    assert!(
        disposition.ends_with("filename*=UTF-8''%E9%A1%B9%E7%9B%AE%20%22%E4%B8%80%22%3Cb%3E.xlsx"),
        "{disposition}"
    );
    // An entry that does not speak of the file gives it no name.
    let other = web
        .ok(&format!("/api/v1/files/{}?entry=1", web.digest))
        .await;
    assert!(other.header("content-disposition").ends_with(".bin"));
    for wrong in [
        "0".repeat(64),
        "..%2F..%2Fetc%2Fpasswd".to_owned(),
        "abc".to_owned(),
    ] {
        problem(
            &web.get(&format!("/api/v1/files/{wrong}")).await,
            404,
            "Q4045",
        );
    }
}

#[tokio::test]
async fn refuses_with_a_number_and_a_sentence_in_both_languages() {
    let web = Web::new().await;
    let records = "/api/v1/registers/project/records";
    for (path, status, code) in [
        ("/api/v1/nothing".to_owned(), 404, "Q4041"),
        ("/api/v1/registers/nothing".to_owned(), 404, "Q4042"),
        ("/api/v1/registers/nothing/records".to_owned(), 404, "Q4042"),
        (format!("{records}/99/revisions"), 404, "Q4043"),
        (format!("{records}/abc/revisions"), 404, "Q4043"),
        (
            "/api/v1/figures/NOTHING?period=2021H1".to_owned(),
            404,
            "Q4044",
        ),
        ("/api/v1/figures?perod=2021H1".to_owned(), 400, "Q4001"),
        (format!("{records}?limit=many"), 400, "Q4001"),
        ("/api/v1/registers/%FF/records".to_owned(), 400, "Q4001"),
        ("/api/v1/figures?period=2021H9".to_owned(), 422, "Q4221"),
        ("/api/v1/figures?as_of=yesterday".to_owned(), 422, "Q4222"),
        ("/api/v1/figures?by=county".to_owned(), 422, "Q4223"),
        (format!("{records}?where=fund%20%3E"), 422, "Q4224"),
        (format!("{records}?where=fund"), 422, "Q4224"),
        (format!("{records}?sort=height"), 422, "Q4225"),
        (format!("{records}?after=zz"), 422, "Q4226"),
    ] {
        let answer = web.get(&path).await;
        let body = problem(&answer, status, code);
        for key in ["title", "detail"] {
            assert!(has_chinese(body[key].as_str().unwrap()), "{path}: {body}");
            let english = body[format!("{key}_en")].as_str().unwrap();
            assert!(!english.is_empty(), "{path}: {body}");
        }
    }
    let faulty = web.get(&format!("{records}?where=fund%20%3E")).await.json();
    assert_eq!(faulty["errors"][0]["start"], 6, "{faulty}");
    let method = web.post("/api/v1/figures", &[]).await;
    problem(&method, 405, "Q4051");
    assert_eq!(method.header("allow"), "GET,HEAD");
    problem(&web.nobody().get("/api/v1/figures").await, 401, "Q4011");
    let without = Web::bare(false).await;
    assert!(without.ok("/api/v1/server").await.json()["mechanism"].is_null());
}

#[tokio::test]
async fn answers_have_the_keys_that_the_document_promises() {
    let web = Web::new().await;
    let document = web.ok("/api/v1/openapi.json").await.json();
    let figure = &web.ok("/api/v1/figures?period=2021H1").await.json()[0];
    let opened = web
        .ok("/api/v1/figures/PRJ-R-START?period=2021H1")
        .await
        .json();
    let issued = web
        .ok("/api/v1/figures/PRJ-N-ISSUED?period=2021H1")
        .await
        .json();
    let journal = web.ok("/api/v1/journal").await.json();
    let verify = web.ok("/api/v1/verify").await.json();
    let page = web.ok("/api/v1/registers/project/records").await.json();
    for (schema, answer) in [
        ("Figure", figure),
        ("Coverage", &figure["coverage"]),
        ("Explanation", &opened),
        ("Definition", &opened["definition"]),
        ("FigureRow", &issued["rows"][0]),
        ("Entry", &journal["entries"][0]),
        ("VerifyReport", &verify),
        ("RecordPage", &page),
        ("Record", &page["records"][0]),
        ("Values.project", &page["records"][0]["values"]),
    ] {
        let properties = &document["components"]["schemas"][schema]["properties"];
        let promised: Vec<&String> = properties
            .as_object()
            .unwrap_or_else(|| panic!("{schema}"))
            .keys()
            .collect();
        let sent: Vec<&String> = answer
            .as_object()
            .unwrap_or_else(|| panic!("{schema}"))
            .keys()
            .collect();
        let mut all = sent.clone();
        // The one key that is left out when there is nothing to say.
        all.extend(
            promised
                .iter()
                .filter(|key| **key == "unconfirmed" && !sent.contains(key)),
        );
        all.sort();
        assert_eq!(promised, all, "{schema}");
    }
}

fn keys(page: &Value) -> Vec<&str> {
    page["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["key"].as_str().unwrap())
        .collect()
}

pub fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Asserts a problem and gives its body.
fn problem(answer: &crate::fixture::Answer, status: u16, code: &str) -> Value {
    assert_eq!(
        answer.status,
        StatusCode::from_u16(status).unwrap(),
        "{}",
        answer.body
    );
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["status"], status);
    body
}
