//! The comparison of two packs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use qipan_expr::{Node, NodeKind};
use qipan_model::{Choice, Expr, Field, FieldType, Indicator, Pack, Register, RowRule, Severity};

use crate::Renames;
use crate::plan::{Change, Plan};

/// Compares two packs. `renames` are those of the new pack ([`crate::Checked::renames`]); one that
/// was applied before is passed over.
#[must_use]
pub fn plan(old: Option<&Pack>, new: &Pack, renames: &Renames) -> Plan {
    let mut changes = Vec::new();
    let Some(old) = old else {
        let register = |register: &Register| Change::AddRegister {
            register: register.id.clone(),
        };
        let indicator = |one: &Indicator| Change::AddIndicator {
            indicator: one.id.clone(),
            version: one.version,
        };
        changes.extend(new.registers.iter().map(register));
        changes.extend(new.indicators.iter().map(indicator));
        return Plan { changes };
    };
    let names = Names::new(old, new, renames);
    mechanism(old, new, &mut changes);
    units(old, new, &mut changes);
    for register in &new.registers {
        match old.register(&register.id) {
            None => changes.push(Change::AddRegister {
                register: register.id.clone(),
            }),
            Some(before) => compare_registers(before, register, &names, &mut changes),
        }
    }
    for register in &old.registers {
        if new.register(&register.id).is_none() {
            changes.push(Change::LeaveRegister {
                register: register.id.clone(),
            });
        }
    }
    indicators(old, new, &names, &mut changes);
    let clauses = named(&old.clauses, &new.clauses, |clause| &clause.id);
    if let Some([added, removed, changed]) = clauses {
        changes.push(Change::Clauses {
            added,
            removed,
            changed,
        });
    }
    let briefs = named(&old.briefs, &new.briefs, |brief| &brief.id);
    if let Some([added, removed, changed]) = briefs {
        changes.push(Change::Briefs {
            added,
            removed,
            changed,
        });
    }
    let roles = named(&old.roles, &new.roles, |role| &role.id);
    if let Some([added, removed, changed]) = roles {
        changes.push(Change::Roles {
            added,
            removed,
            changed,
        });
    }
    if old.boundaries != new.boundaries {
        changes.push(Change::Boundaries);
    }
    Plan { changes }
}

/// Names of what differs.
fn differing(pairs: &[(&'static str, bool)]) -> Vec<&'static str> {
    pairs
        .iter()
        .filter(|(_, same)| !same)
        .map(|(what, _)| *what)
        .collect()
}

/// Ids added, removed and changed; `None` when all is as before.
fn named<T: PartialEq>(old: &[T], new: &[T], id: impl Fn(&T) -> &str) -> Option<[Vec<String>; 3]> {
    let find = |among: &[T], wanted: &str| among.iter().position(|one| id(one) == wanted);
    let lacking = |from: &[T], among: &[T]| -> Vec<String> {
        from.iter()
            .filter(|one| find(among, id(one)).is_none())
            .map(|one| id(one).to_owned())
            .collect()
    };
    let changed: Vec<String> = new
        .iter()
        .filter(|one| find(old, id(one)).is_some_and(|nth| old[nth] != **one))
        .map(|one| id(one).to_owned())
        .collect();
    let found = [lacking(new, old), lacking(old, new), changed];
    found.iter().any(|ids| !ids.is_empty()).then_some(found)
}

fn mechanism(old: &Pack, new: &Pack, changes: &mut Vec<Change>) {
    let (a, b) = (&old.mechanism, &new.mechanism);
    let what = differing(&[
        ("id", a.id == b.id),
        ("version", a.version == b.version),
        ("name", (&a.name, &a.name_en) == (&b.name, &b.name_en)),
        ("valid", a.validity == b.validity),
        ("start", a.start == b.start),
        ("currency", a.currency == b.currency),
        (
            "supporter_word",
            (&a.supporter_word, &a.supporter_word_en) == (&b.supporter_word, &b.supporter_word_en),
        ),
        (
            "recipient_word",
            (&a.recipient_word, &a.recipient_word_en) == (&b.recipient_word, &b.recipient_word_en),
        ),
        ("theme", a.themes == b.themes),
        ("cluster", a.clusters == b.clusters),
        ("flag", a.flags == b.flags),
    ]);
    if !what.is_empty() {
        changes.push(Change::Mechanism { what });
    }
}

fn units(old: &Pack, new: &Pack, changes: &mut Vec<Change>) {
    let units = named(old.units.all(), new.units.all(), |unit| unit.id.as_str());
    if let Some([added, removed, changed]) = units {
        changes.push(Change::Units {
            added,
            removed,
            changed,
        });
    }
    let added = new
        .links
        .iter()
        .filter(|link| !old.links.contains(link))
        .count();
    let removed = old
        .links
        .iter()
        .filter(|link| !new.links.contains(link))
        .count();
    if added + removed > 0 {
        changes.push(Change::Links { added, removed });
    }
}

/// Ids that fields of the old pack have in the new one.
struct Names(BTreeMap<(String, String), String>);

impl Names {
    const NONE: Self = Self(BTreeMap::new());

    /// A rename counts while the old id is there and the new one is not: then it is still to be made.
    fn new(old: &Pack, new: &Pack, renames: &Renames) -> Self {
        let mut names = BTreeMap::new();
        for (register, fields) in renames {
            let (Some(before), Some(after)) = (old.register(register), new.register(register))
            else {
                continue;
            };
            for (from, to) in fields {
                if before.index(from).is_some()
                    && before.index(to).is_none()
                    && after.index(from).is_none()
                {
                    names.insert((register.clone(), from.clone()), to.clone());
                }
            }
        }
        Self(names)
    }

    fn renamed(&self, register: &str, from: &str) -> Option<&str> {
        let key = (register.to_owned(), from.to_owned());
        self.0.get(&key).map(String::as_str)
    }

    fn now<'a>(&'a self, register: &str, id: &'a str) -> &'a str {
        self.renamed(register, id).unwrap_or(id)
    }

    /// An expression's text with its columns under the ids of now.
    fn text(&self, register: &str, expr: &Expr) -> String {
        fn columns(node: &Node, found: &mut Vec<(Range<usize>, String)>) {
            if let NodeKind::Column { name, .. } = node.kind() {
                found.push((node.span(), name.clone()));
            }
            for child in node.children() {
                columns(child, found);
            }
        }
        let mut found = Vec::new();
        columns(expr.root(), &mut found);
        found.sort_by_key(|(span, _)| span.start);
        found.dedup();
        let mut text = expr.source().to_owned();
        for (span, name) in found.into_iter().rev() {
            // Only where the span is the name itself: it may be wider, in brackets.
            if text.get(span.clone()) == Some(&name) {
                text.replace_range(span, self.now(register, &name));
            }
        }
        text
    }
}

fn compare_registers(old: &Register, new: &Register, names: &Names, changes: &mut Vec<Change>) {
    let renamed = |from: &str| names.renamed(&new.id, from).map(str::to_owned);
    let now = |id: &str| names.now(&new.id, id).to_owned();
    let id_of = |register: &Register, index: Option<usize>| {
        index.map(|index| register.fields[index].id.clone())
    };
    let before = |index: Option<usize>| id_of(old, index).map(|id| now(&id));
    let key_before: BTreeSet<String> = old.key.iter().map(|&i| now(&old.fields[i].id)).collect();
    let key_now: BTreeSet<String> = new.key.iter().map(|&i| new.fields[i].id.clone()).collect();
    let register = || new.id.clone();
    if key_before != key_now {
        changes.push(Change::RekeyRegister {
            register: register(),
        });
    }
    for field in &old.fields {
        if let Some(to) = renamed(&field.id) {
            changes.push(Change::RenameField {
                register: register(),
                from: field.id.clone(),
                to,
            });
        } else if new.index(&field.id).is_none() {
            changes.push(Change::RemoveField {
                register: register(),
                field: field.id.clone(),
            });
        }
    }
    for field in &new.fields {
        match old.fields.iter().find(|before| now(&before.id) == field.id) {
            None => changes.push(Change::AddField {
                register: register(),
                field: field.id.clone(),
                required: field.required,
            }),
            Some(before) => compare_fields(before, field, &new.id, names, changes),
        }
    }
    let layout_before = {
        let mut layout = old.layout.clone();
        for column in &mut layout.columns {
            column.field = now(&column.field);
        }
        layout
    };
    let what = differing(&[
        ("code", old.code == new.code),
        (
            "name",
            (&old.name, &old.name_en) == (&new.name, &new.name_en),
        ),
        ("theme", old.theme == new.theme),
        (
            "supporter",
            before(old.supporter) == id_of(new, new.supporter),
        ),
        (
            "recipient",
            before(old.recipient) == id_of(new, new.recipient),
        ),
        ("date", before(old.date) == id_of(new, new.date)),
        ("reporter", old.reporter == new.reporter),
        ("frequency", old.frequency == new.frequency),
        ("layout", layout_before == new.layout),
    ]);
    if !what.is_empty() {
        changes.push(Change::Register {
            register: register(),
            what,
        });
    }
    rules(old, new, names, changes);
}

fn rules(old: &Register, new: &Register, names: &Names, changes: &mut Vec<Change>) {
    type Words = (String, String, String, String, Severity);
    let words = |register: &Register, names: &Names| -> Vec<Words> {
        let rule = |rule: &RowRule| {
            let holds = names.text(&register.id, &rule.holds);
            let (message, message_en) = (rule.message.clone(), rule.message_en.clone());
            (rule.id.clone(), holds, message, message_en, rule.severity)
        };
        register.rules.iter().map(rule).collect()
    };
    let found = named(&words(old, names), &words(new, &Names::NONE), |rule| {
        &rule.0
    });
    if let Some([added, removed, changed]) = found {
        changes.push(Change::Rules {
            register: new.id.clone(),
            added,
            removed,
            changed,
        });
    }
}

fn compare_fields(
    old: &Field,
    new: &Field,
    register: &str,
    names: &Names,
    changes: &mut Vec<Change>,
) {
    let derived = |field: &Field, names: &Names| {
        let expr = field.derived.as_ref();
        expr.map(|expr| names.text(register, expr))
    };
    let same_derived = derived(old, names) == derived(new, &Names::NONE);
    let (register, field) = (register.to_owned(), new.id.clone());
    if let (None, Some(last)) = (old.retired, new.retired) {
        changes.push(Change::RetireField {
            register: register.clone(),
            field: field.clone(),
            last,
        });
    }
    // English labels and spellings are words; what may be stored is the type.
    let bare = |ty: &FieldType| match ty {
        FieldType::Choice { options } => FieldType::Choice {
            options: options
                .iter()
                .map(|option| Choice {
                    label: option.label.clone(),
                    label_en: String::new(),
                    synonyms: Vec::new(),
                })
                .collect(),
        },
        other => other.clone(),
    };
    let same_type = bare(&old.ty) == bare(&new.ty);
    if !same_type {
        let (register, field) = (register.clone(), field.clone());
        let (from, to) = (old.ty.clone(), new.ty.clone());
        changes.push(if widens(&from, &to) {
            Change::WidenField {
                register,
                field,
                from,
                to,
            }
        } else {
            Change::RetypeField {
                register,
                field,
                from,
                to,
            }
        });
    }
    // The former id of a renamed field is a spelling that comes with the rename.
    let spellings = new
        .synonyms
        .iter()
        .filter(|spelling| old.id == new.id || **spelling != old.id);
    let what = differing(&[
        (
            "label",
            (&old.label, &old.label_en) == (&new.label, &new.label_en),
        ),
        ("synonyms", old.synonyms.iter().eq(spellings)),
        (
            "help",
            (&old.help, &old.help_en) == (&new.help, &new.help_en),
        ),
        (
            "measure",
            (&old.measure, &old.measure_en) == (&new.measure, &new.measure_en),
        ),
        ("options", !same_type || old.ty == new.ty),
        ("required", old.required == new.required),
        ("derived", same_derived),
        (
            "retired",
            old.retired.is_none() || old.retired == new.retired,
        ),
        ("personal", old.personal == new.personal),
    ]);
    if !what.is_empty() {
        changes.push(Change::Field {
            register,
            field,
            what,
        });
    }
}

/// Whether a type takes everything that another took, stored the same way.
fn widens(from: &FieldType, to: &FieldType) -> bool {
    fn below<T: PartialOrd>(from: Option<T>, to: Option<T>) -> bool {
        to.is_none_or(|to| from.is_some_and(|from| to <= from))
    }
    fn above<T: PartialOrd>(from: Option<T>, to: Option<T>) -> bool {
        to.is_none_or(|to| from.is_some_and(|from| to >= from))
    }
    use FieldType as Ty;
    match (from, to) {
        (Ty::Text { max: from }, Ty::Text { max: to }) => to >= from,
        // A choice becomes free text when the text is long enough for every label.
        (Ty::Choice { options }, Ty::Text { max }) => options
            .iter()
            .all(|option| option.label.chars().count() <= *max),
        (Ty::Choice { options: from }, Ty::Choice { options: to }) => from
            .iter()
            .all(|old| to.iter().any(|new| new.label == old.label)),
        (
            Ty::Int { min, max },
            Ty::Int {
                min: to_min,
                max: to_max,
            },
        ) => below(*min, *to_min) && above(*max, *to_max),
        (
            Ty::Decimal { scale, min, max },
            Ty::Decimal {
                scale: to_scale,
                min: to_min,
                max: to_max,
            },
        ) => scale == to_scale && below(*min, *to_min) && above(*max, *to_max),
        (Ty::Money { signed: from }, Ty::Money { signed: to }) => *to || !from,
        (Ty::Date { future: from }, Ty::Date { future: to }) => *to || !from,
        (Ty::Unit { role: from }, Ty::Unit { role: to }) => to.is_none() || from == to,
        (Ty::Area, Ty::Area) | (Ty::Bool, Ty::Bool) => true,
        _ => false,
    }
}

fn indicators(old: &Pack, new: &Pack, names: &Names, changes: &mut Vec<Change>) {
    let find = |pack: &'_ Pack, one: &Indicator| {
        pack.indicators
            .iter()
            .position(|other| other.id == one.id && other.version == one.version)
    };
    for one in &new.indicators {
        let (indicator, version) = (one.id.clone(), one.version);
        match find(old, one) {
            Some(nth) => compare_indicators(old, &old.indicators[nth], new, one, names, changes),
            None if old.indicators.iter().any(|other| other.id == one.id) => {
                changes.push(Change::AddVersion { indicator, version });
            }
            None => changes.push(Change::AddIndicator { indicator, version }),
        }
    }
    for one in &old.indicators {
        if find(new, one).is_none() {
            changes.push(Change::RemoveIndicator {
                indicator: one.id.clone(),
                version: one.version,
            });
        }
    }
}

fn compare_indicators(
    old_pack: &Pack,
    old: &Indicator,
    new_pack: &Pack,
    new: &Indicator,
    names: &Names,
    changes: &mut Vec<Change>,
) {
    let (indicator, version) = (new.id.clone(), new.version);
    let what = differing(&[
        ("valid_from", old.valid.from == new.valid.from),
        ("unit", old.unit == new.unit),
        ("measure", old.measure == new.measure),
        ("time", old.time == new.time),
        ("subset", old.subset == new.subset),
        ("format", old.format == new.format),
        (
            "source",
            sources(old_pack, old, names) == sources(new_pack, new, &Names::NONE),
        ),
    ]);
    if !what.is_empty() {
        changes.push(Change::RedefineIndicator {
            indicator: indicator.clone(),
            version,
            what,
        });
    }
    if old.valid.to != new.valid.to {
        changes.push(Change::CloseVersion {
            indicator: indicator.clone(),
            version,
            last: new.valid.to,
        });
    }
    let what = differing(&[
        (
            "name",
            (&old.name, &old.name_en) == (&new.name, &new.name_en),
        ),
        ("theme", old.theme == new.theme),
        ("clause", old.clause == new.clause),
        (
            "owner",
            (&old.owner, &old.owner_en) == (&new.owner, &new.owner_en),
        ),
        (
            "definition",
            (&old.definition, &old.definition_en) == (&new.definition, &new.definition_en),
        ),
        (
            "remark",
            (&old.remark, &old.remark_en) == (&new.remark, &new.remark_en),
        ),
        ("certainty", old.certainty == new.certainty),
        ("press", old.press == new.press),
    ]);
    if !what.is_empty() {
        changes.push(Change::RewordIndicator {
            indicator,
            version,
            what,
        });
    }
}

/// What an indicator's sources say, in the ids of now.
fn sources(pack: &Pack, indicator: &Indicator, names: &Names) -> Vec<[Option<String>; 7]> {
    indicator
        .sources
        .iter()
        .map(|one| {
            let fields = pack.register(&one.register).map_or(&[][..], |r| &r.fields);
            let field = |index: usize| {
                let field = fields.get(index)?;
                Some(names.now(&one.register, &field.id).to_owned())
            };
            let text =
                |expr: &Option<Expr>| expr.as_ref().map(|expr| names.text(&one.register, expr));
            [
                Some(one.register.clone()),
                text(&one.filter),
                field(one.date),
                one.done_by.and_then(field),
                one.ends.and_then(field),
                text(&one.value),
                one.distinct.and_then(field),
            ]
        })
        .collect()
}
