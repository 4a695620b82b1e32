//! What waits for each role of the Chongqing pack.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::date;
use qipan_model::{
    Access, FilingFacts, ImportFacts, Keeping, Pack, Period, Todo, TodoFacts, TodoKind, Urgency,
    todo,
};
use qipan_pack::Source;

fn pack() -> &'static Pack {
    static READ: OnceLock<Pack> = OnceLock::new();
    READ.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing");
        qipan_pack::check(&Source::read_dir(&folder).unwrap())
            .pack
            .unwrap()
    })
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Facts in which something waits for everybody.
struct World {
    filing: Vec<(Period, BTreeMap<String, FilingFacts>)>,
    imports: Vec<ImportFacts>,
    open: BTreeMap<String, u64>,
    locked: Vec<String>,
    keeping: Keeping,
}

impl World {
    fn new() -> Self {
        let due = ["wanzhou", "kaizhou", "fengdu"];
        let filing = |reported: &[&str]| FilingFacts {
            due: set(&due),
            reported: set(reported),
        };
        let now = BTreeMap::from([
            ("project".to_owned(), filing(&["wanzhou"])),
            ("fund".to_owned(), filing(&due)),
            ("training".to_owned(), filing(&[])),
            (
                "statistic".to_owned(),
                FilingFacts {
                    due: set(&["city"]),
                    reported: set(&[]),
                },
            ),
        ]);
        let before = BTreeMap::from([("project".to_owned(), filing(&["wanzhou"]))]);
        Self {
            filing: vec![
                ("2021H2".parse().unwrap(), now),
                ("2021H1".parse().unwrap(), before),
            ],
            imports: vec![
                ImportFacts {
                    id: "7".to_owned(),
                    name: "项目.xlsx".to_owned(),
                    ready: true,
                    problems: 0,
                },
                ImportFacts {
                    id: "8".to_owned(),
                    name: "资金.xlsx".to_owned(),
                    ready: false,
                    problems: 3,
                },
            ],
            open: BTreeMap::from([("project".to_owned(), 2), ("fund".to_owned(), 0)]),
            locked: vec!["li.ming".to_owned()],
            keeping: Keeping {
                key: true,
                unsigned: 0,
                verified: Some((3, true)),
                free_percent: Some(60),
            },
        }
    }

    fn of(&self, roles: &[&str], unit: Option<&str>, registers: &[&str]) -> Vec<Todo> {
        let access = Access::new(pack(), roles, unit, &set(registers), date(2021, 12, 1));
        todo(&TodoFacts {
            pack: pack(),
            access: &access,
            unit,
            filing: &self.filing,
            imports: &self.imports,
            open: &self.open,
            locked: &self.locked,
            keeping: Some(self.keeping),
        })
    }
}

fn kinds(items: &[Todo]) -> BTreeSet<TodoKind> {
    items.iter().map(|item| item.kind).collect()
}

#[test]
fn a_clerk_files_the_own_units_registers_imports_and_settles() {
    let items = World::new().of(&["clerk"], Some("kaizhou"), &[]);
    assert_eq!(
        kinds(&items),
        BTreeSet::from([TodoKind::File, TodoKind::Import, TodoKind::Open])
    );
    let filed: Vec<(&str, &str, Urgency)> = items
        .iter()
        .filter(|item| item.kind == TodoKind::File)
        .map(|item| {
            let (register, period) = (item.register.as_deref(), item.period.as_deref());
            assert_eq!(item.unit.as_deref(), Some("kaizhou"));
            assert_eq!(item.due, None, "the pack knows no deadlines");
            (register.unwrap(), period.unwrap(), item.severity)
        })
        .collect();
    // What is two periods late comes first; what is filed does not come.
    assert_eq!(
        filed,
        [
            ("project", "2021H1", Urgency::High),
            ("project", "2021H2", Urgency::Normal),
            ("training", "2021H2", Urgency::Normal),
        ]
    );
    let refused = items.iter().find(|item| item.to == "/imports/8").unwrap();
    assert_eq!((refused.severity, refused.count), (Urgency::High, Some(3)));
    let open = items
        .iter()
        .find(|item| item.kind == TodoKind::Open)
        .unwrap();
    assert_eq!(
        (open.register.as_deref(), open.count),
        (Some("project"), Some(2))
    );
    assert!(items.is_sorted_by_key(|item| item.severity));
}

#[test]
fn a_clerk_whose_unit_has_filed_has_nothing_to_file() {
    let mut world = World::new();
    world.filing[0].1.remove("training");
    let items = world.of(&["clerk"], Some("wanzhou"), &[]);
    assert!(!kinds(&items).contains(&TodoKind::File), "{items:#?}");
    // A supporter is due for none of these registers.
    let items = World::new().of(&["clerk"], Some("jiangjin"), &[]);
    assert!(!kinds(&items).contains(&TodoKind::File), "{items:#?}");
}

#[test]
fn a_reviewer_files_and_sees_who_else_is_missing_but_imports_nothing() {
    let items = World::new().of(&["reviewer"], Some("kaizhou"), &[]);
    assert_eq!(
        kinds(&items),
        BTreeSet::from([TodoKind::File, TodoKind::Open, TodoKind::Missing])
    );
}

#[test]
fn a_leader_sees_who_is_missing_and_changes_nothing() {
    let items = World::new().of(&["leader"], Some("kaizhou"), &[]);
    assert_eq!(kinds(&items), BTreeSet::from([TodoKind::Missing]));
}

#[test]
fn the_coordinator_sees_who_is_missing_by_name() {
    let items = World::new().of(&["coordinator"], None, &[]);
    assert_eq!(
        kinds(&items),
        BTreeSet::from([TodoKind::Import, TodoKind::Open, TodoKind::Missing])
    );
    let missing: Vec<&Todo> = items
        .iter()
        .filter(|item| item.kind == TodoKind::Missing)
        .collect();
    // All three districts have filed the funds: only the city has filed nothing at all.
    assert_eq!(missing[0].count, Some(1));
    assert_eq!(missing[0].detail, "市级");
    assert!(missing[0].title.contains("1/4"), "{}", missing[0].title);
    assert_eq!(missing[1].detail, "项目台账 1/3");
    assert_eq!(missing[1].to, "/board?period=2021H2");
    let mut world = World::new();
    world.filing[0].1.remove("fund");
    let items = world.of(&["coordinator"], None, &[]);
    let silent = items
        .iter()
        .find(|item| item.severity == Urgency::High && item.kind == TodoKind::Missing);
    assert_eq!(silent.unwrap().detail, "开州、丰都、市级");
    assert_eq!(silent.unwrap().count, Some(3));
}

#[test]
fn a_department_keeps_its_own_registers() {
    let items = World::new().of(&["department"], None, &["fund"]);
    assert_eq!(kinds(&items), BTreeSet::from([TodoKind::Import]));
    let items = World::new().of(&["department"], None, &["project"]);
    assert_eq!(
        kinds(&items),
        BTreeSet::from([TodoKind::Import, TodoKind::Open])
    );
}

#[test]
fn the_offices_have_their_own() {
    let world = World::new();
    assert!(world.of(&["auditor"], None, &[]).is_empty());
    let items = world.of(&["security"], None, &[]);
    assert_eq!(kinds(&items), BTreeSet::from([TodoKind::Locked]));
    assert!(items[0].title.contains("li.ming") && items[0].to == "/admin/accounts");
    assert!(world.of(&["system"], None, &[]).is_empty(), "all is well");
}

#[test]
fn the_system_officer_hears_of_what_is_wrong() {
    let say = |keeping: Keeping| {
        let world = World {
            keeping,
            ..World::new()
        };
        let items = world.of(&["system"], None, &[]);
        let said: Vec<String> = items.iter().map(|item| item.title.clone()).collect();
        assert!(items.iter().all(|item| item.to == "/admin/health"));
        said.join("；")
    };
    let well = World::new().keeping;
    assert!(say(Keeping { key: false, ..well }).contains("没有签名密钥"));
    assert!(
        say(Keeping {
            unsigned: 4,
            ..well
        })
        .contains("最近4条")
    );
    assert!(
        say(Keeping {
            verified: None,
            ..well
        })
        .contains("还没有校验过")
    );
    assert!(
        say(Keeping {
            verified: Some((40, true)),
            ..well
        })
        .contains("40天")
    );
    assert!(
        say(Keeping {
            verified: Some((1, false)),
            ..well
        })
        .contains("被改动")
    );
    assert!(
        say(Keeping {
            free_percent: Some(3),
            ..well
        })
        .contains("只剩3%")
    );
    assert_eq!(
        say(Keeping {
            verified: Some((31, true)),
            free_percent: None,
            ..well
        }),
        ""
    );
    assert!(
        World::new()
            .of(&["coordinator"], None, &[])
            .iter()
            .all(|item| item.kind != TodoKind::Health)
    );
}
