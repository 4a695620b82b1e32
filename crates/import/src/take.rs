//! The writing half: batches of typed rows into the store, or into a preview of it.

use std::sync::Arc;

use jiff::civil::Date;
use qipan_model::{Action, Pack, Record, Register, Severity};
use qipan_sheets::Problem;
use qipan_store::{NewRow, Outcome};

use crate::admit::{Admission, place_of};
use crate::merge::Merger;
use crate::read::Batch;
use crate::side::Side;
use crate::watch::{Judged, Watch, What};
use crate::{Error, Options, Report};

/// An import under way.
pub(crate) struct Taking<'a> {
    pub(crate) side: Side,
    pub(crate) report: Report,
    pub(crate) pack: &'a Arc<Pack>,
    pub(crate) options: &'a Options,
    pub(crate) today: Date,
    pub(crate) merger: Merger,
}

/// A row with what became of it.
struct Told {
    what: What,
    row: NewRow,
    before: Option<Record>,
}

impl Taking<'_> {
    pub(crate) async fn take(&mut self, batch: Batch, watch: &mut dyn Watch) -> Result<(), Error> {
        let id = batch.register.clone();
        self.report.read(&id, batch.read, batch.rejected);
        for problem in batch.problems {
            self.report.problem(problem);
        }
        // Once a file is refused nothing more is written; the rest is read for its problems.
        let goes_on =
            self.options.accept_good_rows || self.options.dry_run || !self.report.has_errors();
        let Some(register) = self.pack.register(&id).filter(|_| goes_on) else {
            for row in batch.rows {
                let broken = row
                    .rules
                    .iter()
                    .any(|problem| problem.severity == Severity::Error);
                self.report.of(&id).rejected += u64::from(broken);
                row.rules
                    .into_iter()
                    .for_each(|problem| self.report.problem(problem));
            }
            return Ok(());
        };
        let admission = Admission {
            pack: self.pack,
            scope: self.options.access.scope(Action::Import, &id),
            sides: batch.sides,
        };
        let merged = self
            .merger
            .merge(
                &mut self.side,
                register,
                batch.rows,
                &batch.gaps,
                &admission,
                self.today,
            )
            .await?;
        self.report.of(&id).rejected += merged.refused.len() as u64;
        for problem in merged.problems {
            self.report.problem(problem);
        }
        let mut told: Vec<Told> = batch
            .refused
            .into_iter()
            .chain(merged.refused)
            .map(|row| Told {
                what: What::Refused,
                row,
                before: None,
            })
            .collect();
        match &mut self.side {
            Side::Write(writer) => {
                let places: Vec<String> = merged.rows.iter().map(|row| row.place.clone()).collect();
                let outcomes = writer.upsert(register, merged.rows).await?;
                for (outcome, place) in outcomes.iter().zip(&places) {
                    self.count(&id, outcome, place);
                }
            }
            Side::Look(preview) => {
                let foreseen = preview.upsert(register, &merged.rows).await?;
                for (foreseen, row) in foreseen.into_iter().zip(merged.rows) {
                    let what = self.count(&id, &foreseen.outcome, &row.place);
                    let before = foreseen.before;
                    told.push(Told { what, row, before });
                }
                tell(watch, register, batch.sheet, told)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, register: &str, outcome: &Outcome, place: &str) -> What {
        let own = self.report.of(register);
        match outcome {
            Outcome::Inserted { .. } => {
                own.inserted += 1;
                What::Insert
            }
            // A withdrawal is a revision too; an upsert never makes one.
            Outcome::Updated { .. } | Outcome::Retracted { .. } => {
                own.updated += 1;
                What::Update
            }
            Outcome::Unchanged { .. } => {
                own.unchanged += 1;
                What::Unchanged
            }
            Outcome::Duplicate { place: earlier } => {
                own.rejected += 1;
                self.report.problem(duplicate(place, earlier));
                What::Refused
            }
        }
    }
}

/// Tells what would become of the rows of a batch, in their order.
fn tell(
    watch: &mut dyn Watch,
    register: &Register,
    sheet: usize,
    mut told: Vec<Told>,
) -> Result<(), Error> {
    told.sort_by_key(|told| place_of(&told.row.place).2);
    let judged: Vec<Judged<'_>> = told
        .iter()
        .map(|told| Judged {
            sheet,
            row: place_of(&told.row.place).2,
            what: told.what,
            place: &told.row.place,
            values: &told.row.values,
            confirmation: told.row.confirmation,
            before: told.before.as_ref(),
        })
        .collect();
    watch.judged(register, &judged).map_err(Error::Kept)
}

/// The same key twice in one file, in different tables.
fn duplicate(place: &str, earlier: &str) -> Problem {
    let (sheet, cell, row) = place_of(place);
    Problem {
        sheet: sheet.to_owned(),
        cell: cell.to_owned(),
        row,
        field: String::new(),
        code: "I3001",
        severity: Severity::Error,
        message: format!("{place}：与 {earlier} 是同一条记录（编号相同）：请保留一行，或改正编号"),
        message_en: format!(
            "{place}: the same record as {earlier} (same key): keep one, or mend the key"
        ),
        found: String::new(),
        expected: "编号在文件内不重复".to_owned(),
    }
}
