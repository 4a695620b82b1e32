//! Units (单位): who acts. Names, codes, flags, clusters and roles all live in time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The surrogate key of a unit: a short readable slug that never changes,
/// whatever happens to names and codes (`wanzhou`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitId(Arc<str>);

impl UnitId {
    /// Wraps a slug.
    #[must_use]
    pub fn new(slug: &str) -> Self {
        Self(slug.into())
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// From when to when something holds; both ends inclusive, `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validity {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl Validity {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether it holds on any day of a span (both ends inclusive).
    #[must_use]
    pub fn overlaps(&self, start: Date, end: Date) -> bool {
        self.from.is_none_or(|from| from <= end) && self.to.is_none_or(|to| start <= to)
    }
}

/// What sort of body a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitKind {
    /// 区县: an administrative district or county with a national code.
    District,
    /// 功能区: a functional zone that acts like a district but has no national code.
    Zone,
    /// 部门: a department of the city government.
    Department,
    /// 全市: the whole city.
    City,
}

/// The part a unit plays in the mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitRole {
    /// 主城协同区: gives.
    Supporter,
    /// “两群”区县: receives.
    Recipient,
    /// Takes no side (departments, zones that stand outside).
    None,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Surrogate key.
    pub id: UnitId,
    /// Sort of body.
    pub kind: UnitKind,
    /// Full name, 万州区.
    pub name: String,
    /// Short name, 万州.
    pub short: String,
    /// English name.
    pub name_en: String,
    /// Part in the mechanism.
    pub role: UnitRole,
    /// Cluster id, see [`crate::Mechanism::clusters`].
    pub cluster: String,
    /// When the unit exists.
    pub validity: Validity,
    /// Codes with the span in which each was the unit's own; the GB/T 2260 code or a local one.
    pub codes: Vec<(String, Validity)>,
    /// Flags (脱贫, 库区 …) with the span in which each held.
    pub flags: Vec<(String, Validity)>,
    /// Other names by which people call it, with their span.
    pub aliases: Vec<(String, Validity)>,
    /// Units whose territory or statistics contain this one (double-count guard).
    pub within: Vec<UnitId>,
    /// The unit that took over when this one ended.
    pub successor: Option<UnitId>,
    /// Remark for people.
    pub note: String,
}

impl Unit {
    /// The code in force on a day, else the last one it had.
    #[must_use]
    pub fn code_on(&self, day: Date) -> &str {
        self.codes
            .iter()
            .find(|(_, validity)| validity.holds_on(day))
            .or(self.codes.last())
            .map_or(self.id.as_str(), |(code, _)| code)
    }

    /// Whether a flag held on a day.
    #[must_use]
    pub fn has_flag(&self, flag: &str, day: Date) -> bool {
        self.flags
            .iter()
            .any(|(name, validity)| name == flag && validity.holds_on(day))
    }
}

/// How a written name was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// Exactly one unit.
    One(&'a Unit),
    /// Several units fit: ask.
    Ambiguous(Vec<&'a Unit>),
    /// No unit fits.
    Unknown,
}

/// All units of a mechanism with their look-up by name, alias and code.
#[derive(Debug, Clone, Default)]
pub struct Units {
    units: Vec<Unit>,
    by_id: BTreeMap<UnitId, usize>,
    by_name: BTreeMap<String, BTreeSet<usize>>,
}

impl Units {
    /// Builds the look-up. Order is kept: it is the order of printing (行政顺序).
    #[must_use]
    pub fn new(units: Vec<Unit>) -> Self {
        let mut by_id = BTreeMap::new();
        let mut by_name: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, unit) in units.iter().enumerate() {
            by_id.insert(unit.id.clone(), index);
            let aliases = unit.aliases.iter().map(|(alias, _)| alias.as_str());
            let codes = unit.codes.iter().map(|(code, _)| code.as_str());
            for name in [unit.name.as_str(), unit.short.as_str(), unit.id.as_str()]
                .into_iter()
                .chain(aliases)
                .chain(codes)
            {
                by_name.entry(name.to_owned()).or_default().insert(index);
            }
        }
        Self {
            units,
            by_id,
            by_name,
        }
    }

    /// All units in printing order.
    #[must_use]
    pub fn all(&self) -> &[Unit] {
        &self.units
    }

    /// A unit by its key.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Unit> {
        self.by_id
            .get(&UnitId::new(id))
            .map(|&index| &self.units[index])
    }

    /// Understands a written name, short name, alias or code, as people wrote it on a day.
    ///
    /// Only blanks are folded here; width folding is the reader's business. When several units
    /// share the name, those in force on the day win; 江北区 and 江津区 are never confused
    /// because nothing is matched approximately.
    #[must_use]
    pub fn resolve(&self, written: &str, day: Date) -> Resolved<'_> {
        let folded: String = written.chars().filter(|c| !c.is_whitespace()).collect();
        let Some(found) = self.by_name.get(&folded) else {
            return Resolved::Unknown;
        };
        let all: Vec<&Unit> = found.iter().map(|&index| &self.units[index]).collect();
        if let [one] = all[..] {
            return Resolved::One(one);
        }
        let named_then = |unit: &&Unit| {
            unit.validity.holds_on(day)
                && (unit.name == folded
                    || unit.short == folded
                    || unit.id.as_str() == folded
                    || unit
                        .aliases
                        .iter()
                        .chain(&unit.codes)
                        .any(|(name, validity)| *name == folded && validity.holds_on(day)))
        };
        match all.iter().copied().filter(named_then).collect::<Vec<_>>()[..] {
            [one] => Resolved::One(one),
            [] => Resolved::Ambiguous(all),
            ref several => Resolved::Ambiguous(several.to_vec()),
        }
    }

    /// The code by which a unit can be written on a day and be read back: its code, or its key
    /// where the code belongs to another unit by then (500111 was 双桥区's before it was 大足区's).
    #[must_use]
    pub fn written_code<'a>(&self, unit: &'a Unit, day: Date) -> &'a str {
        let code = unit.code_on(day);
        match self.resolve(code, day) {
            Resolved::One(found) if found.id == unit.id => code,
            _ => unit.id.as_str(),
        }
    }

    /// Units that play a part on any day of a span, in printing order.
    pub fn with_role(&self, role: UnitRole, start: Date, end: Date) -> impl Iterator<Item = &Unit> {
        self.units
            .iter()
            .filter(move |unit| unit.role == role && unit.validity.overlaps(start, end))
    }
}
