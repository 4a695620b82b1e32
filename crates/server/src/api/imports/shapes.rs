//! The shapes of answers about workbooks. Those marked "as it is sent" describe types of other
//! crates that serialise themselves; a test holds them against real answers.

use qipan_store::{ImportFile, ImportState, Receipt, written};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::work::ImportAsked;

/// Rows of one register, by what became or would become of them.
#[derive(ToSchema)]
#[schema(as = RegisterReport)]
#[expect(
    dead_code,
    reason = "describes qipan_import::RegisterReport as it is sent"
)]
pub(crate) struct RegisterReportShape {
    /// Register id.
    register: String,
    /// Records read.
    read: u64,
    /// New records.
    inserted: u64,
    /// Records that get a new revision.
    updated: u64,
    /// Records that stand just so.
    unchanged: u64,
    /// Rows refused.
    rejected: u64,
}

/// Journal entries of a commit.
#[derive(ToSchema)]
#[schema(as = Receipt)]
#[expect(dead_code, reason = "describes qipan_store::Receipt as it is sent")]
pub(crate) struct ReceiptShape {
    /// First entry; greater than `last` when nothing was written.
    first: i64,
    /// Last entry.
    last: i64,
    /// Their moment, RFC 3339 UTC.
    at: String,
}

/// A workbook, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportSummary {
    /// Number.
    pub id: i64,
    /// Name of the file.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hex.
    pub digest: String,
    /// `analysing`, `ready`, `committing`, `committed`, `refused` (cannot be read), `failed` (not
    /// for the file's sake) or `discarded`.
    #[schema(value_type = String)]
    pub state: ImportState,
    /// Login of its sender.
    pub by: String,
    /// When it came, RFC 3339 UTC.
    pub at: String,
    /// Rows by register; what would become of them until it is committed.
    #[schema(value_type = Vec<RegisterReportShape>)]
    pub registers: Value,
    /// Problems that refuse a row, a table or the file.
    pub errors: u64,
    /// Problems that only tell.
    pub warnings: u64,
    /// The last job that worked on it.
    pub job: i64,
    /// Where it went in the journal.
    #[schema(value_type = Option<ReceiptShape>)]
    pub receipt: Option<Receipt>,
    /// Whether its sheets and rows can still be looked at.
    pub kept: bool,
}

impl ImportSummary {
    pub(crate) fn of(file: &ImportFile) -> Self {
        let count = |of: &str| file.summary[of].as_u64().unwrap_or(0);
        Self {
            id: file.id,
            name: file.name.clone(),
            size: file.size,
            digest: file.digest.clone(),
            state: file.state,
            by: file.login.clone(),
            at: written(file.at),
            registers: match &file.summary["registers"] {
                Value::Null => json!([]),
                registers => registers.clone(),
            },
            errors: count("errors"),
            warnings: count("warnings"),
            job: file.job,
            receipt: file.receipt,
            kept: file.kept,
        }
    }
}

/// A sheet and its size.
#[derive(ToSchema)]
#[schema(as = ImportSheet)]
#[expect(
    dead_code,
    reason = "describes qipan_import::analysis::SheetReport as it is sent"
)]
pub(crate) struct SheetReportShape {
    /// Number, from 0.
    nth: u64,
    /// Name.
    name: String,
    /// Whether it is hidden.
    hidden: bool,
    /// Number of its last row that holds something.
    rows: u32,
    /// Columns.
    cols: u32,
}

/// One column of a table.
#[derive(ToSchema)]
#[schema(as = ImportColumn)]
#[expect(
    dead_code,
    reason = "describes qipan_import::analysis::ColumnFound as it is sent"
)]
pub(crate) struct ColumnShape {
    /// Its letters.
    col: String,
    /// Header as written.
    header: String,
    /// Field id, or `_state` for 对方确认; `null` for what is not read.
    field: Option<String>,
    /// `field`, `serial`, `confirmation` or `unknown`.
    target: String,
    /// Unit in which its numbers are read.
    measure: String,
}

/// A register that would fit.
#[derive(ToSchema)]
#[schema(as = ImportFit)]
#[expect(
    dead_code,
    reason = "describes qipan_import::analysis::FitFound as it is sent"
)]
pub(crate) struct FitShape {
    /// Register id.
    register: String,
    /// Its name.
    name: String,
}

/// A table, or a place that fits several registers.
#[derive(ToSchema)]
#[schema(as = ImportTable)]
#[expect(
    dead_code,
    reason = "describes qipan_import::analysis::TableFound as it is sent"
)]
pub(crate) struct TableShape {
    /// Number of the finding in the file, from 0.
    nth: u64,
    /// Register id; `null` where several fit.
    register: Option<String>,
    /// Its name; empty where several fit.
    register_name: String,
    /// Number of the sheet, from 0.
    sheet: u64,
    /// Name of the sheet.
    sheet_name: String,
    /// First and last header row, from 1.
    header_rows: Vec<u32>,
    /// Unit on whose behalf it is filed.
    unit: Option<String>,
    /// Period that it reports.
    period: Option<String>,
    /// Unit of the money columns that do not state their own: 元, 万元 or 亿元.
    money: String,
    /// Columns from left to right.
    columns: Vec<ColumnShape>,
    /// The registers that fit, where there are several.
    fits: Vec<FitShape>,
}

/// One finding about a cell, a row or a whole sheet.
#[derive(ToSchema)]
#[schema(as = ImportProblem)]
#[expect(dead_code, reason = "describes qipan_sheets::Problem as it is sent")]
pub(crate) struct ProblemShape {
    /// Sheet name; empty for the file as a whole.
    sheet: String,
    /// Cell, `C5`; empty for a sheet or a file as a whole.
    cell: String,
    /// Row from 1; 0 for a sheet or a file as a whole.
    row: u32,
    /// Field id; empty when no single field is meant.
    field: String,
    /// Number, `S2101`; docs/import.md explains them.
    code: String,
    /// `error` refuses the row, `warning` only tells.
    severity: String,
    /// Place, what was found, what was expected, how to mend it.
    message: String,
    /// The same in English.
    message_en: String,
    /// What the cell shows.
    found: String,
    /// What was expected, in Chinese.
    expected: String,
}

/// What its sender asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportOptions {
    /// Register id.
    pub register: Option<String>,
    /// Unit id.
    pub unit: Option<String>,
    /// Period.
    pub period: Option<String>,
    /// Whether the good rows of a workbook with bad ones are taken.
    pub accept_good_rows: bool,
}

/// A workbook with all that was found in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct ImportShape {
    /// In short.
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// Sheets.
    #[schema(value_type = Vec<SheetReportShape>)]
    pub sheets: Value,
    /// Tables.
    #[schema(value_type = Vec<TableShape>)]
    pub tables: Value,
    /// The first 1000 problems; the sheets show all.
    #[schema(value_type = Vec<ProblemShape>)]
    pub problems: Value,
    /// Problems beyond those.
    pub more_problems: u64,
    /// What was asked for.
    pub options: ImportOptions,
    /// How its sender wants it understood, as it was sent; `null` when left to the server.
    #[schema(value_type = Option<Vec<Object>>)]
    pub mapping: Value,
}

impl ImportShape {
    pub(super) fn of(file: &ImportFile, report: Value) -> Result<Self, Problem> {
        let asked: ImportAsked = serde_json::from_value(file.options.clone())
            .map_err(|error| Problem::internal(&error))?;
        let part = |of: &str| match &report[of] {
            Value::Null => json!([]),
            found => found.clone(),
        };
        let summary = ImportSummary::of(file);
        let problems = part("problems");
        let sent = problems.as_array().map_or(0, Vec::len) as u64;
        Ok(Self {
            more_problems: (summary.errors + summary.warnings).saturating_sub(sent),
            summary,
            sheets: part("sheets"),
            tables: part("tables"),
            problems,
            options: ImportOptions {
                register: asked.register,
                unit: asked.unit,
                period: asked.period,
                accept_good_rows: asked.accept_good_rows,
            },
            mapping: file.mapping.clone(),
        })
    }
}
