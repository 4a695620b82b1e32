//! My work (待办): what waits for somebody. One rule, pure: the facts come in, items go out.
//!
//! What an account may do decides what waits for it, not the name of its role.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::access::{Access, Action, Scope};
use crate::{Pack, Period};

/// Days after which a walk along the journal is due again.
pub const VERIFY_DAYS: i64 = 31;
/// Share of the disk that should stay free, in percent.
pub const FREE_PERCENT: u64 = 10;

/// What sort of work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TodoKind {
    /// A register that my unit has not filed.
    File,
    /// An import of mine that waits for me, or was refused.
    Import,
    /// Records that are still open between the sides.
    Open,
    /// Units that have not filed.
    Missing,
    /// An account that is locked.
    Locked,
    /// Something about the system.
    Health,
}

/// How pressing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// First.
    High,
    /// In its turn.
    Normal,
    /// When there is time.
    Low,
}

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// What sort of work.
    pub kind: TodoKind,
    /// What waits, in Chinese.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// More about it, in Chinese; may be empty.
    pub detail: String,
    /// The same in English.
    pub detail_en: String,
    /// Register id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<String>,
    /// Period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Unit id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Where it is done: a path of the desk.
    pub to: String,
    /// By when; the pack knows no deadlines yet, so this is never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// How pressing it is.
    pub severity: Urgency,
}

impl Todo {
    fn new(kind: TodoKind, severity: Urgency, to: String, title: [String; 2]) -> Self {
        let [title, title_en] = title;
        Self {
            kind,
            title,
            title_en,
            detail: String::new(),
            detail_en: String::new(),
            register: None,
            period: None,
            unit: None,
            count: None,
            to,
            due: None,
            severity,
        }
    }
}

/// Who was to file a register for a period, and who has; as far as the caller may see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilingFacts {
    /// Unit ids that were to file.
    pub due: BTreeSet<String>,
    /// Unit ids that have.
    pub reported: BTreeSet<String>,
}

/// How an import of the caller stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFacts {
    /// Its number.
    pub id: String,
    /// Name of the file.
    pub name: String,
    /// Whether it waits to be committed (else it was refused or failed).
    pub ready: bool,
    /// Problems found.
    pub problems: u64,
}

/// How the store is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keeping {
    /// Whether there is a key that signs checkpoints.
    pub key: bool,
    /// Journal entries since the last checkpoint.
    pub unsigned: i64,
    /// Days since the journal was verified, and whether all fitted; `None` when it never was.
    pub verified: Option<(i64, bool)>,
    /// Share of the disk that is free, in percent; `None` where it cannot be told.
    pub free_percent: Option<u64>,
}

/// The facts.
#[derive(Debug, Clone, Copy)]
pub struct TodoFacts<'a> {
    /// Names.
    pub pack: &'a Pack,
    /// What the caller may do.
    pub access: &'a Access,
    /// The caller's unit.
    pub unit: Option<&'a str>,
    /// Filing by register for the period at hand and those before it, the newest first.
    pub filing: &'a [(Period, BTreeMap<String, FilingFacts>)],
    /// Imports of the caller that are not done.
    pub imports: &'a [ImportFacts],
    /// Records still open between the sides, by register, as far as the caller may see.
    pub open: &'a BTreeMap<String, u64>,
    /// Logins that are locked.
    pub locked: &'a [String],
    /// How the store is kept.
    pub keeping: Option<Keeping>,
}

/// What waits, the most pressing first.
#[must_use]
pub fn todo(facts: &TodoFacts<'_>) -> Vec<Todo> {
    let mut items = Vec::new();
    file(facts, &mut items);
    imports(facts, &mut items);
    open(facts, &mut items);
    missing(facts, &mut items);
    if facts.access.may(Action::Accounts) {
        items.extend(facts.locked.iter().map(|login| locked(login)));
    }
    if let Some(keeping) = facts.keeping.filter(|_| facts.access.may(Action::System)) {
        health(keeping, &mut items);
    }
    items.sort_by_key(|item| item.severity);
    items
}

fn reaches(facts: &TodoFacts<'_>, action: Action, register: &str) -> bool {
    facts.access.may(action) && !matches!(facts.access.scope(action, register), Scope::Nothing)
}

/// Registers of my unit that are not filed. A period before the one at hand is more pressing.
fn file(facts: &TodoFacts<'_>, items: &mut Vec<Todo>) {
    let Some(unit) = facts.unit else { return };
    for (nth, (period, registers)) in facts.filing.iter().enumerate() {
        for register in &facts.pack.registers {
            let waits = registers
                .get(&register.id)
                .is_some_and(|filing| filing.due.contains(unit) && !filing.reported.contains(unit));
            if !waits || !reaches(facts, Action::Return, &register.id) {
                continue;
            }
            let urgency = if nth == 0 {
                Urgency::Normal
            } else {
                Urgency::High
            };
            let title = [
                format!("{}：{}未报", register.name, period.name()),
                format!("{}: not filed for {period}", register.name_en),
            ];
            let to = format!("/registers/{}?period={period}", register.id);
            items.push(Todo {
                detail: "录入或导入记录；没有变化的可以直接报“无变化”".to_owned(),
                detail_en: "Enter or import records, or file “no change”".to_owned(),
                register: Some(register.id.clone()),
                period: Some(period.to_string()),
                unit: Some(unit.to_owned()),
                ..Todo::new(TodoKind::File, urgency, to, title)
            });
        }
    }
}

fn imports(facts: &TodoFacts<'_>, items: &mut Vec<Todo>) {
    if !facts.access.may(Action::Import) {
        return;
    }
    for import in facts.imports {
        let to = format!("/imports/{}", import.id);
        let (urgency, title) = if import.ready {
            (
                Urgency::Normal,
                [
                    format!("导入待提交：{}", import.name),
                    format!("Import waits to be committed: {}", import.name),
                ],
            )
        } else {
            (
                Urgency::High,
                [
                    format!("导入未通过：{}", import.name),
                    format!("Import refused: {}", import.name),
                ],
            )
        };
        let (detail, detail_en) = match import.problems {
            0 => (String::new(), String::new()),
            problems => (format!("{problems}处问题"), format!("{problems} problems")),
        };
        items.push(Todo {
            detail,
            detail_en,
            count: Some(import.problems),
            ..Todo::new(TodoKind::Import, urgency, to, title)
        });
    }
}

fn open(facts: &TodoFacts<'_>, items: &mut Vec<Todo>) {
    for register in &facts.pack.registers {
        let Some(&count) = facts.open.get(&register.id).filter(|count| **count > 0) else {
            continue;
        };
        if !reaches(facts, Action::Write, &register.id) {
            continue;
        }
        let title = [
            format!("{}：{count}条双方未一致", register.name),
            format!(
                "{}: {count} {} open between the sides",
                register.name_en,
                if count == 1 { "record" } else { "records" }
            ),
        ];
        items.push(Todo {
            detail: "待对方确认或有异议的记录不计入数字".to_owned(),
            detail_en: "Pending and contested records are not counted".to_owned(),
            register: Some(register.id.clone()),
            count: Some(count),
            ..Todo::new(
                TodoKind::Open,
                Urgency::Normal,
                format!("/registers/{}?open=1", register.id),
                title,
            )
        });
    }
}

/// Who is missing, for those who answer for the whole: units that have filed nothing at all, then
/// registers that are filed in part.
fn missing(facts: &TodoFacts<'_>, items: &mut Vec<Todo>) {
    let Some((period, registers)) = facts.filing.first() else {
        return;
    };
    let registers: Vec<_> = facts
        .pack
        .registers
        .iter()
        .filter(|register| reaches(facts, Action::Brief, &register.id))
        .filter_map(|register| Some((register, registers.get(&register.id)?)))
        .collect();
    // What I file myself is told one by one.
    let own = facts.unit.filter(|_| facts.access.may(Action::Return));
    let due: BTreeSet<&String> = registers
        .iter()
        .flat_map(|(_, filing)| &filing.due)
        .filter(|unit| own != Some(unit.as_str()))
        .collect();
    let reported: BTreeSet<&String> = registers
        .iter()
        .flat_map(|(_, filing)| &filing.reported)
        .collect();
    let silent: Vec<&String> = due.difference(&reported).copied().collect();
    if !silent.is_empty() {
        let named = |english: bool| -> Vec<String> {
            let all = facts.pack.units.all().iter();
            let known = all
                .filter(|unit| silent.iter().any(|id| *id == unit.id.as_str()))
                .map(|unit| {
                    if english {
                        unit.name_en.clone()
                    } else {
                        unit.short.clone()
                    }
                });
            let city = silent
                .iter()
                .filter(|id| facts.pack.units.get(id).is_none())
                .map(|_| if english { "the city" } else { "市级" }.to_owned());
            known.chain(city).collect()
        };
        let count = silent.len();
        let title = [
            format!("{}：{count}/{}个单位一本都没报", period.name(), due.len()),
            format!(
                "{period}: {count} of {} units have filed nothing",
                due.len()
            ),
        ];
        items.push(Todo {
            detail: named(false).join("、"),
            detail_en: named(true).join(", "),
            period: Some(period.to_string()),
            count: Some(count as u64),
            ..Todo::new(
                TodoKind::Missing,
                Urgency::High,
                format!("/board?period={period}"),
                title,
            )
        });
    }
    let in_part: Vec<_> = registers
        .iter()
        .filter(|(_, filing)| {
            let filed = filing.reported.len();
            filed > 0 && filed < filing.due.len()
        })
        .collect();
    if !in_part.is_empty() {
        let count = in_part.len();
        let line = |name: &str, filing: &FilingFacts| {
            format!("{name} {}/{}", filing.reported.len(), filing.due.len())
        };
        let lines = |english: bool| -> Vec<String> {
            in_part
                .iter()
                .map(|(register, filing)| {
                    let name = if english {
                        &register.name_en
                    } else {
                        &register.name
                    };
                    line(name, filing)
                })
                .collect()
        };
        let title = [
            format!("{}：{count}本台账没有报齐", period.name()),
            format!("{period}: {count} registers are filed in part"),
        ];
        items.push(Todo {
            detail: lines(false).join("、"),
            detail_en: lines(true).join(", "),
            period: Some(period.to_string()),
            count: Some(count as u64),
            ..Todo::new(
                TodoKind::Missing,
                Urgency::Normal,
                format!("/board?period={period}"),
                title,
            )
        });
    }
}

fn locked(login: &str) -> Todo {
    let title = [
        format!("账号“{login}”已锁定"),
        format!("Account “{login}” is locked"),
    ];
    Todo {
        detail: "多次输错密码：核实本人后解锁".to_owned(),
        detail_en: "Too many wrong passwords: unlock it once you know who it was".to_owned(),
        ..Todo::new(
            TodoKind::Locked,
            Urgency::High,
            "/admin/accounts".to_owned(),
            title,
        )
    }
}

fn health(keeping: Keeping, items: &mut Vec<Todo>) {
    let mut say = |urgency, zh: String, en: String| {
        let to = "/admin/health".to_owned();
        items.push(Todo::new(TodoKind::Health, urgency, to, [zh, en]));
    };
    if !keeping.key {
        say(
            Urgency::Normal,
            "没有签名密钥：日志没有检查点".to_owned(),
            "No signing key: the journal has no checkpoints".to_owned(),
        );
    } else if keeping.unsigned > 0 {
        let unsigned = keeping.unsigned;
        say(
            Urgency::Normal,
            format!("最近{unsigned}条日志还没有检查点"),
            format!("The last {unsigned} journal entries have no checkpoint"),
        );
    }
    match keeping.verified {
        Some((_, false)) => say(
            Urgency::High,
            "上次校验发现日志或数据被改动".to_owned(),
            "The last verification found that something was altered".to_owned(),
        ),
        Some((days, true)) if days > VERIFY_DAYS => say(
            Urgency::Normal,
            format!("已有{days}天没有校验日志链"),
            format!("The journal was last verified {days} days ago"),
        ),
        None => say(
            Urgency::Low,
            "日志链还没有校验过".to_owned(),
            "The journal has never been verified".to_owned(),
        ),
        Some(_) => {}
    }
    if let Some(free) = keeping.free_percent.filter(|free| *free < FREE_PERCENT) {
        say(
            Urgency::High,
            format!("磁盘只剩{free}%"),
            format!("Only {free}% of the disk is free"),
        );
    }
}
