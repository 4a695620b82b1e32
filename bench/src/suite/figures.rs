//! Figures: by rollups, right after a write, of the past, opened.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use qipan_figures::{AsOf, By, Engine};
use qipan_model::{Pack, Period};
use qipan_store::{NewRow, Store};

use super::mechanism::{change, found};
use super::{Bench, FEW, MANY};
use crate::generate::{Cell, Spec};
use crate::measure::{Samples, Watch};
use crate::report::Aim;
use crate::{Failure, raw, sample};

impl Bench<'_> {
    /// Figures; gives the medians of whole and by group.
    pub async fn figures(
        &mut self,
        store: &Store,
        smallest: Option<[Duration; 2]>,
    ) -> Result<[Duration; 2], Failure> {
        let pack = Arc::clone(self.pack());
        let period: Period = "2021H1".parse()?;
        let bare = self.bare().await?;
        let sql = bare_figures(store, &pack, period).await?;
        let raw = sample!(FEW.min(2), {
            for statement in &sql {
                raw::run(&bare, statement).await?;
            }
        });
        bare.close().await;
        let mut medians = [Duration::ZERO; 2];
        let most = Duration::from_millis(10);
        for (nth, by) in [By::Whole, By::Group].into_iter().enumerate() {
            let word = if by == By::Whole { "whole" } else { "by group" };
            let ours = sample!(MANY, {
                let figures = figures(store, &pack, period, by, None).await?;
                if figures
                    .iter()
                    .any(|figure| figure.value.is_none() && by == By::Whole)
                {
                    return Err("a figure has no value".into());
                }
            });
            let aim = if by == By::Group {
                Aim::Below(most)
            } else {
                Aim::None
            };
            self.report.time(
                &format!("32 figures, {word}"),
                self.size,
                0,
                &ours,
                Some(&raw),
                aim,
            );
            medians[nth] = ours.median();
        }
        if let Some(smallest) = smallest {
            let median = Samples::of(vec![medians[1]]);
            let aim = Aim::Against {
                what: "smallest size",
                other: smallest[1],
                ratio: 2.0,
            };
            self.report.time(
                "32 figures by group, against the smallest size",
                self.size,
                0,
                &median,
                None,
                aim,
            );
        }
        let after = self.after_a_write(store, &pack, period).await?;
        self.report.time(
            "32 figures by group, right after a write, exact",
            self.size,
            0,
            &after,
            None,
            Aim::Below(most),
        );
        let as_of = {
            let reader = store.reader().await?;
            let head = reader.head().clone();
            AsOf {
                seq: head.seq - 1,
                at: head.at,
            }
        };
        let past = sample!(1.max(FEW - 1), {
            figures(store, &pack, period, By::Group, Some(as_of)).await?;
        });
        self.report.time(
            "32 figures by group, as of a past moment",
            self.size,
            0,
            &past,
            Some(&raw),
            Aim::None,
        );
        for id in ["FND-V-ISSUED", "CON-V"] {
            let ours = sample!(FEW, {
                let mut engine = Engine::new(&pack, store.reader().await?, None).await?;
                let opened = engine
                    .explain(id, period, 0..qipan_figures::MOST_ROWS)
                    .await?;
                if opened.rows.is_empty() {
                    return Err(format!("{id} opens to nothing").into());
                }
            });
            self.report.time(
                &format!("explain `{id}`, with its rows"),
                self.size,
                0,
                &ours,
                None,
                Aim::None,
            );
        }
        Ok(medians)
    }

    /// Writes a sale, asks for all figures, and holds the new value against the old one.
    async fn after_a_write(
        &self,
        store: &Store,
        pack: &Arc<Pack>,
        period: Period,
    ) -> Result<Samples, Failure> {
        let register = pack.register("consumption").ok_or("consumption")?;
        let spec = found("consumption")?;
        let mut times = Vec::new();
        let mut before = value(store, pack, period).await?;
        for round in 0..MANY {
            let mut cells = spec.row(self.size + round);
            cells[10] = Cell::Money(100);
            cells[11] = Cell::Day(date(2021, 3, 1));
            cells[14] = Cell::Text("一区两群".to_owned());
            let mut writer = store.begin(change("edit")).await?;
            let row = NewRow {
                values: typed(register, spec, cells),
                confirmation: qipan_model::Confirmation::Agreed,
                source: "".into(),
                place: String::new(),
            };
            writer.upsert(register, vec![row]).await?;
            writer.commit().await?;
            let watch = Watch::start();
            figures(store, pack, period, By::Group, None).await?;
            times.push(watch.stop());
            let after = value(store, pack, period).await?;
            if after != before.map(|before| before + rust_decimal::Decimal::ONE) {
                return Err(format!("a sale of one yuan made {before:?} into {after:?}").into());
            }
            before = after;
        }
        Ok(Samples::of(times))
    }
}

/// All figures of a period.
pub async fn figures(
    store: &Store,
    pack: &Pack,
    period: Period,
    by: By,
    as_of: Option<AsOf>,
) -> Result<Vec<qipan_figures::Figure>, Failure> {
    let mut engine = Engine::new(pack, store.reader().await?, as_of).await?;
    Ok(engine.figures(period, by).await?)
}

/// What was sold in all.
async fn value(
    store: &Store,
    pack: &Pack,
    period: Period,
) -> Result<Option<rust_decimal::Decimal>, Failure> {
    let mut engine = Engine::new(pack, store.reader().await?, None).await?;
    let figures = engine.figure("CON-V", period, By::Whole).await?;
    Ok(figures.first().and_then(|figure| figure.value))
}

/// The SQL over register tables that each figure stands for.
async fn bare_figures(store: &Store, pack: &Pack, period: Period) -> Result<Vec<String>, Failure> {
    let mut sql = Vec::new();
    let ids: Vec<&str> = pack
        .indicators_on(period.end())
        .map(|indicator| indicator.id.as_str())
        .collect();
    for id in ids {
        let engine = Engine::new(pack, store.reader().await?, None).await?;
        sql.extend(engine.statements(id, period)?);
    }
    Ok(sql)
}

/// Generated cells as a record's values.
fn typed(
    register: &qipan_model::Register,
    spec: &Spec,
    cells: Vec<Cell>,
) -> Vec<qipan_model::Value> {
    use qipan_model::Value;
    let mut values = vec![Value::Null; register.fields.len()];
    for ((id, _), cell) in spec.columns.iter().zip(cells) {
        let Some(index) = register.index(id) else {
            continue;
        };
        values[index] = match cell {
            Cell::Null => Value::Null,
            Cell::Text(text) => Value::Text(text),
            Cell::Unit(id, _) => Value::Text(id.to_owned()),
            Cell::Int(number) => Value::Int(number),
            Cell::Money(fen) => Value::Decimal(rust_decimal::Decimal::new(fen, 2)),
            Cell::Day(day) => Value::Date(day),
            Cell::Flag(truth) => Value::Bool(truth),
        };
    }
    values
}
