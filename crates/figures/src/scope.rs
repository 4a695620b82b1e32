//! What of the figures a reader's caller may see: the store limits the rows, here is what follows
//! from it for indicators, cuts and coverage.

use jiff::civil::Date;
use qipan_model::{Indicator, Measure, Pack, Register, Scope};
use qipan_store::Reader;

use crate::assemble::CutUnits;
use crate::engine::registers;

/// Whether an indicator is there for a reader's caller on a day: when any of its registers is. A
/// percentage is there when both its parts are, for a part that cannot be seen would look like a
/// zero.
#[must_use]
pub fn exists(reader: &Reader, pack: &Pack, indicator: &Indicator, day: Date) -> bool {
    let counts = |indicator: &Indicator| {
        let mut sources = indicator.sources.iter();
        sources.any(|source| *reader.scope(&source.register) != Scope::Nothing)
    };
    match &indicator.measure {
        Measure::Percent {
            numerator,
            denominator,
        } => [numerator, denominator]
            .iter()
            .all(|part| pack.indicator(part, day).is_none_or(counts)),
        _ => counts(indicator),
    }
}

/// The registers of a list that are there for a reader's caller.
pub(crate) fn visible<'p>(reader: &Reader, registers: &[&'p Register]) -> Vec<&'p Register> {
    let there = |register: &&&Register| *reader.scope(&register.id) != Scope::Nothing;
    registers.iter().filter(there).copied().collect()
}

/// The parts of a cut that are the caller's to see even when no row names them.
pub(crate) struct Parts<'r>(Vec<&'r Scope>);

impl<'r> Parts<'r> {
    pub(crate) fn of(reader: &'r Reader, pack: &Pack, indicator: &Indicator) -> Self {
        let registers = registers(pack, indicator);
        Self(
            registers
                .iter()
                .map(|register| reader.scope(&register.id))
                .collect(),
        )
    }

    pub(crate) fn show(&self, [supporter, recipient]: &CutUnits) -> bool {
        self.0
            .iter()
            .any(|scope| match (&**supporter, &**recipient) {
                ("", unit) | (unit, "") => scope.knows(unit),
                (supporter, recipient) => scope.admits_sides(supporter, recipient),
            })
    }
}
