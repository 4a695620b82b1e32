//! From cells to figures: cuts, subsets, distinct counts, percentages. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use qipan_model::{DistinctOf, Indicator, Measure, Pack, Side};
use rust_decimal::Decimal;

use crate::By;

/// What the rows of one indicator come to for one supporter and one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Supporter's unit id; empty when the register names none.
    pub supporter: String,
    /// Recipient's unit id; empty when the register names none.
    pub recipient: String,
    /// What counts: rows agreed by both sides or arbitrated.
    pub agreed: Amount,
    /// What does not count yet: rows pending or contested.
    pub open: Amount,
}

/// A number of rows with what they sum to, in the indicator's base unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amount {
    /// Number of rows.
    pub rows: i64,
    /// Sum of the sources' values.
    pub sum: Decimal,
    /// Values of the `distinct` field; filled for [`DistinctOf::Key`] only.
    pub keys: BTreeSet<String>,
}

impl Amount {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.sum += other.sum;
        self.keys.extend(other.keys.iter().cloned());
    }
}

/// A part of a cut: supporter's and recipient's unit ids, empty where not cut by it.
pub type CutUnits = [String; 2];

/// The number of one indicator for each part of a cut: what counts, and what the unconfirmed rows
/// would make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// From confirmed rows alone.
    pub agreed: Decimal,
    /// With unconfirmed rows taken in.
    pub with_open: Decimal,
}

/// The part of a cut to which a pair of units belongs.
pub(crate) fn part(by: By, [supporter, recipient]: &CutUnits) -> CutUnits {
    match by {
        By::Whole => CutUnits::default(),
        By::Group | By::Recipient => [String::new(), recipient.clone()],
        By::Supporter => [supporter.clone(), String::new()],
        By::Link => [supporter.clone(), recipient.clone()],
    }
}

/// Whether a cell's units carry the flag that the indicator asks for, as it stood on a day.
fn in_subset(indicator: &Indicator, pack: &Pack, cell: &Cell, day: Date) -> bool {
    let Some(subset) = &indicator.subset else {
        return true;
    };
    let unit = match subset.side {
        Side::Supporter => &cell.supporter,
        Side::Recipient => &cell.recipient,
        Side::City => return true,
    };
    pack.units
        .get(unit)
        .is_some_and(|unit| unit.has_flag(&subset.flag, day))
}

/// Adds cells up into the parts of a cut and measures each. Percentages are made by
/// [`percent`] from the numbers of their parts, never here.
#[must_use]
pub fn measure(
    indicator: &Indicator,
    pack: &Pack,
    by: By,
    day: Date,
    cells: &[Cell],
) -> BTreeMap<CutUnits, Number> {
    let mut parts: BTreeMap<CutUnits, Vec<&Cell>> = BTreeMap::new();
    for cell in cells
        .iter()
        .filter(|cell| in_subset(indicator, pack, cell, day))
    {
        let pair = [cell.supporter.clone(), cell.recipient.clone()];
        parts.entry(part(by, &pair)).or_default().push(cell);
    }
    parts
        .into_iter()
        .map(|(units, cells)| {
            let number = Number {
                agreed: total(indicator, &cells, false),
                with_open: total(indicator, &cells, true),
            };
            (units, number)
        })
        .collect()
}

fn total(indicator: &Indicator, cells: &[&Cell], with_open: bool) -> Decimal {
    let amount = |cell: &Cell| {
        let mut amount = cell.agreed.clone();
        if with_open {
            amount.add(&cell.open);
        }
        amount
    };
    let distinct = |name: fn(&Cell) -> Option<(&str, &str)>| {
        cells
            .iter()
            .filter(|cell| amount(cell).rows > 0)
            .filter_map(|cell| name(cell))
            .collect::<BTreeSet<_>>()
            .len()
    };
    match indicator.measure {
        Measure::Count => cells
            .iter()
            .map(|cell| amount(cell).rows)
            .sum::<i64>()
            .into(),
        Measure::Sum => cells.iter().map(|cell| amount(cell).sum).sum(),
        Measure::Distinct(what) => {
            let count = match what {
                DistinctOf::Supporter => {
                    distinct(|cell| (!cell.supporter.is_empty()).then_some((&cell.supporter, "")))
                }
                DistinctOf::Recipient | DistinctOf::Group => {
                    distinct(|cell| (!cell.recipient.is_empty()).then_some(("", &cell.recipient)))
                }
                DistinctOf::Link => distinct(|cell| {
                    (!cell.supporter.is_empty() && !cell.recipient.is_empty())
                        .then_some((&cell.supporter, &cell.recipient))
                }),
                DistinctOf::Key => cells
                    .iter()
                    .flat_map(|cell| amount(cell).keys)
                    .collect::<BTreeSet<_>>()
                    .len(),
            };
            Decimal::from(count)
        }
        Measure::Percent { .. } => Decimal::ZERO,
    }
}

/// A percentage from its parts; `None` when there is nothing below the line.
#[must_use]
pub fn percent(numerator: Decimal, denominator: Decimal) -> Option<Decimal> {
    // Multiplying first keeps 53/144 exact as long as possible; 28 digits remain.
    (!denominator.is_zero())
        .then(|| {
            numerator
                .checked_mul(Decimal::ONE_HUNDRED)?
                .checked_div(denominator)
        })
        .flatten()
}
