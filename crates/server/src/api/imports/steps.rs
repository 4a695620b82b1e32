//! What becomes of a workbook: understood otherwise, written, given up.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use qipan_import::analysis::Analysis;
use qipan_model::{MoneyUnit, Pack};
use qipan_sheets::a1;
use qipan_sheets::recognise::SheetMapping;
use qipan_store::{ImportFile, ImportState, ImportStep};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::upload::{self, Accepted};
use super::{Want, pack_of, reached};
use crate::api::jobs::Started;
use crate::asked::{Named, Sent};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::work::{COMMIT, ImportAsked, READ, Work, import_folder};

/// Columns that a sheet may have (docs/import.md).
const MOST_COLUMNS: u32 = 1_024;
/// Most sheets that something is said of.
const MOST_TABLES: usize = 200;
/// Most characters of a reason.
const MOST_REASON: usize = 500;

/// How a sheet is to be understood. What is left out is recognised as ever.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableMapping {
    /// Number of the sheet, from 0.
    sheet: usize,
    /// Whether the sheet is not to be read at all.
    #[serde(default)]
    skip: bool,
    /// Register id.
    #[serde(default)]
    register: Option<String>,
    /// Last row of the header, from 1. The sheet then holds one table.
    #[serde(default)]
    header: Option<u32>,
    /// Unit of the money columns that do not state their own: 元, 万元 or 亿元.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    money: Option<MoneyUnit>,
    /// Columns by their letters, with the field that each is, `_state` for 对方确认, or `null` for
    /// one that is not to be read.
    #[serde(default)]
    #[schema(value_type = Object)]
    columns: BTreeMap<String, Option<String>>,
}

/// How a workbook is to be understood; takes the place of what was said before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappingAsked {
    /// Sheets.
    #[serde(default)]
    tables: Vec<TableMapping>,
    /// Unit on whose behalf it is sent: id, code or name; as before when left out.
    unit: Option<String>,
    /// Period that it reports; as before when left out.
    period: Option<String>,
}

fn faulty(zh: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::new(Kind::Mapping, zh, en)
}

/// A mapping with letters as numbers, once it can be followed.
fn checked(
    caller: &Caller,
    pack: &Pack,
    found: &Analysis,
    asked: &[TableMapping],
) -> Result<Vec<SheetMapping>, Problem> {
    if asked.len() > MOST_TABLES {
        return Err(faulty("工作表太多", "Too many sheets"));
    }
    let mut mappings: Vec<SheetMapping> = Vec::new();
    for table in asked {
        let nth = table.sheet;
        let Some(sheet) = found.sheets.iter().find(|sheet| sheet.nth == nth) else {
            return Err(faulty(
                format!("没有第 {nth} 张工作表（从 0 数起）：请刷新后重选"),
                format!("There is no sheet {nth} (counted from 0): load the import again"),
            ));
        };
        let name = &sheet.name;
        if mappings.iter().any(|mapping| mapping.sheet == nth) {
            return Err(faulty(
                format!("“{name}”说了两次：每张工作表只写一处"),
                format!("{name} is given twice: one entry a sheet"),
            ));
        }
        let mut columns = BTreeMap::new();
        for (letters, field) in &table.columns {
            let place = a1::parse(&format!("{letters}1")).filter(|(column, row)| {
                *row == 1 && *column < MOST_COLUMNS && *letters == a1::column_name(*column)
            });
            let Some((column, _)) = place else {
                return Err(faulty(
                    format!("“{name}”没有“{letters}”这一列：列用 A、B、…、AA 表示"),
                    format!("{name} has no column “{letters}”: columns are A, B, …, AA"),
                ));
            };
            columns.insert(column, field.clone());
        }
        let register = match &table.register {
            Some(id) => Some(upload::register(caller, pack, id)?),
            None => None,
        };
        if table.header == Some(0) {
            return Err(faulty(
                format!("“{name}”的表头行从 1 数起"),
                format!("The header row of {name} counts from 1"),
            ));
        }
        let mapping = SheetMapping {
            sheet: nth,
            skip: table.skip,
            register,
            header: table.header,
            money: table.money,
            columns,
        };
        // Without a register said, the one that was recognised decides which fields there are.
        let recognised = || {
            let on_sheet = |table: &&qipan_import::analysis::TableFound| table.sheet == nth;
            found.tables.iter().find(on_sheet)?.register.clone()
        };
        let known = mapping.register.clone().or_else(recognised);
        match known.and_then(|id| pack.register(&id)) {
            Some(register) => {
                if let Some(column) = mapping.faulty(register) {
                    let letters = a1::column_name(column);
                    let said = mapping.columns[&column].as_deref().unwrap_or_default();
                    return Err(faulty(
                        format!(
                            "“{name}”的 {letters} 列不能作“{said}”：{}没有这个可填的字段，或另一列已是它",
                            register.name
                        ),
                        format!(
                            "Column {letters} of {name} cannot be “{said}”: {} has no such field \
                             to fill in, or another column is it already",
                            register.name_en
                        ),
                    ));
                }
            }
            None if mapping.columns.values().any(Option::is_some) => {
                return Err(faulty(
                    format!("“{name}”还不知道是哪个台账：请先选台账，再对列"),
                    format!("{name} holds no known register yet: name it before its columns"),
                ));
            }
            None => {}
        }
        mappings.push(mapping);
    }
    Ok(mappings)
}

/// Has a workbook read again as its sender says.
#[utoipa::path(post, path = "/api/v1/imports/{id}/mapping", tag = "imports",
    params(("id" = i64, Path, description = "Import number")),
    request_body = MappingAsked,
    responses(
        (status = 202, body = Accepted), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn mapping(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Sent(asked): Sent<MappingAsked>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let pack = pack_of(&app).await?;
    let file = reached(&app, &caller, &pack, &id, Want::Change).await?;
    let store = &app.state.store;
    let found = match store.import_report(file.id).await? {
        Value::Null => return Err(not_now(&file)),
        found => serde_json::from_value(found).map_err(|error| Problem::internal(&error))?,
    };
    let mappings = checked(&caller, &pack, &found, &asked.tables)?;
    let mut options: ImportAsked =
        serde_json::from_value(file.options.clone()).map_err(|error| Problem::internal(&error))?;
    if let Some(unit) = upload::unit(&app, &pack, asked.unit.as_deref())? {
        options.unit = Some(unit);
    }
    if let Some(period) = upload::period(asked.period.as_deref())? {
        options.period = Some(period);
    }
    let json =
        |value: Result<Value, serde_json::Error>| value.map_err(|error| Problem::internal(&error));
    let step = ImportStep {
        options: Some(json(serde_json::to_value(options))?),
        mapping: Some(json(serde_json::to_value(mappings))?),
        found: None,
    };
    let job = Work::job_of(&caller, READ, json!({}));
    let from = [ImportState::Ready, ImportState::Failed];
    let sent = store
        .send_import(file.id, &from, ImportState::Analysing, &step, &job)
        .await?;
    let job = sent.ok_or_else(|| not_now(&file))?;
    app.work.wake();
    Ok((StatusCode::ACCEPTED, Json(Accepted { id: file.id, job })))
}

/// How a workbook is to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommitAsked {
    /// Whether the good rows are taken and the bad ones left; else all or nothing.
    #[serde(default)]
    accept_good_rows: bool,
    /// Why, for the journal; names the file when left out.
    #[serde(default)]
    reason: String,
}

/// Writes a workbook that has been read, as a job: whole or not at all.
#[utoipa::path(post, path = "/api/v1/imports/{id}/commit", tag = "imports",
    params(("id" = i64, Path, description = "Import number")),
    request_body = CommitAsked,
    responses(
        (status = 202, body = Started), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn commit(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Sent(asked): Sent<CommitAsked>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let pack = pack_of(&app).await?;
    let file = reached(&app, &caller, &pack, &id, Want::Change).await?;
    let reason = asked.reason.trim();
    if reason.chars().count() > MOST_REASON || reason.contains('\0') {
        return Err(Problem::new(
            Kind::BadQuery,
            format!("事由不超过 {MOST_REASON} 个字"),
            format!("The reason has at most {MOST_REASON} characters"),
        ));
    }
    let errors = file.summary["errors"].as_u64().unwrap_or(0);
    if file.state == ImportState::Ready && errors > 0 && !asked.accept_good_rows {
        return Err(Problem::new(
            Kind::BadRows,
            format!("还有 {errors} 个错误：请改正后重新上传，或选择先收好的行（accept_good_rows）"),
            format!(
                "{errors} errors are left: mend the workbook and send it again, or take the good \
                 rows (accept_good_rows)"
            ),
        ));
    }
    let mut options: ImportAsked =
        serde_json::from_value(file.options.clone()).map_err(|error| Problem::internal(&error))?;
    options.accept_good_rows = asked.accept_good_rows;
    let step = ImportStep {
        options: Some(serde_json::to_value(options).map_err(|error| Problem::internal(&error))?),
        ..ImportStep::default()
    };
    let payload = json!({ "accept_good_rows": asked.accept_good_rows, "reason": reason });
    let job = Work::job_of(&caller, COMMIT, payload);
    let from = [ImportState::Ready];
    let sent = app
        .state
        .store
        .send_import(file.id, &from, ImportState::Committing, &step, &job)
        .await?;
    let job = sent.ok_or_else(|| not_now(&file))?;
    app.work.wake();
    Ok((StatusCode::ACCEPTED, Json(Started { job })))
}

/// Gives a workbook up that is not written: its working files go, its line in the history stays.
#[utoipa::path(delete, path = "/api/v1/imports/{id}", tag = "imports",
    params(("id" = i64, Path, description = "Import number")),
    responses((status = 204, description = "Given up"), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body)))]
pub(crate) async fn discard(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let pack = pack_of(&app).await?;
    let file = reached(&app, &caller, &pack, &id, Want::Change).await?;
    if file.state == ImportState::Discarded {
        return Ok(StatusCode::NO_CONTENT);
    }
    // Told to stop before the workbook is taken from under it.
    let busy = file.state == ImportState::Analysing;
    if busy {
        app.work.cancel(file.job).await?;
    }
    let store = &app.state.store;
    if !store.discard_import(file.id).await? {
        return Err(not_now(&file));
    }
    let particulars = json!({ "import": file.id, "name": file.name, "digest": file.digest });
    store
        .log(caller.event("import-discard", "", "", particulars))
        .await?;
    // Of one that is still being read the files go later, when nobody holds them.
    if !busy && store.clear_import(file.id).await? {
        let folder = import_folder(store, file.id);
        if let Err(error) = folder.remove() {
            tracing::warn!(%error, "the working files of an import stay");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The workbook is not where the step begins.
fn not_now(file: &ImportFile) -> Problem {
    let (zh, en) = match file.state {
        ImportState::Analysing => ("正在读取", "is still being read"),
        ImportState::Ready => ("还没有提交", "is not committed yet"),
        ImportState::Committing => ("正在提交", "is being written"),
        ImportState::Committed => ("已经提交", "is written already"),
        ImportState::Refused => ("读不了", "cannot be read"),
        ImportState::Failed => ("没有读成", "could not be read"),
        ImportState::Discarded => ("已经放弃", "has been given up"),
    };
    Problem::new(
        Kind::NotNow,
        format!("“{}”{zh}，现在不能这样做：请刷新后再看", file.name),
        format!(
            "“{}” {en}: load it again to see what can be done",
            file.name
        ),
    )
    .with("state", file.state.as_str())
}
