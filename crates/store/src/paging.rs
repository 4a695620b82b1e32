//! Lists: one page of a register in any order, with the size of the whole list.
//!
//! A caller's scope is several sides at once (`supporter = … OR recipient = …`), which no index
//! serves in order. So such a list is read in lanes: each is one unit on one side, served by that
//! side's index, no row is in two of them, and their pages are merged.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{Record, Register, Scope, Type, Value};
use qipan_sql::Dialect;
use sea_query::{Alias, Condition, Expr, ExprTrait, Query};

use crate::db::quoted;
use crate::list::{Mark, conditions, order_of, sort};
use crate::scope;
use crate::search::{self, Search};
use crate::table::Table;
use crate::{Error, Reader, Result};

/// Sorting by one field, within it by entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Field index; `None` is the register's day where it has one, then the order of entry.
    /// Lists in that order, of the whole register or of one side, are served by an index.
    pub field: Option<usize>,
    /// Greatest (newest) first. Nothing counts as smaller than anything.
    pub descending: bool,
}

/// What a list shows.
#[derive(Debug, Clone)]
pub struct ListQuery<'a> {
    /// Only rows for which this holds.
    pub filter: Option<&'a qipan_model::Expr>,
    /// Value of `today` in the filter.
    pub today: Option<jiff::civil::Date>,
    /// Only rows of this supporter.
    pub supporter: Option<&'a str>,
    /// Only rows of this recipient.
    pub recipient: Option<&'a str>,
    /// Only rows with these values, by field index; `Null` is nothing.
    pub equals: &'a [(usize, Value)],
    /// Only rows of these days (both inclusive); a register without a day has none.
    pub days: Option<(jiff::civil::Date, jiff::civil::Date)>,
    /// Only rows in which these words stand.
    pub search: Option<&'a Search>,
    /// The records that are withdrawn, instead of those that stand.
    pub withdrawn: bool,
    /// Only rows that figures count (agreed or arbitrated).
    pub counted_only: bool,
    /// Only rows that are still open between their sides (pending or contested).
    pub open_only: bool,
    /// Order; newest first by default.
    pub order: Order,
    /// Most rows on a page, 1 to 1000.
    pub limit: u32,
    /// [`Page::next`] of the page before.
    pub after: Option<&'a str>,
    /// State after this journal entry; `None` is now.
    pub as_of: Option<i64>,
}

impl Default for ListQuery<'_> {
    fn default() -> Self {
        Self {
            filter: None,
            today: None,
            supporter: None,
            recipient: None,
            equals: &[],
            days: None,
            search: None,
            withdrawn: false,
            counted_only: false,
            open_only: false,
            order: Order {
                field: None,
                descending: true,
            },
            limit: 50,
            after: None,
            as_of: None,
        }
    }
}

impl ListQuery<'_> {
    /// Whether the rollups tell how many rows it has: those that stand now, by sides alone.
    fn is_kept(&self) -> bool {
        self.filter.is_none()
            && self.as_of.is_none()
            && self.equals.is_empty()
            && self.days.is_none()
            && self.search.is_none()
            && !self.withdrawn
            && !self.open_only
    }

    /// Whether indexes by side serve it: what is past, withdrawn or found by its words has none.
    fn has_sides(&self) -> bool {
        self.as_of.is_none() && !self.withdrawn && self.search.is_none()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub records: Vec<Record>,
    /// Rows in the whole list.
    pub total: i64,
    /// Mark of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Most rows on a page.
const MOST_LISTED: u32 = 1_000;

/// Standing rows of a pair of units in a register.
struct Pair {
    supporter: String,
    recipient: String,
    counted: i64,
    all: i64,
}

/// A part of a list that one index serves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// Rows of a supporter of the caller's.
    Supporter(String),
    /// Rows of a recipient of the caller's, without those of the lanes above.
    Recipient(String),
    /// Rows that name this supporter and no recipient.
    LoneSupporter(String),
    /// Rows that name this recipient and no supporter.
    LoneRecipient(String),
}

impl Reader {
    /// One page of a register.
    ///
    /// # Errors
    /// When the page mark is not of this list, or the database refuses.
    pub async fn list(&mut self, register: &Register, query: &ListQuery<'_>) -> Result<Page> {
        let table = self.table(register)?;
        let dialect = self.dialect();
        let limit = query.limit.clamp(1, MOST_LISTED) as usize;
        let wanted = self.wanted(&table, register, query).await?;
        let order = order_of(&table, query.order);
        let parts = match query.after {
            None => vec![Expr::cust("1 = 1")],
            Some(written) => Mark::read(written)
                .and_then(|mark| mark.after(&table, order, dialect))
                .ok_or_else(|| Error::Cursor(written.to_owned()))?,
        };
        let (lanes, counted) = self.lanes(&table, query).await?;
        let mut found: Vec<(i64, Record)> = Vec::new();
        for lane in &lanes {
            // What comes after a full page of the lanes before need not be read.
            let bound = found.get(limit).and_then(|(rid, record)| {
                Mark::of(*rid, record, order).before(&table, order, dialect)
            });
            // Rows without a value come after every row with one.
            let parts = &parts[..if bound.is_some() { 1 } else { parts.len() }];
            let mut of_lane = 0;
            for part in parts {
                let wanted = wanted
                    .clone()
                    .add_option(lane.clone())
                    .add(part.clone())
                    .add_option(bound.clone());
                let mut page = Query::select();
                page.expr(Expr::cust(table.packed.clone()))
                    .from(Alias::new(&table.id))
                    .cond_where(wanted)
                    .limit((limit + 1 - of_lane) as u64);
                sort(&mut page, &table, order, dialect);
                for row in self.fetch(&page).await? {
                    found.push(table.unpack(&row)?);
                    of_lane += 1;
                }
                if of_lane > limit {
                    break;
                }
            }
            if lanes.len() > 1 {
                found.sort_by(|a, b| merged(a, b, order));
                found.truncate(limit + 1);
            }
        }
        let next = (found.len() > limit).then(|| {
            found.truncate(limit);
            found
                .last()
                .map(|(rid, record)| Mark::of(*rid, record, order).written())
        });
        let next = next.flatten();
        let total = match counted {
            Some(total) => total,
            None => self.counted(&table, &wanted, &lanes).await?,
        };
        let records = found.into_iter().map(|(_, record)| record).collect();
        Ok(Page {
            records,
            total,
            next,
        })
    }

    /// The rows that a list asks for, whoever asks.
    pub(crate) async fn wanted(
        &mut self,
        table: &Table,
        register: &Register,
        query: &ListQuery<'_>,
    ) -> Result<Condition> {
        let wanted = conditions(table, query, self.dialect());
        let Some(search) = query.search else {
            return Ok(wanted);
        };
        let (found, behind) =
            search::condition(&mut self.tx, register, search, query.as_of).await?;
        if behind {
            self.store.catch_up(&register.id);
        }
        Ok(wanted.add(found))
    }

    /// How many rows a list has, and the sums of some fields over them, in units of each field's
    /// last place; `None` where no row states anything. Order and page do not matter.
    ///
    /// # Errors
    /// When the database refuses or a sum has more than 64 bits.
    pub async fn totals(
        &mut self,
        register: &Register,
        query: &ListQuery<'_>,
        fields: &[usize],
    ) -> Result<(i64, Vec<Option<i64>>)> {
        let table = self.table(register)?;
        let wanted = self.wanted(&table, register, query).await?;
        let mut sums = Query::select();
        sums.expr(Expr::cust("count(*)"))
            .from(Alias::new(&table.id))
            .cond_where(wanted.add_option(self.within(&table)));
        for &field in fields {
            let column = table
                .columns
                .get(field)
                .filter(|column| matches!(column.ty, Type::Int | Type::Decimal { .. }))
                .ok_or_else(|| Error::Limit(format!("字段 {field} 不是数，不能求和")))?;
            let column = quoted(&column.id);
            sums.expr(Expr::cust(format!("CAST(sum({column}) AS BIGINT)")));
        }
        let types = vec![Type::Int; fields.len() + 1];
        let row = self.run(&sums, &types).await?.pop().unwrap_or_default();
        let mut numbers = row.iter().map(|value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        });
        let total = numbers.next().flatten().unwrap_or(0);
        Ok((total, numbers.collect()))
    }

    /// The lanes of a list (`None` is one without a condition of its own), and how many rows it
    /// has where the rollups tell.
    async fn lanes(
        &mut self,
        table: &Table,
        query: &ListQuery<'_>,
    ) -> Result<(Vec<Option<Condition>>, Option<i64>)> {
        let scope = self.scope(&table.id).clone();
        let all = |pair: &Pair| {
            if query.counted_only {
                pair.counted
            } else {
                pair.all
            }
        };
        let is_kept = query.is_kept();
        match &scope {
            Scope::Nothing => Ok((Vec::new(), Some(0))),
            Scope::All if is_kept => {
                let total = self.total(table, query).await?;
                Ok((vec![None], Some(total)))
            }
            Scope::All => Ok((vec![None], None)),
            // Without an index by side one walk sees to all of them.
            Scope::Links { .. } if !query.has_sides() => Ok((vec![self.within(table)], None)),
            Scope::Links { units, .. } => {
                let pairs = self.pairs(table).await?;
                let shown: Vec<&Pair> = pairs
                    .iter()
                    .filter(|pair| scope.admits_sides(&pair.supporter, &pair.recipient))
                    .filter(|pair| query.supporter.is_none_or(|unit| unit == pair.supporter))
                    .filter(|pair| query.recipient.is_none_or(|unit| unit == pair.recipient))
                    .collect();
                let mut sizes: BTreeMap<Lane, i64> = BTreeMap::new();
                for pair in &shown {
                    *sizes.entry(Lane::of(pair, units)).or_default() += pair.all;
                }
                // The fullest first: what it shows bounds the others.
                let mut lanes: Vec<(Lane, i64)> = sizes.into_iter().collect();
                lanes.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
                let conditions = lanes
                    .iter()
                    .flat_map(|(lane, _)| lane.conditions(table, units, &pairs, self.dialect()))
                    .map(Some)
                    .collect();
                let total = is_kept.then(|| shown.iter().map(|pair| all(pair)).sum());
                Ok((conditions, total))
            }
        }
    }

    /// How many rows a list of sides has.
    async fn total(&mut self, table: &Table, query: &ListQuery<'_>) -> Result<i64> {
        let number = if query.counted_only {
            "n"
        } else {
            "n + n_open"
        };
        let mut count = Query::select();
        count
            .expr(Expr::cust(format!(
                "CAST(coalesce(sum({number}), 0) AS BIGINT)"
            )))
            .from(Alias::new("presence"))
            .and_where(Expr::col(Alias::new("register")).eq(table.id.as_str()));
        for (side, unit) in [
            ("supporter", query.supporter),
            ("recipient", query.recipient),
        ] {
            if let Some(unit) = unit {
                count.and_where(Expr::col(Alias::new(side)).eq(unit));
            }
        }
        self.fetch(&count)
            .await?
            .first()
            .map_or(Ok(0), |row| row.int(0))
    }

    /// The pairs of units that have standing rows in a register, whoever asks.
    async fn pairs(&mut self, table: &Table) -> Result<Vec<Pair>> {
        let sum = |of: &str| Expr::cust(format!("CAST(sum({of}) AS BIGINT)"));
        let mut select = Query::select();
        select
            .columns(["recipient", "supporter"].map(Alias::new))
            .expr(sum("n"))
            .expr(sum("n + n_open"))
            .from(Alias::new("presence"))
            .and_where(Expr::col(Alias::new("register")).eq(table.id.as_str()))
            .group_by_columns(["recipient", "supporter"].map(Alias::new));
        let types = [Type::Text, Type::Text, Type::Int, Type::Int];
        let rows = self.run(&select, &types).await?;
        let pairs = rows.into_iter().filter_map(|row| {
            let mut row = row.into_iter();
            let mut next = || row.next();
            match (next(), next(), next(), next()) {
                (
                    Some(Value::Text(recipient)),
                    Some(Value::Text(supporter)),
                    Some(Value::Int(counted)),
                    Some(Value::Int(all)),
                ) => Some(Pair {
                    supporter,
                    recipient,
                    counted,
                    all,
                }),
                _ => None,
            }
        });
        Ok(pairs.filter(|pair| pair.all > 0).collect())
    }

    /// How many rows a list has, counted lane by lane.
    async fn counted(
        &mut self,
        table: &Table,
        wanted: &Condition,
        lanes: &[Option<Condition>],
    ) -> Result<i64> {
        let mut total = 0;
        for lane in lanes {
            let mut count = Query::select();
            count
                .expr(Expr::cust("count(*)"))
                .from(Alias::new(&table.id))
                .cond_where(wanted.clone().add_option(lane.clone()));
            total += self
                .fetch(&count)
                .await?
                .first()
                .map_or(Ok(0), |row| row.int(0))?;
        }
        Ok(total)
    }
}

impl Lane {
    /// The lane that shows the rows of a pair.
    fn of(pair: &Pair, units: &BTreeSet<String>) -> Self {
        if units.contains(&pair.supporter) {
            Self::Supporter(pair.supporter.clone())
        } else if units.contains(&pair.recipient) {
            Self::Recipient(pair.recipient.clone())
        } else if pair.supporter.is_empty() {
            Self::LoneRecipient(pair.recipient.clone())
        } else {
            Self::LoneSupporter(pair.supporter.clone())
        }
    }

    /// Its rows: one condition, or several that no row fulfils together.
    fn conditions(
        &self,
        table: &Table,
        units: &BTreeSet<String>,
        pairs: &[Pair],
        dialect: Dialect,
    ) -> Vec<Condition> {
        let name = |field: usize| table.columns[field].id.as_str();
        let column = |field: usize| Expr::col(Alias::new(name(field)));
        let all = |condition: Expr| Condition::all().add(condition);
        // Lanes come from rows that are there, so the sides are too.
        let never = || vec![all(Expr::cust("1 = 0"))];
        match self {
            Self::Supporter(unit) => match table.supporter {
                Some(side) => vec![all(column(side).eq(unit.as_str()))],
                None => never(),
            },
            Self::Recipient(unit) => {
                let Some(side) = table.recipient else {
                    return never();
                };
                let own = all(column(side).eq(unit.as_str()));
                // Own units on both sides are rare; where there are none, nothing is left out.
                let twice =
                    |pair: &Pair| pair.recipient == *unit && units.contains(&pair.supporter);
                match table.supporter.filter(|_| pairs.iter().any(twice)) {
                    Some(other) => {
                        let units = units.iter().map(String::as_str);
                        let foreign = column(other).is_null().or(column(other).is_not_in(units));
                        vec![own.add(foreign)]
                    }
                    None => vec![own],
                }
            }
            Self::LoneSupporter(unit) | Self::LoneRecipient(unit) => {
                let supporters = matches!(self, Self::LoneSupporter(_));
                let (side, other) = if supporters {
                    (table.supporter, table.recipient)
                } else {
                    (table.recipient, table.supporter)
                };
                let Some(side) = side else { return never() };
                let Some(other) = other else {
                    return vec![all(column(side).eq(unit.as_str()))];
                };
                // Whichever index has fewer rows to walk over.
                let of = |pair: &Pair| {
                    if supporters {
                        (pair.supporter == *unit, pair.recipient.is_empty())
                    } else {
                        (pair.recipient == *unit, pair.supporter.is_empty())
                    }
                };
                let rows = |fits: &dyn Fn(&Pair) -> bool| -> i64 {
                    let fitting = pairs.iter().filter(|pair| fits(pair));
                    fitting.map(|pair| pair.all).sum()
                };
                if rows(&|pair| of(pair).0) <= rows(&|pair| of(pair).1) {
                    let lone = scope::unnamed(free(name(other), dialect));
                    return vec![all(column(side).eq(unit.as_str())).add(lone)];
                }
                let own = || free(name(side), dialect).eq(unit.as_str());
                vec![
                    all(column(other).is_null()).add(own()),
                    all(column(other).eq("")).add(own()),
                ]
            }
        }
    }
}

/// A column that no index is to be chosen for: SQLite, which knows nothing of how often a unit
/// comes, would choose by chance. PostgreSQL counts for itself.
fn free(name: &str, dialect: Dialect) -> Expr {
    match dialect {
        Dialect::Sqlite => Expr::cust(format!("+{}", quoted(name))),
        Dialect::Postgres => Expr::col(Alias::new(name)),
    }
}

/// The order of two rows of different lanes: that of the database.
fn merged(a: &(i64, Record), b: &(i64, Record), order: Order) -> Ordering {
    let value = |record: &Record| {
        let value = order.field.and_then(|field| record.values.get(field));
        value.cloned().unwrap_or(Value::Null)
    };
    let ascending = match order.field {
        Some(_) => compare(&value(&a.1), &value(&b.1)).then(a.0.cmp(&b.0)),
        None => a.0.cmp(&b.0),
    };
    if order.descending {
        ascending.reverse()
    } else {
        ascending
    }
}

/// Values of one column; nothing is smaller than anything, text goes by code points.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        // One column holds one type.
        _ => Ordering::Equal,
    }
}
