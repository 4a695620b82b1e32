//! Names of units, each understood once per day.

use std::collections::HashMap;

use jiff::civil::Date;
use qipan_model::{Resolved, UnitRole, Units};

use crate::fold;

/// What became of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    One {
        id: String,
        role: UnitRole,
        /// Whether the unit exists on the day.
        stands: bool,
    },
    Several(Vec<String>),
    None,
}

/// Names kept at the most; a sheet has some sixty.
const MOST: usize = 50_000;

#[derive(Debug, Default)]
pub(super) struct UnitCache {
    known: HashMap<String, HashMap<Date, Known>>,
    count: usize,
}

impl UnitCache {
    pub(super) fn resolve(&mut self, written: &str, day: Date, units: &Units) -> &Known {
        if self.count > MOST {
            self.known.clear();
            self.count = 0;
        }
        if !self.known.contains_key(written) {
            self.known.insert(written.to_owned(), HashMap::new());
        }
        let count = &mut self.count;
        self.known
            .entry(written.to_owned())
            .or_default()
            .entry(day)
            .or_insert_with(|| {
                *count += 1;
                look_up(written, day, units)
            })
    }
}

fn look_up(written: &str, day: Date, units: &Units) -> Known {
    let folded = fold::narrow(written);
    let trimmed: String = folded.chars().filter(|c| !fold::is_invisible(*c)).collect();
    match units.resolve(&trimmed, day) {
        Resolved::One(unit) => Known::One {
            id: unit.id.as_str().to_owned(),
            role: unit.role,
            stands: unit.validity.holds_on(day),
        },
        Resolved::Ambiguous(several) => {
            Known::Several(several.iter().map(|unit| unit.name.clone()).collect())
        }
        Resolved::Unknown => Known::None,
    }
}
