//! Sheets with fewer columns than the register: what a sheet says nothing about stays as it
//! stands. An empty cell is an answer, a missing column is none.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use qipan_model::{Record, Register, RowRule, Severity, Value, masked};
use qipan_sheets::Problem;
use qipan_store::NewRow;

use crate::Error;
use crate::admit::{Admission, place_of};
use crate::side::Side;

/// Code of a finding that a row rule does not hold.
pub(crate) const RULE: &str = "S2501";

/// A row on its way in.
pub(crate) struct Incoming {
    pub(crate) row: NewRow,
    /// Rules that do not hold for the row alone. They are weighed again when the row is laid over
    /// a record that stands.
    pub(crate) rules: Vec<Problem>,
}

/// What a table leaves open.
#[derive(Clone)]
pub(crate) struct Gaps {
    /// Fields without a column.
    pub(crate) fields: Arc<[usize]>,
    /// Whether it has no column for the other side's answer.
    pub(crate) answer: bool,
}

impl Gaps {
    fn any(&self) -> bool {
        self.answer || !self.fields.is_empty()
    }
}

/// Rows as they may be written, and what speaks against the others.
#[derive(Default)]
pub(crate) struct Merged {
    pub(crate) rows: Vec<NewRow>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) refused: Vec<NewRow>,
}

/// Lays the rows of one import over what stands.
#[derive(Default)]
pub(crate) struct Merger {
    /// Registers that had no row when the import came to them.
    untouched: BTreeMap<String, bool>,
}

impl Merger {
    pub(crate) async fn merge(
        &mut self,
        side: &mut Side,
        register: &Register,
        incoming: Vec<Incoming>,
        gaps: &Gaps,
        admission: &Admission<'_>,
        today: Date,
    ) -> Result<Merged, Error> {
        let masked = incoming.iter().any(|own| has_mask(register, &own.row));
        let asks = gaps.any() || masked || admission.is_limited();
        let standing = if asks && !self.is_untouched(side, register).await? {
            let keys: Vec<String> = incoming
                .iter()
                .filter_map(|own| register.key_of(&own.row.values))
                .collect();
            side.standing_records(register, &keys).await?
        } else {
            BTreeMap::new()
        };
        let mut merged = Merged::default();
        for Incoming { mut row, rules } in incoming {
            let old = register
                .key_of(&row.values)
                .and_then(|key| standing.get(&key));
            // Before anything of the record goes into the row: it may be somebody else's.
            let foreign = old.and_then(|old| admission.against_record(register, &row.place, old));
            if let Some(problem) = foreign {
                merged.problems.push(problem);
                merged.refused.push(row);
                continue;
            }
            // A withdrawn record says nothing any more.
            let old = old.filter(|old| !old.retracted);
            let mut problems = match old {
                Some(old) if gaps.any() || has_mask(register, &row) => {
                    lay_over(register, &mut row, old, gaps, &rules, today)
                }
                _ => rules,
            };
            problems.extend(admission.against_row(register, &row.place, &row.values));
            if problems
                .iter()
                .any(|problem| problem.severity == Severity::Error)
            {
                merged.refused.push(row);
            } else {
                merged.rows.push(row);
            }
            merged.problems.extend(problems);
        }
        Ok(merged)
    }

    async fn is_untouched(&mut self, side: &mut Side, register: &Register) -> Result<bool, Error> {
        if let Some(&known) = self.untouched.get(&register.id) {
            return Ok(known);
        }
        let untouched = side.is_untouched(register).await?;
        self.untouched.insert(register.id.clone(), untouched);
        Ok(untouched)
    }
}

/// Whether a row holds what may be the mask of a personal value: somebody who may not see it has
/// sent back the workbook that they were given.
fn has_mask(register: &Register, row: &NewRow) -> bool {
    let is_mask = |value: &Value| value.as_text().is_some_and(|text| text.contains('*'));
    let fields = register.fields.iter().zip(&row.values);
    fields
        .into_iter()
        .any(|(field, value)| field.personal && is_mask(value))
}

/// Fills a row's gaps from the record that stands; gives the rules that then do not hold.
fn lay_over(
    register: &Register,
    row: &mut NewRow,
    old: &Record,
    gaps: &Gaps,
    alone: &[Problem],
    today: Date,
) -> Vec<Problem> {
    for &field in gaps.fields.iter() {
        // A column that is missing may have been filled from the letterhead.
        if row.values[field].is_null() {
            row.values[field].clone_from(&old.values[field]);
        }
    }
    for (index, field) in register.fields.iter().enumerate() {
        // The mask of what stands is no new value.
        if field.personal
            && !old.values[index].is_null()
            && row.values[index] == masked(&old.values[index])
        {
            row.values[index].clone_from(&old.values[index]);
        }
    }
    if gaps.answer {
        row.confirmation = old.confirmation;
    }
    // What cannot be computed was said of the row alone.
    register.derive(&mut row.values, today);
    register
        .broken_rules(&row.values, today)
        .map(|rule| {
            let said = alone
                .iter()
                .find(|problem| problem.message.ends_with(&rule.message));
            said.cloned().unwrap_or_else(|| problem(rule, &row.place))
        })
        .collect()
}

/// A rule that the row alone would keep, and the record does not.
fn problem(rule: &RowRule, place: &str) -> Problem {
    let (sheet, cell, row) = place_of(place);
    Problem {
        sheet: sheet.to_owned(),
        cell: cell.to_owned(),
        row,
        field: String::new(),
        code: RULE,
        severity: rule.severity,
        message: format!("{place} 与库中已有的各列合起来看：{}", rule.message),
        message_en: format!(
            "{place} together with what stands already: {}",
            rule.message_en
        ),
        found: String::new(),
        expected: format!("{}: {}", rule.id, rule.holds.source()),
    }
}
