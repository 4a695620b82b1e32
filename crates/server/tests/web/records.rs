//! Records entered, changed, withdrawn and restored through the API.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::fixture::{Answer, Web, encoded};

const RECORDS: &str = "/api/v1/registers/project/records";

impl Web {
    /// Sends JSON with further headers.
    pub async fn with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.ask(request.body(body).unwrap()).await
    }

    async fn enter(&self, values: Value) -> Answer {
        let body = json!({"values": values, "reason": "首次登记"});
        self.send("POST", RECORDS, body).await
    }

    async fn change(&self, record: i64, rev: i64, values: Value) -> Answer {
        let body = json!({"values": values, "reason": "更正"});
        let tag = format!("\"r{rev}\"");
        let path = format!("{RECORDS}/{record}");
        self.with("PATCH", &path, &[("if-match", &tag)], body).await
    }
}

impl Answer {
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    #[track_caller]
    fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.is(status);
        assert_eq!(body["code"], code, "{body}");
        body
    }
}

fn road(code: &str) -> Value {
    json!({
        "code": code, "name": "示例道路", "supporter": "江津", "recipient": "500154",
        "total_investment": "500万元", "fund": 2000000.5, "issued_date": "2021年3月18日",
        "status": "前期",
    })
}

#[tokio::test]
async fn what_is_entered_is_understood_and_comes_back() {
    let web = Web::new().await.as_("kaizhou-clerk").await;
    let answer = web.enter(road("XT-9")).await;
    let record = answer.is(201);
    assert_eq!(answer.header("location"), format!("{RECORDS}/6"));
    assert_eq!(answer.header("etag"), "\"r1\"");
    assert_eq!(record["record"], 6);
    let values = &record["values"];
    assert_eq!(values["supporter"], "jiangjin");
    assert_eq!(values["recipient"], "kaizhou");
    assert!(
        answer.body.contains("\"fund\":2000000.5,"),
        "{}",
        answer.body
    );
    assert_eq!(values["total_investment"].to_string(), "5000000");
    assert_eq!(values["issued_date"], "2021-03-18");
    assert_eq!(record["confirmation"], "pending", "of two sides one");

    let again = web.ok(&format!("{RECORDS}/6")).await;
    let card = again.json();
    assert_eq!((&card["rev"], &card["counted"]), (&json!(1), &json!(false)));
    assert_eq!(card["evidence"], json!([]));
    let tag = again.header("etag").to_owned();
    let path = format!("{RECORDS}/6");
    let none = web
        .with("GET", &path, &[("if-none-match", &tag)], Value::Null)
        .await;
    assert_eq!((none.status.as_u16(), none.body.as_str()), (304, ""));

    let history = web.ok(&format!("{path}/revisions")).await.json();
    let first = &history["revisions"][0];
    assert_eq!(
        (&first["actor"], &first["action"]),
        (&json!("kaizhou-clerk"), &json!("create"))
    );
    assert_eq!(first["reason"], "首次登记");
    // The figures count it once the other side has agreed, and then at once.
    let issued = async || {
        let figures = web.ok("/api/v1/figures?period=2021H1").await.json();
        let mut figures = figures.as_array().unwrap().iter();
        let issued = figures.find(|one| one["indicator"] == "PRJ-N-ISSUED");
        issued.unwrap()["value"].clone()
    };
    assert_eq!(issued().await, 1, "XT-1 alone is agreed");
    let other = web.as_("jiangjin-clerk").await;
    let body = json!({"values": {}, "reason": "核对一致", "confirmation": "agreed"});
    let agreed = other.with("PATCH", &path, &[("if-match", "\"r1\"")], body);
    agreed.await.is(200);
    assert_eq!(issued().await, 2, "XT-1 and XT-9 are Kaizhou's");
    assert!(web.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn every_faulty_field_is_named_with_its_sentence() {
    let web = Web::new().await;
    let mut values = road("XT-9");
    values["fund"] = json!("九百");
    values["issued_date"] = json!("2021-13-01");
    values["supporter"] = json!("开州");
    values["status"] = json!(["前期"]);
    values["nothing"] = json!(1);
    values["name"] = Value::Null;
    let body = web.enter(values).await.refused(422, "Q4232");
    let mut told: Vec<(String, String)> = body["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["severity"] == "error")
        .map(|one| {
            let word = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            assert!(!word("message").is_empty() && !word("message_en").is_empty());
            (word("field"), word("code"))
        })
        .collect();
    told.sort();
    let expect = [
        ("fund", "S2101"),
        ("issued_date", "S2201"),
        ("name", "S2401"),
        ("nothing", "S2507"),
        ("status", "S2506"),
        ("supporter", "S2306"),
    ];
    let expect = expect.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(told, expect);
    // A rule that does not hold refuses as well, and tells what it looked at.
    let mut values = road("XT-9");
    values["fund"] = json!(9_000_000);
    let body = web.enter(values).await.refused(422, "Q4232");
    let rule = &body["problems"][0];
    assert_eq!(
        (&rule["field"], &rule["code"]),
        (&Value::Null, &json!("S2501"))
    );
    assert_eq!(rule["fields"], json!(["total_investment", "fund"]));
    let page = web.ok(RECORDS).await.json();
    assert_eq!(page["total"], 4, "nothing was written");
}

#[tokio::test]
async fn a_record_is_changed_on_the_revision_that_was_seen() {
    let web = Web::new().await.as_("kaizhou-clerk").await;
    let body = json!({"values": {"fund": "3000000"}, "reason": "更正"});
    let path = format!("{RECORDS}/1");
    web.send("PATCH", &path, body.clone())
        .await
        .refused(428, "Q4281");
    let answer = web.change(1, 2, json!({"fund": "3000000"})).await;
    let record = answer.is(200);
    assert_eq!(
        (&record["rev"], answer.header("etag")),
        (&json!(3), "\"r3\"")
    );
    assert_eq!(record["values"]["fund"].to_string(), "3000000");
    assert_eq!(record["values"]["name"], "道路", "the others stay");

    // The other side had the page open all the while.
    let other = web.as_("jiangjin-clerk").await;
    let late = other.change(1, 2, json!({"note": "二期"})).await;
    let body = late.refused(412, "Q4121");
    assert_eq!(body["current"]["rev"], 3);
    assert_eq!(body["by"]["actor"], "kaizhou-clerk");
    assert_eq!(body["by"]["name"], "开州填报");
    assert_eq!(body["by"]["reason"], "更正");
    assert_eq!(body["changes"][0]["field"], "fund");
    assert_eq!(body["changes"][0]["before"].to_string(), "2500000");
    assert_eq!(body["changes"][0]["after"].to_string(), "3000000");
    assert!(body["detail"].as_str().unwrap().contains("开州填报"));
    other.change(1, 3, json!({"note": "二期"})).await.is(200);
    // The same again is no new revision.
    let same = other.change(1, 4, json!({"note": "二期"})).await.is(200);
    assert_eq!(same["rev"], 4);
    // Without a reason nothing is changed.
    let body = json!({"values": {"note": "三期"}});
    let none = other
        .with("PATCH", &path, &[("if-match", "\"r4\"")], body)
        .await
        .refused(422, "Q4232");
    assert_eq!(none["problems"][0]["field"], "reason");
}

#[tokio::test]
async fn records_are_withdrawn_and_restored_by_new_revisions() {
    let web = Web::new().await;
    let path = format!("{RECORDS}/1");
    let why = encoded("重复填报");
    let gone = web
        .with(
            "DELETE",
            &format!("{path}?reason={why}"),
            &[("if-match", "\"r2\"")],
            Value::Null,
        )
        .await;
    assert_eq!(gone.status.as_u16(), 204);
    assert_eq!(web.ok(RECORDS).await.json()["total"], 3);
    let bin = web.ok(&format!("{RECORDS}?retracted=true")).await.json();
    assert_eq!(
        (&bin["total"], &bin["records"][0]["key"]),
        (&json!(1), &json!("XT-1"))
    );
    web.change(1, 3, json!({"note": "x"}))
        .await
        .refused(409, "Q4094");
    let restore = |rev: i64, tag: &'static str| {
        let body = json!({"rev": rev, "reason": "撤销有误"});
        let path = format!("{path}/restore");
        let web = web.clone();
        async move { web.with("POST", &path, &[("if-match", tag)], body).await }
    };
    restore(9, "\"r3\"").await.refused(404, "Q4043");
    restore(1, "\"r2\"").await.refused(412, "Q4121");
    let back = restore(1, "\"r3\"").await.is(200);
    assert_eq!(
        (&back["rev"], &back["retracted"]),
        (&json!(4), &json!(false))
    );
    assert_eq!(back["values"]["fund"].to_string(), "2000000", "as at first");
    let history = web.ok(&format!("{path}/revisions")).await.json();
    let actions: Vec<&str> = history["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["import", "import", "retract", "restore"]);
    assert!(web.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn a_key_belongs_to_one_record() {
    let web = Web::new().await;
    let body = web.enter(road("XT-1")).await.refused(409, "Q4091");
    assert_eq!(body["record"]["record"], 1);
    // Whoever may not see the record is told no more than that the key is taken.
    let other = web.as_("kaizhou-clerk").await;
    let body = other.enter(road("XT-3")).await.refused(409, "Q4091");
    assert!(body.get("record").is_none(), "{body}");
    // A withdrawn one stands again.
    let tag = [("if-match", "\"r2\"")];
    let path = format!("{RECORDS}/1?reason=x");
    web.with("DELETE", &path, &tag, Value::Null).await.is(204);
    let again = other.enter(road("XT-1")).await.is(201);
    assert_eq!((&again["record"], &again["rev"]), (&json!(1), &json!(4)));
}

#[tokio::test]
async fn one_writes_only_what_is_ones_own() {
    let web = Web::new().await;
    let clerk = web.as_("kaizhou-clerk").await;
    // Not seen: as if it were not there.
    clerk
        .change(3, 1, json!({"note": "x"}))
        .await
        .refused(404, "Q4043");
    clerk
        .get(&format!("{RECORDS}/3"))
        .await
        .refused(404, "Q4043");
    // Seen, but not to be written.
    let leader = web.as_("jiangjin-leader").await;
    leader.ok(&format!("{RECORDS}/1")).await;
    leader
        .change(1, 2, json!({"note": "x"}))
        .await
        .refused(403, "Q4031");
    leader.enter(road("XT-9")).await.refused(403, "Q4031");
    // Nobody enters for others, nor gives a record away.
    let mut values = road("XT-9");
    values["recipient"] = json!("wanzhou");
    values["supporter"] = json!("两江新区");
    clerk.enter(values).await.refused(403, "Q4031");
    let away = json!({"recipient": "wanzhou", "supporter": "liangjiang-zone"});
    clerk.change(1, 2, away).await.refused(403, "Q4031");
    // What the coordinator decides is not a clerk's to say.
    let body = json!({"values": {}, "reason": "裁定", "confirmation": "arbitrated"});
    let path = format!("{RECORDS}/1");
    let tag = [("if-match", "\"r2\"")];
    clerk
        .with("PATCH", &path, &tag, body.clone())
        .await
        .refused(422, "Q4232");
    let decided = web.with("PATCH", &path, &tag, body).await.is(200);
    assert_eq!(decided["confirmation"], "arbitrated");
    for (login, status) in [("auditor", 403), ("security", 403), ("commerce", 404)] {
        let web = web.as_(login).await;
        web.enter(road("XT-9")).await.is(status);
        web.change(1, 3, json!({"note": "x"})).await.is(status);
    }
    web.nobody().enter(road("XT-9")).await.refused(401, "Q4011");
}

#[tokio::test]
async fn a_mask_sent_back_changes_nothing() {
    let web = Web::new().await;
    let coordinator = web.as_("coordinator").await;
    let card = coordinator.ok(&format!("{RECORDS}/2")).await.json();
    assert_eq!(card["values"]["responsible"], "欧阳锋锋", "by right");
    let registers: std::collections::BTreeSet<String> = ["project".to_owned()].into();
    let pack = web.store.pack().await.unwrap().unwrap();
    let new = qipan_accounts::NewAccount {
        login: "projects".to_owned(),
        name: "市项目部门".to_owned(),
        unit: None,
        roles: vec!["department".to_owned()],
        registers,
    };
    let by = qipan_accounts::By {
        actor: "命令行".to_owned(),
        origin: "命令行".to_owned(),
    };
    web.accounts
        .create_for_show(&pack, &new, crate::fixture::PASSWORD, &by)
        .await
        .unwrap();
    let department = web.as_("projects").await;
    let card = department.ok(&format!("{RECORDS}/2")).await.json();
    assert_eq!(card["values"]["responsible"], "欧***");
    let sent = json!({"responsible": "欧***", "note": "已核"});
    let changed = department.change(2, 1, sent).await.is(200);
    assert_eq!(changed["values"]["responsible"], "欧***");
    let card = coordinator.ok(&format!("{RECORDS}/2")).await.json();
    assert_eq!(card["values"]["responsible"], "欧阳锋锋");
    assert_eq!(card["values"]["note"], "已核");
    // A new name is taken, and what was there before is shown to nobody without the right.
    let renamed = json!({"responsible": "张三丰"});
    department.change(2, 2, renamed).await.is(200);
    let late = department.change(2, 2, json!({"note": "x"})).await;
    let body = late.refused(412, "Q4121");
    assert_eq!(body["changes"][0]["before"], "欧***");
    assert_eq!(body["changes"][0]["after"], "张**");
    assert!(!late.body.contains("欧阳锋锋") && !late.body.contains("张三丰"));
}

#[tokio::test]
async fn several_records_change_together_or_not_at_all() {
    let web = Web::new().await;
    let bulk = |records: Value, values: Value| {
        let web = web.clone();
        async move {
            let body = json!({"records": records, "values": values, "reason": "统一更正"});
            web.send("POST", "/api/v1/registers/project/bulk", body)
                .await
        }
    };
    let at = |record: i64, rev: i64| json!({"record": record, "rev": rev});
    let note = json!({"note": "已核对"});
    let stale = bulk(json!([at(1, 1), at(2, 1), at(3, 4)]), note.clone()).await;
    let body = stale.refused(412, "Q4121");
    assert_eq!(body["moved"], json!([at(1, 2), at(3, 1)]));
    let done = bulk(json!([at(1, 2), at(2, 1), at(3, 1)]), note.clone())
        .await
        .is(200);
    assert_eq!(
        (&done["updated"], &done["unchanged"]),
        (&json!(3), &json!(0))
    );
    let done = bulk(json!([at(1, 3), at(4, 1)]), note.clone())
        .await
        .is(200);
    assert_eq!(
        (&done["updated"], &done["unchanged"]),
        (&json!(1), &json!(1))
    );
    // One record that may not be so keeps the others from changing, and is named.
    let refused = bulk(
        json!([at(1, 3), at(2, 2)]),
        json!({"finish_date": "2021-04-20"}),
    )
    .await;
    let body = refused.refused(422, "Q4232");
    let problems = body["problems"].as_array().unwrap().iter();
    let errors: Vec<&Value> = problems.filter(|one| one["severity"] == "error").collect();
    assert_eq!(errors.len(), 1, "{body}");
    assert_eq!(errors[0]["record"], 2, "it began later");
    assert_eq!(web.ok(&format!("{RECORDS}/1")).await.json()["rev"], 3);
    bulk(json!([]), note.clone()).await.refused(422, "Q4232");
    bulk(json!([at(1, 3), at(1, 3)]), note.clone())
        .await
        .refused(422, "Q4232");
    bulk(json!([at(99, 1)]), note).await.refused(404, "Q4043");
    // One entry a change.
    let history = web.ok(&format!("{RECORDS}/2/revisions")).await.json();
    let entry = history["revisions"][1]["record"]["entry"].clone();
    let journal = web
        .ok(&format!("/api/v1/journal?first={entry}&last={entry}"))
        .await
        .json();
    assert_eq!(journal["entries"][0]["rows"], 3);
}

#[tokio::test]
async fn values_are_tried_out_without_writing() {
    let web = Web::new().await;
    let check = |register: &'static str, body: Value| {
        let web = web.clone();
        let path = format!("/api/v1/registers/{register}/check");
        async move { web.send("POST", &path, body).await }
    };
    let head = web.store.reader().await.unwrap().head().clone();
    let fields = json!({"values": {
        "code": "XT-1", "name": "路", "supporter": "江津", "recipient": "开州",
        "total_investment": "100万", "fund": "200万",
    }});
    let tried = check("project", fields).await.is(200);
    let codes: Vec<&str> = tried["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert!(
        codes.contains(&"S2501") && codes.contains(&"S2509"),
        "{codes:?}"
    );
    assert_eq!(tried["values"]["fund"].to_string(), "2000000");
    // Against a record that stands: the rest of it counts too.
    let less = json!({"record": 1, "values": {"total_investment": "1000000"}});
    let tried = check("project", less).await.is(200);
    let problem = &tried["problems"][0];
    assert_eq!(
        problem["fields"],
        json!(["total_investment", "fund"]),
        "{tried}"
    );
    assert_eq!(tried["values"]["name"], "道路");
    // A register with derived fields: they are computed, never taken.
    let register = web.ok("/api/v1/registers/fund").await.json();
    let derived = register["fields"].as_array().unwrap().iter();
    let derived = derived.filter(|one| !one["derived"].is_null()).count();
    assert!(derived > 0);
    let tried = check("fund", json!({"values": {}})).await.is(200);
    assert!(
        tried["problems"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["code"] == "S2401")
    );
    check("project", json!({"record": 99}))
        .await
        .refused(404, "Q4043");
    check("project", json!({"valuez": {}}))
        .await
        .refused(400, "Q4001");
    let after = web.store.reader().await.unwrap().head().clone();
    assert_eq!(head.seq, after.seq, "nothing was written");
}

#[tokio::test]
async fn a_repeated_request_is_carried_out_once() {
    let web = Web::new().await;
    let body = json!({"values": road("XT-9"), "reason": "首次登记"});
    let key = [("idempotency-key", "7f3a")];
    let first = web.with("POST", RECORDS, &key, body.clone()).await;
    assert_eq!(first.status.as_u16(), 201);
    web.change(6, 1, json!({"note": "以后改的"})).await.is(200);
    let again = web.with("POST", RECORDS, &key, body.clone()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    let other = json!({"values": road("XT-10"), "reason": "首次登记"});
    web.with("POST", RECORDS, &key, other.clone())
        .await
        .refused(409, "Q4095");
    // Another caller's key is another key.
    let clerk = web.as_("kaizhou-clerk").await;
    clerk.with("POST", RECORDS, &key, other).await.is(201);
    // A change that was made is answered as it was, not with "too late".
    let change = json!({"values": {"note": "一"}, "reason": "更正"});
    let headers = [("idempotency-key", "k2"), ("if-match", "\"r2\"")];
    let path = format!("{RECORDS}/6");
    let first = web.with("PATCH", &path, &headers, change.clone()).await;
    assert_eq!(first.is(200)["rev"], 3);
    let again = web.with("PATCH", &path, &headers, change).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let page = web.ok(&format!("{RECORDS}?q=XT-9")).await.json();
    assert_eq!(page["total"], 1);
}

#[tokio::test]
async fn lists_and_totals_share_their_filters() {
    let web = Web::new().await;
    for (query, total, fund) in [
        ("", 4, "8500000"),
        ("q=%E9%81%93%E8%B7%AF", 1, "2500000"),
        ("q=xt-", 4, "8500000"),
        ("q=%E6%B1%9F%E6%B4%A5", 1, "2500000"),
        ("eq.status=%E5%B7%B2%E5%BC%80%E5%B7%A5", 2, "4500000"),
        ("eq.fund=2000000", 3, "6000000"),
        ("eq.start_date=", 2, "4000000"),
        ("eq.recipient=%E4%B8%87%E5%B7%9E", 2, "4000000"),
        ("period=2021H1", 4, "8500000"),
        ("period=2021Q2", 0, "null"),
        ("supporter=jiangjin&q=XT", 1, "2500000"),
        ("counted=true&recipient=wanzhou", 1, "2000000"),
        ("where=fund%20%3E%202000000&period=2021", 1, "2500000"),
        ("retracted=true", 0, "null"),
    ] {
        let page = web.ok(&format!("{RECORDS}?{query}")).await.json();
        assert_eq!(page["total"], total, "{query}");
        assert_eq!(page["records"].as_array().unwrap().len(), total, "{query}");
        let totals = web
            .ok(&format!("/api/v1/registers/project/totals?{query}"))
            .await
            .json();
        assert_eq!(totals["total"], total, "{query}");
        assert_eq!(totals["sums"]["fund"].to_string(), fund, "{query}");
        assert!(totals["sums"].get("longitude").is_none());
    }
    let sparse = web
        .ok(&format!("{RECORDS}?fields=name,fund&q=XT-1"))
        .await
        .json();
    let values = sparse["records"][0]["values"].clone();
    assert_eq!(values.to_string(), r#"{"fund":2500000,"name":"道路"}"#);
    for (query, status, code) in [
        ("fields=nothing", 400, "Q4001"),
        ("eq.nothing=1", 400, "Q4001"),
        ("eq.fund=lots", 422, "Q4224"),
        ("eq.responsible=x", 422, "Q4227"),
        ("period=sometime", 422, "Q4221"),
        ("unknown=1", 400, "Q4001"),
    ] {
        let path = format!("{RECORDS}?{query}");
        web.get(&path).await.refused(status, code);
    }
    // Access by row reaches every way of asking.
    let clerk = web.as_("kaizhou-clerk").await;
    for query in ["", "q=XT", "eq.status=%E5%89%8D%E6%9C%9F", "period=2021H1"] {
        let page = clerk.ok(&format!("{RECORDS}?{query}")).await;
        let totals = clerk
            .ok(&format!("/api/v1/registers/project/totals?{query}"))
            .await;
        assert_eq!(page.json()["total"], totals.json()["total"], "{query}");
        page.lacks(&["XT-2", "XT-3", "XT-4"]);
    }
}

#[tokio::test]
async fn a_register_tells_how_its_form_is_made() {
    let web = Web::new().await.as_("kaizhou-clerk").await;
    let register = web.ok("/api/v1/registers/project").await.json();
    let field = |id: &str| {
        let fields = register["fields"].as_array().unwrap();
        fields.iter().find(|one| one["id"] == id).unwrap().clone()
    };
    assert_eq!(field("code")["max"], 64);
    assert_eq!(field("fund")["scale"], 2);
    assert_eq!(field("fund")["least"], 0);
    assert_eq!(field("supporter")["role"], "supporter");
    assert_eq!(field("plan_start")["future"], true);
    assert_eq!(field("start_date")["future"], false);
    let options = |key: &str| field("status")[key].as_array().unwrap().len();
    assert_eq!(options("options"), options("options_en"));
    let indicators = field("issued_date")["indicators"].clone();
    let ids: Vec<&str> = indicators
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert!(ids.contains(&"PRJ-N-ISSUED"), "{ids:?}");
    assert!(field("fund")["width"].as_u64().unwrap() > 0);
    assert_eq!(register["layout"]["money"], "万元");
    let actions = register["actions"].as_array().unwrap();
    assert!(actions.contains(&json!("write")) && !actions.contains(&json!("brief")));
}
