//! Clauses traced to registers and indicators, and both traced back.

use std::collections::BTreeSet;

use qipan_model::{Clause, Indicator, Measure, Pack};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that a clause leads to, and by which of the two ways it is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Traced {
    /// Id of the register or indicator.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Whether the clause names it.
    pub named: bool,
    /// Whether it leads back: the indicator names the clause, or takes rows from the register.
    pub leads_back: bool,
}

/// How far a clause is followed in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Followed {
    /// An indicator counts it.
    Counted,
    /// A register holds its facts; nothing counts them.
    Recorded,
    /// Neither.
    Nothing,
}

/// Registers from which an indicator takes rows; a percentage from those of its parts.
pub(super) fn registers_of<'p>(pack: &'p Pack, indicator: &'p Indicator) -> BTreeSet<&'p str> {
    let own = |indicator: &'p Indicator| {
        indicator
            .sources
            .iter()
            .map(|source| source.register.as_str())
    };
    match &indicator.measure {
        Measure::Percent {
            numerator,
            denominator,
        } => pack
            .indicators
            .iter()
            .filter(|part| part.id == *numerator || part.id == *denominator)
            .flat_map(own)
            .collect(),
        _ => own(indicator).collect(),
    }
}

/// The indicators that a clause leads to, in printing order, each once.
pub(super) fn indicators(pack: &Pack, clause: &Clause) -> Vec<Traced> {
    let mut found: Vec<Traced> = Vec::new();
    for indicator in &pack.indicators {
        let named = clause.indicators.contains(&indicator.id);
        let leads_back = indicator.clause == clause.id;
        if !named && !leads_back {
            continue;
        }
        match found.iter_mut().find(|known| known.id == indicator.id) {
            Some(known) => known.leads_back |= leads_back,
            None => found.push(Traced {
                id: indicator.id.clone(),
                name: indicator.name.clone(),
                name_en: indicator.name_en.clone(),
                named,
                leads_back,
            }),
        }
    }
    found
}

/// The registers that a clause leads to, by name or through its indicators.
pub(super) fn registers(pack: &Pack, clause: &Clause) -> Vec<Traced> {
    let counted: BTreeSet<&str> = pack
        .indicators
        .iter()
        .filter(|one| one.clause == clause.id || clause.indicators.contains(&one.id))
        .flat_map(|one| registers_of(pack, one))
        .collect();
    let traced = pack.registers.iter().filter_map(|register| {
        let named = clause.registers.contains(&register.id);
        let leads_back = counted.contains(register.id.as_str());
        (named || leads_back).then(|| Traced {
            id: register.id.clone(),
            name: register.name.clone(),
            name_en: register.name_en.clone(),
            named,
            leads_back,
        })
    });
    traced.collect()
}

/// How far a clause is followed.
pub(super) fn followed(indicators: &[Traced], registers: &[Traced]) -> Followed {
    match (indicators.is_empty(), registers.is_empty()) {
        (false, _) => Followed::Counted,
        (true, false) => Followed::Recorded,
        (true, true) => Followed::Nothing,
    }
}

/// The clauses that lead to an indicator.
pub(super) fn clauses_of_indicator(pack: &Pack, indicator: &Indicator) -> Vec<String> {
    pack.clauses
        .iter()
        .filter(|clause| clause.id == indicator.clause || clause.indicators.contains(&indicator.id))
        .map(|clause| clause.id.clone())
        .collect()
}

/// The clauses that lead to a register.
pub(super) fn clauses_of_register(pack: &Pack, register: &str) -> Vec<String> {
    pack.clauses
        .iter()
        .filter(|clause| {
            registers(pack, clause)
                .iter()
                .any(|traced| traced.id == register)
        })
        .map(|clause| clause.id.clone())
        .collect()
}
