//! Whose rows, and whose workbooks.

use super::*;

#[tokio::test]
async fn a_clerk_imports_the_rows_of_their_own_unit() {
    let (web, running) = working().await;
    let clerk = web.as_("jiangjin-clerk").await;
    let text = projects(&[
        ["XT-8", "江津", "开州", "道路", "100"],
        ["XT-9", "璧山", "梁平", "桥梁", "100"],
    ]);
    let found = sent(&clerk, "台账.csv", text).await;
    assert_eq!(
        (&found["errors"], &found["registers"][0]["inserted"]),
        (&json!(1), &json!(1))
    );
    let problem = &found["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["cell"]),
        (&json!("I3003"), &json!("C3"))
    );
    let sheet = clerk
        .ok(&format!("/api/v1/imports/{}/sheets/0", found["id"]))
        .await
        .json();
    assert_eq!(sheet["marks"][0]["code"], "I3003");
    assert_eq!(
        (&sheet["marks"][0]["row"], &sheet["marks"][0]["col"]),
        (&json!(3), &json!(2))
    );
    let job = committed(&clerk, &found["id"], true).await;
    assert_eq!(job["state"], "done", "{job}");
    let stand = keys(&web).await;
    assert!(stand.contains(&"XT-8".to_owned()) && !stand.contains(&"XT-9".to_owned()));
    running.stop().await;
}

#[tokio::test]
async fn nothing_of_a_record_out_of_reach_comes_back() {
    let (web, running) = working().await;
    let clerk = web.as_("jiangjin-clerk").await;
    // XT-2 is of 璧山 and 梁平; its name and the one responsible are not for others.
    let whole = projects(&[["XT-2", "江津", "开州", "道路", "100"]]);
    let found = sent(&clerk, "台账.csv", whole).await;
    let id = found["id"].clone();
    assert_eq!(found["problems"][0]["code"], "I3004", "{found:#}");
    for path in ["", "/sheets/0", "/preview", "/preview?what=refused"] {
        let answer = clerk.ok(&format!("/api/v1/imports/{id}{path}")).await;
        answer.lacks(&[
            "欧阳",
            "script",
            "示例",
            "璧山",
            "梁平",
            "bishan",
            "liangping",
        ]);
    }
    assert_eq!(found["registers"][0]["updated"], 0);
    let job = committed(&clerk, &id, true).await;
    assert_eq!(job["state"], "done", "{job}");
    let record = web
        .ok("/api/v1/registers/project/records/2/revisions")
        .await
        .json();
    assert_eq!(record["revisions"].as_array().unwrap().len(), 1);

    // One's own is compared with what stands.
    let own = sent(
        &clerk,
        "台账.csv",
        projects(&[["XT-1", "江津", "开州", "大道", "100"]]),
    )
    .await;
    let row = clerk
        .ok(&format!(
            "/api/v1/imports/{}/preview?what=update",
            own["id"]
        ))
        .await
        .json();
    let changes = row["rows"][0]["changes"].as_array().unwrap();
    let name = changes
        .iter()
        .find(|change| change["field"] == "name")
        .unwrap();
    assert_eq!(
        (&name["before"], &name["after"]),
        (&json!("道路"), &json!("大道"))
    );
    running.stop().await;
}

#[tokio::test]
async fn a_workbook_is_its_senders() {
    let (web, running) = working().await;
    let clerk = web.as_("jiangjin-clerk").await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let found = sent(&clerk, "台账.csv", text).await;
    let id = &found["id"];
    let looks = ["", "/sheets/0", "/preview", "/file", "/marked"];
    let changes = [
        ("POST", "/commit", json!({})),
        ("POST", "/mapping", json!({})),
        ("DELETE", "", Value::Null),
    ];
    // Who may import but does not reach everything: it is not there.
    for login in ["kaizhou-clerk", "commerce"] {
        let other = web.as_(login).await;
        for path in looks {
            let answer = other.get(&format!("/api/v1/imports/{id}{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login} {path}");
            answer.has(&["Q4049"]);
            // Just as one that never was.
            let absent = other.get(&format!("/api/v1/imports/999{path}")).await;
            assert_eq!(
                absent.body.replace("999", &id.to_string()),
                answer.body,
                "{login} {path}"
            );
        }
        for (method, path, body) in &changes {
            let path = format!("/api/v1/imports/{id}{path}");
            let answer = other.send(method, &path, body.clone()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login} {path}");
        }
        let list = other.ok("/api/v1/imports").await.json();
        assert_eq!(list["imports"], json!([]), "{login}");
    }
    // Who may neither import nor read the journal.
    for login in ["kaizhou-reviewer", "jiangjin-leader", "security", "system"] {
        let other = web.as_(login).await;
        for path in looks {
            let answer = other.get(&format!("/api/v1/imports/{id}{path}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login} {path}");
        }
        let answer = upload(&other, "name=a.csv", "x").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login}");
        let answer = other.get("/api/v1/imports").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login}");
    }
    // The auditor looks at everything, changes nothing, and has no file with personal data.
    let auditor = web.as_("auditor").await;
    for (path, status) in [
        ("", StatusCode::OK),
        ("/sheets/0", StatusCode::OK),
        ("/preview", StatusCode::OK),
        ("/file", StatusCode::FORBIDDEN),
        ("/marked", StatusCode::FORBIDDEN),
    ] {
        let answer = auditor.get(&format!("/api/v1/imports/{id}{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    for (method, path, body) in &changes {
        let path = format!("/api/v1/imports/{id}{path}");
        let answer = auditor.send(method, &path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(
        auditor.ok("/api/v1/imports").await.json()["imports"][0]["id"],
        *id
    );
    // The coordinator sees it, and may bring it to its end.
    assert_eq!(
        web.ok("/api/v1/imports").await.json()["imports"][0]["id"],
        *id
    );
    assert_eq!(
        web.ok(&format!("/api/v1/imports/{id}/file"))
            .await
            .bytes
            .len(),
        found["size"].as_u64().unwrap() as usize
    );
    let job = committed(&web, id, false).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(
        web.nobody().get("/api/v1/imports").await.status,
        StatusCode::UNAUTHORIZED
    );
    running.stop().await;
}

#[tokio::test]
async fn personal_data_is_masked_for_whoever_may_not_see_it() {
    let (web, running) = working().await;
    let text = "项目编号,项目名称,帮扶区县,受援区县,总投资（元）,帮扶资金（元）,下达日期,项目状态,责任人\n\
                XT-8,道路,江津,开州,900,100,2021-03-18,前期,司马相如\n";
    let clerk = web.as_("jiangjin-clerk").await;
    let found = sent(&clerk, "台账.csv", text).await;
    let id = &found["id"];
    let table = &found["tables"][0]["columns"][8];
    assert_eq!(table["field"], "responsible", "{found:#}");
    clerk
        .ok(&format!("/api/v1/imports/{id}/sheets/0"))
        .await
        .has(&["司马相如"]);
    clerk
        .ok(&format!("/api/v1/imports/{id}/preview"))
        .await
        .has(&["司马相如"]);
    let auditor = web.as_("auditor").await;
    for path in ["/sheets/0", "/preview"] {
        let answer = auditor.ok(&format!("/api/v1/imports/{id}{path}")).await;
        answer.lacks(&["司马相如"]).has(&["司***", "道路"]);
    }
    running.stop().await;
}

#[tokio::test]
async fn rights_are_asked_again_when_the_work_is_done() {
    let web = Web::new().await;
    let clerk = web.as_("jiangjin-clerk").await;
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let (working, running) = clerk.working();
    let found = sent(&working, "台账.csv", text).await;
    running.stop().await;
    let answer = commit(&clerk, &found["id"], false).await;
    let job = answer.json()["job"].clone();
    // Between the order and the work the clerk has become a leader, who may not import.
    let pack = web.store.pack().await.unwrap().unwrap();
    let amendment = qipan_accounts::Amendment {
        roles: Some(vec!["leader".to_owned()]),
        ..qipan_accounts::Amendment::default()
    };
    let by = qipan_accounts::By {
        actor: "security".to_owned(),
        origin: "-".to_owned(),
    };
    web.accounts
        .amend(&pack, "jiangjin-clerk", &amendment, &by)
        .await
        .unwrap();
    let (working, running) = web.working();
    let system = working.as_("system").await;
    let job = over(&system, &job).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert!(job["message"].as_str().unwrap().contains("权限"), "{job}");
    assert!(!keys(&working).await.contains(&"XT-8".to_owned()));
    running.stop().await;
}

#[tokio::test]
async fn a_unit_or_register_that_is_not_ones_own_is_refused_at_the_door() {
    let (web, running) = working().await;
    let commerce = web.as_("commerce").await;
    for (query, status, code) in [
        (
            "name=a.csv&register=project",
            StatusCode::NOT_FOUND,
            "Q4042",
        ),
        (
            "name=a.csv&register=nothing",
            StatusCode::NOT_FOUND,
            "Q4042",
        ),
        ("name=a.csv&unit=nowhere", StatusCode::NOT_FOUND, "Q4046"),
        (
            "name=a.csv&period=2021H9",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Q4221",
        ),
        ("register=consumption", StatusCode::BAD_REQUEST, "Q4001"),
        ("name=a.csv&more=1", StatusCode::BAD_REQUEST, "Q4001"),
    ] {
        let answer = upload(&commerce, query, "x").await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        answer.has(&[code]);
    }
    // A clerk files in the name of their own unit only.
    let clerk = web.as_("jiangjin-clerk").await;
    let query = format!("name=a.csv&unit={}", encoded("开州区"));
    let text = projects(&[["XT-8", "江津", "开州", "道路", "100"]]);
    let answer = upload(&clerk, &query, text).await.json();
    over(&clerk, &answer["job"]).await;
    let found = import(&clerk, &answer["id"]).await;
    assert_eq!(found["options"]["unit"], "kaizhou");
    assert_eq!(found["problems"][0]["code"], "I3006", "{found:#}");
    running.stop().await;
}
