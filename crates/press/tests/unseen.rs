//! Whole texts as different people write them, each with what every one of its quantities speaks
//! of (`data/texts/NAME.tsv`): nothing missed, nothing taken for a claim that is none, and every
//! changed number found.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::collections::BTreeSet;

use common::{data, half_year, ledger};
use qipan_press::{Claim, Entry, Limits, Verdict, check, extract};

/// One line of an expectations file, or one claim, in the same words.
type Line = (String, String, &'static str, String);

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::Contradicted => "contradicted",
        Verdict::Unmatched => "unmatched",
    }
}

fn without_blanks(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '⏎')
        .collect()
}

fn texts() -> Vec<(String, String, Vec<Line>)> {
    let mut files: Vec<_> = std::fs::read_dir(data("texts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end != "tsv"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = extract(&std::fs::read(&path).unwrap(), &Limits::default()).unwrap();
            let table = std::fs::read_to_string(path.with_extension("tsv")).unwrap();
            let expected = table
                .lines()
                .filter(|line| !line.starts_with('#'))
                .map(|line| {
                    let mut cells = line.split('\t');
                    let mut next = || cells.next().unwrap_or("").to_owned();
                    let (quantity, indicator, verdict, place) = (next(), next(), next(), next());
                    let verdict = ["confirmed", "contradicted", "unmatched"]
                        .into_iter()
                        .find(|known| *known == verdict)
                        .expect("a verdict");
                    (without_blanks(&quantity), indicator, verdict, place)
                })
                .collect();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                text,
                expected,
            )
        })
        .collect()
}

/// All statements of a text in order, repeats included, as lines of an expectations file.
fn statements(text: &str, claims: &[Claim]) -> Vec<(usize, Line)> {
    let chars: Vec<char> = text.chars().collect();
    let mut all: Vec<(usize, Line)> = claims
        .iter()
        .flat_map(|claim| {
            std::iter::once(claim.offset)
                .chain(claim.repeats.iter().copied())
                .map(move |at| (at, claim))
        })
        .map(|(at, claim)| {
            let length = claim.text.chars().count();
            let written: String = chars[at..at + length].iter().collect();
            assert_eq!(
                written, claim.text,
                "offset counts characters of the extracted text"
            );
            let indicator = claim.indicator.clone().unwrap_or_else(|| "-".to_owned());
            let place = claim.place.clone().unwrap_or_default();
            (
                at,
                (
                    without_blanks(&claim.text),
                    indicator,
                    word(claim.verdict),
                    place,
                ),
            )
        })
        .collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

#[test]
fn each_quantity_is_read_as_a_person_reads_it() {
    let ledger = ledger();
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for (file, text, expected) in texts() {
        let claims = check(&text, &ledger, half_year());
        let found = statements(&text, &claims);
        let mut at = 0;
        for line in &expected {
            all += 1;
            match found[at..].iter().position(|(_, known)| known.0 == line.0) {
                Some(skipped) => {
                    for (_, extra) in &found[at..at + skipped] {
                        all += 1;
                        wrong.push(format!("{file}: not a claim: {extra:?}"));
                    }
                    at += skipped + 1;
                    let known = &found[at - 1].1;
                    if known == line {
                        right += 1;
                    } else {
                        let reason = claims
                            .iter()
                            .find(|c| c.offset == found[at - 1].0)
                            .map(|c| format!("{} | {}", c.reason, c.sentence));
                        wrong.push(format!(
                            "{file}: expected {line:?}\n      got {known:?} {reason:?}"
                        ));
                    }
                }
                None => wrong.push(format!("{file}: missed {line:?}")),
            }
        }
        for (_, extra) in &found[at..] {
            all += 1;
            wrong.push(format!("{file}: not a claim: {extra:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{right} of {all} right",
        wrong.join("\n")
    );
}

/// English readers are told why in English; only the text's own words are quoted as they stand.
#[test]
fn every_reason_is_said_in_english_too() {
    let ledger = ledger();
    let mut reasons = BTreeSet::new();
    for (file, text, _) in texts() {
        for claim in check(&text, &ledger, half_year()) {
            let outside: String = claim.reason_en.split(['“', '”']).step_by(2).collect();
            assert!(
                !outside.is_empty() && outside.is_ascii(),
                "{file}: {} / {}",
                claim.reason,
                claim.reason_en
            );
            reasons.insert(outside);
        }
    }
    assert!(reasons.len() > 8, "{reasons:#?}");
}

/// The text with another numeral in the number at a place; `None` for halves and thirds, and for
/// ranges, which hold more numbers than one.
fn changed(text: &str, at: usize, length: usize) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let written: String = chars[at..at + length].iter().collect();
    if ["半", "分之一", "至", "—", "五六"]
        .iter()
        .any(|word| written.contains(word))
    {
        return None;
    }
    let first = (at..at + length).find(|&at| {
        chars[at].is_ascii_digit()
            || ('０'..='９').contains(&chars[at])
            || "一二三四五六七八九".contains(chars[at])
    })?;
    let numerals = ["0123456789", "０１２３４５６７８９", "零一二三四五六七八九"];
    let (row, digit) = numerals
        .iter()
        .find_map(|row| Some((row, row.chars().position(|c| c == chars[first])?)))?;
    // Upwards: what is stated as a lower bound stays true when it is made smaller.
    chars[first] = row.chars().nth(if digit == 9 { 8 } else { digit + 1 })?;
    Some(chars.into_iter().collect())
}

fn each_change_is_found(file: &str, text: &str, ledger: &[Entry]) -> Vec<String> {
    let mut wrong = Vec::new();
    let before = statements(text, &check(text, ledger, half_year()));
    for (at, line) in before.iter().filter(|(_, line)| line.2 == "confirmed") {
        let Some(other) = changed(text, *at, line.0.chars().count()) else {
            continue;
        };
        let after = statements(&other, &check(&other, ledger, half_year()));
        let differ: Vec<_> = after.iter().filter(|now| !before.contains(now)).collect();
        let found = matches!(differ.as_slice(), [(found, now)]
            if found == at && now.2 == "contradicted" && now.1 == line.1 && after.len() == before.len());
        if !found {
            wrong.push(format!("{file}: {line:?} changed: {differ:?}"));
        }
    }
    wrong
}

#[test]
fn each_changed_number_is_found_and_nothing_else_changes() {
    let ledger = ledger();
    let wrong: Vec<String> = texts()
        .iter()
        .flat_map(|(file, text, _)| each_change_is_found(file, text, &ledger))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest::proptest! {
    /// Any pieces in any order: no panic, and each claim is quoted from where it says it stands.
    #[test]
    fn any_text_can_be_read(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "项目", "144个", "近", "百分之", "三成", "十几", "亿", "万", "—", "至", "（", "）", "\n", "\t", "|", "1️⃣", "２０２１年",
        "6月", "分别", "、", "，", "。", "开州区", "帮扶资金", "4.24", "两", "百", "点", "第", "％", "等", "计划", "\u{200b}", "🏥",
        "99999999999999", "亿亿", "其中", "分之", "半", " ", "a", "全市", "由", "增加到",
    ]), 0..40)) {
        let text = pieces.concat();
        statements(&text, &check(&text, &ledger_of_one(), half_year()));
    }
}

/// A small ledger, so that many texts can be tried.
fn ledger_of_one() -> Vec<Entry> {
    static LEDGER: std::sync::OnceLock<Vec<Entry>> = std::sync::OnceLock::new();
    LEDGER
        .get_or_init(|| ledger().into_iter().take(4).collect())
        .clone()
}
