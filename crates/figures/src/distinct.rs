//! Numbers of distinct keys from what the store keeps by month, without reading the keys.

use std::collections::BTreeMap;

use qipan_model::{Indicator, Pack, Period, Scope, Type};
use qipan_store::{Kept, Reader};
use sea_query::{Alias, ExprTrait, Query};

use crate::assemble::{CutUnits, Number};
use crate::cells::{Row, month_number};
use crate::tables::{column, sum};
use crate::window::month;
use crate::{AsOf, By, Error};

/// Numbers by part of a cut.
pub(crate) type Numbers = BTreeMap<CutUnits, Number>;

/// The numbers of indicators that count distinct keys, for each part of a cut. `None` for those
/// that must be counted from cells.
pub(crate) async fn load(
    reader: &mut Reader,
    pack: &Pack,
    indicators: &[&Indicator],
    period: Period,
    by: By,
    as_of: Option<AsOf>,
) -> Result<Vec<Option<Numbers>>, Error> {
    let seen: Vec<Option<Seen>> = indicators
        .iter()
        .map(|indicator| {
            let is_kept = as_of.is_none()
                && period.end() == period.end().last_of_month()
                && qipan_store::distinct_since(indicator, &pack.mechanism).is_some();
            is_kept.then(|| Seen::of(reader, indicator)).flatten()
        })
        .collect();
    let mut numbers: Vec<Option<Numbers>> = vec![None; indicators.len()];
    for sort in [Seen::All, Seen::Links] {
        let members: Vec<usize> = (0..indicators.len())
            .filter(|nth| seen[*nth] == Some(sort))
            .collect();
        if members.is_empty() {
            continue;
        }
        let cuts: &[&str] = match (sort, by) {
            (Seen::Links, By::Link) => &["link"],
            (Seen::Links, _) => &["link", "recipient", "supporter"],
            (Seen::All, _) => &[cut(by)],
        };
        let read = read(reader, indicators, &members, cuts, period).await?;
        for (nth, mut of_cuts) in members.into_iter().zip(read) {
            numbers[nth] = match sort {
                Seen::All => Some(of_cuts.remove(cut(by)).unwrap_or_default()),
                Seen::Links => add_up(by, &of_cuts),
            };
        }
    }
    Ok(numbers)
}

/// How much of an indicator's rows a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// All: every cut is the caller's.
    All,
    /// Those of the caller's links: what is kept by pair, and of own units on their side.
    Links,
}

impl Seen {
    /// `None` where sources differ.
    fn of(reader: &Reader, indicator: &Indicator) -> Option<Self> {
        let mut scopes = indicator
            .sources
            .iter()
            .map(|source| reader.scope(&source.register));
        let first = scopes.next()?;
        if !scopes.all(|scope| scope == first) {
            return None;
        }
        match first {
            Scope::All => Some(Self::All),
            Scope::Links { .. } => Some(Self::Links),
            Scope::Nothing => None,
        }
    }
}

/// A cut as the store calls it.
fn cut(by: By) -> &'static str {
    match by {
        By::Whole => "whole",
        By::Group | By::Recipient => "recipient",
        By::Supporter => "supporter",
        By::Link => "link",
    }
}

/// What is kept at the end of a period, by cut and its parts, for each of the members.
async fn read(
    reader: &mut Reader,
    indicators: &[&Indicator],
    members: &[usize],
    cuts: &[&str],
    period: Period,
) -> Result<Vec<BTreeMap<String, Numbers>>, Error> {
    let place = |nth: &usize| {
        let indicator = indicators[*nth];
        (indicator.id.as_str(), i64::from(indicator.version))
    };
    let wanted: BTreeMap<(&str, i64), usize> = members
        .iter()
        .enumerate()
        .map(|(at, nth)| (place(nth), at))
        .collect();
    let mut numbers = vec![BTreeMap::<String, Numbers>::new(); members.len()];
    let group = ["cut", "indicator", "version", "recipient", "supporter"];
    let mut select = Query::select();
    select
        .columns(group.map(Alias::new))
        .exprs(["n", "n_with_open"].map(|name| sum(column(name))))
        .and_where(column("cut").is_in(cuts.iter().copied()))
        .and_where(column("indicator").is_in(wanted.keys().map(|(id, _)| *id)))
        .and_where(column("month").lte(month_number(&month(period.end()))))
        .group_by_columns(group.map(Alias::new));
    let types = [
        Type::Text,
        Type::Text,
        Type::Int,
        Type::Text,
        Type::Text,
        Type::Int,
        Type::Int,
    ];
    let select = reader.of_kept(Kept::Distinct, select);
    for row in reader.select(&select, &types).await? {
        let mut row = Row::new(row);
        let cut = row.text()?;
        let (id, version) = (row.text()?, row.int()?);
        let (recipient, supporter) = (row.text()?, row.text()?);
        let (agreed, with_open) = (row.int()?, row.int()?);
        if let Some(&at) = wanted.get(&(id.as_str(), version))
            && with_open > 0
        {
            let number = Number {
                agreed: agreed.into(),
                with_open: with_open.into(),
            };
            let parts = numbers[at].entry(cut).or_default();
            parts.insert([supporter, recipient], number);
        }
    }
    Ok(numbers)
}

/// The parts of a cut from the pairs that a caller sees and the caller's own sides. Keys of
/// several pairs cannot be added up: such a part must be all of one own unit's rows, else `None`.
fn add_up(by: By, of_cuts: &BTreeMap<String, Numbers>) -> Option<Numbers> {
    let none = Numbers::new();
    let [pairs, of_recipients, of_supporters] =
        ["link", "recipient", "supporter"].map(|cut| of_cuts.get(cut).unwrap_or(&none));
    let mut parts: BTreeMap<CutUnits, Vec<&CutUnits>> = BTreeMap::new();
    for pair in pairs.keys() {
        parts
            .entry(crate::assemble::part(by, pair))
            .or_default()
            .push(pair);
    }
    parts
        .into_iter()
        .map(|(part, of_part)| {
            let [supporter, recipient] = of_part[0];
            let number = if of_part.len() == 1 {
                pairs.get(of_part[0])
            } else if of_part.iter().all(|pair| pair[1] == *recipient) {
                of_recipients.get(&[String::new(), recipient.clone()])
            } else if of_part.iter().all(|pair| pair[0] == *supporter) {
                of_supporters.get(&[supporter.clone(), String::new()])
            } else {
                None
            };
            Some((part, *number?))
        })
        .collect()
}
