//! What is kept for ever: the journal, its verification, original files.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use axum::Json;
use axum::body::{Body as Content, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use qipan_figures::parse_moment;
use qipan_model::Action;
use qipan_store::{Entry, JournalQuery, VerifyReport};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::records::entry;
use super::shapes::{EntryShape, VerifyShape};
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::filetype;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// What the journal may be asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalAsked {
    /// First entry; 100 before the last when left out.
    first: Option<i64>,
    /// Last entry; the newest when left out. At most 1000 entries are sent.
    last: Option<i64>,
    /// Only entries of this account.
    actor: Option<String>,
    /// Only entries of this sort: `import`, `edit`, `export`, `login` …
    action: Option<String>,
    /// Only entries that touched this register (id).
    register: Option<String>,
    /// Only entries in which these words stand: who, why, or the particulars (file names …).
    q: Option<String>,
    /// Only entries from this day or moment on.
    from: Option<String>,
    /// Only entries up to this day (its end) or moment.
    to: Option<String>,
    /// Most entries, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

impl JournalAsked {
    /// Whether it is a search, which answers newest first, and not a stretch of the chain.
    fn is_search(&self) -> bool {
        let words = [
            &self.actor,
            &self.action,
            &self.register,
            &self.q,
            &self.from,
            &self.to,
        ];
        self.limit.is_some() || words.into_iter().any(|word| given(word).is_some())
    }
}

fn given(word: &Option<String>) -> Option<&str> {
    word.as_deref()
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

/// A stretch of the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Journal {
    /// The entries: of a stretch the oldest first, of a search the newest first.
    #[schema(value_type = Vec<EntryShape>)]
    pub entries: Vec<Entry>,
    /// `last` of the next page of a search; `null` on its last one.
    pub next: Option<i64>,
    /// Number of the newest entry.
    pub head: i64,
    /// Hash of the newest entry, hex.
    pub hash: String,
}

/// Entries of the journal: a stretch of it, or those that fit a search.
#[utoipa::path(get, path = "/api/v1/journal", tag = "keeping", params(JournalAsked),
    responses(
        (status = 200, body = Journal), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn journal(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<JournalAsked>,
) -> Result<Json<Journal>, Problem> {
    let mut snapshot = app.snapshot_for(&caller, Action::Journal, None).await?;
    let head = snapshot.reader.head().clone();
    let last = asked.last.unwrap_or(head.seq).min(head.seq);
    let (entries, next) = if asked.is_search() {
        let limit = asked.limit.unwrap_or(100).clamp(1, 1000);
        let query = JournalQuery {
            first: asked.first.unwrap_or(1),
            last,
            from: given(&asked.from).map(first_moment).transpose()?,
            to: given(&asked.to).map(parse_moment).transpose()?,
            actor: given(&asked.actor),
            action: given(&asked.action),
            register: given(&asked.register),
            text: given(&asked.q),
            limit,
        };
        let entries = snapshot.reader.find_entries(&query).await?;
        let is_full = entries.len() >= limit as usize;
        let next = entries.last().map(|entry| entry.seq - 1);
        (entries, next.filter(|next| is_full && *next >= 1))
    } else {
        let first = asked.first.unwrap_or(last.saturating_sub(99)).max(1);
        (snapshot.reader.journal(first, last).await?, None)
    };
    Ok(Json(Journal {
        entries,
        next,
        head: head.seq,
        hash: head.hash,
    }))
}

/// A moment, or the beginning of a day in the mechanism's time (UTC+8).
fn first_moment(text: &str) -> Result<Timestamp, Problem> {
    let Ok(day) = text.parse::<Date>() else {
        return Ok(parse_moment(text)?);
    };
    let begins = Offset::constant(8).to_timestamp(day.to_datetime(Time::midnight()));
    begins.map_err(|_| qipan_figures::Error::Moment(text.to_owned()).into())
}

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
