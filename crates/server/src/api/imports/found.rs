//! What was found in a workbook, a part at a time: the sheets as people see them, and what would
//! become of each row.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use qipan_import::What;
use qipan_import::analysis::{Analysis, RowShown, TableFound};
use qipan_model::{Pack, Value};
use qipan_sheets::a1;
use qipan_store::ImportFile;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Want, pack_of, reached};
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::work::import_folder;

/// Most rows of a sheet in one answer.
const MOST_ROWS: u32 = 500;
/// Most marks in one answer.
const MOST_MARKS: usize = 2_000;

/// Which part of a sheet is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SheetAsked {
    /// Number of the first row, from 1; 1 when left out.
    from: Option<u32>,
    /// Rows, 1 to 500; 60 when left out.
    #[param(minimum = 1, maximum = 500)]
    rows: Option<u32>,
}

/// A cell with a problem.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CellMark {
    /// Row, from 1.
    pub row: u32,
    /// Column, from 0; 0 too when the whole row is meant.
    pub col: u32,
    /// `error` or `warning`.
    #[schema(value_type = String)]
    pub severity: qipan_model::Severity,
    /// Number, `S2101`.
    pub code: &'static str,
    /// What was found and how to mend it.
    pub message: String,
    /// The same in English.
    pub message_en: String,
}

/// What would become of a row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowMark {
    /// Row, from 1.
    pub row: u32,
    /// `insert`, `update`, `unchanged` or `refused`.
    pub what: &'static str,
}

/// A part of a sheet. Rows count from 1, columns from 0.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SheetPart {
    /// Name of the sheet.
    pub name: String,
    /// Number of the first row of this part.
    pub first: u32,
    /// Texts of the cells; what a merged range covers is blank, cells at the end are left out.
    pub rows: Vec<Vec<String>>,
    /// Number of the last row of the sheet that holds something.
    pub total_rows: u32,
    /// Columns of the sheet.
    pub cols: u32,
    /// Merged ranges that touch this part: top, left, bottom, right.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub merges: Vec<[u32; 4]>,
    /// Hidden rows of this part.
    pub hidden_rows: Vec<u32>,
    /// Hidden columns.
    pub hidden_cols: Vec<u32>,
    /// Problems in this part.
    pub marks: Vec<CellMark>,
    /// Records in this part, with what would become of them.
    pub changes: Vec<RowMark>,
}

/// The analysis of a workbook, while it is there.
async fn analysis(app: &App, file: &ImportFile) -> Result<Analysis, Problem> {
    if !file.kept {
        return Err(gone(file));
    }
    let report = app.state.store.import_report(file.id).await?;
    if report.is_null() {
        return Err(unread(file));
    }
    serde_json::from_value(report).map_err(|error| Problem::internal(&error))
}

pub(super) fn gone(file: &ImportFile) -> Problem {
    Problem::new(
        Kind::Gone,
        format!(
            "“{}”的工作表和逐行结果已按期清理：已提交的原件仍可下载，记录见台账",
            file.name
        ),
        format!(
            "The sheets and rows of “{}” have been cleared away in due time: the original of what \
             was committed can still be had, its records are in the registers",
            file.name
        ),
    )
}

fn unread(file: &ImportFile) -> Problem {
    Problem::new(
        Kind::NotNow,
        format!("“{}”还没有读完：请稍候", file.name),
        format!("“{}” has not been read yet: wait a moment", file.name),
    )
    .with("state", file.state.as_str())
}

pub(super) fn no_mark() -> Problem {
    Problem::new(
        Kind::Cursor,
        "翻页标记无效：请从第一页重新开始",
        "The page mark is not of this list: start from the first page",
    )
}

/// Runs what reads files aside.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal(&error))?
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => no_mark(),
            _ => Problem::internal(&error),
        })
}

/// A part of a sheet as people see it, with its problems and what would become of its rows.
#[utoipa::path(get, path = "/api/v1/imports/{id}/sheets/{nth}", tag = "imports",
    params(("id" = i64, Path, description = "Import number"),
        ("nth" = i64, Path, description = "Number of the sheet, from 0"), SheetAsked),
    responses(
        (status = 200, body = SheetPart), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body),
        (status = 410, body = Body),
    ))]
pub(crate) async fn sheet(
    State(app): State<App>,
    caller: Caller,
    Named((id, nth)): Named<(String, String)>,
    Asked(asked): Asked<SheetAsked>,
) -> Result<Json<SheetPart>, Problem> {
    let pack = pack_of(&app).await?;
    let file = reached(&app, &caller, &pack, &id, Want::See).await?;
    let found = analysis(&app, &file).await?;
    let sheet = nth
        .parse::<usize>()
        .ok()
        .and_then(|nth| found.sheets.iter().find(|sheet| sheet.nth == nth).cloned());
    let sheet = sheet.ok_or_else(|| {
        Problem::new(
            Kind::NoItem,
            format!("“{}”没有第 {nth} 张工作表（从 0 数起）", file.name),
            format!("“{}” has no sheet {nth}, counted from 0", file.name),
        )
    })?;
    // Rows above the part.
    let from = asked.from.unwrap_or(1).max(1) - 1;
    let rows = asked.rows.unwrap_or(60).clamp(1, MOST_ROWS);
    let last = from.saturating_add(rows);
    let folder = import_folder(&app.state.store, file.id);
    let (mut window, problems, changes, sheet) = aside(move || {
        let window = folder.window(&sheet, from, rows)?;
        let problems = folder.problems()?;
        let changes = folder.outcomes(sheet.nth, from.saturating_add(1), last)?;
        Ok((window, problems, changes, sheet))
    })
    .await?;
    if file.account != caller.account && !caller.access.sees_personal() {
        mask_cells(
            &pack,
            &found.tables,
            sheet.nth,
            window.first,
            &mut window.rows,
        );
    }
    let marks = problems
        .into_iter()
        .filter(|problem| problem.sheet == sheet.name && problem.row > from && problem.row <= last)
        .take(MOST_MARKS)
        .map(|problem| CellMark {
            row: problem.row,
            col: a1::parse(&problem.cell).map_or(0, |(column, _)| column),
            severity: problem.severity,
            code: problem.code,
            message: problem.message,
            message_en: problem.message_en,
        });
    Ok(Json(SheetPart {
        marks: marks.collect(),
        changes: changes
            .into_iter()
            .map(|(row, what)| RowMark {
                row,
                what: what.as_str(),
            })
            .collect(),
        name: sheet.name,
        first: window.first,
        rows: window.rows,
        total_rows: sheet.rows,
        cols: sheet.cols,
        merges: window.merges,
        hidden_rows: window.hidden_rows,
        hidden_cols: window.hidden_cols,
    }))
}

/// Masks what stands below the headers of personal fields: others than the sender may look at the
/// sheet, not at people.
fn mask_cells(
    pack: &Pack,
    tables: &[TableFound],
    sheet: usize,
    first: u32,
    rows: &mut [Vec<String>],
) {
    for table in tables.iter().filter(|table| table.sheet == sheet) {
        let Some(register) = table.register.as_deref().and_then(|id| pack.register(id)) else {
            continue;
        };
        let personal = table.columns.iter().filter(|column| {
            let field = column.field.as_deref().and_then(|id| register.index(id));
            field.is_some_and(|field| register.fields[field].personal)
        });
        for column in personal {
            let Some((column, _)) = a1::parse(&format!("{}1", column.col)) else {
                continue;
            };
            for (row, cells) in (first..).zip(rows.iter_mut()) {
                if row <= table.header_rows.1 {
                    continue;
                }
                if let Some(cell) = cells.get_mut(column as usize) {
                    *cell = masked(cell);
                }
            }
        }
    }
}

fn masked(text: &str) -> String {
    match qipan_model::masked(&Value::Text(text.to_owned())) {
        Value::Text(masked) => masked,
        _ => String::new(),
    }
}

/// Which rows are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewAsked {
    /// Only rows of this register.
    register: Option<String>,
    /// Only rows with this fate: `insert`, `update`, `unchanged` or `refused`.
    what: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Most rows, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// One field that a row would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewChange {
    /// Field id; `_state` for where the record stands between the sides.
    pub field: String,
    /// Its label.
    pub label: String,
    /// Before.
    pub before: serde_json::Value,
    /// After.
    pub after: serde_json::Value,
}

/// A row with what would become of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewRow {
    /// Register id.
    pub register: String,
    /// Where it stands, `项目台账!A5`.
    pub place: String,
    /// `insert`, `update`, `unchanged` or `refused`.
    pub what: String,
    /// Natural key; empty where it is incomplete.
    pub key: String,
    /// Values by field id.
    #[schema(value_type = Object)]
    pub values: serde_json::Map<String, serde_json::Value>,
    /// What it would change of the record that stands.
    pub changes: Vec<PreviewChange>,
}

/// Some rows with what would become of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// In the order of the file; of each register and fate the first 20000 are kept.
    pub rows: Vec<PreviewRow>,
    /// Mark of the next page; `null` on the last one.
    pub next: Option<String>,
}

/// What would become of the rows of a workbook, as things stood when it was read.
#[utoipa::path(get, path = "/api/v1/imports/{id}/preview", tag = "imports",
    params(("id" = i64, Path, description = "Import number"), PreviewAsked),
    responses(
        (status = 200, body = Preview), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body),
        (status = 410, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(asked): Asked<PreviewAsked>,
) -> Result<Json<Preview>, Problem> {
    let pack = pack_of(&app).await?;
    let file = reached(&app, &caller, &pack, &id, Want::See).await?;
    analysis(&app, &file).await?;
    let what = asked
        .what
        .map(|word| {
            What::parse(&word).ok_or_else(|| {
                Problem::new(
                    Kind::BadQuery,
                    format!("what“{word}”看不懂：请写 insert、update、unchanged 或 refused"),
                    format!(
                        "“{word}” is not understood: write insert, update, unchanged or refused"
                    ),
                )
            })
        })
        .transpose()?;
    let folder = import_folder(&app.state.store, file.id);
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let after = asked
        .after
        .map(|mark| mark.parse().map_err(|_| no_mark()))
        .transpose()?;
    let page = aside(move || folder.page(asked.register.as_deref(), what, after, limit)).await?;
    let personal = if caller.access.sees_personal() {
        BTreeMap::new()
    } else {
        personal_fields(&pack)
    };
    Ok(Json(Preview {
        rows: page
            .rows
            .into_iter()
            .map(|row| shown(row, &personal))
            .collect(),
        next: page.next.map(|next| next.to_string()),
    }))
}

/// Personal fields by register.
fn personal_fields(pack: &Pack) -> BTreeMap<&str, Vec<&str>> {
    let of = |register: &'_ qipan_model::Register| -> Vec<usize> {
        let fields = register.fields.iter().enumerate();
        fields
            .filter(|(_, field)| field.personal)
            .map(|(nth, _)| nth)
            .collect()
    };
    pack.registers
        .iter()
        .map(|register| {
            let fields = of(register)
                .into_iter()
                .map(|nth| register.fields[nth].id.as_str())
                .collect();
            (register.id.as_str(), fields)
        })
        .collect()
}

fn shown(row: RowShown, personal: &BTreeMap<&str, Vec<&str>>) -> PreviewRow {
    let hidden = personal
        .get(row.register.as_str())
        .cloned()
        .unwrap_or_default();
    let mask = |field: &str, value: serde_json::Value| match value {
        serde_json::Value::Null => value,
        _ if !hidden.contains(&field) => value,
        serde_json::Value::String(text) => masked(&text).into(),
        _ => serde_json::Value::Null,
    };
    PreviewRow {
        values: row
            .values
            .into_iter()
            .map(|(field, value)| {
                let value = mask(&field, value);
                (field, value)
            })
            .collect(),
        changes: row
            .changes
            .into_iter()
            .map(|change| PreviewChange {
                before: mask(&change.field, change.before),
                after: mask(&change.field, change.after),
                field: change.field,
                label: change.label,
            })
            .collect(),
        register: row.register,
        place: row.place,
        what: row.what,
        key: row.key,
    }
}
