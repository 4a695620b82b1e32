//! The board in one answer: what it shows, to whom, and when it need not be sent again.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::fixture::{Answer, Web};

/// The figure of an indicator, whatever theme it stands in.
fn figure<'b>(board: &'b Value, indicator: &str) -> &'b Value {
    board["themes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|theme| theme["figures"].as_array().unwrap())
        .find(|figure| figure["indicator"] == indicator)
        .unwrap_or_else(|| panic!("{indicator}"))
}

fn light<'b>(board: &'b Value, unit: &str) -> Option<&'b Value> {
    let lights = board["lights"].as_array().unwrap();
    lights.iter().find(|light| light["unit"] == unit)
}

fn link<'b>(board: &'b Value, supporter: &str, recipient: &str) -> Option<&'b Value> {
    let mut links = board["links"].as_array().unwrap().iter();
    links.find(|link| link["supporter"] == supporter && link["recipient"] == recipient)
}

#[tokio::test]
async fn one_answer_has_the_whole_board() {
    let web = Web::new().await;
    let board = web.ok("/api/v1/board?period=2021H1").await.json();
    assert_eq!(board["period"], "2021H1");
    assert_eq!(board["previous"], "2020H2");
    assert_eq!(board["last_year"], "2020H1");
    assert_eq!(board["illustrative"], "示例数据，非真实记录");
    assert_eq!(board["illustrative_en"], "Illustrative data");
    let figures: usize = board["themes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|theme| theme["figures"].as_array().unwrap().len())
        .sum();
    assert_eq!(figures, 32);
    let issued = figure(&board, "PRJ-N-ISSUED");
    assert_eq!(issued["value"], 3);
    assert_eq!(issued["light"], "amber");
    assert!(issued["why"].as_str().unwrap().contains("3/17"), "{issued}");
    assert_eq!(issued["certainty"], "likely");
    assert!(!issued["name_en"].as_str().unwrap().is_empty());
    // The mechanism has no figures of 2020 that anybody reported: no change out of nothing.
    assert_eq!(issued["previous"]["value"], Value::Null);
    assert_eq!(issued["change"], Value::Null);
    assert_eq!(issued["change_display"], "");
    // Everything agrees with the routes that answer the parts.
    let plain = web.ok("/api/v1/figures?period=2021H1").await.json();
    for own in plain.as_array().unwrap() {
        let shown = figure(&board, own["indicator"].as_str().unwrap());
        for key in ["value", "display", "coverage", "unit", "version"] {
            assert_eq!(shown[key], own[key], "{own}");
        }
    }
    let coverage = web.ok("/api/v1/coverage?period=2021H1").await.json();
    assert_eq!(board["coverage"], coverage);
    assert_eq!(board["filed"]["reported"], 3);
    assert_eq!(board["filed"]["due"], 18, "17 recipients and the city");
    assert_eq!(board["filed"]["missing"].as_array().unwrap().len(), 15);
    assert_eq!(board["width"]["indicator"], "FND-V-ISSUED");
    let lights = board["lights"].as_array().unwrap();
    assert_eq!(lights.len(), 18);
    let kaizhou = light(&board, "kaizhou").unwrap();
    assert_eq!(kaizhou["light"], "amber");
    assert_eq!(kaizhou["reported"], 1);
    // The period is over, the one before was not of the mechanism: late once, not twice.
    let silent = light(&board, "chengkou").unwrap();
    assert_eq!(silent["light"], "amber");
    assert!(
        silent["why"].as_str().unwrap().contains("本期已结束"),
        "{silent}"
    );
    // Of the next period, which is not over on 2021-08-01, nothing can be said yet; after it,
    // silence is the second in a row.
    let next = web.ok("/api/v1/board?period=2021H2").await.json();
    assert_eq!(light(&next, "chengkou").unwrap()["light"], "grey");
    let system = web.as_("system").await;
    let change = json!({"password_max_age_days": 0});
    system.send("PATCH", "/api/v1/settings", change).await;
    web.clock.jump(200 * 24 * 60 * 60);
    let web = web.as_("coordinator").await;
    let late = web.ok("/api/v1/board?period=2021H2").await.json();
    assert_eq!(light(&late, "chengkou").unwrap()["light"], "red");
    assert_eq!(light(&late, "kaizhou").unwrap()["light"], "amber");
    assert_eq!(figure(&late, "PRJ-N-ISSUED")["previous"]["value"], 3);
}

#[tokio::test]
async fn links_are_as_wide_as_asked() {
    let web = Web::new().await;
    let board = web
        .ok("/api/v1/board?period=2021H1&width=PRJ-N-ISSUED")
        .await
        .json();
    assert_eq!(board["width"]["indicator"], "PRJ-N-ISSUED");
    let known = link(&board, "jiangjin", "kaizhou").unwrap();
    assert_eq!(known["value"], 1);
    assert_eq!(known["display"], "1个");
    let quiet = board["links"]
        .as_array()
        .unwrap()
        .iter()
        .find(|link| link["display"] == "未报" && !link["supporter"].is_null())
        .unwrap();
    assert_eq!(quiet["value"], Value::Null, "missing is not zero");
    let open = board["links"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|link| link["supporter"].is_null() || link["recipient"].is_null());
    assert!(
        open.clone().count() > 0,
        "what is not known is there as 待确认"
    );
    for link in open {
        assert_eq!(
            (&link["value"], &link["display"]),
            (&Value::Null, &json!(""))
        );
    }
    let wrong = web.get("/api/v1/board?period=2021H1&width=NOTHING").await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    wrong.has(&["Q4044"]);
}

#[tokio::test]
async fn a_cut_narrows_everything() {
    let web = Web::new().await;
    let board = web
        .ok("/api/v1/board?period=2021H1&recipient=wanzhou")
        .await
        .json();
    let issued = figure(&board, "PRJ-N-ISSUED");
    assert_eq!(
        (&issued["value"], &issued["unconfirmed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(issued["cut_units"], json!(["", "wanzhou"]));
    assert_eq!(issued["coverage"], json!({"reported": 1, "due": 1}));
    assert_eq!(issued["light"], "green");
    let lights: Vec<&Value> = board["lights"].as_array().unwrap().iter().collect();
    assert_eq!(lights.len(), 2, "the recipient and the city: {lights:?}");
    for link in board["links"].as_array().unwrap() {
        assert_eq!(link["recipient"], "wanzhou");
    }
    let board = web
        .ok("/api/v1/board?period=2021H1&supporter=jiangjin&recipient=kaizhou")
        .await
        .json();
    assert_eq!(figure(&board, "PRJ-N-ISSUED")["value"], 1);
    assert_eq!(board["links"].as_array().unwrap().len(), 1);
    let wrong = web.get("/api/v1/board?supporter=nobody").await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    wrong.has(&["Q4046"]);
}

#[tokio::test]
async fn a_supporters_board_counts_only_its_links() {
    let web = Web::new().await;
    let leader = web.as_("jiangjin-leader").await;
    let board = leader
        .ok("/api/v1/board?period=2021H1&width=PRJ-N-ISSUED")
        .await;
    board.lacks(&["bishan", "XT-3"]);
    let board = board.json();
    assert_eq!(figure(&board, "PRJ-N-ISSUED")["value"], 1);
    let links = board["links"].as_array().unwrap();
    assert!(!links.is_empty());
    for link in links {
        assert_eq!(link["supporter"], "jiangjin");
    }
    assert!(light(&board, "kaizhou").is_some());
    assert!(light(&board, "wanzhou").is_none() && light(&board, "liangping").is_none());
    for register in board["coverage"].as_array().unwrap() {
        assert!(register["due"].as_u64().unwrap() <= 2, "{register}");
    }
    // Narrowed to somebody else's part there is nothing.
    let other = leader
        .ok("/api/v1/board?period=2021H1&recipient=wanzhou")
        .await
        .json();
    assert_ne!(figure(&other, "PRJ-N-ISSUED")["value"], 1);
    assert!(other["links"].as_array().unwrap().is_empty());
    // A department sees the figures of its registers only.
    let commerce = web
        .as_("commerce")
        .await
        .ok("/api/v1/board?period=2021H1")
        .await;
    commerce.lacks(&["PRJ-N-ISSUED"]);
    for login in ["security", "system"] {
        let refused = web.as_(login).await.get("/api/v1/board").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{login}");
    }
    assert_eq!(
        web.nobody().get("/api/v1/board").await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn again(web: &Web, path: &str, tag: &str) -> Answer {
    let request = Request::get(path)
        .header(header::IF_NONE_MATCH, tag)
        .body(Body::empty());
    web.ask(request.unwrap()).await
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let web = Web::new().await;
    for path in [
        "/api/v1/board?period=2021H1",
        "/api/v1/figures?period=2021H1&by=group",
        "/api/v1/figures?period=2021H1&compare=1&as_of=2021-08-01",
        "/api/v1/boundaries",
    ] {
        let first = web.ok(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache", "{path}");
        let second = again(&web, path, &tag).await;
        assert_eq!(second.status, StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(
            (second.body.as_str(), second.header("etag")),
            ("", tag.as_str())
        );
    }
    let path = "/api/v1/board?period=2021H1";
    let tag = web.ok(path).await.header("etag").to_owned();
    // Another question, another caller, another state: another answer.
    let other = again(&web, "/api/v1/board?period=2021H1&recipient=wanzhou", &tag).await;
    assert_eq!(other.status, StatusCode::OK);
    let leader = web.as_("jiangjin-leader").await;
    let tag = web.ok(path).await.header("etag").to_owned();
    assert_eq!(again(&leader, path, &tag).await.status, StatusCode::OK);
    let past = "/api/v1/figures?period=2021H1&as_of=2021-07-01";
    let past_tag = web.ok(past).await.header("etag").to_owned();
    web.add_project("XT-9", "jiangjin", "kaizhou").await;
    assert_eq!(again(&web, path, &tag).await.status, StatusCode::OK);
    assert_eq!(
        again(&web, past, &past_tag).await.status,
        StatusCode::NOT_MODIFIED,
        "the past stays as it was"
    );
}

#[tokio::test]
async fn boundaries_come_by_units_and_small() {
    let web = Web::new().await;
    let answer = web.ok("/api/v1/boundaries").await;
    assert!(answer.body.len() < 400_000, "{}", answer.body.len());
    let map = answer.json();
    assert!(map["attribution"].as_str().unwrap().contains("审图号"));
    let features = map["features"].as_array().unwrap();
    let wanzhou = features.iter().find(|one| one["id"] == "wanzhou").unwrap();
    assert_eq!(wanzhou["properties"]["code"], "500101");
    assert_eq!(wanzhou["properties"]["role"], "recipient");
    assert_eq!(wanzhou["properties"]["name"], "万州区");
    // Each unit that takes part has a place, zones amid the districts that contain them.
    let units = web.ok("/api/v1/units").await.json();
    for unit in units.as_array().unwrap() {
        let day = "2021-06-30";
        let [from, to] = ["from", "to"].map(|end| unit["valid"][end].as_str());
        let is_here = from.is_none_or(|from| from <= day)
            && to.is_none_or(|to| to >= day)
            && unit["role"] != "none";
        if is_here {
            assert!(
                map["places"][unit["id"].as_str().unwrap()].is_array(),
                "{unit}"
            );
        }
    }
    let request = Request::get("/api/v1/boundaries")
        .header(header::ACCEPT_ENCODING, "gzip")
        .body(Body::empty());
    let packed = web.ask(request.unwrap()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.size <= 150_000, "{}", packed.size);
    // Whoever has come in may look at a map.
    web.as_("security").await.ok("/api/v1/boundaries").await;
    let none = web.nobody().get("/api/v1/boundaries").await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
}
