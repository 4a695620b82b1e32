//! A workbook on its way in.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::body::Body as Content;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use qipan_model::{Action, Pack, Resolved, Scope};
use qipan_store::NewImport;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::pack_of;
use super::receive::{Lost, receive};
use crate::asked::{self, Asked};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::work::{ImportAsked, READ, Work, import_folder};

/// Folder of uploads under way, within the data folder.
pub(crate) const UPLOADS: &str = "imports/uploads";
/// Most bytes of an upload; larger files are imported at the command line.
const MOST_BYTES: u64 = 200 << 20;
/// Most workbooks of an account that are neither written nor given up.
const MOST_OPEN: i64 = 50;
/// Most characters of a file's name.
const MOST_NAME: usize = 120;

/// What is said of a workbook.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadAsked {
    /// Name of the file.
    name: String,
    /// Register that it holds; recognised when left out.
    register: Option<String>,
    /// Unit on whose behalf it is sent: id, code or name.
    unit: Option<String>,
    /// Period that it reports; taken from the title when left out.
    period: Option<String>,
}

/// A workbook that has come in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// Its number: `/imports/{id}`.
    pub id: i64,
    /// The job that reads it: `/jobs/{id}`.
    pub job: i64,
}

/// Sends a workbook (.xlsx, .xls or CSV) in, as the body. It is read as a job and written only
/// when it is committed. The kind of file is told by its content.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(UploadAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream",
        description = "The file, at most 200 MiB"),
    responses(
        (status = 202, body = Accepted), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body),
        (status = 413, body = Body), (status = 422, body = Body), (status = 507, body = Body),
    ))]
pub(crate) async fn upload(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<UploadAsked>,
    headers: HeaderMap,
    body: Content,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    caller.need(Action::Import)?;
    let pack = pack_of(&app).await?;
    let name = file_name(&asked.name)?;
    let options = ImportAsked {
        register: asked
            .register
            .map(|id| register(&caller, &pack, &id))
            .transpose()?,
        unit: unit(&app, &pack, asked.unit.as_deref())?,
        period: period(asked.period.as_deref())?,
        accept_good_rows: false,
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MOST_BYTES) {
        return Err(too_large());
    }
    let store = &app.state.store;
    if store.open_imports(caller.account).await? >= MOST_OPEN {
        return Err(Problem::new(
            Kind::TooManyImports,
            format!("还有 {MOST_OPEN} 份导入没有办完：请先提交或放弃一些，再上传新的"),
            format!("{MOST_OPEN} imports are still open: commit or discard some first"),
        ));
    }
    let uploads = store.data_dir().join(UPLOADS);
    std::fs::create_dir_all(&uploads).map_err(|error| Problem::from_disk(&error))?;
    static NTH: AtomicU64 = AtomicU64::new(0);
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let path = uploads.join(format!(
        "{}-{}-{nth}.part",
        std::process::id(),
        app.state.clock.now().as_millisecond()
    ));
    let part = receive(body.into_data_stream(), path, MOST_BYTES)
        .await
        .map_err(|lost| match lost {
            Lost::TooLarge => too_large(),
            Lost::Broken(why) => {
                tracing::info!(why, "an upload broke off");
                Problem::new(
                    Kind::Truncated,
                    "上传中断，文件没有收全，未保存：请检查网络后重新上传",
                    "The upload broke off and was not kept: send it again",
                )
            }
            Lost::Disk(error) => Problem::from_disk(&error),
        })?;
    let new = NewImport {
        name,
        size: i64::try_from(part.size).unwrap_or(i64::MAX),
        digest: part.digest.clone(),
        options: serde_json::to_value(options).map_err(|error| Problem::internal(&error))?,
    };
    let place = |id: i64| {
        let folder = import_folder(store, id);
        let laid = folder
            .remove()
            .and_then(|()| std::fs::create_dir_all(folder.path()))
            .and_then(|()| part.keep(&folder.original()));
        laid.map_err(|error| qipan_store::Error::File {
            path: folder.original(),
            error,
        })
    };
    let job = Work::job_of(&caller, READ, json!({}));
    let (id, job) = store.add_import(&new, &job, place).await?;
    app.work.wake();
    Ok((StatusCode::ACCEPTED, Json(Accepted { id, job })))
}

fn too_large() -> Problem {
    let most = MOST_BYTES >> 20;
    Problem::new(
        Kind::TooLarge,
        format!(
            "文件超过 {most} MiB：请删去图片、拆成几个文件，或由管理员在服务器上用 qipan import 导入"
        ),
        format!(
            "The file is larger than {most} MiB: remove pictures, split it, or have it imported on \
             the server with qipan import"
        ),
    )
}

/// The file's name without folders.
fn file_name(asked: &str) -> Result<String, Problem> {
    let name = asked.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let plain = !name.is_empty()
        && name.chars().count() <= MOST_NAME
        && !name.chars().any(char::is_control);
    if plain {
        return Ok(name.to_owned());
    }
    Err(Problem::new(
        Kind::BadQuery,
        format!("文件名“{name}”不能用：请用 1 到 {MOST_NAME} 个字、不含控制字符的名字"),
        format!("The file name “{name}” will not do: use 1 to {MOST_NAME} plain characters"),
    ))
}

/// A register that the caller may import.
pub(super) fn register(caller: &Caller, pack: &Pack, id: &str) -> Result<String, Problem> {
    let register = pack.register(id).ok_or_else(|| Problem::no_register(id))?;
    if *caller.access.scope(Action::Import, id) == Scope::Nothing {
        return Err(Problem::no_register(id).hidden());
    }
    Ok(register.id.clone())
}

/// The unit asked for, by id, code or name.
pub(super) fn unit(app: &App, pack: &Pack, asked: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = asked.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if let Some(unit) = pack.units.get(text) {
        return Ok(Some(unit.id.to_string()));
    }
    match pack.units.resolve(text, app.today()) {
        Resolved::One(unit) => Ok(Some(unit.id.to_string())),
        Resolved::Ambiguous(_) | Resolved::Unknown => Err(Problem::new(
            Kind::NoUnit,
            format!("没有单位“{text}”：全部单位见 /api/v1/units"),
            format!("There is no unit “{text}”: /api/v1/units lists them all"),
        )),
    }
}

/// The period asked for, as it is written.
pub(super) fn period(asked: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = asked.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(asked::period(text)?.to_string()))
}
