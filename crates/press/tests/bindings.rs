//! Single sentences, each with the indicators of the Chongqing pack that its numbers speak of.
//! Many ways of saying the same thing, and sentences that speak of nothing the pack counts.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;

use qipan_pack::Source;
use qipan_press::{Entry, check};

#[test]
fn sentences_bind_by_their_meaning() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pack = qipan_pack::check(&Source::read_dir(&here.join("../../packs/chongqing")).unwrap());
    let ledger: Vec<Entry> = pack
        .pack
        .expect("the Chongqing pack checks")
        .indicators_on("2021-06-30".parse().unwrap())
        .map(|indicator| Entry {
            indicator: indicator.id.clone(),
            unit: indicator.unit.clone(),
            value: None,
            display: String::new(),
            terms: indicator.press.clone(),
            places: Vec::new(),
        })
        .collect();
    let table = std::fs::read_to_string(here.join("tests/data/bindings.tsv")).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (sentence, expect) = line.split_once('\t').expect("sentence, tab, indicators");
        let bound: Vec<String> = check(sentence, &ledger, "2021H1".parse().unwrap())
            .into_iter()
            .map(|claim| claim.indicator.unwrap_or_else(|| "-".to_owned()))
            .collect();
        let bound = bound.join(" ");
        if bound != expect {
            wrong.push(format!(
                "{sentence}\n  expected {expect}\n  bound    {bound}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
