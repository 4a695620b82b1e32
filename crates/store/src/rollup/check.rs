//! Stored rollups held against the rows from which they come.

use std::collections::HashMap;

use futures::TryStreamExt;

use super::{Amount, CUTS, Kind, Sources, Tallies};
use crate::Result;
use crate::cells::{Args, Row};
use crate::db::Tx;
use crate::verify::{Said, said};

/// A row of a table by what stands in it.
fn at(table: &str, names: &[String]) -> Said {
    said(
        format!("{table}（{}）", names.join("，")),
        format!("{table} ({})", names.join(", ")),
    )
}

impl Tallies {
    /// Number of a name that some row has brought along.
    fn known(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Holds what has gathered from all standing rows against the stored rollups; gives what
    /// differs, in words.
    pub(crate) async fn differences(mut self, sources: &Sources, tx: &mut Tx) -> Result<Vec<Said>> {
        let index: HashMap<(&str, i64, i64), u32> = (0_u32..)
            .zip(&sources.all)
            .map(|(at, tally)| ((tally.indicator.as_str(), tally.version, tally.nth), at))
            .collect();
        let mut found = self.distinct_differences(sources, tx).await?;
        for kind in [Kind::Amounts, Kind::Keys, Kind::Presence] {
            let (table, place, numbers) = kind.columns();
            let sql = format!(
                "SELECT {} FROM {table}",
                [place, numbers].concat().join(", ")
            );
            let mut rows = tx.stream(sql.into(), Args::new(tx.dialect()));
            while let Some(row) = rows.try_next().await? {
                let mut stored = [0; 4];
                for (nth, number) in stored.iter_mut().take(numbers.len()).enumerate() {
                    *number = row.int(place.len() + nth)?;
                }
                let expected = self.take(kind, &row, &index)?;
                if expected != stored {
                    let names: Vec<String> = (0..place.len())
                        .map(|nth| {
                            row.text(nth)
                                .or_else(|_| row.int(nth).map(|n| n.to_string()))
                        })
                        .collect::<Result<_>>()?;
                    found.push(at(table, &names));
                }
            }
        }
        let left = self
            .amounts
            .values()
            .filter(|amount| **amount != Amount::default())
            .count()
            + self
                .keys
                .values()
                .chain(self.presence.values())
                .filter(|n| **n != (0, 0))
                .count();
        if left > 0 {
            found.push(said(
                format!("缺少 {left} 行"),
                format!("{left} rows are missing"),
            ));
        }
        Ok(found)
    }

    /// The same for the numbers of distinct keys.
    async fn distinct_differences(&self, sources: &Sources, tx: &mut Tx) -> Result<Vec<Said>> {
        let mut expected: HashMap<_, (i64, i64)> = HashMap::new();
        for ((first, cut, recipient, supporter, month), n) in self.steps(sources) {
            let tally = &sources.all[first as usize];
            let name = |number| self.name(number).to_owned();
            let place = [
                CUTS[cut].to_owned(),
                tally.indicator.clone(),
                name(recipient),
                name(supporter),
            ];
            expected.insert((place, tally.version, i64::from(month)), n);
        }
        let mut found = Vec::new();
        let sql = "SELECT cut, indicator, recipient, supporter, version, month, n, n_with_open
                   FROM rollup_distinct";
        let mut rows = tx.stream(sql.into(), Args::new(tx.dialect()));
        while let Some(row) = rows.try_next().await? {
            let place = [row.text(0)?, row.text(1)?, row.text(2)?, row.text(3)?];
            let key = (place, row.int(4)?, row.int(5)?);
            let stored = (row.int(6)?, row.int(7)?);
            if expected.remove(&key).unwrap_or_default() != stored {
                let (mut names, month) = (key.0.to_vec(), key.2);
                names.push(month.to_string());
                found.push(at("rollup_distinct", &names));
            }
        }
        let left = expected.values().filter(|n| **n != (0, 0)).count();
        if left > 0 {
            found.push(said(
                format!("rollup_distinct 缺少 {left} 行"),
                format!("{left} rows of rollup_distinct are missing"),
            ));
        }
        Ok(found)
    }

    /// Takes out what has gathered at the place of a stored row.
    fn take(
        &mut self,
        kind: Kind,
        row: &Row,
        index: &HashMap<(&str, i64, i64), u32>,
    ) -> Result<[i64; 4]> {
        let month = |nth: usize| row.int(nth).map(|month| i32::try_from(month).unwrap_or(-1));
        if kind == Kind::Presence {
            let names = [row.text(0)?, row.text(1)?, row.text(2)?];
            let [Some(register), Some(recipient), Some(supporter)] =
                names.map(|name| self.known(&name))
            else {
                return Ok([0; 4]);
            };
            let place = (register, recipient, supporter, month(3)?);
            let (n, open) = self.presence.remove(&place).unwrap_or_default();
            return Ok([n, open, 0, 0]);
        }
        let keyed = usize::from(kind == Kind::Keys);
        let at = index
            .get(&(row.text(0)?.as_str(), row.int(1)?, row.int(2)?))
            .copied();
        let recipient = self.known(&row.text(3 + keyed)?);
        let supporter = self.known(&row.text(4 + keyed)?);
        let (Some(at), Some(recipient), Some(supporter)) = (at, recipient, supporter) else {
            return Ok([0; 4]);
        };
        let place = (
            at,
            recipient,
            supporter,
            month(5 + keyed)?,
            month(6 + keyed)?,
        );
        if kind == Kind::Keys {
            let (n, open) = self
                .keys
                .remove(&(place, row.text(3)?.into_boxed_str()))
                .unwrap_or_default();
            return Ok([n, open, 0, 0]);
        }
        let amount = self.amounts.remove(&place).unwrap_or_default();
        Ok([amount.n, amount.sum, amount.n_open, amount.sum_open])
    }
}
