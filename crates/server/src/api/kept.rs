//! What is kept for ever: the journal, its verification, original files.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use axum::Json;
use axum::body::{Body as Content, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use futures::{StreamExt, stream};
use qipan_model::Action;
use qipan_store::{Entry, VerifyReport};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::records::entry;
use super::shapes::{EntryShape, VerifyShape};
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// What the journal may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalAsked {
    /// First entry; 100 before the last when left out.
    first: Option<i64>,
    /// Last entry; the newest when left out. At most 1000 entries are sent.
    last: Option<i64>,
}

/// A stretch of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Journal {
    /// The entries, oldest first.
    #[schema(value_type = Vec<EntryShape>)]
    pub entries: Vec<Entry>,
    /// Number of the newest entry.
    pub head: i64,
    /// Hash of the newest entry, hex.
    pub hash: String,
}

/// Entries of the journal.
#[utoipa::path(get, path = "/api/v1/journal", tag = "keeping", params(JournalAsked),
    responses((status = 200, body = Journal), (status = 400, body = Body)))]
pub(crate) async fn journal(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<JournalAsked>,
) -> Result<Json<Journal>, Problem> {
    let mut snapshot = app.snapshot_for(&caller, Action::Journal, None).await?;
    let head = snapshot.reader.head().await?;
    let last = asked.last.unwrap_or(head.seq).min(head.seq);
    let first = asked.first.unwrap_or(last.saturating_sub(99)).max(1);
    let entries = snapshot.reader.journal(first, last).await?;
    Ok(Json(Journal {
        entries,
        head: head.seq,
        hash: head.hash,
    }))
}

/// Walks the journal and compares every row with its digest.
#[utoipa::path(get, path = "/api/v1/verify", tag = "keeping",
    responses((status = 200, body = VerifyShape), (status = 503, body = Body)))]
pub(crate) async fn verify(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<VerifyReport>, Problem> {
    caller.need(Action::Verify)?;
    Ok(Json(app.state.store.verify().await?))
}

/// Whether the server can read its store.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    pub status: &'static str,
    /// Newest journal entry.
    pub entries: i64,
}

/// Whether the server can read its store.
#[utoipa::path(get, path = "/api/v1/healthz", tag = "keeping",
    responses((status = 200, body = Health), (status = 503, body = Body)))]
pub(crate) async fn healthz(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let head = app.state.store.reader().await?.head().await?;
    Ok(Json(Health {
        status: "ok",
        entries: head.seq,
    }))
}

/// What a file may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileAsked {
    /// Journal entry that names the file; gives the download that name.
    entry: Option<i64>,
}

/// An original file, byte for byte.
#[utoipa::path(get, path = "/api/v1/files/{digest}", tag = "keeping",
    params(("digest" = String, Path, description = "SHA-256 of the file, hex"), FileAsked),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 404, body = Body),
    ))]
pub(crate) async fn file(
    State(app): State<App>,
    caller: Caller,
    Named(digest): Named<String>,
    Asked(asked): Asked<FileAsked>,
) -> Result<(HeaderMap, Content), Problem> {
    caller.need(Action::Read)?;
    let absent = || {
        Problem::new(
            Kind::NoFile,
            format!("没有保存摘要为“{digest}”的文件：请从记录页的“来源文件”进入"),
            format!("No file with the digest “{digest}” is kept: follow the source of a record"),
        )
    };
    let path = app.state.store.files().path(&digest).ok_or_else(absent)?;
    let mut name = format!("{}.bin", &digest[..12]);
    if let Some(seq) = asked.entry {
        let mut reader = app.state.store.reader().await?;
        let named = entry(&mut reader, seq)
            .await?
            .filter(|entry| source(entry, "digest") == digest);
        if let Some(given) = named
            .as_ref()
            .map(file_name)
            .filter(|name| !name.is_empty())
        {
            name = given;
        }
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    let disposition = format!(
        "attachment; filename=\"{}.bin\"; filename*=UTF-8''{}",
        &digest[..12],
        crate::pages::encoded(&name)
    );
    // Hex digits and percent signs are always a valid header.
    headers.extend(
        HeaderValue::try_from(disposition).map(|value| (header::CONTENT_DISPOSITION, value)),
    );
    // First the journal: nobody takes a file along unseen.
    let payload = json!({"digest": digest, "name": name});
    let event = caller.event("download", "下载来源文件", "", payload);
    app.state.store.log(event).await?;
    Ok((headers, streamed(path).await?))
}

/// Name of the file that an entry came from; empty when none.
pub(crate) fn file_name(entry: &Entry) -> String {
    source(entry, "name").to_owned()
}

fn source<'e>(entry: &'e Entry, key: &str) -> &'e str {
    entry
        .payload
        .get("source")
        .and_then(|source| source.get(key)?.as_str())
        .unwrap_or_default()
}

/// Bytes read at a time.
const PIECE: usize = 256 * 1024;

/// A file as a body, piece by piece, so that its size costs no memory.
pub(crate) async fn streamed(path: PathBuf) -> Result<Content, Problem> {
    let blocking = |error: tokio::task::JoinError| Problem::internal(&error);
    let file = tokio::task::spawn_blocking(move || File::open(path))
        .await
        .map_err(blocking)?
        .map_err(|error| Problem::internal(&error))?;
    let pieces = stream::unfold(Some(file), |file| async {
        let mut file = file?;
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let count = file.read(&mut piece)?;
            piece.truncate(count);
            Ok::<_, std::io::Error>((Bytes::from(piece), file))
        });
        match read
            .await
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
        {
            Ok((piece, _)) if piece.is_empty() => None,
            Ok((piece, file)) => Some((Ok(piece), Some(file))),
            Err(error) => Some((Err(error), None)),
        }
    });
    // Compression asks on after the end.
    Ok(Content::from_stream(pieces.fuse()))
}
