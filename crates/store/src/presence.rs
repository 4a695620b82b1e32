//! Which pairs of units have standing rows in a register, and how many in which month: the totals
//! of lists, and the lanes in which a caller's rows are found.
//!
//! Read from the rollup `presence` and kept for as long as the journal has the same head: rows and
//! rollups change only together with it, and a head stands for all that came before.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use qipan_model::Type;
use sea_query::{Alias, Expr, ExprTrait, Query};

use crate::table::Table;
use crate::{Reader, Result};

/// Standing rows of a pair of units in a register.
#[derive(Debug)]
pub(crate) struct Pair {
    /// Unit id; empty where rows name none.
    pub supporter: String,
    /// Unit id; empty where rows name none.
    pub recipient: String,
    months: Vec<Month>,
}

/// Rows of a month, 202106; 0 for those without a day.
#[derive(Debug)]
struct Month {
    month: i64,
    counted: i64,
    all: i64,
}

impl Pair {
    /// Rows of the months, of all of them when `None`; or of these only those that figures count.
    pub(crate) fn rows(&self, months: Option<&RangeInclusive<i64>>, counted_only: bool) -> i64 {
        let within = |month: &&Month| months.is_none_or(|months| months.contains(&month.month));
        let number = |month: &Month| {
            if counted_only {
                month.counted
            } else {
                month.all
            }
        };
        self.months.iter().filter(within).map(number).sum()
    }
}

/// The pairs of the registers that were last asked for.
#[derive(Default)]
pub(crate) struct Presence(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Hash of the journal's head at which they were read.
    head: String,
    registers: BTreeMap<String, Arc<[Pair]>>,
}

impl Presence {
    fn get(&self, head: &str, register: &str) -> Option<Arc<[Pair]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.registers.get(register);
        found.filter(|_| kept.head == head).cloned()
    }

    fn put(&self, head: &str, register: &str, pairs: &Arc<[Pair]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.head != head {
            *kept = Kept {
                head: head.to_owned(),
                registers: BTreeMap::new(),
            };
        }
        kept.registers
            .insert(register.to_owned(), Arc::clone(pairs));
    }
}

impl Reader {
    /// The pairs of units that have standing rows in a register, whoever asks.
    pub(crate) async fn pairs(&mut self, table: &Table) -> Result<Arc<[Pair]>> {
        let kept = self.store.presence().get(&self.head.hash, &table.id);
        if let Some(pairs) = kept {
            return Ok(pairs);
        }
        let column = |name: &str| Expr::col(Alias::new(name));
        let mut select = Query::select();
        select
            .columns(["recipient", "supporter", "month", "n"].map(Alias::new))
            .expr(column("n").add(column("n_open")))
            .from(Alias::new("presence"))
            .and_where(column("register").eq(table.id.as_str()))
            .order_by(Alias::new("recipient"), sea_query::Order::Asc)
            .order_by(Alias::new("supporter"), sea_query::Order::Asc);
        let types = [Type::Text, Type::Text, Type::Int, Type::Int, Type::Int];
        let mut pairs: Vec<Pair> = Vec::new();
        for row in self.run(&select, &types).await? {
            let Ok([recipient, supporter, month, counted, all]) = <[_; 5]>::try_from(row) else {
                continue;
            };
            let number = |value: qipan_model::Value| match value {
                qipan_model::Value::Int(number) => number,
                _ => 0,
            };
            let text = |value: qipan_model::Value| value.as_text().unwrap_or_default().to_owned();
            let month = Month {
                month: number(month),
                counted: number(counted),
                all: number(all),
            };
            // Numbers that have come back to zero may stay.
            if month.all == 0 {
                continue;
            }
            let (supporter, recipient) = (text(supporter), text(recipient));
            match pairs.last_mut() {
                Some(last) if last.supporter == supporter && last.recipient == recipient => {
                    last.months.push(month);
                }
                _ => pairs.push(Pair {
                    supporter,
                    recipient,
                    months: vec![month],
                }),
            }
        }
        let pairs: Arc<[Pair]> = pairs.into();
        let presence = self.store.presence();
        presence.put(&self.head.hash, &table.id, &pairs);
        Ok(pairs)
    }
}
