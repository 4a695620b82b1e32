//! The pages: what they show, that hostile text stays text, and both languages.

use axum::http::StatusCode;

use crate::fixture::{HOSTILE, Web};

#[tokio::test]
async fn the_board_shows_every_figure_with_its_coverage() {
    let web = Web::new().await;
    let board = web.ok("/board?period=2021H1").await;
    assert_eq!(board.body.matches("<li class=\"card\"").count(), 32);
    board.has(&[
        "lang=\"zh-CN\"",
        "2021年上半年",
        "累计下达对口帮扶项目",
        "已报 3/17",
        "另有未确认 +1个",
        "未报",
        "示例数据，非真实记录",
        "href=\"/figures/PRJ-N-ISSUED?period=2021H1\"",
        "<svg",
        "结对待确认：",
    ]);
    // Links that are not known are not drawn.
    board
        .lacks(&["data-link=\"-", "data-link=\"chengkou"])
        .has(&["data-link=\"jiangjin-kaizhou\""]);
}

#[tokio::test]
async fn the_board_cuts_and_colours_as_asked() {
    let web = Web::new().await;
    web.ok("/board?period=2021H1&by=group")
        .await
        .has(&["<table", "开州区", "按结对组"]);
    web.ok("/board?period=2021H1&by=link&map=PRJ-N-ISSUED")
        .await
        .has(&["江津区", " → "]);
    let refused = web.get("/board?map=NOTHING").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    refused.has(&["Q4044", "<main"]);
}

#[tokio::test]
async fn a_number_opens_to_rows_records_and_revisions() {
    let web = Web::new().await;
    let opened = web.ok("/figures/PRJ-N-ISSUED?period=2021H1").await;
    opened.has(&[
        "口径",
        "推定",
        "市发展改革委",
        "SELECT",
        "未报单位：",
        "XT-1",
        "XT-4",
        "未计入",
    ]);
    opened.has(&["href=\"/registers/project/records/1?period=2021H1#rev-2\""]);
    let record = web.ok("/registers/project/records/1?period=2021H1").await;
    record.has(&[
        "2,500,000.00",
        "<del>2,000,000.00</del>",
        "<ins>2,500,000.00</ins>",
        "更正资金",
        "首报",
        "测试员",
    ]);
    record.has(&[
        &format!("/api/v1/files/{}?entry=", web.digest),
        "项目台账!XT-1",
        "id=\"rev-1\"",
    ]);
    web.ok("/figures/PRJ-R-START?period=2021H1")
        .await
        .has(&["由两个数相除得出", "66.7"]);
}

#[tokio::test]
async fn a_past_moment_knows_nothing_of_what_came_later() {
    let web = Web::new().await;
    let journal = web.ok("/api/v1/journal").await.json();
    let first = journal["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["reason"] == "首报")
        .unwrap();
    let then = first["at"].as_str().unwrap();
    let record = web
        .ok(&format!("/registers/project/records/1?as_of={then}"))
        .await;
    record.has(&["2,000,000.00"]).lacks(&["2,500,000.00"]);
    web.ok(&format!("/board?as_of={then}"))
        .await
        .has(&["历史时点"]);
}

#[tokio::test]
async fn registers_and_units_can_be_read() {
    let web = Web::new().await;
    let list = web
        .ok("/registers/project?where=has(start_date)&sort=code")
        .await;
    list.has(&["XT-1", "XT-2", "项目编号"]).lacks(&["XT-3"]);
    web.ok("/registers/project?recipient=wanzhou")
        .await
        .has(&["XT-3", "万州区"])
        .lacks(&["XT-1"]);
    web.ok("/units/kaizhou?period=2021H1")
        .await
        .has(&["开州区", "江津区", "推定", "未报"]);
    web.ok("/units/chengkou?period=2021H1")
        .await
        .has(&["城口县", "待确认"]);
    web.ok("/units/chongqing").await.has(&["重庆市"]);
    let journal = web.ok("/journal").await;
    journal.has(&["更正资金", "id=\"e-3\"", "机制包"]);
    web.ok("/journal?last=1")
        .await
        .has(&["较新"])
        .lacks(&["更正资金"]);
    web.ok("/verify").await.has(&["日志链完好"]);
}

#[tokio::test]
async fn hostile_text_stays_text() {
    let web = Web::new().await;
    for path in [
        "/figures/PRJ-N-ISSUED",
        "/registers/project",
        "/registers/project/records/2",
        "/journal",
    ] {
        web.ok(path).await.lacks(&["<script", "<img", "<b>.xlsx"]);
    }
    web.ok("/registers/project/records/2")
        .await
        .has(&["&lt;script&gt;alert("]);
    for path in [
        "/board?period=%3Cscript%3E",
        "/figures/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/units/%22%3E%3Cscript%3E",
        "/registers/%3Cscript%3E",
        "/registers/project?where=%3Cscript%3E",
        "/%3Cscript%3E",
    ] {
        let answer = web.get(path).await;
        assert!(answer.status.is_client_error(), "{path}");
        answer.lacks(&["<script"]);
    }
    // What comes back into a form or an address is text as well.
    web.ok("/registers/project?supporter=%22%3E%3Cscript%3E")
        .await
        .lacks(&["<script", "\"\">"]);
    let checked = web
        .post("/press", &[("text", HOSTILE), ("period", "2021H1")])
        .await;
    checked.lacks(&["<script", "<img"]);
}

#[tokio::test]
async fn a_text_is_checked_in_place() {
    let web = Web::new().await;
    web.ok("/press")
        .await
        .has(&["<textarea", "action=\"/press\""]);
    let text =
        "今年上半年，全市已累计下达对口帮扶项目3个。\n另一处写成：已累计下达对口帮扶项目9个。";
    let checked = web
        .post("/press", &[("text", text), ("period", "2021H1")])
        .await;
    assert_eq!(checked.status, StatusCode::OK);
    checked.has(&[
        "<mark class=\"confirmed\"",
        "<mark class=\"contradicted\"",
        ">9个</a>",
    ]);
    checked.has(&["href=\"/figures/PRJ-N-ISSUED?period=2021H1\""]);
    let none = web.post("/press", &[("text", "没有数字。")]).await;
    none.has(&["没有找到数字"]);
    let big = web.post("/press", &[("text", &"长".repeat(200_000))]).await;
    assert_eq!(big.status, StatusCode::PAYLOAD_TOO_LARGE);
    big.has(&["Q4131", "<main"]);
}

#[tokio::test]
async fn pages_that_are_not_there_say_so_in_the_same_style() {
    let web = Web::new().await;
    for (path, status, code) in [
        ("/nothing", 404, "Q4041"),
        ("/registers/nothing", 404, "Q4042"),
        ("/registers/project/records/99", 404, "Q4043"),
        ("/units/nothing", 404, "Q4046"),
        ("/board?period=2021H9", 422, "Q4221"),
        ("/board?as_of=gestern", 422, "Q4222"),
    ] {
        let answer = web.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{path}"
        );
        answer.has(&[code, "<main", "board.css"]);
    }
    let answer = web.post("/board", &[]).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    answer.has(&["Q4051"]);
    let without = Web::bare(false).await;
    assert_eq!(without.get("/board").await.status, StatusCode::SEE_OTHER);
    without.ok("/login").await.has(&["qipan init"]);
}

#[tokio::test]
async fn an_empty_store_has_a_board_all_the_same() {
    let web = Web::bare(true).await;
    web.ok("/board").await.has(&["这一期还没有数据", "未报"]);
    web.ok("/registers/project").await.has(&["没有记录"]);
    web.ok("/figures/PRJ-N-ISSUED").await.has(&["没有明细"]);
}

#[tokio::test]
async fn the_words_around_the_data_are_english_when_asked() {
    let web = Web::new().await;
    for path in [
        "/board?lang=en",
        "/board?lang=en&by=group",
        "/figures/PRJ-N-ISSUED?lang=en",
        "/figures/PRJ-R-START?lang=en",
        "/units/kaizhou?lang=en",
        "/registers/project?lang=en",
        "/registers/project/records/1?lang=en",
        "/journal?lang=en",
        "/verify?lang=en",
        "/press?lang=en",
        "/nothing?lang=en",
        "/board?lang=en&period=2021H9",
    ] {
        let answer = web.get(path).await;
        answer.has(&["<html lang=\"en\""]);
        let chrome = without_data(&answer.body);
        let left: String = chrome
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .collect();
        assert!(left.is_empty(), "{path}: {left}");
        // Each link keeps the language.
        for href in answer
            .body
            .split("href=\"/")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            let own = ["assets/", "api/"]
                .iter()
                .any(|prefix| href.starts_with(prefix));
            let switch = answer
                .body
                .contains(&format!("href=\"/{href}\" lang=\"zh-CN\""));
            assert!(own || switch || href.contains("lang=en"), "{path}: {href}");
        }
    }
}

/// A page without what is data: parts marked as Chinese, and values with their units.
fn without_data(page: &str) -> String {
    let mut page = page.to_owned();
    for (open, close) in [
        ("lang=\"zh-CN\"", "</"),
        ("<figure class=\"map\"", "</figure>"),
        ("<span class=\"unit\">", "</span>"),
        ("<span class=\"open\">", "</span>"),
        ("<td", "</td>"),
        ("<tbody", "</tbody>"),
        ("<dd", "</dd>"),
        ("<details class=\"sql\"", "</details>"),
        ("<p class=\"absent\"", "</p>"),
        ("（", "）"),
        ("(元", ")"),
    ] {
        while let Some(start) = page.find(open) {
            let end = page[start..]
                .find(close)
                .map_or(page.len(), |at| start + at + close.len());
            page.replace_range(start..end, "");
        }
    }
    page
}
