//! What a brief is made from. Everything comes in; nothing is fetched.

use std::collections::BTreeSet;

use jiff::civil::Date;
use qipan_figures::{By, Coverage, Figure};
use qipan_model::{Brief, BriefPart, Indicator, Pack, Period, Register};

/// Who has filed a register for the period, and who has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterCoverage {
    /// Register id.
    pub register: String,
    /// Register's name, 项目台账.
    pub name: String,
    /// Filed and due.
    pub coverage: Coverage,
    /// Short names of the units that have not reported, in printing order.
    pub missing: Vec<String>,
}

impl RegisterCoverage {
    /// Coverage of a register from the unit ids that were to file and those that did. The
    /// missing are named in printing order; an id that is no unit stands for the city's side.
    #[must_use]
    pub fn new(
        pack: &Pack,
        register: &Register,
        due: &BTreeSet<String>,
        reported: &BTreeSet<String>,
    ) -> Self {
        let filed = |id: &&String| reported.contains(*id);
        let missing = pack
            .units
            .all()
            .iter()
            .filter(|unit| due.contains(unit.id.as_str()) && !reported.contains(unit.id.as_str()))
            .map(|unit| unit.short.clone());
        let city = due
            .iter()
            .filter(|id| !reported.contains(*id) && pack.units.get(id).is_none())
            .map(|_| "市级".to_owned());
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            register: register.id.clone(),
            name: register.name.clone(),
            coverage: Coverage {
                reported: count(due.iter().filter(filed).count()),
                due: count(due.len()),
            },
            missing: missing.chain(city).collect(),
        }
    }
}

/// The cuts that a brief's charts and maps need beside the whole figures.
#[must_use]
pub fn needed_cuts(brief: &Brief) -> BTreeSet<(String, By)> {
    brief
        .parts
        .iter()
        .filter_map(|part| match part {
            BriefPart::Chart { indicator, by, .. } => Some((indicator.clone(), cut_of(by)?)),
            BriefPart::Map { indicator, .. } => Some((indicator.clone(), By::Recipient)),
            _ => None,
        })
        .collect()
}

/// The cut that a chart's `by` names.
pub(crate) fn cut_of(by: &str) -> Option<By> {
    match by {
        "group" => Some(By::Group),
        "link" => Some(By::Link),
        "supporter" => Some(By::Supporter),
        "recipient" => Some(By::Recipient),
        _ => None,
    }
}

/// The data of one brief.
#[derive(Debug, Clone)]
pub struct BriefData<'a> {
    /// Names, definitions, units, links, boundaries.
    pub pack: &'a Pack,
    /// The period reported on.
    pub period: Period,
    /// Figures of that period: the whole of every indicator in printing order, and the cuts that
    /// the brief's charts and maps ask for. A figure that is not here prints as 未报.
    pub figures: &'a [Figure],
    /// Coverage of the registers, in printing order.
    pub coverage: &'a [RegisterCoverage],
    /// Moment as of which the figures were read, RFC 3339.
    pub as_of: &'a str,
    /// The day that the brief carries (成文日期).
    pub date: Date,
    /// The mark that every page carries when the data is illustrative; `None` for real data.
    pub illustrative: Option<&'a str>,
    /// What the figures are limited to, when they are not of the whole mechanism: it is said with
    /// the title, `只含江津区所在结对关系`.
    pub scope: Option<&'a str>,
}

impl<'a> BriefData<'a> {
    /// The whole figure of an indicator, if there is one.
    #[must_use]
    pub fn whole(&self, indicator: &str) -> Option<&'a Figure> {
        self.figures
            .iter()
            .find(|figure| figure.by == By::Whole && figure.indicator == indicator)
    }

    /// The definition with which a figure was made.
    #[must_use]
    pub fn definition(&self, figure: &Figure) -> Option<&'a Indicator> {
        self.pack
            .indicators
            .iter()
            .find(|known| known.id == figure.indicator && known.version == figure.version)
    }

    /// The definition in force for the period, else any version of it.
    #[must_use]
    pub fn indicator(&self, id: &str) -> Option<&'a Indicator> {
        self.pack
            .indicator(id, self.period.end())
            .or_else(|| self.pack.indicators.iter().rfind(|known| known.id == id))
    }
}
