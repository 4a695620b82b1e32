//! Lists: one page of a register in any order, with the size of the whole list. What a caller may
//! see is read lane by lane ([`crate::lanes`]) and merged.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use qipan_model::{Record, Register, Type, Value};
use sea_query::{Alias, Condition, Expr, Query};

use crate::days;
use crate::db::quoted;
use crate::list::{Mark, conditions, order_of, sort};
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
    /// Whether the rollups tell how many rows it has: those that stand now, by sides and whole
    /// months alone.
    pub(crate) fn is_kept(&self) -> bool {
        self.filter.is_none()
            && self.as_of.is_none()
            && self.equals.is_empty()
            && self.days.is_none_or(days::are_whole_months)
            && self.search.is_none()
            && !self.withdrawn
            && !self.open_only
    }

    /// Whether indexes by side serve it: what is past, withdrawn or found by its words has none.
    pub(crate) fn has_sides(&self) -> bool {
        self.as_of.is_none() && !self.withdrawn && self.search.is_none()
    }

    /// The months in which its rows lie, as rollups write them; `None` is any, and no day at all.
    pub(crate) fn months(&self) -> Option<RangeInclusive<i64>> {
        self.days.map(days::months)
    }

    /// The same rows, by their days where the filter tells nothing else.
    fn narrowed(&self, table: &Table) -> Self {
        let mut query = self.clone();
        let admitted = |filter| days::of_filter(filter, table.date?);
        if let Some(admitted) = self.filter.and_then(admitted) {
            query.days = Some(
                query
                    .days
                    .map_or(admitted, |days| days::both(days, admitted)),
            );
            query.filter = None;
        }
        query
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

impl Reader {
    /// One page of a register.
    ///
    /// # Errors
    /// When the page mark is not of this list, or the database refuses.
    pub async fn list(&mut self, register: &Register, query: &ListQuery<'_>) -> Result<Page> {
        let table = self.table(register)?;
        let dialect = self.dialect();
        let limit = query.limit.clamp(1, MOST_LISTED) as usize;
        let query = &query.narrowed(&table);
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
                page.expr(Expr::cust(table.select.clone()))
                    .from(Alias::new(&table.id))
                    .cond_where(wanted);
                sort(&mut page, &table, order, dialect);
                let rows = limit + 1 - of_lane;
                for row in self.first(&page, rows, &table.types).await? {
                    found.push(table.of_values(row)?);
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
        let query = &query.narrowed(&table);
        let wanted = self.wanted(&table, register, query).await?;
        if fields.is_empty() {
            let (lanes, counted) = self.lanes(&table, query).await?;
            let total = match counted {
                Some(total) => total,
                None => self.counted(&table, &wanted, &lanes).await?,
            };
            return Ok((total, Vec::new()));
        }
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
