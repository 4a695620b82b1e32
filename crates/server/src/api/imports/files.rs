//! The workbook itself: as it was sent, and with its problems marked.

use axum::body::Body as Content;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use qipan_sheets::read::Limits;
use qipan_sheets::write::{WriteError, marked_file};
use qipan_store::{ImportFile, ImportState};
use serde_json::json;
use tokio::sync::Semaphore;

use super::found::gone;
use super::{Want, pack_of, reached};
use crate::asked::Named;
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::work::import_folder;

/// Marked copies made at the same time: each holds a workbook in memory.
static MAKING: Semaphore = Semaphore::const_new(2);

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What a download is sent with.
fn headers(name: &str, kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!(
        "attachment; filename=\"workbook\"; filename*=UTF-8''{}",
        crate::pages::encoded(name)
    );
    // Letters and percent signs are always a valid header.
    headers.extend(
        HeaderValue::try_from(disposition).map(|value| (header::CONTENT_DISPOSITION, value)),
    );
    headers
}

/// A workbook whose file the caller may have: it holds whatever people wrote into it, unmasked.
async fn had(app: &App, caller: &Caller, id: &str) -> Result<ImportFile, Problem> {
    let pack = pack_of(app).await?;
    let file = reached(app, caller, &pack, id, Want::See).await?;
    if file.account == caller.account || caller.access.sees_personal() {
        return Ok(file);
    }
    Err(Problem::new(
        Kind::Forbidden,
        "原件里可能有个人信息，您的角色不能下载别人的原件：可以查看遮盖后的工作表",
        "The file may hold personal data and your role may not have it: look at the masked sheets",
    ))
}

async fn log(app: &App, caller: &Caller, file: &ImportFile, what: &str) -> Result<(), Problem> {
    let particulars = json!({
        "import": file.id, "name": file.name, "digest": file.digest, "what": what,
    });
    app.state
        .store
        .log(caller.event("download", "", "", particulars))
        .await?;
    Ok(())
}

/// The file as it was sent, byte for byte.
#[utoipa::path(get, path = "/api/v1/imports/{id}/file", tag = "imports",
    operation_id = "import_original",
    params(("id" = i64, Path, description = "Import number")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 410, body = Body),
    ))]
pub(crate) async fn original(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<(HeaderMap, Content), Problem> {
    let file = had(&app, &caller, &id).await?;
    let store = &app.state.store;
    let path = if file.state == ImportState::Committed {
        store.files().path(&file.digest)
    } else {
        file.kept
            .then(|| import_folder(store, file.id).original())
            .filter(|path| path.is_file())
    };
    let path = path.ok_or_else(|| gone(&file))?;
    log(&app, &caller, &file, "original").await?;
    Ok((
        headers(&file.name, "application/octet-stream"),
        crate::api::streamed(path).await?,
    ))
}

/// The workbook with its problems marked: cells coloured, a note on each, all of them listed.
#[utoipa::path(get, path = "/api/v1/imports/{id}/marked", tag = "imports",
    params(("id" = i64, Path, description = "Import number")),
    responses(
        (status = 200, description = "The marked copy",
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 409, body = Body), (status = 410, body = Body),
    ))]
pub(crate) async fn marked(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<(HeaderMap, Content), Problem> {
    let file = had(&app, &caller, &id).await?;
    if !file.kept {
        return Err(gone(&file));
    }
    let refused = |zh: &str, en: &str| {
        Problem::new(Kind::NotNow, zh.to_owned(), en.to_owned()).with("state", file.state.as_str())
    };
    match file.state {
        ImportState::Ready | ImportState::Committing | ImportState::Committed => {}
        ImportState::Analysing => {
            return Err(refused(
                "还没有读完：请稍候",
                "It has not been read yet: wait",
            ));
        }
        _ => {
            return Err(refused(
                "文件没有读成，做不出标注副本：请按提示处理文件",
                "The file could not be read, so nothing can be marked in it",
            ));
        }
    }
    let folder = import_folder(&app.state.store, file.id);
    let original = folder.original();
    let name = file.name.clone();
    let permit = MAKING
        .acquire()
        .await
        .map_err(|error| Problem::internal(&error))?;
    let copy = tokio::task::spawn_blocking(move || {
        let problems = folder.problems()?;
        marked_file(&original, &name, &problems, &Limits::default())
    })
    .await
    .map_err(|error| Problem::internal(&error))?
    .map_err(|error: WriteError| Problem::internal(&error))?;
    drop(permit);
    log(&app, &caller, &file, "marked").await?;
    let stem = file
        .name
        .rsplit_once('.')
        .map_or(file.name.as_str(), |(stem, _)| stem);
    Ok((
        headers(&format!("{stem}（标注）.xlsx"), XLSX),
        Content::from(copy),
    ))
}
