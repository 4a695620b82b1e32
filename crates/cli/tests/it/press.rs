//! Texts against the ledger: every number confirmed, and any changed one found.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::home::{Database, Home, items, root};

both!(
    reworded_texts_are_confirmed,
    a_changed_number_is_contradicted,
    briefs_agree_with_the_ledger
);

fn check(home: &Home, path: &str) -> (i32, Value) {
    let run = home.run(&["check", path, "--period", "2021H1", "--json"]);
    let json = run.json();
    for claim in items(&json["claims"]) {
        for key in [
            "text",
            "offset",
            "value",
            "unit",
            "indicator",
            "verdict",
            "ledger",
            "display",
        ] {
            assert!(claim.get(key).is_some(), "{key}: {claim}");
        }
    }
    (run.status, json)
}

fn with<'c>(claims: &'c Value, verdict: &str) -> Vec<&'c Value> {
    items(&claims["claims"])
        .iter()
        .filter(|claim| claim["verdict"] == *verdict)
        .collect()
}

/// The texts at hand: ours, and the article where it lies beside the checkout.
fn texts() -> Vec<PathBuf> {
    let own = root().join("crates/press/tests/data");
    let mut texts = vec![own.join("reworded.txt"), own.join("reworded2.txt")];
    let article = root().join("../shared/seed-article.txt");
    texts.extend(article.is_file().then_some(article));
    texts
}

fn reworded_texts_are_confirmed(database: Database) {
    let home = Home::demo(database);
    for path in texts() {
        let (status, claims) = check(&home, path.to_str().unwrap());
        let confirmed = with(&claims, "confirmed");
        let named: std::collections::BTreeSet<&str> = confirmed
            .iter()
            .map(|claim| claim["indicator"].as_str().unwrap())
            .collect();
        assert_eq!(named.len(), 32, "{}: {claims:#}", path.display());
        assert!(with(&claims, "contradicted").is_empty(), "{claims:#}");
        assert_eq!(status, 0);
        // The same words as a web page.
        let text = fs::read_to_string(&path).unwrap();
        let html: String = text
            .lines()
            .map(|line| format!("<p>{line}</p>\n"))
            .collect();
        let page = home.write(
            "page.html",
            format!("<!doctype html><html><head><style>p {{ margin: 36.8% }}</style></head><body>{html}</body></html>"),
        );
        let (status, in_page) = check(&home, &page);
        assert_eq!(status, 0);
        assert_eq!(
            with(&in_page, "confirmed").len(),
            confirmed.len(),
            "{in_page:#}"
        );
    }
}

fn a_changed_number_is_contradicted(database: Database) {
    let home = Home::demo(database);
    let text = fs::read_to_string(root().join("crates/press/tests/data/reworded.txt")).unwrap();
    let before = home.write("before.txt", &text);
    let (_, claims) = check(&home, &before);
    let chars: Vec<char> = text.chars().collect();
    for claim in items(&claims["claims"]).iter().step_by(9) {
        // The first digit of the number, wherever it stands.
        let offset = claim["offset"].as_u64().unwrap() as usize;
        let Some(at) = (offset..offset + 8).find(|&at| chars[at].is_ascii_digit()) else {
            continue;
        };
        let mut changed = chars.clone();
        changed[at] = char::from_digit(chars[at].to_digit(10).unwrap() % 9 + 1, 10).unwrap();
        let path = home.write("changed.txt", changed.into_iter().collect::<String>());
        let (status, claims) = check(&home, &path);
        assert_eq!(status, 1);
        let contradicted = with(&claims, "contradicted");
        assert_eq!(contradicted.len(), 1, "{contradicted:#?}");
        assert_eq!(contradicted[0]["indicator"], claim["indicator"]);
        assert_eq!(contradicted[0]["offset"], claim["offset"]);
        assert_eq!(contradicted[0]["ledger"], claim["ledger"]);
        let said = home.run(&["check", &path, "--period", "2021H1"]).ends(1);
        let indicator = claim["indicator"].as_str().unwrap();
        assert!(
            said.out.contains("不符") && said.out.contains(indicator),
            "{}",
            said.out
        );
    }
}

fn briefs_agree_with_the_ledger(database: Database) {
    let home = Home::demo(database);
    for format in ["docx", "html", "md"] {
        let out = home.file(&format!("brief.{format}"));
        let out = out.to_str().unwrap();
        home.good(&[
            "brief",
            "half-year",
            "--period",
            "2021H1",
            "--format",
            format,
            "-o",
            out,
        ]);
        let (status, claims) = check(&home, out);
        let contradicted = with(&claims, "contradicted");
        assert!(contradicted.is_empty(), "{format}: {contradicted:#?}");
        let named: std::collections::BTreeSet<&str> = with(&claims, "confirmed")
            .iter()
            .map(|claim| claim["indicator"].as_str().unwrap())
            .collect();
        assert_eq!(named.len(), 32, "{format}: {named:?}");
        assert_eq!(status, 0, "{format}");
    }
    // Illustrative data is labelled.
    let text = fs::read_to_string(home.file("brief.md")).unwrap();
    assert!(text.contains("示例数据"), "{text}");
}
