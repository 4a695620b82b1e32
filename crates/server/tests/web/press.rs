//! The press check: claims in their places.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::fixture::{Answer, Web};

async fn check(web: &Web, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post("/api/v1/press-check?period=2021H1")
        .header(header::CONTENT_TYPE, kind)
        .body(body.into());
    web.ask(request.unwrap()).await
}

/// What the text has where a claim says that it stands.
fn stated(answer: &Value, claim: &Value) -> String {
    let offset = claim["offset"].as_u64().unwrap() as usize;
    let length = claim["length"].as_u64().unwrap() as usize;
    let text = answer["text"].as_str().unwrap();
    text.chars().skip(offset).take(length).collect()
}

#[tokio::test]
async fn claims_stand_where_they_say() {
    let web = Web::new().await;
    let text = "𠮷祥号：今年上半年，全市已累计下达对口帮扶项目3个。\n\
                另一处写成：已累计下达对口帮扶项目9个。又说一遍：已累计下达对口帮扶项目9个。";
    let answer = check(&web, "text/plain", text).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let answer = answer.json();
    let claims = answer["claims"].as_array().unwrap();
    assert!(claims.len() >= 2, "{answer}");
    for claim in claims {
        // Counted in characters: the first letter of the text is two units of UTF-16.
        assert_eq!(stated(&answer, claim), claim["text"].as_str().unwrap());
    }
    let of = |verdict: &str| {
        claims
            .iter()
            .find(|claim| claim["verdict"] == verdict)
            .unwrap()
    };
    let right = of("confirmed");
    assert_eq!(right["indicator"], "PRJ-N-ISSUED");
    assert_eq!((&right["value"], &right["ledger"]), (&json!(3), &json!(3)));
    assert_eq!(right["display"], "3个");
    assert!(right["name"].as_str().unwrap().contains("项目"));
    let wrong = of("contradicted");
    assert_eq!(
        (&wrong["text"], &wrong["ledger"]),
        (&json!("9个"), &json!(3))
    );
    assert_eq!(wrong["repeat"], false);
    assert_eq!(answer["confirmed"], 1);
    assert!(claims.is_sorted_by_key(|claim| claim["offset"].as_u64()));
    // The same as the command line's check finds: one statement once, and where it stands again.
    let statements = claims
        .iter()
        .filter(|claim| claim["repeat"] == false)
        .count();
    let counted: u64 = ["confirmed", "contradicted", "unmatched"]
        .iter()
        .map(|word| answer[*word].as_u64().unwrap())
        .sum();
    assert_eq!(statements as u64, counted);
}

#[tokio::test]
async fn html_and_word_are_read_by_their_content() {
    let web = Web::new().await;
    let html = "<html><body><p>已累计下达对口帮扶项目<b>3个</b>。</p><script>alert(9)</script></body></html>";
    let answer = check(&web, "text/html", html).await.json();
    assert!(!answer["text"].as_str().unwrap().contains('<'));
    assert_eq!(answer["confirmed"], 1);
    // The brief's own document, read back, contradicts nothing.
    let brief = web
        .ok("/api/v1/briefs/half-year?period=2021H1&format=md")
        .await;
    let answer = check(&web, "text/plain", brief.body).await.json();
    assert!(answer["confirmed"].as_u64().unwrap() > 0);
    assert_eq!(answer["contradicted"], 0, "{answer}");
    let broken = check(&web, "application/octet-stream", "PK\u{3}\u{4} no zip").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    broken.has(&["Q4228"]);
    let empty = check(&web, "text/plain", "").await.json();
    assert_eq!(empty["claims"], json!([]));
}

#[tokio::test]
async fn a_text_is_held_against_what_the_caller_sees() {
    let web = Web::new().await;
    let text = "全市已累计下达对口帮扶项目1个。";
    let own = check(&web.as_("jiangjin-leader").await, "text/plain", text)
        .await
        .json();
    assert_eq!(own["claims"][0]["verdict"], "confirmed");
    let whole = check(&web, "text/plain", text).await.json();
    assert_eq!(whole["claims"][0]["verdict"], "contradicted");
    for login in ["auditor", "security"] {
        let refused = check(&web.as_(login).await, "text/plain", text).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{login}");
    }
    let big = check(&web, "text/plain", "长".repeat(400_000)).await;
    assert_eq!(big.status, StatusCode::PAYLOAD_TOO_LARGE);
    big.has(&["Q4131"]);
}
