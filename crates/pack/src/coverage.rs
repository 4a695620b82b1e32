//! Which clauses of the policy are held by registers and counted by indicators.

use std::collections::BTreeSet;

use qipan_model::Pack;
use serde::Serialize;

/// One clause with what serves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseCoverage {
    /// Clause id.
    pub clause: String,
    /// Heading.
    pub title: String,
    /// Heading in English.
    pub title_en: String,
    /// Registers that hold its facts.
    pub registers: Vec<String>,
    /// Indicators that count them: those it names and those that name it.
    pub indicators: Vec<String>,
}

impl ClauseCoverage {
    /// Whether both a register and an indicator serve the clause.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.registers.is_empty() && !self.indicators.is_empty()
    }
}

/// The coverage of every clause, in order.
#[must_use]
pub fn coverage(pack: &Pack) -> Vec<ClauseCoverage> {
    pack.clauses
        .iter()
        .map(|clause| {
            let mut indicators = clause.indicators.clone();
            let mut named: BTreeSet<String> = indicators.iter().cloned().collect();
            for indicator in &pack.indicators {
                if indicator.clause == clause.id && named.insert(indicator.id.clone()) {
                    indicators.push(indicator.id.clone());
                }
            }
            ClauseCoverage {
                clause: clause.id.clone(),
                title: clause.title.clone(),
                title_en: clause.title_en.clone(),
                registers: clause.registers.clone(),
                indicators,
            }
        })
        .collect()
}
