//! What is kept for ever: the verification of the journal, original files.

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
use super::shapes::VerifyShape;
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::filetype;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// Walks the journal and compares every row with its digest.
#[utoipa::path(get, path = "/api/v1/verify", tag = "keeping",
    responses((status = 200, body = VerifyShape), (status = 503, body = Body)))]
pub(crate) async fn verify(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<VerifyReport>, Problem> {
    caller.need(Action::Verify)?;
    let report = app.state.store.verify().await?;
    let payload = json!({
        "ok": report.ok, "entries": report.entries, "broken": report.broken.len(),
    });
    let event = caller.event("verify", "校验日志链", "", payload);
    app.state.store.log(event).await?;
    Ok(Json(report))
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
    let head = app.state.store.reader().await?.head().clone();
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
    /// Journal entry that names the file: the one that bound it to a record, or that wrote records
    /// out of it; gives the download that name.
    entry: Option<i64>,
    /// `1` shows pictures and PDF in place instead of handing them out.
    inline: Option<u8>,
}

/// A file, byte for byte: one that is bound to a record which the caller may see, or one from
/// which records came that are all theirs to see. What is handed out goes into the journal.
#[utoipa::path(get, path = "/api/v1/files/{digest}", tag = "keeping",
    params(("digest" = String, Path, description = "SHA-256 of the file, hex"), FileAsked),
    responses(
        (status = 200, description = "The file", content(
            (Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/pdf"),
            (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"),
        )),
        (status = 400, body = Body), (status = 404, body = Body),
    ))]
pub(crate) async fn file(
    State(app): State<App>,
    caller: Caller,
    Named(digest): Named<String>,
    Asked(asked): Asked<FileAsked>,
) -> Result<(HeaderMap, Content), Problem> {
    let absent = || {
        Problem::new(
            Kind::NoFile,
            format!("没有保存摘要为“{digest}”的文件：请从记录页的“来源文件”或“佐证”进入"),
            format!(
                "No file with the digest “{digest}” is kept: follow a record's source or evidence"
            ),
        )
    };
    let mut snapshot = app.snapshot(&caller, None).await?;
    let path = app.state.store.files().path(&digest).ok_or_else(absent)?;
    let (name, kind) = named(&mut snapshot.reader, &digest, asked.entry)
        .await?
        .ok_or_else(|| absent().hidden())?;
    drop(snapshot);
    let inline = asked.inline == Some(1) && filetype::is_shown(&kind);
    let mut headers = HeaderMap::new();
    let media_type = if inline {
        kind.as_str()
    } else {
        "application/octet-stream"
    };
    // Media types, hex digits and percent signs are always valid headers.
    headers.extend(HeaderValue::try_from(media_type).map(|kind| (header::CONTENT_TYPE, kind)));
    let disposition = format!(
        "{}; filename=\"{}.bin\"; filename*=UTF-8''{}",
        if inline { "inline" } else { "attachment" },
        &digest[..12],
        crate::pages::encoded(&name)
    );
    headers.extend(
        HeaderValue::try_from(disposition).map(|value| (header::CONTENT_DISPOSITION, value)),
    );
    if inline {
        // What is shown reaches nobody; the desk may show it in a frame. Browsers show no PDF in a
        // sandbox; a picture needs nothing that a sandbox forbids.
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(if kind == "application/pdf" {
                "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; \
                 frame-ancestors 'self'"
            } else {
                "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
            }),
        );
        headers.insert(
            header::X_FRAME_OPTIONS,
            HeaderValue::from_static("SAMEORIGIN"),
        );
    }
    // First the journal: nobody takes a file along unseen.
    let payload = json!({"digest": digest, "name": name, "inline": inline});
    let event = caller.event("download", "", "", payload);
    app.state.store.log(event).await?;
    Ok((headers, streamed(path).await?))
}

/// Name and media type of a file that the caller may have; `None` when it is as if it were not
/// there.
async fn named(
    reader: &mut qipan_store::Reader,
    digest: &str,
    seq: Option<i64>,
) -> Result<Option<(String, String)>, Problem> {
    let bound = reader.evidence_of(digest).await?;
    let bound = bound
        .iter()
        .rfind(|one| seq.is_none_or(|seq| one.entry == seq));
    if let Some(bound) = bound {
        return Ok(Some((bound.file.name.clone(), bound.file.kind.clone())));
    }
    if !reader.shows_everything() && !reader.shows_file(digest, seq).await? {
        return Ok(None);
    }
    let named = match seq {
        Some(seq) => entry(reader, seq).await?,
        None => None,
    };
    let name = named
        .filter(|entry| source(entry, "digest") == digest)
        .as_ref()
        .map(file_name)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| format!("{}.bin", &digest[..12]));
    Ok(Some((name, "application/octet-stream".to_owned())))
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
