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
    /// How alike, 0 to 1; 1 is the same.
    pub likeness: f32,
}

impl Eq for NearMiss {}

impl NearMiss {
    /// `H2“施工开始时间”与项目台账的“开工日期”相近`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let verb = if self.likeness >= 1.0 {
            "相同"
        } else {
            "相近"
        };
        format!(
            "{}“{}”与{}的“{}”{verb}",
            self.cell, self.header, self.register_name, self.label
        )
    }
}

/// Looks at the first rows cell by cell; nearest first.
pub(super) fn near_misses(
    grid: &Grid,
    dictionary: &Dictionary,
    registers: &[&Register],
) -> Vec<NearMiss> {
    let mut misses: Vec<NearMiss> = Vec::new();
    for row in 0..grid.len().min(ROWS) {
        for column in 0..grid.width() {
            let Some(cell) = grid.cell(row, column) else {
                continue;
            };
            // Values are no headers: long texts and numbers are passed over.
            if cell.label.chars().count() > 16
                || cell.label.starts_with(|c: char| c.is_ascii_digit())
            {
                continue;
            }
            let (outside, _) = fold::split_brackets(&cell.label);
            let Some((likeness, _, entry)) = dictionary.nearest(&outside) else {
                continue;
            };
            if likeness < NEAR || misses.iter().any(|miss| miss.header == cell.text) {
                continue;
            }
            let register = registers[entry.register];
            let field = &register.fields[entry.field];
            misses.push(NearMiss {
                cell: a1::address(column, grid.number(row)),
                header: cell.text.clone(),
                register: register.id.clone(),
                register_name: register.name.clone(),
                field: field.id.clone(),
                label: field.label.clone(),
                likeness,
            });
        }
    }
    misses.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    misses.truncate(MOST);
    misses
}
