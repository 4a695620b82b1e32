//! What a person says about a sheet: it goes before everything that is recognised.

use std::collections::BTreeMap;

use qipan_model::{MoneyUnit, Register};
use serde::{Deserialize, Serialize};

/// The word that maps a column to 对方确认 instead of a field.
pub const CONFIRMATION: &str = "_state";

/// How a person wants a sheet understood. What is left out is recognised as ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SheetMapping {
    /// Number of the sheet in the workbook, from 0.
    pub sheet: usize,
    /// Whether the sheet is not to be read at all.
    pub skip: bool,
    /// Register id.
    pub register: Option<String>,
    /// Last row of the header, from 1. The sheet then holds one table.
    pub header: Option<u32>,
    /// Unit of the money columns that do not state their own.
    pub money: Option<MoneyUnit>,
    /// Columns (from 0) with the field that each is, [`CONFIRMATION`], or `None` for one that is
    /// not to be read.
    pub columns: BTreeMap<u32, Option<String>>,
}

/// What a column is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// This field.
    Field(&'a str),
    /// 对方确认.
    Confirmation,
    /// Nothing.
    Nothing,
}

impl SheetMapping {
    /// What a column is said to be; `None` when nothing is said of it.
    pub(super) fn column(&self, column: u32) -> Option<Said<'_>> {
        Some(match self.columns.get(&column)? {
            None => Said::Nothing,
            Some(word) if word == CONFIRMATION => Said::Confirmation,
            Some(field) => Said::Field(field),
        })
    }

    /// The first column that is said to be what the register does not have (a field that it lacks,
    /// or one that is computed), or a field that another column is said to be too.
    #[must_use]
    pub fn faulty(&self, register: &Register) -> Option<u32> {
        let mut taken: Vec<&str> = Vec::new();
        for (&column, said) in &self.columns {
            let Some(word) = said.as_deref() else {
                continue;
            };
            let known = word == CONFIRMATION
                || register
                    .index(word)
                    .is_some_and(|field| register.fields[field].derived.is_none());
            if !known || taken.contains(&word) {
                return Some(column);
            }
            taken.push(word);
        }
        None
    }
}
