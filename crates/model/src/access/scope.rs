//! Which rows of a register a caller reaches.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{Pack, Register, Side, Value};

/// The rows of a register that are the caller's for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All rows.
    All,
    /// Rows that name one of `units` on either side; and rows that name only one side, when that
    /// is one of `counterparts`.
    Links {
        /// The caller's own unit, and those that it has taken over from.
        units: BTreeSet<String>,
        /// The other sides of its links.
        counterparts: BTreeSet<String>,
    },
    /// No row: the register is not there for the caller.
    Nothing,
}

impl Scope {
    /// The scope of a unit with its links as they stand on a day.
    pub(super) fn of_unit(pack: &Pack, unit: &str, day: Date) -> Self {
        // What a unit has done is its successor's to see and to mend once it has ended.
        let mut units = BTreeSet::from([unit.to_owned()]);
        loop {
            let before = pack.units.all().iter().find(|before| {
                let successor = before.successor.as_ref();
                successor.is_some_and(|unit| units.contains(unit.as_str()))
                    && !before.validity.holds_on(day)
                    && !units.contains(before.id.as_str())
            });
            let Some(before) = before else { break };
            units.insert(before.id.to_string());
        }
        let counterparts = pack
            .links
            .iter()
            .filter(|link| link.validity.holds_on(day))
            .filter_map(|link| Some((link.supporter.as_ref()?, link.recipient.as_ref()?)))
            .filter_map(|(supporter, recipient)| {
                if units.contains(supporter.as_str()) {
                    Some(recipient)
                } else {
                    units.contains(recipient.as_str()).then_some(supporter)
                }
            })
            .map(ToString::to_string)
            .collect();
        Self::Links {
            units,
            counterparts,
        }
    }

    /// Whether a row with these values, in the order of the register's fields, is among them.
    #[must_use]
    pub fn admits(&self, register: &Register, values: &[Value]) -> bool {
        let named = |side: Option<usize>| match side.and_then(|side| values.get(side)) {
            Some(Value::Text(unit)) => unit.as_str(),
            _ => "",
        };
        self.admits_sides(named(register.supporter), named(register.recipient))
    }

    /// Whether a row that names these sides is among them; the empty text names none.
    #[must_use]
    pub fn admits_sides(&self, supporter: &str, recipient: &str) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Links {
                units,
                counterparts,
            } => {
                units.contains(supporter)
                    || units.contains(recipient)
                    || (supporter.is_empty() && counterparts.contains(recipient))
                    || (recipient.is_empty() && counterparts.contains(supporter))
            }
        }
    }

    /// Whether the caller is told about a unit's returns and coverage: its own, and those of the
    /// other sides of its links.
    #[must_use]
    pub fn knows(&self, unit: &str) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Links {
                units,
                counterparts,
            } => units.contains(unit) || counterparts.contains(unit),
        }
    }

    /// Whether the caller is told that a unit has filed a register. What the city files is told to
    /// whoever sees the register.
    #[must_use]
    pub fn knows_return(&self, register: &Register, unit: &str) -> bool {
        self.knows(unit) || (register.reporter == Side::City && *self != Self::Nothing)
    }
}
