//! The Chongqing pack checks without an error.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use qipan_model::FieldType;
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

/// English is whole: nobody at the English desk reads Chinese where a translation can stand. Citations
/// (where a provision, a link or a flag is known from) stay in the language of what they cite.
#[test]
fn says_everything_in_english_too() {
    let pack = check(&source()).pack.unwrap();
    let mut lacking = Vec::new();
    let mut both = |what: String, zh: &str, en: &str| {
        let chinese = |c: char| ('\u{3000}'..='\u{9fff}').contains(&c) || c == '，';
        if zh.is_empty() != en.is_empty() || en.contains(chinese) {
            lacking.push(format!("{what}: {zh} / {en}"));
        }
    };
    let mechanism = &pack.mechanism;
    both("mechanism".into(), &mechanism.name, &mechanism.name_en);
    both(
        "supporters".into(),
        &mechanism.supporter_word,
        &mechanism.supporter_word_en,
    );
    both(
        "recipients".into(),
        &mechanism.recipient_word,
        &mechanism.recipient_word_en,
    );
    for theme in &mechanism.themes {
        both(format!("theme {}", theme.id), &theme.name, &theme.name_en);
    }
    for named in mechanism.clusters.iter().chain(&mechanism.flags) {
        both(format!("word {}", named.id), &named.name, &named.name_en);
    }
    for unit in pack.units.all() {
        both(format!("unit {}", unit.id), &unit.name, &unit.name_en);
    }
    for clause in &pack.clauses {
        both(
            format!("clause {}", clause.id),
            &clause.title,
            &clause.title_en,
        );
        both(
            format!("clause {}", clause.id),
            &clause.text,
            &clause.text_en,
        );
    }
    for role in &pack.roles {
        both(format!("role {}", role.id), &role.name, &role.name_en);
        both(format!("role {}", role.id), &role.help, &role.help_en);
    }
    for one in &pack.indicators {
        let id = &one.id;
        both(format!("indicator {id}"), &one.name, &one.name_en);
        both(format!("indicator {id}"), &one.owner, &one.owner_en);
        both(
            format!("indicator {id}"),
            &one.definition,
            &one.definition_en,
        );
        both(format!("indicator {id}"), &one.remark, &one.remark_en);
    }
    for register in &pack.registers {
        let at = |part: &str| format!("register {} {part}", register.id);
        both(at(""), &register.name, &register.name_en);
        for field in &register.fields {
            both(at(&field.id), &field.label, &field.label_en);
            both(at(&field.id), &field.help, &field.help_en);
            both(at(&field.id), &field.measure, &field.measure_en);
            if let FieldType::Choice { options } = &field.ty {
                for option in options {
                    both(at(&field.id), &option.label, &option.label_en);
                }
            }
        }
        for rule in &register.rules {
            both(at(&rule.id), &rule.message, &rule.message_en);
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
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
