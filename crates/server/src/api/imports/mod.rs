//! Workbooks that people send in: upload, what was found, mapping, commit, history.
//!
//! A workbook is seen by its sender, and by those whose role reaches the rows of all units in all
//! registers and may import or read the journal. To everybody else it is not there.

mod files;
mod found;
mod receive;
mod shapes;
mod steps;
mod upload;

use axum::Json;
use axum::extract::State;
use qipan_model::{Action, Pack, Scope};
use qipan_store::ImportFile;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

pub(crate) use files::{__path_marked, __path_original, marked, original};
pub(crate) use found::{__path_preview, __path_sheet, preview, sheet};
pub(crate) use shapes::{ImportShape, ImportSummary};
pub(crate) use steps::{__path_commit, __path_discard, __path_mapping, commit, discard, mapping};
pub(crate) use upload::{__path_upload, UPLOADS, upload};

/// Whether the caller may do this with the workbooks of everybody.
fn reaches_all(caller: &Caller, action: Action, pack: &Pack) -> bool {
    let mut registers = pack.registers.iter();
    registers.all(|register| *caller.access.scope(action, &register.id) == Scope::All)
}

fn no_import(id: &str) -> Problem {
    Problem::new(
        Kind::NoImport,
        format!("没有第“{id}”号导入：自己的导入见 /api/v1/imports"),
        format!("There is no import “{id}”: /api/v1/imports lists yours"),
    )
}

/// What the caller wants with a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// Look at it.
    See,
    /// Change what becomes of it.
    Change,
}

/// A workbook that the caller may see, or change.
async fn reached(
    app: &App,
    caller: &Caller,
    pack: &Pack,
    id: &str,
    want: Want,
) -> Result<ImportFile, Problem> {
    if want == Want::Change || !caller.access.may(Action::Journal) {
        caller.need(Action::Import)?;
    }
    let number = id.parse().map_err(|_| no_import(id))?;
    let file = app
        .state
        .store
        .import_file(number)
        .await?
        .ok_or_else(|| no_import(id))?;
    let sees = file.account == caller.account
        || reaches_all(caller, Action::Import, pack)
        || (want == Want::See && reaches_all(caller, Action::Journal, pack));
    if sees {
        Ok(file)
    } else {
        Err(no_import(id).hidden())
    }
}

/// The pack in force.
async fn pack_of(app: &App) -> Result<std::sync::Arc<Pack>, Problem> {
    let pack = app.state.store.pack().await?;
    Ok(pack.ok_or(qipan_store::Error::NoPack)?)
}

/// What the history of imports may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportsAsked {
    /// Most imports, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// One page of the history of imports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Imports {
    /// Newest first.
    pub imports: Vec<ImportSummary>,
    /// Mark of the next page; `null` on the last one.
    pub next: Option<String>,
}

/// Workbooks sent in, newest first: one's own, or those of all for whoever reaches all.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(ImportsAsked),
    responses((status = 200, body = Imports), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 422, body = Body)))]
pub(crate) async fn imports(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<ImportsAsked>,
) -> Result<Json<Imports>, Problem> {
    if !caller.access.may(Action::Journal) {
        caller.need(Action::Import)?;
    }
    let pack = pack_of(&app).await?;
    let all = [Action::Import, Action::Journal]
        .into_iter()
        .any(|action| reaches_all(&caller, action, &pack));
    let account = (!all).then_some(caller.account);
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let after = asked
        .after
        .map(|mark| mark.parse().map_err(|_| found::no_mark()))
        .transpose()?;
    let mut files = app
        .state
        .store
        .import_files(account, after, limit + 1)
        .await?;
    let next = (files.len() > limit as usize).then(|| {
        files.truncate(limit as usize);
        files.last().map(|file| file.id.to_string())
    });
    Ok(Json(Imports {
        imports: files.iter().map(ImportSummary::of).collect(),
        next: next.flatten(),
    }))
}

/// One workbook with all that was found in it.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports",
    params(("id" = i64, Path, description = "Import number")),
    responses((status = 200, body = ImportShape), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body)))]
pub(crate) async fn import(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<ImportShape>, Problem> {
    let pack = pack_of(&app).await?;
    let file = reached(&app, &caller, &pack, &id, Want::See).await?;
    let report = app.state.store.import_report(file.id).await?;
    Ok(Json(ImportShape::of(&file, report)?))
}
