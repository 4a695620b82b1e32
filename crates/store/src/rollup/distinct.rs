//! How many distinct keys stand at the end of each month, so that counting them does not mean
//! reading them.
//!
//! A key stands in a part of a cut from the month in which its rows there come to more than none
//! until the month in which they no longer do. `rollup_distinct` keeps where these lines step up
//! and down; the sum of the steps up to a month is the number of keys that stand at its end. A
//! change takes the steps of the keys it touches away as they were and adds them as they are.

use std::collections::{BTreeMap, HashMap};

use qipan_model::{DistinctOf, Indicator, Measure, Mechanism, Since, TimeType};

use super::{Sources, Tallies, month};
use crate::Result;
use crate::db::{Speak, Tx};

/// The ways in which figures are cut, as the table calls them.
pub(super) const CUTS: [&str; 4] = ["whole", "recipient", "supporter", "link"];

/// First month that counts for an indicator whose distinct keys are kept by month, as 202106
/// (0: every month); `None` when it is none, or when its beginning moves with the period.
#[must_use]
pub fn distinct_since(indicator: &Indicator, mechanism: &Mechanism) -> Option<i32> {
    let keyed = indicator.measure == Measure::Distinct(DistinctOf::Key);
    // A subset by flags is judged when figures are read, for each recipient or supporter apart;
    // keys of several cannot be added up.
    if !keyed || indicator.subset.is_some() {
        return None;
    }
    let start = match indicator.time {
        TimeType::Stock => return Some(0),
        TimeType::Cumulative(Since::MechanismStart) => mechanism.start,
        TimeType::Cumulative(Since::Day(day)) => day,
        _ => return None,
    };
    (start.day() == 1).then(|| month(start))
}

/// Where the number of keys changes: first source of the indicator, cut, recipient, supporter,
/// month. Names are numbered by [`Tallies`].
pub(super) type Step = (u32, usize, u32, u32, i32);
/// By how much: confirmed rows alone, and open ones taken in.
pub(super) type Steps = HashMap<Step, (i64, i64)>;

/// Rows of a key in one place.
#[derive(Debug, Clone, Copy)]
struct Mark {
    recipient: u32,
    supporter: u32,
    month: i32,
    n: i64,
    with_open: i64,
}

/// Adds (`sign` 1) or takes away (`sign` -1) the steps of one key of an indicator. `none` is the
/// number of the empty name.
fn add(steps: &mut Steps, first: u32, marks: &[Mark], none: u32, sign: i64) {
    for (cut, name) in CUTS.into_iter().enumerate() {
        let part = |mark: &Mark| match name {
            "whole" => (none, none),
            "recipient" => (mark.recipient, none),
            "supporter" => (none, mark.supporter),
            _ => (mark.recipient, mark.supporter),
        };
        let mut line: Vec<((u32, u32), &Mark)> =
            marks.iter().map(|mark| (part(mark), mark)).collect();
        line.sort_unstable_by_key(|(part, mark)| (*part, mark.month));
        for of_part in line.chunk_by(|a, b| a.0 == b.0) {
            let (mut n, mut with_open) = (0, 0);
            for of_month in of_part.chunk_by(|a, b| a.1.month == b.1.month) {
                let stood = (n > 0, with_open > 0);
                for (_, mark) in of_month {
                    n += mark.n;
                    with_open += mark.with_open;
                }
                let step = |now: bool, before: bool| i64::from(now) - i64::from(before);
                let (part, mark) = &of_month[0];
                let change = (step(n > 0, stood.0), step(with_open > 0, stood.1));
                if change != (0, 0) {
                    let entry = steps
                        .entry((first, cut, part.0, part.1, mark.month))
                        .or_default();
                    entry.0 += sign * change.0;
                    entry.1 += sign * change.1;
                }
            }
        }
    }
}

/// Keys looked up at a time.
const AT_ONCE: usize = 1_000;

impl Tallies {
    /// The keys that have gathered for indicators whose distinct keys are kept by month, by the
    /// first source of the indicator.
    fn gathered(&self, sources: &Sources) -> BTreeMap<u32, BTreeMap<&str, Vec<Mark>>> {
        let mut gathered: BTreeMap<u32, BTreeMap<&str, Vec<Mark>>> = BTreeMap::new();
        for ((place, key), &(n, open)) in &self.keys {
            let (at, recipient, supporter, month, done) = *place;
            let tally = &sources.all[at as usize];
            let month = month.max(done);
            if tally.since.is_none_or(|since| place.3 < since) || (n, open) == (0, 0) {
                continue;
            }
            let with_open = n + open;
            let mark = Mark {
                recipient,
                supporter,
                month,
                n,
                with_open,
            };
            gathered
                .entry(tally.first)
                .or_default()
                .entry(key)
                .or_default()
                .push(mark);
        }
        gathered
    }

    /// The steps of everything that has gathered, as if nothing stood before.
    pub(super) fn steps(&self, sources: &Sources) -> Steps {
        let mut steps = Steps::new();
        // Without the empty name no row has come in.
        let none = self.numbers.get("").copied().unwrap_or(u32::MAX);
        for (first, keys) in self.gathered(sources) {
            for marks in keys.values() {
                add(&mut steps, first, marks, none, 1);
            }
        }
        steps
    }

    /// How the steps change by what has gathered; asked before it is written.
    pub(super) async fn stepped(&mut self, sources: &Sources, tx: &mut Tx) -> Result<Steps> {
        let none = self.number("");
        let mut steps = Steps::new();
        let sql = tx.dialect().sql(&format!(
            "SELECT key, recipient, supporter, month, done_month, n, n_open FROM rollup_key
             WHERE indicator = ? AND version = ? AND source = ? AND {}",
            tx.dialect().in_list("key")
        ));
        // Names that only stand in the database get numbers behind those that have gathered.
        let mut names: HashMap<String, u32> = HashMap::new();
        let gathered = self.gathered(sources);
        for (first, keys) in &gathered {
            let keys: Vec<(&str, &Vec<Mark>)> =
                keys.iter().map(|(key, marks)| (*key, marks)).collect();
            for keys in keys.chunks(AT_ONCE) {
                let mut before: HashMap<String, Vec<Mark>> = HashMap::new();
                for tally in sources.all.iter().filter(|tally| tally.first == *first) {
                    let mut args = tx.args();
                    args.text(&tally.indicator);
                    args.int(tally.version);
                    args.int(tally.nth);
                    args.texts(&keys.iter().map(|(key, _)| *key).collect::<Vec<_>>());
                    for row in tx.fetch(&sql, args).await? {
                        let mut number = |name: String| {
                            self.numbers.get(name.as_str()).copied().unwrap_or_else(|| {
                                let next = self.names.len() + names.len();
                                *names
                                    .entry(name)
                                    .or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX))
                            })
                        };
                        let month = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
                        let begun = month(row.int(3)?);
                        let (n, open) = (row.int(5)?, row.int(6)?);
                        let mark = Mark {
                            recipient: number(row.text(1)?),
                            supporter: number(row.text(2)?),
                            month: begun.max(month(row.int(4)?)),
                            n,
                            with_open: n + open,
                        };
                        if tally.since.is_some_and(|since| begun >= since) {
                            before.entry(row.text(0)?).or_default().push(mark);
                        }
                    }
                }
                for (key, marks) in keys {
                    let mut marks = (*marks).clone();
                    if let Some(before) = before.get(*key) {
                        add(&mut steps, *first, before, none, -1);
                        marks.extend(before);
                    }
                    add(&mut steps, *first, &marks, none, 1);
                }
            }
        }
        drop(gathered);
        let mut later: Vec<(u32, String)> = names
            .into_iter()
            .map(|(name, number)| (number, name))
            .collect();
        later.sort_unstable();
        for (_, name) in later {
            self.number(&name);
        }
        steps.retain(|_, change| *change != (0, 0));
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(recipient: u32, supporter: u32, month: i32, n: i64) -> Mark {
        Mark {
            recipient,
            supporter,
            month,
            n,
            with_open: n,
        }
    }

    fn of(marks: &[Mark], cut: usize) -> Vec<(u32, u32, i32, i64)> {
        let mut steps = Steps::new();
        add(&mut steps, 0, marks, 9, 1);
        let mut found: Vec<_> = steps
            .into_iter()
            .filter(|((_, at, ..), _)| *at == cut)
            .map(|((_, _, recipient, supporter, month), (n, _))| (recipient, supporter, month, n))
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn a_key_is_one_however_often_it_comes() {
        let marks = [
            mark(1, 5, 202_103, 2),
            mark(2, 5, 202_101, 1),
            mark(1, 5, 202_106, 1),
        ];
        assert_eq!(of(&marks, 0), [(9, 9, 202_101, 1)]);
        assert_eq!(of(&marks, 1), [(1, 9, 202_103, 1), (2, 9, 202_101, 1)]);
        assert_eq!(of(&marks, 2), [(9, 5, 202_101, 1)]);
        assert_eq!(of(&marks, 3), [(1, 5, 202_103, 1), (2, 5, 202_101, 1)]);
    }

    #[test]
    fn a_key_goes_with_its_last_row_and_may_come_again() {
        let marks = [
            mark(1, 5, 202_101, 2),
            mark(1, 5, 202_103, -1),
            mark(1, 5, 202_104, -1),
            mark(1, 5, 202_107, 1),
        ];
        assert_eq!(
            of(&marks, 0),
            [(9, 9, 202_101, 1), (9, 9, 202_104, -1), (9, 9, 202_107, 1)]
        );
    }

    #[test]
    fn what_was_added_can_be_taken_away() {
        let marks = [mark(1, 5, 202_101, 2), mark(2, 6, 202_103, 1)];
        let mut steps = Steps::new();
        add(&mut steps, 0, &marks, 9, 1);
        add(&mut steps, 0, &marks, 9, -1);
        assert!(steps.values().all(|change| *change == (0, 0)));
    }
}
