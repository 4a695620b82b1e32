//! A part of the mechanism — one supporter, one recipient, or the link between two — to which an
//! engine is narrowed, so that figures, coverage and rows speak of that part alone.

use std::collections::BTreeSet;

use qipan_model::{Pack, Period, Register, Side};
use sea_query::{Cond, Condition, Expr, ExprTrait};

use crate::By;
use crate::assemble::{CutUnits, part};
use crate::distinct::Numbers;
use crate::tables::field;

/// What an engine is narrowed to; [`Part::default`] is the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Only rows of this supporter (unit id).
    pub supporter: Option<String>,
    /// Only rows of this recipient (unit id).
    pub recipient: Option<String>,
}

impl Part {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.supporter.is_none() && self.recipient.is_none()
    }

    /// The cut in which a cut of the part is found: by its own sides as well.
    pub(crate) fn cut(&self, by: By) -> By {
        let by_supporter = matches!(by, By::Supporter | By::Link);
        let by_recipient = matches!(by, By::Group | By::Recipient | By::Link);
        match (
            by_supporter || self.supporter.is_some(),
            by_recipient || self.recipient.is_some(),
        ) {
            (false, false) => By::Whole,
            (false, true) => By::Recipient,
            (true, false) => By::Supporter,
            (true, true) => By::Link,
        }
    }

    /// Of the numbers of its [`Part::cut`] those of the part, named by the cut asked for.
    pub(crate) fn of(&self, by: By, mut numbers: Numbers) -> Numbers {
        if self.is_whole() {
            return numbers;
        }
        numbers.retain(|[supporter, recipient], _| self.holds(supporter, recipient));
        numbers
            .into_iter()
            .map(|(units, number)| (part(by, &units), number))
            .collect()
    }

    /// Whether rows of these units belong to it; a row that names no unit belongs to the whole only.
    pub(crate) fn holds(&self, supporter: &str, recipient: &str) -> bool {
        let fits = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        fits(&self.supporter, supporter) && fits(&self.recipient, recipient)
    }

    /// The same as a condition on a register's rows; `None` for the whole.
    pub(crate) fn condition(&self, register: &Register) -> Option<Condition> {
        let sides = [
            (&self.supporter, register.supporter),
            (&self.recipient, register.recipient),
        ];
        if self.is_whole() {
            return None;
        }
        let mut condition = Cond::all();
        for (wanted, side) in sides {
            let Some(unit) = wanted else { continue };
            condition = condition.add(match side {
                Some(index) => field(register, index).eq(unit.as_str()),
                // A register without this side has no rows of any unit.
                None => Expr::val(1).eq(0),
            });
        }
        Some(condition)
    }

    /// The units of a side that come under it in a period; `None` when all do.
    pub(crate) fn units(
        &self,
        pack: &Pack,
        period: Period,
        side: Side,
    ) -> Option<BTreeSet<String>> {
        let (own, other) = match side {
            Side::Supporter => (&self.supporter, &self.recipient),
            Side::Recipient => (&self.recipient, &self.supporter),
            Side::City => return None,
        };
        if let Some(own) = own {
            return Some(BTreeSet::from([own.clone()]));
        }
        let other = other.as_deref()?;
        let partners = pack
            .links
            .iter()
            .filter(|link| link.validity.overlaps(period.start(), period.end()))
            .filter_map(|link| {
                let sides = [link.supporter.as_ref()?, link.recipient.as_ref()?];
                let [own, partner] = match side {
                    Side::Supporter => sides,
                    _ => [sides[1], sides[0]],
                };
                (partner.as_str() == other).then(|| own.to_string())
            });
        Some(partners.collect())
    }

    /// Names the part's own units where a cut names none.
    pub(crate) fn fill(&self, [supporter, recipient]: CutUnits) -> CutUnits {
        let own = |unit: String, part: &Option<String>| match part {
            Some(part) if unit.is_empty() => part.clone(),
            _ => unit,
        };
        [
            own(supporter, &self.supporter),
            own(recipient, &self.recipient),
        ]
    }
}
