//! What a list shows: which rows, in which order, from where on.

use qipan_model::{Record, Type, Value};
use qipan_sql::Dialect;
use sea_query::{Alias, Condition, Expr, ExprTrait, NullOrdering, SelectStatement};

use crate::cells::{Cell, cell, scaled};
use crate::db::STANDS;
use crate::digest::{hex, unhex};
use crate::read::{counted, standing};
use crate::table::Table;
use crate::{ListQuery, Order};

/// The rows that a list asks for.
pub(crate) fn conditions(table: &Table, query: &ListQuery<'_>, dialect: Dialect) -> Condition {
    let stands = if query.withdrawn {
        withdrawn(query.as_of, dialect)
    } else {
        standing(query.as_of, dialect)
    };
    let mut wanted = Condition::all().add(stands);
    if query.counted_only {
        wanted = wanted.add(counted());
    }
    if query.open_only {
        wanted = wanted.add(counted().not());
    }
    for (side, unit) in [
        (table.supporter, query.supporter),
        (table.recipient, query.recipient),
    ] {
        if let Some(unit) = unit {
            wanted = wanted.add(match side {
                Some(field) => Expr::col(Alias::new(&table.columns[field].id)).eq(unit),
                // A register without this side has no rows of any unit.
                None => Expr::cust("1 = 0"),
            });
        }
    }
    for (field, value) in query.equals {
        let equal = table
            .columns
            .get(*field)
            .and_then(|column| Some((column, bound(value, column.ty, dialect)?)));
        wanted = wanted.add(match equal {
            Some((column, value)) => Expr::col(Alias::new(&column.id)).eq(value),
            None if *value == Value::Null && *field < table.columns.len() => {
                Expr::col(Alias::new(&table.columns[*field].id)).is_null()
            }
            // A value that the column cannot hold stands nowhere.
            None => Expr::cust("1 = 0"),
        });
    }
    if let Some((first, last)) = query.days {
        wanted = wanted.add(match table.date.and_then(|date| table.columns.get(date)) {
            Some(column) => {
                let day = || Expr::col(Alias::new(&column.id));
                day()
                    .gte(qipan_sql::date(first, dialect))
                    .and(day().lte(qipan_sql::date(last, dialect)))
            }
            None => Expr::cust("1 = 0"),
        });
    }
    if let Some(filter) = query.filter {
        let column = |index: usize| match table.columns.get(index) {
            Some(column) => Expr::col(Alias::new(&column.id)),
            None => match query.today {
                Some(today) => qipan_sql::date(today, dialect),
                None => Expr::cust("NULL"),
            },
        };
        wanted = wanted.add(qipan_sql::condition(filter, dialect, &column));
    }
    wanted
}

/// A value as its column is compared with it; `None` for nothing, and for what it cannot hold.
fn bound(value: &Value, ty: Type, dialect: Dialect) -> Option<Expr> {
    Some(match cell(value, ty)? {
        Cell::Null => return None,
        Cell::Bool(truth) if dialect == Dialect::Sqlite => Expr::val(i64::from(truth)),
        Cell::Bool(truth) => Expr::val(truth),
        Cell::Int(number) => Expr::val(number),
        Cell::Date(day) => qipan_sql::date(day, dialect),
        Cell::Text(text) => Expr::val(text),
    })
}

/// Records that are withdrawn.
fn withdrawn(as_of: Option<i64>, dialect: Dialect) -> Expr {
    let stands = match as_of {
        None => Expr::cust(format!("\"_to\" = {STANDS}")),
        Some(seq) => Expr::col(Alias::new("_from"))
            .lte(seq)
            .and(Expr::col(Alias::new("_to")).gt(seq)),
    };
    let gone = match dialect {
        Dialect::Sqlite => "\"_gone\" = 1",
        Dialect::Postgres => "\"_gone\"",
    };
    stands.and(Expr::cust(gone))
}

/// The order asked for; by itself the register's day, then the entry.
pub(crate) fn order_of(table: &Table, order: Order) -> Order {
    Order {
        field: order.field.or(table.date),
        ..order
    }
}

/// Sorts a page.
pub(crate) fn sort(page: &mut SelectStatement, table: &Table, order: Order, dialect: Dialect) {
    let direction = if order.descending {
        sea_query::Order::Desc
    } else {
        sea_query::Order::Asc
    };
    if let Some(column) = order.field.and_then(|field| table.columns.get(field)) {
        let column = Expr::col(Alias::new(&column.id));
        if dialect == Dialect::Postgres {
            // Nothing counts as smaller than anything, as SQLite has it by itself.
            let nulls = if order.descending {
                NullOrdering::Last
            } else {
                NullOrdering::First
            };
            page.order_by_expr_with_nulls(column, direction.clone(), nulls);
        } else {
            page.order_by_expr(column, direction.clone());
        }
    }
    page.order_by_expr(Expr::col(Alias::new("_rid")), direction);
}

/// Where a page ended.
pub(crate) struct Mark {
    rid: i64,
    value: Option<Value>,
}

impl Mark {
    pub(crate) fn of(rid: i64, record: &Record, order: Order) -> Self {
        let value = order
            .field
            .and_then(|field| record.values.get(field))
            .cloned();
        Self { rid, value }
    }

    pub(crate) fn written(&self) -> String {
        let value = self.value.as_ref().map(|value| match value {
            Value::Null => None,
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Int(number) => Some(number.to_string()),
            Value::Decimal(decimal) => Some(decimal.to_string()),
            Value::Date(day) => Some(day.to_string()),
            Value::Text(text) => Some(text.clone()),
        });
        hex(serde_json::json!([self.rid, value]).to_string().as_bytes())
    }

    /// Reads a mark; its value is text until [`Mark::after`] knows the column.
    pub(crate) fn read(written: &str) -> Option<Self> {
        let (rid, value): (i64, Option<String>) = serde_json::from_slice(&unhex(written)?).ok()?;
        Some(Self {
            rid,
            value: value.map(Value::Text),
        })
    }

    /// The rows after it, in parts that follow each other, each of which an index can serve;
    /// `None` when the mark is not of this order.
    pub(crate) fn after(&self, table: &Table, order: Order, dialect: Dialect) -> Option<Vec<Expr>> {
        let beyond = |column: Expr, value: Expr| {
            if order.descending {
                column.lt(value)
            } else {
                column.gt(value)
            }
        };
        let rid = || Expr::col(Alias::new("_rid"));
        let Some(field) = order.field else {
            return Some(vec![beyond(rid(), Expr::val(self.rid))]);
        };
        let column = table.columns.get(field)?;
        let name = || Expr::col(Alias::new(&column.id));
        let Some(Value::Text(text)) = &self.value else {
            let mut parts = vec![name().is_null().and(beyond(rid(), Expr::val(self.rid)))];
            if !order.descending {
                parts.push(name().is_not_null());
            }
            return Some(parts);
        };
        let bound = marked(text, column.ty, dialect)?;
        let pair = Expr::tuple([name(), rid()]);
        let mark = Expr::tuple([bound, Expr::val(self.rid)]);
        let mut parts = vec![beyond(pair, mark)];
        if order.descending {
            parts.push(name().is_null());
        }
        Some(parts)
    }

    /// The rows before it, when one index can tell: greatest first, with a value. For marks that
    /// [`Mark::of`] made.
    pub(crate) fn before(&self, table: &Table, order: Order, dialect: Dialect) -> Option<Expr> {
        let rid = Expr::col(Alias::new("_rid"));
        if !order.descending {
            return None;
        }
        let Some(field) = order.field else {
            return Some(rid.gt(self.rid));
        };
        let column = table.columns.get(field)?;
        let pair = Expr::tuple([Expr::col(Alias::new(&column.id)), rid]);
        let bound = bound(self.value.as_ref()?, column.ty, dialect)?;
        Some(pair.gt(Expr::tuple([bound, Expr::val(self.rid)])))
    }
}

/// A value out of a mark, as its column compares with it.
fn marked(text: &str, ty: Type, dialect: Dialect) -> Option<Expr> {
    Some(match ty {
        Type::Bool => match dialect {
            Dialect::Sqlite => Expr::val(i64::from(text.parse::<bool>().ok()?)),
            Dialect::Postgres => Expr::val(text.parse::<bool>().ok()?),
        },
        Type::Int => Expr::val(text.parse::<i64>().ok()?),
        Type::Decimal { scale } => Expr::val(scaled(text.parse().ok()?, scale)?),
        Type::Date => qipan_sql::date(text.parse().ok()?, dialect),
        Type::Text => Expr::val(text),
    })
}
