//! The Chongqing pack checks without an error.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use qipan_pack::{Code, Source, check, coverage, plan};

fn source() -> Source {
    Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing")).unwrap()
}

#[test]
fn checks_with_nothing_to_say_but_clauses_that_nothing_serves() {
    let checked = check(&source());
    let findings: Vec<String> = checked
        .diagnostics
        .iter()
        .filter(|finding| !matches!(finding.code, Code::P8001 | Code::P8002))
        .map(ToString::to_string)
        .collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    let pack = checked.pack.unwrap();
    assert_eq!(pack.registers.len(), 21);
    assert!(!checked.tests.is_empty());
    let bare = coverage(&pack)
        .iter()
        .filter(|clause| !clause.is_whole())
        .count();
    assert_eq!(bare, checked.diagnostics.len());
}

#[test]
fn comes_back_from_its_archive_as_the_same_pack() {
    let archived = Source::from_bytes(&source().to_bytes()).unwrap();
    let (before, after) = (check(&source()), check(&archived));
    let (before, after) = (before.pack.unwrap(), after.pack.unwrap());
    assert_eq!(before.digest, after.digest);
    assert!(plan(Some(&before), &after, &Default::default()).is_empty());
}
