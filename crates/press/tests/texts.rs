//! The press check on whole texts, with the Chongqing pack's own terms.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::collections::BTreeSet;

use common::{data, half_year, ledger, root};
use qipan_press::{Claim, Limits, Verdict, check, extract};
use rstest::rstest;

fn claims(text: &str) -> Vec<Claim> {
    check(text, &ledger(), half_year())
}

fn all_confirmed(text: &str) {
    let claims = claims(text);
    let wrong: Vec<&Claim> = claims
        .iter()
        .filter(|claim| claim.verdict != Verdict::Confirmed)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let bound: BTreeSet<&str> = claims
        .iter()
        .filter_map(|claim| claim.indicator.as_deref())
        .collect();
    assert_eq!((claims.len(), bound.len()), (32, 32));
}

/// Changes each number in turn: exactly that claim is contradicted.
fn each_change_is_found(text: &str) {
    let ledger = ledger();
    let chars: Vec<char> = text.chars().collect();
    let before = check(text, &ledger, half_year());
    for claim in &before {
        let at = (claim.offset..claim.offset + claim.text.chars().count())
            .find(|&at| chars[at].is_ascii_digit() || "一二三四五六七八九".contains(chars[at]))
            .unwrap();
        let mut changed = chars.clone();
        changed[at] = match chars[at].to_digit(10) {
            Some(digit) => char::from_digit(digit % 9 + 1, 10).unwrap(),
            None if chars[at] == '九' => '八',
            None => '九',
        };
        let changed: String = changed.into_iter().collect();
        let contradicted: Vec<Claim> = check(&changed, &ledger, half_year())
            .into_iter()
            .filter(|claim| claim.verdict != Verdict::Confirmed)
            .collect();
        assert_eq!(
            contradicted.len(),
            1,
            "{} in {}: {contradicted:#?}",
            claim.text,
            claim.sentence
        );
        assert_eq!(contradicted[0].verdict, Verdict::Contradicted);
        assert_eq!(contradicted[0].offset, claim.offset);
        assert_eq!(contradicted[0].indicator, claim.indicator);
    }
}

#[rstest]
#[case("reworded.txt")]
#[case("reworded2.txt")]
fn reworded_texts_are_confirmed_and_changes_found(#[case] file: &str) {
    let text = std::fs::read_to_string(data(file)).unwrap();
    all_confirmed(&text);
    each_change_is_found(&text);
}

/// The published article is not ours to ship; where it lies beside the checkout it is tried too.
#[test]
fn the_published_article() {
    let Ok(bytes) = std::fs::read(root().join("../shared/seed-article.txt")) else {
        return;
    };
    let text = extract(&bytes, &Limits::default()).unwrap();
    all_confirmed(&text);
    assert!(
        claims(&text).iter().all(|claim| claim.repeats.len() == 1),
        "it holds each claim twice"
    );
    each_change_is_found(&text);
}

#[test]
fn other_years_are_not_held_against_this_one() {
    let claims = claims("2020年全年下达对口帮扶项目90个。今年上半年下达对口帮扶项目144个。");
    assert_eq!(claims[0].verdict, Verdict::Unmatched);
    assert!(claims[0].reason.contains("2020年"), "{}", claims[0].reason);
    assert_eq!(claims[1].verdict, Verdict::Confirmed);
}

#[test]
fn what_the_ledger_does_not_know_stays_unmatched() {
    for text in [
        "全市粮食产量增长3.5%。",
        "会议有120人参加。",
        "道路长36公里。",
    ] {
        let claims = claims(text);
        assert_eq!(claims.len(), 1, "{text}");
        assert_eq!(
            claims[0].verdict,
            Verdict::Unmatched,
            "{text}: {:?}",
            claims[0].indicator
        );
    }
}
