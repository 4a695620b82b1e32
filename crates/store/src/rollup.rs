//! Rollups: what every indicator takes from its rows, per pair of units and month, kept in the
//! same transaction as the rows.
//!
//! A row that comes to stand is added, a row that ceases to stand is taken away; both go through
//! [`Tallies::add`], so that rebuilding from nothing and keeping up are the same sum.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use qipan_model::{DistinctOf, Expr, Indicator, Measure, Pack, TimeType, Value};

use crate::bulk::Bulk;
use qipan_sql::Dialect;

use crate::cells::{Args, scaled};
use crate::db::Tx;
use crate::table::Table;
use crate::{Error, Result};

mod check;
mod distinct;

use distinct::CUTS;
pub use distinct::distinct_since;

/// One source of one indicator, ready to take rows.
#[derive(Debug)]
pub(crate) struct Tally {
    indicator: String,
    version: i64,
    nth: i64,
    filter: Option<Expr>,
    date: usize,
    done_by: Option<usize>,
    ends: Option<usize>,
    value: Option<(Expr, u8)>,
    distinct: Option<usize>,
    /// First month of [`distinct_since`].
    since: Option<i32>,
    /// Position of the indicator's first source among all.
    first: u32,
}

/// Every source of every version of every indicator, by register.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    all: Vec<Tally>,
    by_register: BTreeMap<String, Vec<u32>>,
}

impl Sources {
    pub(crate) fn new(pack: &Pack) -> Self {
        let mut sources = Self::default();
        for indicator in &pack.indicators {
            for (nth, source) in indicator.sources.iter().enumerate() {
                let at = u32::try_from(sources.all.len()).unwrap_or(u32::MAX);
                sources
                    .by_register
                    .entry(source.register.clone())
                    .or_default()
                    .push(at);
                let first = at - u32::try_from(nth).unwrap_or(0);
                let since = distinct_since(indicator, &pack.mechanism);
                sources.all.push(Tally {
                    first,
                    since,
                    ..tally(indicator, nth, source)
                });
            }
        }
        sources
    }
}

fn tally(indicator: &Indicator, nth: usize, source: &qipan_model::Source) -> Tally {
    // All sources of an indicator are summed in the same unit, the finest that any of them has.
    let scale = indicator
        .sources
        .iter()
        .filter_map(|source| source.value.as_ref()?.ty().scale())
        .max()
        .unwrap_or(0);
    let summed = matches!(indicator.measure, Measure::Sum);
    let keyed = matches!(indicator.measure, Measure::Distinct(DistinctOf::Key));
    Tally {
        indicator: indicator.id.clone(),
        version: i64::from(indicator.version),
        nth: i64::try_from(nth).unwrap_or(i64::MAX),
        filter: source.filter.clone(),
        date: source.date,
        done_by: source.done_by,
        ends: source
            .ends
            .filter(|_| matches!(indicator.time, TimeType::Stock)),
        value: source
            .value
            .as_ref()
            .filter(|_| summed)
            .map(|value| (value.clone(), scale)),
        distinct: source.distinct.filter(|_| keyed),
        since: None,
        first: 0,
    }
}

/// A month as the rollups write it: 202106; 0 stands for none.
fn month(day: Date) -> i32 {
    i32::from(day.year()) * 100 + i32::from(day.month())
}

/// Where a row counts: source, recipient, supporter, month, month of `done_by`.
type Place = (u32, u32, u32, i32, i32);

/// Counts and sums, confirmed and open apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    n: i64,
    sum: i64,
    n_open: i64,
    sum_open: i64,
}

/// Most places held in memory before they are written.
const MOST_HELD: usize = 200_000;

/// What a change adds to the rollups, gathered before it is written.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    amounts: HashMap<Place, Amount>,
    keys: HashMap<(Place, Box<str>), (i64, i64)>,
    presence: HashMap<(u32, u32, u32, i32), (i64, i64)>,
}

impl Tallies {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    /// Adds (`sign` 1) or takes away (`sign` -1) a standing, not retracted row. `row` holds the
    /// values and, after them, a null for `today`: what a figure says may not depend on the day
    /// on which a row came in.
    pub(crate) fn add(
        &mut self,
        sources: &Sources,
        table: &Table,
        row: &[Value],
        counts: bool,
        sign: i64,
    ) -> Result<()> {
        let side = |field: Option<usize>| {
            field
                .and_then(|field| row.get(field))
                .and_then(Value::as_text)
                .unwrap_or_default()
        };
        let supporter = self.number(side(table.supporter));
        let recipient = self.number(side(table.recipient));
        let register = self.number(&table.id);
        let day = |field: usize| row.get(field).and_then(Value::as_date);
        let placed = table.date.and_then(day).map_or(0, month);
        let entry = self
            .presence
            .entry((register, recipient, supporter, placed))
            .or_default();
        *(if counts { &mut entry.0 } else { &mut entry.1 }) += sign;

        let Some(tallies) = sources.by_register.get(&table.id) else {
            return Ok(());
        };
        for &at in tallies {
            let tally = &sources.all[at as usize];
            let Some(begun) = day(tally.date) else {
                continue;
            };
            let done = match tally.done_by {
                None => 0,
                Some(field) => match day(field) {
                    None => continue,
                    Some(done) => month(done),
                },
            };
            // A fact that ended before it began never stood.
            let ended = tally.ends.and_then(day).map(month);
            if ended.is_some_and(|ended| ended < month(begun)) {
                continue;
            }
            if let Some(filter) = &tally.filter
                && evaluate(filter, row)? != Value::Bool(true)
            {
                continue;
            }
            let amount = match &tally.value {
                None => 0,
                Some((value, scale)) => match units(value, &evaluate(value, row)?, *scale)? {
                    None => continue,
                    Some(units) => units,
                },
            };
            let key = match tally.distinct {
                None => None,
                Some(field) => match row.get(field) {
                    None | Some(Value::Null) => continue,
                    Some(value) => Some(written(value)),
                },
            };
            let place = (at, recipient, supporter, month(begun), done);
            self.count(place, key.as_deref(), amount, counts, sign)?;
            if let Some(ended) = ended {
                let place = (at, recipient, supporter, ended, done);
                self.count(place, key.as_deref(), amount, counts, -sign)?;
            }
        }
        Ok(())
    }

    fn count(
        &mut self,
        place: Place,
        key: Option<&str>,
        amount: i64,
        counts: bool,
        sign: i64,
    ) -> Result<()> {
        let entry = self.amounts.entry(place).or_default();
        let (n, sum) = if counts {
            (&mut entry.n, &mut entry.sum)
        } else {
            (&mut entry.n_open, &mut entry.sum_open)
        };
        *n += sign;
        *sum = amount
            .checked_mul(sign)
            .and_then(|amount| sum.checked_add(amount))
            .ok_or_else(|| Error::Limit("合计超过 64 位整数".to_owned()))?;
        if let Some(key) = key {
            let entry = self.keys.entry((place, key.into())).or_default();
            *(if counts { &mut entry.0 } else { &mut entry.1 }) += sign;
        }
        Ok(())
    }

    /// Whether so much has gathered that it should be written now.
    pub(crate) fn is_full(&self) -> bool {
        self.amounts.len() + self.keys.len() > MOST_HELD
    }

    /// Writes what has gathered, in order, and begins anew.
    pub(crate) async fn flush(&mut self, sources: &Sources, tx: &mut Tx) -> Result<()> {
        let dialect = tx.dialect();
        let mut gathered = std::mem::take(self);
        let steps = gathered.stepped(sources, tx).await?;
        let gathered = gathered;
        let place =
            |args: &mut Args, (at, recipient, supporter, month, done): Place, key: Option<&str>| {
                let tally = &sources.all[at as usize];
                args.text(&tally.indicator);
                args.int(tally.version);
                args.int(tally.nth);
                if let Some(key) = key {
                    args.text(key);
                }
                args.text(gathered.name(recipient));
                args.text(gathered.name(supporter));
                args.int(i64::from(month));
                args.int(i64::from(done));
            };

        let mut amounts: Vec<_> = gathered
            .amounts
            .iter()
            .filter(|(_, amount)| **amount != Amount::default())
            .collect();
        amounts.sort_by_key(|(place, _)| **place);
        write(
            tx,
            &statement(dialect, Kind::Amounts),
            &amounts,
            |args, (at, amount)| {
                place(args, **at, None);
                for number in [amount.n, amount.sum, amount.n_open, amount.sum_open] {
                    args.int(number);
                }
            },
        )
        .await?;

        let mut keys: Vec<_> = gathered
            .keys
            .iter()
            .filter(|(_, n)| **n != (0, 0))
            .collect();
        keys.sort_by(|a, b| a.0.cmp(b.0));
        write(
            tx,
            &statement(dialect, Kind::Keys),
            &keys,
            |args, ((at, key), (n, open))| {
                place(args, *at, Some(key));
                args.int(*n);
                args.int(*open);
            },
        )
        .await?;

        let mut steps: Vec<_> = steps.into_iter().collect();
        steps.sort_unstable();
        write(
            tx,
            &statement(dialect, Kind::Distinct),
            &steps,
            |args, ((first, cut, recipient, supporter, month), (n, with_open))| {
                let tally = &sources.all[*first as usize];
                args.text(CUTS[*cut]);
                args.text(&tally.indicator);
                args.int(tally.version);
                args.text(gathered.name(*recipient));
                args.text(gathered.name(*supporter));
                args.int(i64::from(*month));
                args.int(*n);
                args.int(*with_open);
            },
        )
        .await?;

        let mut presence: Vec<_> = gathered
            .presence
            .iter()
            .filter(|(_, n)| **n != (0, 0))
            .collect();
        presence.sort_by_key(|(place, _)| **place);
        write(
            tx,
            &statement(dialect, Kind::Presence),
            &presence,
            |args, (at, (n, open))| {
                let (register, recipient, supporter, month) = **at;
                for number in [register, recipient, supporter] {
                    args.text(gathered.name(number));
                }
                args.int(i64::from(month));
                args.int(*n);
                args.int(*open);
            },
        )
        .await
    }
}

async fn write<T>(
    tx: &mut Tx,
    bulk: &Bulk,
    mut rows: &[T],
    bind: impl Fn(&mut Args, &T),
) -> Result<()> {
    while !rows.is_empty() {
        let (takes, sql) = bulk.fitting(rows.len());
        let (now, later) = rows.split_at(takes.min(rows.len()));
        let mut args = tx.args();
        for row in now {
            bind(&mut args, row);
        }
        tx.execute(sql, args).await?;
        rows = later;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Amounts,
    Keys,
    Distinct,
    Presence,
}

impl Kind {
    /// Table, columns of the place, columns of the numbers.
    fn columns(
        self,
    ) -> (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    ) {
        match self {
            Self::Amounts => (
                "rollup",
                &[
                    "indicator",
                    "version",
                    "source",
                    "recipient",
                    "supporter",
                    "month",
                    "done_month",
                ],
                &["n", "sum", "n_open", "sum_open"],
            ),
            Self::Keys => (
                "rollup_key",
                &[
                    "indicator",
                    "version",
                    "source",
                    "key",
                    "recipient",
                    "supporter",
                    "month",
                    "done_month",
                ],
                &["n", "n_open"],
            ),
            Self::Distinct => (
                "rollup_distinct",
                &[
                    "cut",
                    "indicator",
                    "version",
                    "recipient",
                    "supporter",
                    "month",
                ],
                &["n", "n_with_open"],
            ),
            Self::Presence => (
                "presence",
                &["register", "recipient", "supporter", "month"],
                &["n", "n_open"],
            ),
        }
    }
}

fn statement(dialect: Dialect, kind: Kind) -> Bulk {
    let (table, place, numbers) = kind.columns();
    let add: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number} = {table}.{number} + excluded.{number}"))
        .collect();
    let columns = [place, numbers].concat();
    Bulk::new(
        dialect,
        &format!("INSERT INTO {table} ({})", columns.join(", ")),
        columns.len(),
        &format!(
            "ON CONFLICT ({}) DO UPDATE SET {}",
            place.join(", "),
            add.join(", ")
        ),
    )
}

fn evaluate(expr: &Expr, row: &[Value]) -> Result<Value> {
    expr.eval(row).map_err(|error| Error::Expression {
        source_text: expr.source().to_owned(),
        why: format!("{error:?}"),
    })
}

/// A summed value in units of a last place; `None` for null.
fn units(expr: &Expr, value: &Value, scale: u8) -> Result<Option<i64>> {
    if value.is_null() {
        return Ok(None);
    }
    value
        .as_decimal()
        .and_then(|decimal| scaled(decimal, scale))
        .map(Some)
        .ok_or_else(|| Error::Expression {
            source_text: expr.source().to_owned(),
            why: format!("{value:?}"),
        })
}

/// A counted key as text.
fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(decimal) => decimal.normalize().to_string(),
        Value::Date(day) => day.to_string(),
        Value::Text(text) => text.clone(),
    }
}
