//! Access by row in SQL: what a reader that was opened for a caller may see.
//!
//! The pure twin is [`qipan_model::Scope::admits`]; tests hold the two together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use qipan_model::{Access, Action, Indicator, Pack, Scope, Side};
use sea_query::{Alias, Cond, Condition, Expr, ExprTrait};

use crate::table::Table;

/// For whom a reader was opened, and to do what.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub access: Arc<Access>,
    pub action: Action,
}

impl Limits {
    pub(crate) fn scope(&self, register: &str) -> &Scope {
        self.access.scope(self.action, register)
    }
}

/// A table that is kept up beside the registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// `rollup`: rows and sums by source, pair of units and months.
    Amounts,
    /// `rollup_key`: the same for each distinct key.
    Keys,
    /// `rollup_distinct`: numbers of distinct keys by cut and month.
    Distinct,
    /// `presence`: standing rows by register, pair of units and month.
    Presence,
    /// `return`: what was filed by register, period and unit.
    Returns,
}

impl Kept {
    /// Its name in the database.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Amounts => "rollup",
            Self::Keys => "rollup_key",
            Self::Distinct => "rollup_distinct",
            Self::Presence => "presence",
            Self::Returns => "return",
        }
    }
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

fn never() -> Condition {
    Cond::all().add(Expr::cust("1 = 0"))
}

fn among(side: Expr, units: &BTreeSet<String>) -> Expr {
    side.is_in(units.iter().map(String::as_str))
}

/// Whether a side is not named: null in registers, empty in rollups.
pub(crate) fn unnamed(side: Expr) -> Expr {
    side.clone().is_null().or(side.eq(""))
}

/// The rows that a scope admits, by the columns of their sides; `None` when it admits all.
pub(crate) fn of_sides(
    scope: &Scope,
    supporter: Option<&Expr>,
    recipient: Option<&Expr>,
) -> Option<Condition> {
    let Scope::Links {
        units,
        counterparts,
    } = scope
    else {
        return (*scope != Scope::All).then(never);
    };
    let sides = [(supporter, recipient), (recipient, supporter)];
    let mut any = Cond::any().add(Expr::cust("1 = 0"));
    for (side, other) in sides {
        let Some(side) = side else { continue };
        if !units.is_empty() {
            any = any.add(among(side.clone(), units));
        }
        if !counterparts.is_empty() {
            let counterpart = among(side.clone(), counterparts);
            any = any.add(match other {
                Some(other) => counterpart.and(unnamed(other.clone())),
                None => counterpart,
            });
        }
    }
    Some(any)
}

/// The rows of a register's table that a scope admits; `None` when it admits all.
pub(crate) fn of_rows(scope: &Scope, table: &Table) -> Option<Condition> {
    let side = |field: Option<usize>| field.map(|field| column(&table.columns[field].id));
    let (supporter, recipient) = (side(table.supporter), side(table.recipient));
    of_sides(scope, supporter.as_ref(), recipient.as_ref())
}

/// What of a table beside the registers the limits admit; `None` when all of it.
pub(crate) fn of_kept(limits: &Limits, pack: &Pack, kept: Kept) -> Option<Condition> {
    let registers = pack.registers.iter();
    match kept {
        Kept::Amounts | Kept::Keys | Kept::Distinct => of_sources(limits, pack, kept),
        Kept::Presence => {
            let scopes = registers.map(|register| (&*register.id, limits.scope(&register.id)));
            let (supporter, recipient) = (column("supporter"), column("recipient"));
            of_registers(&classes(scopes), &|scope| {
                of_sides(scope, Some(&supporter), Some(&recipient))
            })
        }
        Kept::Returns => {
            let told = registers.map(|register| {
                // The city's returns are nobody's secret where the register is seen at all.
                let scope = match limits.scope(&register.id) {
                    Scope::Links { .. } if register.reporter == Side::City => &Scope::All,
                    scope => scope,
                };
                (&*register.id, scope)
            });
            of_registers(&classes(told), &known)
        }
    }
}

/// The units that a scope is told about.
fn known(scope: &Scope) -> Option<Condition> {
    match scope {
        Scope::All => None,
        Scope::Nothing => Some(never()),
        Scope::Links {
            units,
            counterparts,
        } => {
            let known: BTreeSet<String> = units.union(counterparts).cloned().collect();
            Some(Cond::any().add(among(column("unit"), &known)))
        }
    }
}

/// Conditions of a table that names its registers.
fn of_registers(
    parts: &[(&Scope, Vec<&str>)],
    of_scope: &dyn Fn(&Scope) -> Option<Condition>,
) -> Option<Condition> {
    if let Some(scope) = only(parts) {
        return of_scope(scope);
    }
    let mut any = Cond::any();
    for (scope, ids) in parts {
        if **scope == Scope::Nothing {
            continue;
        }
        let part = Cond::all().add(column("register").is_in(ids.iter().copied()));
        any = any.add(part.add_option(of_scope(scope)));
    }
    Some(any)
}

/// Conditions of a table that names the sources of indicators.
fn of_sources(limits: &Limits, pack: &Pack, kept: Kept) -> Option<Condition> {
    let (supporter, recipient) = (column("supporter"), column("recipient"));
    let of_scope = |scope: &Scope| {
        let sides = of_sides(scope, Some(&supporter), Some(&recipient))?;
        // A key may stand with several pairs of units, so numbers of distinct keys are seen by
        // pair, and of own units on their side: all rows of these are within the scope.
        Some(match (kept, scope) {
            (Kept::Distinct, Scope::Links { units, .. }) => {
                let cut = |cut: &str| Cond::all().add(column("cut").eq(cut));
                Cond::any()
                    .add(cut("link").add(sides))
                    .add(cut("supporter").add(among(supporter.clone(), units)))
                    .add(cut("recipient").add(among(recipient.clone(), units)))
            }
            _ => Cond::all().add(sides),
        })
    };
    let indicators = || pack.indicators.iter();
    let sources = indicators().flat_map(|indicator| &indicator.sources);
    let registers: BTreeSet<&str> = sources.map(|source| source.register.as_str()).collect();
    let of_all = classes(registers.iter().map(|id| (*id, limits.scope(id))));
    if let Some(scope) = only(&of_all) {
        return of_scope(scope);
    }
    // Most indicators have one scope through all sources of all versions.
    let mut alike: BTreeMap<&str, Option<&Scope>> = BTreeMap::new();
    for indicator in indicators() {
        let scope = one_scope(limits, indicator);
        alike
            .entry(&indicator.id)
            .and_modify(|known| *known = known.filter(|known| Some(*known) == scope))
            .or_insert(scope);
    }
    let whole = alike
        .iter()
        .filter_map(|(id, scope)| Some((*id, (*scope)?)));
    let mut any = Cond::any().add(Expr::cust("1 = 0"));
    for (scope, ids) in classes(whole) {
        if *scope == Scope::Nothing {
            continue;
        }
        let part = Cond::all().add(column("indicator").is_in(ids));
        any = any.add(part.add_option(of_scope(scope)));
    }
    for indicator in indicators().filter(|indicator| alike[indicator.id.as_str()].is_none()) {
        let version = Cond::all()
            .add(column("indicator").eq(indicator.id.as_str()))
            .add(column("version").eq(i64::from(indicator.version)));
        if kept == Kept::Distinct {
            let scope = one_scope(limits, indicator).filter(|scope| **scope != Scope::Nothing);
            any = any.add_option(scope.map(|scope| version.add_option(of_scope(scope))));
            continue;
        }
        for (nth, source) in indicator.sources.iter().enumerate() {
            let scope = limits.scope(&source.register);
            if *scope == Scope::Nothing {
                continue;
            }
            let nth = i64::try_from(nth).unwrap_or(i64::MAX);
            let part = version.clone().add(column("source").eq(nth));
            any = any.add(part.add_option(of_scope(scope)));
        }
    }
    Some(any)
}

/// The scope of all sources of an indicator, when it is one.
fn one_scope<'l>(limits: &'l Limits, indicator: &Indicator) -> Option<&'l Scope> {
    let mut scopes = indicator
        .sources
        .iter()
        .map(|source| limits.scope(&source.register));
    let first = scopes.next()?;
    scopes.all(|scope| scope == first).then_some(first)
}

/// Names by their scope.
fn classes<'s, 'n>(
    scopes: impl Iterator<Item = (&'n str, &'s Scope)>,
) -> Vec<(&'s Scope, Vec<&'n str>)> {
    let mut classes: Vec<(&Scope, Vec<&str>)> = Vec::new();
    for (name, scope) in scopes {
        match classes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, names)) => names.push(name),
            None => classes.push((scope, vec![name])),
        }
    }
    classes
}

/// The scope, when there is but one; nothing when there is none.
fn only<'s>(classes: &[(&'s Scope, Vec<&str>)]) -> Option<&'s Scope> {
    match classes {
        [] => Some(&Scope::Nothing),
        [(scope, _)] => Some(scope),
        _ => None,
    }
}
