//! Figures of a period: every indicator, any cut, now or as of a past moment.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use qipan_model::{Indicator, Measure, Pack, Period, Register, Side, Unit, UnitRole};
use qipan_store::{Reader, written};
use rust_decimal::Decimal;

use crate::assemble::{self, CutUnits, Number};
use crate::cells;
use crate::coverage::{self, Reported};
use crate::distinct;
use crate::scope::{Parts, exists};
use crate::{By, Coverage, Error, Figure, Part};

/// A past state to read: the last journal entry that counts, and the moment asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// Journal entry.
    pub seq: i64,
    /// Moment.
    pub at: Timestamp,
}

/// Computes figures from one snapshot of the store: of the rows that its reader shows.
pub struct Engine<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) reader: Reader,
    pub(crate) as_of: Option<AsOf>,
    /// What is printed as the figures' as-of mark.
    pub(crate) mark: String,
    /// What it is narrowed to.
    pub(crate) part: Part,
}

impl<'a> Engine<'a> {
    /// An engine over a snapshot. `as_of` `None` reads the newest state.
    ///
    /// # Errors
    /// When the journal's head cannot be read.
    pub async fn new(pack: &'a Pack, reader: Reader, as_of: Option<AsOf>) -> Result<Self, Error> {
        let at = match as_of {
            Some(as_of) => as_of.at,
            None => reader.head().at,
        };
        Ok(Self {
            pack,
            reader,
            as_of,
            mark: written(at),
            part: Part::default(),
        })
    }

    /// Moment as of which everything is read, RFC 3339 UTC: what is printed with the figures.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// The engine narrowed to a part: from here on figures, coverage and opened rows are of that
    /// part alone, and whole figures carry its units.
    #[must_use]
    pub fn within(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// All figures in force at the period's end, in printing order, each for every part of the
    /// cut: units that have not reported stand with no value.
    ///
    /// # Errors
    /// When the store cannot be read or a sum leaves the range of 64 bits.
    pub async fn figures(&mut self, period: Period, by: By) -> Result<Vec<Figure>, Error> {
        let indicators: Vec<&Indicator> = self.indicators(period).collect();
        self.compute(period, by, &indicators).await
    }

    /// The indicators that are in force at a period's end and there for the caller, in printing
    /// order.
    pub fn indicators(&self, period: Period) -> impl Iterator<Item = &'a Indicator> + '_ {
        let (pack, reader, day) = (self.pack, &self.reader, period.end());
        pack.indicators_on(day)
            .filter(move |indicator| exists(reader, pack, indicator, day))
    }

    /// The figures of one indicator.
    ///
    /// # Errors
    /// As [`Self::figures`], and when no such indicator is in force at the period's end.
    pub async fn figure(&mut self, id: &str, period: Period, by: By) -> Result<Vec<Figure>, Error> {
        let indicator = self.indicator(id, period)?;
        let mut wanted = vec![indicator];
        if let Measure::Percent {
            numerator,
            denominator,
        } = &indicator.measure
        {
            wanted.push(self.indicator(numerator, period)?);
            wanted.push(self.indicator(denominator, period)?);
        }
        let mut figures = self.compute(period, by, &wanted).await?;
        figures.retain(|figure| figure.indicator == id);
        Ok(figures)
    }

    /// The version of an indicator in force at a period's end.
    pub(crate) fn indicator(&self, id: &str, period: Period) -> Result<&'a Indicator, Error> {
        self.pack
            .indicator(id, period.end())
            .filter(|indicator| exists(&self.reader, self.pack, indicator, period.end()))
            .ok_or_else(|| Error::NoIndicator {
                id: id.to_owned(),
                period,
            })
    }

    /// Names of the units that have reported none of an indicator's registers, in printing order.
    pub(crate) async fn missing(
        &mut self,
        indicator: &Indicator,
        period: Period,
    ) -> Result<Vec<String>, Error> {
        let wanted = registers(self.pack, indicator);
        let reported = self.reported(&wanted, period).await?;
        let filed = Filed::of(self.pack, indicator, &reported);
        let missing = |unit: &&Unit| {
            filed.due.contains(unit.id.as_str()) && !filed.reported.contains(unit.id.as_str())
        };
        Ok(self
            .pack
            .units
            .all()
            .iter()
            .filter(missing)
            .map(|unit| unit.name.clone())
            .collect())
    }

    /// Who has reported each register for a period, by register id: of the registers that are
    /// there for the caller, the units that the caller is told about.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn coverage(&mut self, period: Period) -> Result<BTreeMap<String, Reported>, Error> {
        let all: Vec<&Register> = self.pack.registers.iter().collect();
        self.reported(&all, period).await
    }

    /// How many rows are still open between the sides now, by register: of those that the reader
    /// shows, whatever part the engine is narrowed to.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open_rows(&mut self) -> Result<BTreeMap<String, u64>, Error> {
        coverage::open_rows(&mut self.reader).await
    }

    /// Who has reported the registers, of those that come under the part.
    async fn reported(
        &mut self,
        wanted: &[&Register],
        period: Period,
    ) -> Result<BTreeMap<String, Reported>, Error> {
        let mut reported =
            coverage::load(&mut self.reader, self.pack, wanted, period, self.as_of).await?;
        for one in reported.values_mut() {
            if let Some(units) = self.part.units(self.pack, period, one.side) {
                one.due.retain(|unit| units.contains(unit));
                one.units.retain(|unit| units.contains(unit));
            }
        }
        Ok(reported)
    }

    async fn compute(
        &mut self,
        period: Period,
        by: By,
        indicators: &[&Indicator],
    ) -> Result<Vec<Figure>, Error> {
        let day = period.end();
        let (pack, as_of) = (self.pack, self.as_of);
        // A side to which the engine is narrowed is cut by as well, and one part of it taken.
        let cut = self.part.cut(by);
        let kept = distinct::load(&mut self.reader, pack, indicators, period, cut, as_of).await?;
        let mut cells =
            cells::load(&mut self.reader, pack, indicators, &kept, period, as_of).await?;
        for cells in &mut cells {
            cells.retain(|cell| self.part.holds(&cell.supporter, &cell.recipient));
        }
        let kept: Vec<_> = kept
            .into_iter()
            .map(|numbers| numbers.map(|numbers| self.part.of(by, numbers)))
            .collect();
        let mut wanted: Vec<&Register> = Vec::new();
        for register in indicators
            .iter()
            .flat_map(|indicator| registers(self.pack, indicator))
        {
            if !wanted.iter().any(|known| known.id == register.id) {
                wanted.push(register);
            }
        }
        let reported = self.reported(&wanted, period).await?;
        let numbers: BTreeMap<&str, BTreeMap<CutUnits, Number>> = indicators
            .iter()
            .zip(cells.iter().zip(kept))
            .map(|(indicator, (cells, kept))| {
                let numbers =
                    kept.unwrap_or_else(|| assemble::measure(indicator, self.pack, by, day, cells));
                (indicator.id.as_str(), numbers)
            })
            .collect();
        let mut figures = Vec::new();
        for indicator in indicators {
            let filed = Filed::of(self.pack, indicator, &reported);
            let found = &numbers[indicator.id.as_str()];
            // A percentage has no rows of its own: it is there wherever its parts have any.
            let rows_of = match &indicator.measure {
                Measure::Percent {
                    numerator,
                    denominator,
                } => vec![numerator.as_str(), denominator.as_str()],
                _ => vec![indicator.id.as_str()],
            };
            let named = rows_of
                .iter()
                .filter_map(|id| numbers.get(id))
                .flat_map(BTreeMap::keys);
            let shown = Parts::of(&self.reader, self.pack, indicator);
            for units in parts(self.pack, by, period, &self.part, &shown, named) {
                let number = match &indicator.measure {
                    Measure::Percent {
                        numerator,
                        denominator,
                    } => rate(&numbers, numerator, denominator, &units),
                    _ => found
                        .get(&units)
                        .copied()
                        .map(|number| (number.agreed, number.with_open)),
                };
                let units = self.part.fill(units);
                figures.push(self.figure_of(indicator, period, by, units, number, &filed));
            }
        }
        Ok(figures)
    }

    fn figure_of(
        &self,
        indicator: &Indicator,
        period: Period,
        by: By,
        units: CutUnits,
        number: Option<(Decimal, Decimal)>,
        filed: &Filed,
    ) -> Figure {
        let coverage = filed.coverage(&units);
        let is_apt = filed.names(&units);
        let is_rate = matches!(indicator.measure, Measure::Percent { .. });
        // Rows found speak for themselves; without rows a zero needs a return that says so, and a
        // rate over nothing is no rate. Where the registers name no such side, there is nothing
        // that could be zero.
        let value = match number {
            Some((agreed, _)) => Some(agreed),
            None if coverage.reported > 0 && !is_rate && is_apt => Some(Decimal::ZERO),
            None => None,
        };
        let unconfirmed = number
            .map(|(agreed, with_open)| with_open - agreed)
            .filter(|difference| !difference.is_zero());
        Figure {
            indicator: indicator.id.clone(),
            version: indicator.version,
            name: indicator.name.clone(),
            value,
            unit: indicator.unit.clone(),
            display: value.map_or_else(
                || {
                    if !is_apt || is_rate && coverage.reported > 0 {
                        "—"
                    } else {
                        "未报"
                    }
                    .to_owned()
                },
                |value| indicator.format.display(value),
            ),
            period: period.to_string(),
            by,
            cut: cut_name(self.pack, by, &units),
            cut_units: units,
            coverage,
            as_of: self.mark.clone(),
            unconfirmed,
        }
    }
}

/// The registers an indicator takes rows from; a percentage those of its parts.
pub(crate) fn registers<'p>(pack: &'p Pack, indicator: &Indicator) -> Vec<&'p Register> {
    let ids: Vec<&str> = match &indicator.measure {
        Measure::Percent {
            numerator,
            denominator,
        } => pack
            .indicators
            .iter()
            .filter(|part| part.id == *numerator || part.id == *denominator)
            .flat_map(|part| part.sources.iter().map(|source| source.register.as_str()))
            .collect(),
        _ => indicator
            .sources
            .iter()
            .map(|source| source.register.as_str())
            .collect(),
    };
    let wanted: BTreeSet<&str> = ids.into_iter().collect();
    pack.registers
        .iter()
        .filter(|register| wanted.contains(register.id.as_str()))
        .collect()
}

/// Who has filed what an indicator needs.
struct Filed {
    side: Side,
    /// Whether any of the registers names supporters, and recipients.
    sides: [bool; 2],
    reported: BTreeSet<String>,
    due: BTreeSet<String>,
}

impl Filed {
    /// A unit has reported when it filed any of the indicator's registers.
    fn of(pack: &Pack, indicator: &Indicator, reported: &BTreeMap<String, Reported>) -> Self {
        let wanted = registers(pack, indicator);
        let all: Vec<&Reported> = wanted
            .iter()
            .filter_map(|register| reported.get(&register.id))
            .collect();
        Self {
            sides: [
                wanted.iter().any(|register| register.supporter.is_some()),
                wanted.iter().any(|register| register.recipient.is_some()),
            ],
            side: all.first().map_or(Side::City, |first| first.side),
            reported: all
                .iter()
                .flat_map(|one| one.units.iter().cloned())
                .collect(),
            due: all.iter().flat_map(|one| one.due.iter().cloned()).collect(),
        }
    }

    /// Whether the registers can say anything of a part of a cut.
    fn names(&self, units: &CutUnits) -> bool {
        self.sides
            .iter()
            .zip(units)
            .all(|(named, unit)| *named || unit.is_empty())
    }

    fn coverage(&self, units: &CutUnits) -> Coverage {
        let own = match self.side {
            Side::Supporter => &units[0],
            Side::Recipient => &units[1],
            Side::City => "",
        };
        let count = |set: &BTreeSet<String>| {
            let within = if own.is_empty() {
                set.len()
            } else {
                usize::from(set.contains(own))
            };
            u32::try_from(within).unwrap_or(u32::MAX)
        };
        Coverage {
            reported: count(&self.reported),
            due: count(&self.due),
        }
    }
}

/// The parts of a cut in printing order: all units that play the part in the period and are shown,
/// and whatever else the rows name.
fn parts<'c>(
    pack: &Pack,
    by: By,
    period: Period,
    part: &Part,
    shown: &Parts<'_>,
    found: impl Iterator<Item = &'c CutUnits>,
) -> Vec<CutUnits> {
    let units = |role| {
        let side = match role {
            UnitRole::Supporter => Side::Supporter,
            UnitRole::Recipient => Side::Recipient,
            UnitRole::None => Side::City,
        };
        let own = part.units(pack, period, side);
        pack.units
            .with_role(role, period.start(), period.end())
            .map(|unit: &Unit| unit.id.to_string())
            .filter(move |id| own.as_ref().is_none_or(|own| own.contains(id)))
    };
    let mut parts: Vec<CutUnits> = match by {
        By::Whole => return vec![CutUnits::default()],
        By::Group | By::Recipient => units(UnitRole::Recipient)
            .map(|unit| [String::new(), unit])
            .collect(),
        By::Supporter => units(UnitRole::Supporter)
            .map(|unit| [unit, String::new()])
            .collect(),
        By::Link => pack
            .links
            .iter()
            .filter(|link| link.validity.overlaps(period.start(), period.end()))
            .filter_map(|link| Some([link.supporter.as_ref()?, link.recipient.as_ref()?]))
            .map(|[supporter, recipient]| [supporter.to_string(), recipient.to_string()])
            .filter(|[supporter, recipient]| part.holds(supporter, recipient))
            .collect(),
    };
    parts.retain(|units| shown.show(units));
    for units in found {
        if !parts.contains(units) {
            parts.push(units.clone());
        }
    }
    let order = |id: &str| {
        pack.units
            .all()
            .iter()
            .position(|unit| unit.id.as_str() == id)
    };
    parts.sort_by_key(|[supporter, recipient]| (order(recipient), order(supporter)));
    parts
}

fn rate(
    numbers: &BTreeMap<&str, BTreeMap<CutUnits, Number>>,
    numerator: &str,
    denominator: &str,
    units: &CutUnits,
) -> Option<(Decimal, Decimal)> {
    let below = numbers.get(denominator)?.get(units)?;
    let above = numbers.get(numerator)?.get(units);
    let agreed = above.map_or(Decimal::ZERO, |number| number.agreed);
    let with_open = above.map_or(Decimal::ZERO, |number| number.with_open);
    let value = assemble::percent(agreed, below.agreed)?;
    Some((
        value,
        assemble::percent(with_open, below.with_open).unwrap_or(value),
    ))
}

/// The name of a part of a cut: 全部, 开州区, 江津区→开州区; 未注明 for rows that name no unit.
fn cut_name(pack: &Pack, by: By, units: &CutUnits) -> String {
    let name = |id: &str| {
        pack.units
            .get(id)
            .map_or_else(|| id.to_owned(), |unit| unit.name.clone())
    };
    match units {
        [supporter, recipient] if supporter.is_empty() && recipient.is_empty() => {
            if by == By::Whole {
                "全部"
            } else {
                "未注明"
            }
            .to_owned()
        }
        [supporter, recipient] if recipient.is_empty() => name(supporter),
        [supporter, recipient] if supporter.is_empty() => name(recipient),
        [supporter, recipient] => format!("{}→{}", name(supporter), name(recipient)),
    }
}

/// Reads an as-of mark: an RFC 3339 moment, or a day (its end in the mechanism's time, UTC+8).
///
/// # Errors
/// When the text is neither.
pub fn parse_moment(text: &str) -> Result<Timestamp, Error> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    text.parse::<Date>()
        .ok()
        .and_then(|day| format!("{day}T23:59:59.999999+08:00").parse().ok())
        .ok_or_else(|| Error::Moment(text.to_owned()))
}
