//! Lanes: the parts of a caller's list that one index each serves.
//!
//! A caller's scope is several sides at once (`supporter = … OR recipient = …`), which no index
//! serves in order. So such a list is read in lanes: each is one unit on one side, served by that
//! side's index, and no row is in two of them.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::Scope;
use qipan_sql::Dialect;
use sea_query::{Alias, Condition, Expr, ExprTrait};

use crate::db::quoted;
use crate::presence::Pair;
use crate::scope;
use crate::table::Table;
use crate::{ListQuery, Reader, Result};

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
    /// The lanes of a list (`None` is one without a condition of its own), and how many rows it
    /// has where the rollups tell.
    pub(crate) async fn lanes(
        &mut self,
        table: &Table,
        query: &ListQuery<'_>,
    ) -> Result<(Vec<Option<Condition>>, Option<i64>)> {
        let scope = self.scope(&table.id).clone();
        let is_kept = query.is_kept();
        match &scope {
            Scope::Nothing => return Ok((Vec::new(), Some(0))),
            Scope::All if !is_kept => return Ok((vec![None], None)),
            // Without an index by side one walk sees to all of them.
            Scope::Links { .. } if !query.has_sides() => {
                return Ok((vec![self.within(table)], None));
            }
            Scope::All | Scope::Links { .. } => {}
        }
        let months = query.months();
        let pairs = self.pairs(table).await?;
        let shown: Vec<(&Pair, i64)> = pairs
            .iter()
            .filter(|pair| scope.admits_sides(&pair.supporter, &pair.recipient))
            .filter(|pair| query.supporter.is_none_or(|unit| unit == pair.supporter))
            .filter(|pair| query.recipient.is_none_or(|unit| unit == pair.recipient))
            .map(|pair| (pair, pair.rows(months.as_ref(), false)))
            .filter(|(_, rows)| *rows > 0)
            .collect();
        let total = is_kept.then(|| {
            let rows = |pair: &Pair| pair.rows(months.as_ref(), query.counted_only);
            shown.iter().map(|(pair, _)| rows(pair)).sum()
        });
        let Scope::Links { units, .. } = &scope else {
            return Ok((vec![None], total));
        };
        let mut sizes: BTreeMap<Lane, i64> = BTreeMap::new();
        for (pair, rows) in shown {
            *sizes.entry(Lane::of(pair, units)).or_default() += rows;
        }
        // The fullest first: what it shows bounds the others.
        let mut lanes: Vec<(Lane, i64)> = sizes.into_iter().collect();
        lanes.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        let conditions = lanes
            .iter()
            .flat_map(|(lane, _)| lane.conditions(table, units, &pairs, self.dialect()))
            .map(Some)
            .collect();
        Ok((conditions, total))
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
                    fitting.map(|pair| pair.rows(None, false)).sum()
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
