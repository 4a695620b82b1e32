use rstest::rstest;

use super::*;
use crate::{
    Certainty, Field, FieldType, Layout, Link, Mechanism, MoneyUnit, Register, Side, Unit, UnitId,
    UnitKind, UnitRole, Units, Validity, Value,
};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn unit(id: &str, role: UnitRole, to: Option<&str>, successor: Option<&str>) -> Unit {
    Unit {
        id: UnitId::new(id),
        kind: UnitKind::District,
        name: id.to_owned(),
        short: String::new(),
        name_en: String::new(),
        role,
        cluster: String::new(),
        validity: Validity {
            from: None,
            to: to.map(day),
        },
        codes: Vec::new(),
        flags: Vec::new(),
        aliases: Vec::new(),
        within: Vec::new(),
        successor: successor.map(UnitId::new),
        note: String::new(),
    }
}

fn link(supporter: &str, recipient: &str, to: Option<&str>) -> Link {
    let side = |id: &str| (!id.is_empty()).then(|| UnitId::new(id));
    Link {
        supporter: side(supporter),
        recipient: side(recipient),
        validity: Validity {
            from: Some(day("2021-01-01")),
            to: to.map(day),
        },
        certainty: Certainty::Open,
        evidence: String::new(),
    }
}

fn role(id: &str, reach: Reach, actions: &[Action]) -> Role {
    Role {
        id: id.to_owned(),
        name: format!("角色{id}"),
        name_en: id.to_owned(),
        help: String::new(),
        help_en: String::new(),
        reach,
        named_registers: false,
        actions: actions.iter().copied().collect(),
        personal: false,
        office: false,
    }
}

fn field(id: &str) -> Field {
    Field {
        id: id.to_owned(),
        label: id.to_owned(),
        label_en: String::new(),
        ty: FieldType::Unit { role: None },
        measure: String::new(),
        measure_en: String::new(),
        required: false,
        synonyms: Vec::new(),
        help: String::new(),
        help_en: String::new(),
        derived: None,
        retired: None,
        personal: false,
    }
}

/// A register with the fields `supporter`, `recipient`, of which it takes as sides what is asked.
fn register(supporter: bool, recipient: bool) -> Register {
    Register {
        id: "project".to_owned(),
        code: "T2".to_owned(),
        name: "项目".to_owned(),
        name_en: String::new(),
        theme: String::new(),
        fields: vec![field("supporter"), field("recipient")],
        key: vec![0],
        supporter: supporter.then_some(0),
        recipient: recipient.then_some(1),
        date: None,
        reporter: Side::Recipient,
        frequency: "month".to_owned(),
        rules: Vec::new(),
        layout: Layout {
            sheet: String::new(),
            title: String::new(),
            money: MoneyUnit::Yuan,
            columns: Vec::new(),
            notes: Vec::new(),
        },
    }
}

/// s1→r1, s2→r1 and s2→r2 (ended), s3 (ended) →r3; s4 is s3's successor.
fn pack() -> Pack {
    use Action::{Accounts, Export, Journal, Read, System, Write};
    let supporter = |id: &str| unit(id, UnitRole::Supporter, None, None);
    let recipient = |id: &str| unit(id, UnitRole::Recipient, None, None);
    let mut department = role("department", Reach::All, &[Read, Export]);
    department.named_registers = true;
    let office = |mut role: Role| {
        role.office = true;
        role
    };
    let mut leader = role("leader", Reach::Links, &[Read]);
    leader.personal = true;
    Pack {
        mechanism: Mechanism {
            id: "trial".to_owned(),
            version: "1".to_owned(),
            name: "试验".to_owned(),
            name_en: String::new(),
            validity: Validity::default(),
            start: day("2021-01-01"),
            currency: "CNY".to_owned(),
            supporter_word: String::new(),
            supporter_word_en: String::new(),
            recipient_word: String::new(),
            recipient_word_en: String::new(),
            themes: Vec::new(),
            clusters: Vec::new(),
            flags: Vec::new(),
        },
        units: Units::new(vec![
            supporter("s1"),
            supporter("s2"),
            unit("s3", UnitRole::Supporter, Some("2022-12-31"), Some("s4")),
            supporter("s4"),
            recipient("r1"),
            recipient("r2"),
            recipient("r3"),
        ]),
        links: vec![
            link("s1", "r1", None),
            link("s2", "r1", None),
            link("s2", "r2", Some("2021-12-31")),
            link("s3", "r3", Some("2022-12-31")),
            link("", "r2", None),
        ],
        clauses: Vec::new(),
        registers: vec![register(true, true)],
        indicators: Vec::new(),
        briefs: Vec::new(),
        roles: vec![
            role("clerk", Reach::Links, &[Read, Write]),
            leader,
            role("coordinator", Reach::All, &[Read, Write, Journal]),
            department,
            office(role("auditor", Reach::All, &[Read, Journal])),
            office(role("security", Reach::Nothing, &[Accounts])),
            office(role("system", Reach::Nothing, &[System])),
        ],
        boundaries: String::new(),
        digest: String::new(),
    }
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

fn access(roles: &[&str], unit: Option<&str>, registers: &[&str]) -> Access {
    Access::new(&pack(), roles, unit, &set(registers), day("2023-06-30"))
}

fn links(unit: &str, on: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let access = Access::new(&pack(), &["clerk"], Some(unit), &set(&[]), day(on));
    match access.scope(Action::Read, "project") {
        Scope::Links {
            units,
            counterparts,
        } => (units.clone(), counterparts.clone()),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case("s1", "2023-06-30", &["s1"], &["r1"])]
#[case("r1", "2023-06-30", &["r1"], &["s1", "s2"])]
#[case("s2", "2021-06-30", &["s2"], &["r1", "r2"])]
#[case("s2", "2023-06-30", &["s2"], &["r1"])]
#[case("r2", "2023-06-30", &["r2"], &[])]
// While s3 is there, its rows are its own; afterwards they are its successor's.
#[case("s4", "2022-06-30", &["s4"], &[])]
#[case("s4", "2023-06-30", &["s3", "s4"], &[])]
fn links_follow_the_calendar(
    #[case] unit: &str,
    #[case] on: &str,
    #[case] units: &[&str],
    #[case] counterparts: &[&str],
) {
    assert_eq!(links(unit, on), (set(units), set(counterparts)));
}

#[rstest]
#[case("s1", "r1", true)]
#[case("s1", "r3", true)] // its own, whoever stands on the other side
#[case("s2", "r1", false)] // its counterpart's rows with another supporter
#[case("", "r1", true)]
#[case("", "r2", false)]
#[case("s1", "", true)]
#[case("s2", "", false)]
#[case("", "", false)]
fn a_supporter_sees_its_rows(#[case] supporter: &str, #[case] recipient: &str, #[case] seen: bool) {
    let access = access(&["clerk"], Some("s1"), &[]);
    let scope = access.scope(Action::Read, "project");
    assert_eq!(scope.admits_sides(supporter, recipient), seen);
    let value = |unit: &str| match unit {
        "" => Value::Null,
        unit => Value::Text(unit.to_owned()),
    };
    let values = [value(supporter), value(recipient)];
    assert_eq!(scope.admits(&register(true, true), &values), seen);
    assert!(Scope::All.admits(&register(true, true), &values));
    assert!(!Scope::Nothing.admits(&register(true, true), &values));
}

#[test]
fn a_side_that_the_register_lacks_counts_as_not_named() {
    let values = ["s2", "r1"].map(|unit| Value::Text(unit.to_owned()));
    let access = access(&["clerk"], Some("s1"), &[]);
    let scope = access.scope(Action::Read, "project");
    assert!(!scope.admits(&register(true, true), &values));
    assert!(scope.admits(&register(false, true), &values));
    assert!(!scope.admits(&register(true, false), &values));
    assert!(!scope.admits(&register(false, false), &values));
    assert!(Scope::All.admits(&register(false, false), &values));
}

#[test]
fn without_a_unit_links_reach_nothing() {
    for unit in [None, Some("")] {
        let access = access(&["clerk"], unit, &[]);
        assert!(access.may(Action::Read));
        assert_eq!(access.scope(Action::Read, "project"), &Scope::Nothing);
        assert!(!access.scope(Action::Read, "project").admits_sides("", ""));
        assert!(access.actions_on("project").is_empty());
    }
}

#[test]
fn an_action_that_no_role_has_reaches_nothing() {
    let access = access(&["clerk"], Some("s1"), &[]);
    assert!(!access.may(Action::Export));
    assert_eq!(access.scope(Action::Export, "project"), &Scope::Nothing);
    assert_eq!(
        access.actions_on("project"),
        BTreeSet::from([Action::Read, Action::Write])
    );
}

#[test]
fn several_roles_are_united() {
    let access = access(&["clerk", "department"], Some("s1"), &["visit"]);
    assert_eq!(access.scope(Action::Read, "visit"), &Scope::All);
    assert!(matches!(
        access.scope(Action::Read, "project"),
        Scope::Links { .. }
    ));
    // Written where links reach, exported where the register is named.
    assert!(matches!(
        access.scope(Action::Write, "visit"),
        Scope::Links { .. }
    ));
    assert_eq!(access.scope(Action::Export, "visit"), &Scope::All);
    assert_eq!(access.scope(Action::Export, "project"), &Scope::Nothing);
    assert!(!access.sees_personal());
}

#[test]
fn named_registers_are_the_only_ones() {
    let access = access(&["department"], None, &["project"]);
    assert_eq!(access.scope(Action::Read, "project"), &Scope::All);
    assert_eq!(access.scope(Action::Read, "visit"), &Scope::Nothing);
}

#[test]
fn a_token_has_no_more_than_its_account() {
    let account = access(&["clerk"], Some("s1"), &[]);
    let token = account.limited_to(&BTreeSet::from([Action::Read, Action::Export]));
    assert_eq!(token.actions(), BTreeSet::from([Action::Read]));
    assert_eq!(
        token.scope(Action::Read, "project"),
        account.scope(Action::Read, "project")
    );
    assert_eq!(token.scope(Action::Write, "project"), &Scope::Nothing);
}

#[test]
fn everything_is_everything_and_nothing_is_nothing() {
    for action in Action::ALL {
        assert!(Access::everything().may(action));
        assert_eq!(Access::everything().scope(action, "whatever"), &Scope::All);
        assert!(!Access::nothing().may(action));
        assert_eq!(Access::nothing().scope(action, "project"), &Scope::Nothing);
    }
    assert!(Access::everything().sees_personal());
}

#[test]
fn roles_that_the_pack_does_not_know_give_nothing() {
    assert_eq!(
        access(&["emperor"], Some("s1"), &[]).actions(),
        BTreeSet::new()
    );
}

#[test]
fn words_are_read_back() {
    for action in Action::ALL {
        assert_eq!(Action::parse(action.word()), Some(action));
        assert!(!action.name().is_empty());
    }
    assert_eq!(Action::parse("Read"), None);
}

#[rstest]
#[case(&["auditor", "clerk"])]
#[case(&["clerk", "security"])]
#[case(&["auditor", "security"])]
#[case(&["security", "system"])]
#[case(&["auditor", "security", "system"])]
fn offices_stand_alone(#[case] roles: &[&str]) {
    let problem = check_account(&pack(), roles, Some("s1"), &set(&[])).unwrap_err();
    assert!(matches!(problem, AccountProblem::Office { .. }));
    assert!(problem.message().contains("三员"), "{problem}");
    assert!(problem.message_en().contains("three offices"));
    // Whatever stands in the database: such an account may do nothing.
    assert_eq!(access(roles, Some("s1"), &[]), Access::nothing());
}

#[rstest]
#[case(&[], None, &[], "没有角色：")]
#[case(&["emperor"], None, &[], "没有角色“emperor”")]
#[case(&["clerk"], None, &[], "要有所属单位")]
#[case(&["clerk"], Some("mars"), &[], "没有单位“mars”")]
#[case(&["department"], None, &[], "列出是哪些台账")]
#[case(&["department"], None, &["moon"], "没有台账“moon”")]
fn accounts_are_checked(
    #[case] roles: &[&str],
    #[case] unit: Option<&str>,
    #[case] registers: &[&str],
    #[case] said: &str,
) {
    let problem = check_account(&pack(), roles, unit, &set(registers)).unwrap_err();
    assert!(problem.message().contains(said), "{problem}");
    assert!(problem.message_en().is_ascii() || problem.message_en().contains('“'));
}

#[test]
fn without_roles_there_are_no_accounts() {
    let mut pack = pack();
    pack.roles.clear();
    let problem = check_account(&pack, &["clerk"], Some("s1"), &set(&[])).unwrap_err();
    assert_eq!(problem, AccountProblem::NoRoles);
    assert!(problem.message().contains("access.toml"));
    assert!(problem.message_en().contains("access.toml"));
}

#[rstest]
#[case(&["clerk"], Some("s1"), &[])]
#[case(&["clerk", "leader", "department"], Some("s1"), &["project"])]
#[case(&["auditor"], None, &[])]
#[case(&["security"], None, &[])]
fn sound_accounts_pass(
    #[case] roles: &[&str],
    #[case] unit: Option<&str>,
    #[case] registers: &[&str],
) {
    let pack = pack();
    let held = check_account(&pack, roles, unit, &set(registers)).unwrap();
    let ids: Vec<&str> = held.iter().map(|role| role.id.as_str()).collect();
    assert_eq!(ids, roles);
}
