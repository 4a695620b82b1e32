//! Figures with their past and their parts, opened page by page, through time.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::fixture::Web;

async fn issued(web: &Web, query: &str) -> Value {
    let figures = web
        .ok(&format!("/api/v1/figures?period=2021H1&{query}"))
        .await
        .json();
    figures[0].clone()
}

#[tokio::test]
async fn figures_are_narrowed_to_a_part() {
    let web = Web::new().await;
    for (query, value, units) in [
        ("supporter=jiangjin", json!(1), json!(["jiangjin", ""])),
        ("recipient=wanzhou", json!(1), json!(["", "wanzhou"])),
        (
            "supporter=bishan&recipient=liangping",
            json!(1),
            json!(["bishan", "liangping"]),
        ),
        ("supporter=&recipient=", json!(3), json!(["", ""])),
    ] {
        let figure = issued(&web, query).await;
        assert_eq!(figure["indicator"], "PRJ-N-ISSUED");
        assert_eq!(figure["value"], value, "{query}");
        assert_eq!(figure["cut_units"], units, "{query}");
    }
    // By group within a supporter: its own recipients only.
    let groups = web
        .ok("/api/v1/figures?period=2021H1&by=group&supporter=jiangjin")
        .await
        .json();
    for figure in groups.as_array().unwrap() {
        assert_eq!(figure["cut_units"][0], "jiangjin", "{figure}");
    }
    for (query, status, code) in [
        ("supporter=nobody", 404, "Q4046"),
        ("compare=maybe", 400, "Q4001"),
    ] {
        let wrong = web.get(&format!("/api/v1/figures?{query}")).await;
        assert_eq!(wrong.status.as_u16(), status, "{query}");
        wrong.has(&[code]);
    }
}

#[tokio::test]
async fn figures_stand_beside_their_past() {
    let web = Web::new().await;
    let plain = issued(&web, "").await;
    assert_eq!(plain.get("previous"), None, "only when asked");
    for flag in ["1", "true"] {
        let figure = issued(&web, &format!("compare={flag}")).await;
        assert_eq!(figure["previous"]["period"], "2020H2");
        assert_eq!(figure["last_year"]["period"], "2020H1");
    }
    let later = web
        .ok("/api/v1/figures?period=2021H2&compare=1")
        .await
        .json();
    let value = &later[0]["previous"]["value"];
    assert_eq!(*value, 3);
    let rate = later
        .as_array()
        .unwrap()
        .iter()
        .find(|figure| figure["unit"] == "%")
        .unwrap();
    assert_eq!(
        rate["change_unit"], "个百分点",
        "percentages differ by points"
    );
    assert_eq!(later[0]["change_unit"], "个");
}

#[tokio::test]
async fn a_figure_opens_page_by_page_and_by_part() {
    let web = Web::new().await;
    let path = "/api/v1/figures/PRJ-N-ISSUED?period=2021H1";
    let keys = |opened: &Value| -> Vec<String> {
        let rows = opened["rows"].as_array().unwrap().iter();
        rows.map(|row| row["key"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole = web.ok(path).await.json();
    assert_eq!((&whole["total"], &whole["counted"]), (&json!(4), &json!(3)));
    let first = web.ok(&format!("{path}&limit=3")).await.json();
    let second = web.ok(&format!("{path}&from=3&limit=3")).await.json();
    assert_eq!([keys(&first), keys(&second)].concat(), keys(&whole));
    assert_eq!(second["total"], 4);
    let beyond = web.ok(&format!("{path}&from=99")).await.json();
    assert_eq!((keys(&beyond).len(), &beyond["total"]), (0, &json!(4)));
    let part = web
        .ok(&format!("{path}&cut=,wanzhou&by=recipient"))
        .await
        .json();
    assert_eq!(keys(&part), ["XT-3", "XT-4"]);
    assert_eq!(part["figure"]["value"], 1);
    assert_eq!(part["missing"], json!([]));
    let link = web.ok(&format!("{path}&cut=jiangjin,kaizhou")).await.json();
    assert_eq!(keys(&link), ["XT-1"]);
    assert!(link["sql"][0].as_str().unwrap().contains("'jiangjin'"));
    for (query, status, code) in [
        ("cut=jiangjin", 422, "Q4223"),
        ("cut=nobody,", 404, "Q4046"),
        ("by=county", 422, "Q4223"),
        ("limit=many", 400, "Q4001"),
    ] {
        let wrong = web.get(&format!("{path}&{query}")).await;
        assert_eq!(wrong.status.as_u16(), status, "{query}");
        wrong.has(&[code]);
    }
    // What is not the caller's is in no page and in no count.
    let clerk = web.as_("jiangjin-clerk").await;
    let own = clerk.ok(path).await.json();
    assert_eq!(
        (keys(&own), &own["total"]),
        (vec!["XT-1".to_owned()], &json!(1))
    );
    let other = clerk.ok(&format!("{path}&cut=,wanzhou")).await.json();
    assert_eq!(other["total"], 0);
}

#[tokio::test]
async fn a_trend_has_a_point_for_each_period() {
    let web = Web::new().await;
    let path = "/api/v1/figures/PRJ-N-ISSUED/trend";
    let trend = web
        .ok(&format!("{path}?period=2021Q2&periods=3"))
        .await
        .json();
    let periods: Vec<&str> = trend["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["period"].as_str().unwrap())
        .collect();
    assert_eq!(periods, ["2020Q4", "2021Q1", "2021Q2"]);
    assert_eq!(trend["unit"], "个");
    assert_eq!(trend["points"][1]["value"], 3);
    assert_eq!(
        trend["points"][0]["value"],
        Value::Null,
        "missing is not zero"
    );
    let all = web.ok(path).await.json();
    assert_eq!(all["points"].as_array().unwrap().len(), 8);
    let many = web.ok(&format!("{path}?periods=500")).await.json();
    assert_eq!(many["points"].as_array().unwrap().len(), 24);
    let part = web
        .ok(&format!("{path}?period=2021H1&periods=1&recipient=wanzhou"))
        .await
        .json();
    assert_eq!(part["points"][0]["value"], 1);
    let clerk = web.as_("jiangjin-clerk").await;
    let own = clerk
        .ok(&format!("{path}?period=2021H1&periods=1"))
        .await
        .json();
    assert_eq!(own["points"][0]["value"], 1);
    let none = web.get("/api/v1/figures/NOTHING/trend").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    none.has(&["Q4044"]);
}

#[tokio::test]
async fn definitions_tell_their_history_clause_and_registers() {
    let web = Web::new().await;
    let path = "/api/v1/figures/PRJ-R-START/definitions?period=2021H1";
    let told = web.ok(path).await.json();
    let versions = told["versions"].as_array().unwrap();
    assert_eq!(
        versions.iter().filter(|one| one["current"] == true).count(),
        1
    );
    let newest = versions.last().unwrap();
    assert_eq!(newest["indicator"], "PRJ-R-START");
    assert_eq!(newest["counted"]["measure"], "percent");
    assert!(newest["valid"].is_object() && newest["window"].is_array());
    assert!(!newest["definition"].as_str().unwrap().is_empty());
    assert_eq!(told["registers"][0]["id"], "project", "those of its parts");
    assert!(told["clause"]["id"].is_string(), "{told}");
    // An indicator none of whose registers is the caller's is not there.
    let commerce = web.as_("commerce").await;
    for path in [
        path,
        "/api/v1/figures/PRJ-R-START/trend",
        "/api/v1/figures/PRJ-R-START",
    ] {
        let absent = commerce.get(path).await;
        assert_eq!(absent.status, StatusCode::NOT_FOUND, "{path}");
        absent.has(&["Q4044"]);
    }
    let security = web.as_("security").await.get(path).await;
    assert_eq!(security.status, StatusCode::FORBIDDEN);
}
