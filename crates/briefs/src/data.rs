//! What a brief is made from. Everything comes in; nothing is fetched.

use jiff::civil::Date;
use qipan_figures::{By, Coverage, Figure};
use qipan_model::{Indicator, Pack, Period};

/// Who has filed a register for the period, and who has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterCoverage {
    /// Register id.
    pub register: String,
    /// Register's name, 项目台账.
    pub name: String,
    /// Filed and due.
    pub coverage: Coverage,
    /// Names of the units that have not reported, in printing order.
    pub missing: Vec<String>,
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
}

impl<'a> BriefData<'a> {
    /// The whole figure of an indicator, if there is one.
    #[must_use]
    pub fn whole(&self, indicator: &str) -> Option<&'a Figure> {
        self.figures
            .iter()
            .find(|figure| figure.by == By::Whole && figure.indicator == indicator)
    }

    /// The parts of one cut of an indicator, in the order given.
    pub fn cut(&self, indicator: &'a str, by: By) -> impl Iterator<Item = &'a Figure> {
        self.figures
            .iter()
            .filter(move |figure| figure.by == by && figure.indicator == indicator)
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
