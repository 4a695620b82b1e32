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

/// The roles of the mechanism, and the three offices that nobody holds together.
#[test]
fn roles_are_those_of_the_mechanism() {
    use qipan_model::{Access, Action, Reach, Scope, check_account};
    let pack = check(&source()).pack.unwrap();
    let ids: Vec<&str> = pack.roles.iter().map(|role| role.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "clerk",
            "reviewer",
            "leader",
            "coordinator",
            "department",
            "auditor",
            "security",
            "system"
        ]
    );
    let offices: Vec<&str> = pack
        .roles
        .iter()
        .filter(|role| role.office)
        .map(|role| role.id.as_str())
        .collect();
    assert_eq!(offices, ["auditor", "security", "system"]);
    let none = std::collections::BTreeSet::new();
    for office in &offices {
        assert!(check_account(&pack, &[office], None, &none).is_ok());
        for other in ids.iter().filter(|id| *id != office) {
            let unit = Some("kaizhou");
            assert!(check_account(&pack, &[office, other], unit, &none).is_err());
        }
        let role = pack.role(office).unwrap();
        assert!(role.actions.iter().all(|action| !action.changes_rows()));
    }
    for id in ["security", "system"] {
        assert_eq!(pack.role(id).unwrap().reach, Reach::Nothing);
    }
    let day = jiff::civil::date(2021, 8, 9);
    let clerk = Access::new(&pack, &["clerk"], Some("kaizhou"), &none, day);
    let scope = clerk.scope(Action::Read, "project");
    assert!(scope.admits_sides("jiangjin", "kaizhou"));
    assert!(!scope.admits_sides("yongchuan", "pengshui"));
    assert!(
        matches!(scope, Scope::Links { counterparts, .. } if counterparts.contains("jiangjin"))
    );
}

#[test]
fn comes_back_from_its_archive_as_the_same_pack() {
    let archived = Source::from_bytes(&source().to_bytes()).unwrap();
    let (before, after) = (check(&source()), check(&archived));
    let (before, after) = (before.pack.unwrap(), after.pack.unwrap());
    assert_eq!(before.digest, after.digest);
    assert!(plan(Some(&before), &after, &Default::default()).is_empty());
}
