//! The pack's files as people read them.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::asked::Named;
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// The files of the pack in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct PackFiles {
    /// SHA-256 over all of them, hex.
    pub digest: String,
    /// Version of the pack.
    pub version: String,
    /// The files by path.
    pub files: Vec<PackFile>,
}

/// A file of the pack.
#[derive(Serialize, ToSchema)]
pub(crate) struct PackFile {
    /// Path from the pack's root, `registers/project.toml`.
    pub path: String,
    /// Bytes.
    pub size: usize,
}

/// The files of the pack in force.
#[utoipa::path(get, path = "/api/v1/pack/files", tag = "pack",
    operation_id = "pack_files",
    responses(
        (status = 200, body = PackFiles), (status = 401, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn files(
    State(app): State<App>,
    _caller: Caller,
) -> Result<Json<PackFiles>, Problem> {
    let source = app.state.store.pack_source().await?;
    let pack = app.state.store.pack().await?;
    let (source, pack) = source.zip(pack).ok_or(qipan_store::Error::NoPack)?;
    let files = source.files.iter().map(|(path, bytes)| PackFile {
        path: path.clone(),
        size: bytes.len(),
    });
    Ok(Json(PackFiles {
        digest: pack.digest.clone(),
        version: pack.mechanism.version.clone(),
        files: files.collect(),
    }))
}

/// One file of the pack in force, as text.
#[utoipa::path(get, path = "/api/v1/pack/files/{path}", tag = "pack",
    operation_id = "pack_file",
    params(("path" = String, Path, description = "Path from the pack's root, `/` written as `%2F`")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/plain"),
        (status = 401, body = Body), (status = 404, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn file(
    State(app): State<App>,
    _caller: Caller,
    Named(path): Named<String>,
) -> Result<Response, Problem> {
    let source = app.state.store.pack_source().await?;
    let mut source = source.ok_or(qipan_store::Error::NoPack)?;
    // The pack is kept in the store: its paths are keys, not places on the disk.
    let bytes = source.files.remove(&path).ok_or_else(|| {
        Problem::new(
            Kind::NoFile,
            format!("机制包里没有文件“{path}”：全部文件见 /api/v1/pack/files"),
            format!("The pack has no file “{path}”: /api/v1/pack/files lists them all"),
        )
    })?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, text).into_response())
}
