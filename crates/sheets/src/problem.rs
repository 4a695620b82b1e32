//! Problems: what was found in a workbook, where, and how to mend it.

use qipan_model::Severity;
use serde::Serialize;

/// One finding about a cell, a row or a whole sheet (promise 10).
///
/// Serialised with the keys `sheet`, `cell`, `field`, `code` and `message` that callers rely
/// on, and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Sheet name; empty for the file as a whole.
    pub sheet: String,
    /// Cell in A1 form; empty for a sheet or a file as a whole.
    pub cell: String,
    /// Row number as people count, from 1; 0 for a sheet or a file as a whole.
    pub row: u32,
    /// Field id; empty when no single field is meant.
    pub field: String,
    /// Stable code, `S2101`; `docs/import.md` lists them.
    pub code: &'static str,
    /// Whether the row is refused or only reported.
    pub severity: Severity,
    /// Place, what was found, what was expected, how to mend it; in Chinese.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// What the cell shows.
    pub found: String,
    /// What was expected, in Chinese.
    pub expected: String,
}
