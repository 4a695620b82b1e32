//! Headers that come near a register's: the useful half of "this fits nothing".

use qipan_model::Register;

use super::dictionary::Dictionary;
use super::grid::Grid;
use crate::{a1, fold};

/// From here on two headers are called alike.
const NEAR: f32 = 0.6;
/// Rows that are looked at for something like a header.
const ROWS: usize = 12;
/// Near misses that are named at the most.
const MOST: usize = 24;

/// A header that comes near a field's.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss {
    /// Address.
    pub cell: String,
    /// Header as written.
    pub header: String,
    /// Register id.
    pub register: String,
    /// Register name.
    pub register_name: String,
    /// Field id.
    pub field: String,
    /// Field label.
    pub label: String,
    /// The label or synonym, folded, that comes nearest.
    pub known: String,
    /// How alike, 0 to 1; 1 is the same.
    pub likeness: f32,
}

impl Eq for NearMiss {}

impl NearMiss {
    /// `H2“施工开始时间”与项目台账的“开工日期”（又作“开工时间”）相近`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let verb = if self.likeness >= 1.0 {
            "相同"
        } else {
            "相近"
        };
        let also = if fold::label(&self.label) == self.known {
            String::new()
        } else {
            format!("（又作“{}”）", self.known)
        };
        format!(
            "{}“{}”与{}的“{}”{also}{verb}",
            self.cell, self.header, self.register_name, self.label
        )
    }
}

/// Looks at the first rows cell by cell. All misses are those of one register, the one that the
/// sheet as a whole comes nearest to; nearest first.
pub(super) fn near_misses(
    grid: &Grid,
    dictionary: &Dictionary,
    registers: &[&Register],
) -> Vec<NearMiss> {
    let mut per_register: Vec<Vec<NearMiss>> = vec![Vec::new(); registers.len()];
    let mut met = std::collections::BTreeSet::new();
    for row in 0..grid.len().min(ROWS) {
        for column in 0..grid.width() {
            let Some(cell) = grid.cell(row, column) else {
                continue;
            };
            // Values are no headers: long texts and numbers are passed over.
            let is_value = cell.label.chars().count() > 16
                || cell.label.starts_with(|c: char| c.is_ascii_digit());
            if is_value || !met.insert(cell.label.clone()) {
                continue;
            }
            let (outside, _) = fold::split_brackets(&cell.label);
            for (entry, likeness, known) in dictionary.near(&outside, NEAR) {
                let register = registers[entry.register];
                let field = &register.fields[entry.field];
                per_register[entry.register].push(NearMiss {
                    cell: a1::address(column, grid.number(row)),
                    header: cell.text.clone(),
                    register: register.id.clone(),
                    register_name: register.name.clone(),
                    field: field.id.clone(),
                    label: field.label.clone(),
                    known: known.to_owned(),
                    likeness,
                });
            }
        }
    }
    let weight = |misses: &Vec<NearMiss>| misses.iter().map(|miss| miss.likeness).sum::<f32>();
    let mut misses = per_register
        .into_iter()
        .rev() // of equals the first register wins
        .max_by(|a, b| weight(a).total_cmp(&weight(b)))
        .unwrap_or_default();
    misses.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    misses.truncate(MOST);
    misses
}
