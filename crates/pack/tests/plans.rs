//! What a plan says about the way from one pack to another.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod tiny;

use qipan_pack::{Change, Plan, Source, check, plan};
use rstest::rstest;
use tiny::{tiny, with};

const REGISTER: &str = "registers/project.toml";
const INDICATORS: &str = "indicators/all.toml";

fn between(old: &Source, new: &Source) -> Plan {
    let old = check(old).pack.unwrap();
    let new = check(new);
    let errors: Vec<String> = new.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    plan(Some(&old), &new.pack.unwrap(), &new.renames)
}

/// Kinds of the changes, a refused one with a mark.
fn kinds(plan: &Plan) -> Vec<String> {
    let value = serde_json::to_value(plan).unwrap();
    let mark = |change: &Change| if change.is_refused() { "!" } else { "" };
    value["changes"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&plan.changes)
        .map(|(json, change)| format!("{}{}", mark(change), json["kind"].as_str().unwrap()))
        .collect()
}

#[test]
fn nothing_changes_between_a_pack_and_itself() {
    assert!(between(&tiny(), &tiny()).is_empty());
}

#[test]
fn a_first_pack_adds_everything() {
    let pack = check(&tiny()).pack.unwrap();
    let plan = plan(None, &pack, &Default::default());
    assert_eq!(
        kinds(&plan),
        [
            "add-register",
            "add-indicator",
            "add-indicator",
            "add-indicator"
        ]
    );
    assert!(plan.changes[0].needs_sql());
}

#[rstest]
#[case::added(REGISTER, "[[rule]]", "[[field]]\nid = \"note\"\nlabel = \"备注\"\ntype = \"text\"\n\n[[rule]]", &["add-field"])]
#[case::retired(REGISTER, "label = \"总投资\"", "label = \"总投资\"\nretired = 2024-12-31", &["retire-field"])]
#[case::wider_text(REGISTER, "type = \"text\"", "type = \"text\"\nmax = 300", &["widen-field"])]
#[case::narrower_text(REGISTER, "type = \"text\"", "type = \"text\"\nmax = 20", &["!retype-field"])]
#[case::more_options(REGISTER, "options = [\"前期\"", "options = [\"前期\", \"完工\"", &["widen-field"])]
#[case::fewer_options(REGISTER, "\"前期\", ", "", &["!retype-field"])]
#[case::spelling(REGISTER, "[\"开工\"]", "[\"开工\", \"在建\"]", &["field"])]
#[case::other_type(REGISTER, "id = \"fund\"\nlabel = \"资金\"\ntype = \"money\"", "id = \"fund\"\nlabel = \"资金\"\ntype = \"money\"\nsigned = true", &["widen-field"])]
#[case::label(REGISTER, "label = \"资金\"", "label = \"对口资金\"", &["field"])]
#[case::rule(REGISTER, "!(fund > total)", "!(total < fund)", &["rules"])]
#[case::layout(REGISTER, "width = 16", "width = 17", &["register"])]
#[case::key(REGISTER, "key = [\"code\"]\nsupporter", "key = [\"code\", \"other\"]\nsupporter", &["!rekey-register"])]
#[case::redefined(INDICATORS, "has(fund)", "has(total)", &["!redefine-indicator"])]
#[case::reprinted(INDICATORS, "floor_to = 100", "decimals = 1", &["!redefine-indicator"])]
#[case::reworded(INDICATORS, "definition = \"之比\"", "definition = \"前者比后者\"", &["reword-indicator"])]
#[case::new_indicator(INDICATORS, "id = \"PRJ-R\"", "id = \"PRJ-Q\"", &["add-indicator", "!remove-indicator", "clauses"])]
#[case::link("pairs.csv", ",yi,,,open,", "jia,yi,2020-01-01,2020-12-31,likely,", &["links"])]
#[case::unit("units.csv", "乙县", "乙区", &["units"])]
#[case::clause("clauses.toml", "要有项目。", "要有好项目。", &["clauses"])]
#[case::brief("briefs/half-year.toml", "下达{", "共下达{", &["briefs"])]
#[case::role("access.toml", "actions = [\"read\", \"write\"]", "actions = [\"read\"]", &["roles"])]
#[case::role_gone("access.toml", "id = \"department\"", "id = \"bureau\"", &["roles"])]
#[case::mechanism("mechanism.toml", "version = \"1\"", "version = \"2\"", &["mechanism"])]
fn one_difference(
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] expect: &[&str],
) {
    let mut new = with(&tiny(), file, from, to);
    // The clause goes with a renamed indicator.
    if to.contains("PRJ-Q") {
        new = with(&new, "clauses.toml", "PRJ-R", "PRJ-Q");
        new = with(&new, "tests/one.toml", "PRJ-R", "PRJ-Q");
    }
    let plan = between(&tiny(), &new);
    assert_eq!(kinds(&plan), expect, "{plan:#?}");
    for change in &plan.changes {
        assert_eq!(change.is_refused(), change.message().starts_with("拒绝"));
        assert_eq!(
            change.is_refused(),
            change.message_en().starts_with("refused")
        );
    }
}

/// The field `fund` under a new name, everywhere.
fn renamed(was: bool) -> Source {
    let mark = if was { "\nwas = \"fund\"" } else { "" };
    let field = format!("id = \"money\"{mark}");
    let mut new = with(&tiny(), REGISTER, "id = \"fund\"", &field);
    new = with(&new, REGISTER, "total - fund", "total - money");
    new = with(&new, REGISTER, "!(fund > total)", "!(money > total)");
    new = with(
        &new,
        REGISTER,
        "{ field = \"fund\" }",
        "{ field = \"money\" }",
    );
    new = with(&new, INDICATORS, "has(fund)", "has(money)");
    new = with(&new, INDICATORS, "value = \"fund\"", "value = \"money\"");
    with(&new, "tests/one.toml", "fund = 1.5", "money = 1.5")
}

#[test]
fn a_rename_is_one_change_and_touches_nothing_else() {
    let plan = between(&tiny(), &renamed(true));
    assert_eq!(kinds(&plan), ["rename-field"]);
    assert_eq!(
        plan.renames().collect::<Vec<_>>(),
        [("project", "fund", "money")]
    );
    assert_eq!(
        plan.changes[0].message(),
        "台账 project 的字段 fund 改名为 money，原有的值保留"
    );
}

#[test]
fn a_rename_that_was_made_is_not_made_again() {
    assert!(between(&renamed(true), &renamed(true)).is_empty());
}

#[test]
fn without_was_a_new_name_is_a_lost_field() {
    let plan = between(&tiny(), &renamed(false));
    let kinds = kinds(&plan);
    assert!(kinds.contains(&"!remove-field".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"add-field".to_owned()), "{kinds:?}");
    let refused = plan.refused().next().unwrap().message();
    assert!(refused.contains("was = \"fund\""), "{refused}");
}

#[test]
fn a_new_version_closes_the_old_one_and_stands_beside_it() {
    let text = tiny().text(INDICATORS).unwrap().to_owned();
    let first = text.split("\n\n").next().unwrap();
    let second = first
        .replace(
            "id = \"PRJ-N\"",
            "id = \"PRJ-N\"\nversion = 2\nvalid_from = 2022-01-01",
        )
        .replace("has(fund)", "has(total)");
    let closed = first.replace("id = \"PRJ-N\"", "id = \"PRJ-N\"\nvalid_to = 2021-12-31");
    let new = with(&tiny(), INDICATORS, first, &format!("{closed}\n\n{second}"));
    let plan = between(&tiny(), &new);
    assert_eq!(kinds(&plan), ["close-version", "add-version"]);
    let pack = check(&new).pack.unwrap();
    let version = |day: &str| {
        pack.indicator("PRJ-N", day.parse().unwrap())
            .unwrap()
            .version
    };
    assert_eq!((version("2021-06-30"), version("2022-06-30")), (1, 2));
}
