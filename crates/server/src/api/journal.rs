//! The journal, as far as it is read: a stretch of the chain, a search, a file of what was found.

use std::io;

use axum::Json;
use axum::body::{Body as Content, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use qipan_figures::parse_moment;
use qipan_model::Action;
use qipan_store::{Entry, JournalQuery};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::shapes::EntryShape;
use crate::asked::Asked;
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::{App, Snapshot};

/// Entries read at once for a file.
const PIECE: u32 = 500;

/// What the journal may be asked for.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
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
    /// Most entries, 1 to 1000; 100 when left out, of a file all.
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

    /// The search, for so many entries from `last` backwards.
    fn query(&self, last: i64, limit: u32) -> Result<JournalQuery<'_>, Problem> {
        Ok(JournalQuery {
            first: self.first.unwrap_or(1),
            last,
            from: given(&self.from).map(first_moment).transpose()?,
            to: given(&self.to).map(parse_moment).transpose()?,
            actor: given(&self.actor),
            action: given(&self.action),
            register: given(&self.register),
            text: given(&self.q),
            limit,
        })
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
        let query = asked.query(last, limit)?;
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

/// The entries that fit a search as lines of JSON, the newest first, as they can be verified
/// elsewhere: all of them, or as many as `limit` says. That it was taken along stands in the journal.
#[utoipa::path(get, path = "/api/v1/journal/export", tag = "keeping",
    operation_id = "journal_export", params(JournalAsked),
    responses(
        (status = 200, description = "An entry a line", content_type = "application/x-ndjson", body = String),
        (status = 422, body = Body),
    ))]
pub(crate) async fn export(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<JournalAsked>,
) -> Result<Response, Problem> {
    let snapshot = app.snapshot_for(&caller, Action::Journal, None).await?;
    let head = snapshot.reader.head().seq;
    let last = asked.last.unwrap_or(head).min(head);
    // What cannot be understood is told before anything is noted or sent.
    asked.query(last, PIECE)?;
    let event = caller.event(
        "export",
        "下载日志",
        "",
        json!({ "journal": asked, "head": head }),
    );
    app.state.store.log(event).await?;
    let name = format!("journal-{head}.ndjson");
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    let pieces = stream::try_unfold(Some((snapshot, asked, last)), |left| async {
        match left {
            Some((snapshot, asked, last)) => piece(snapshot, asked, last).await.map(Some),
            None => Ok(None),
        }
    });
    Ok((headers, Content::from_stream(pieces)).into_response())
}

/// What is left of a file of entries: its state of the store, the search, the next entry.
type Left = Option<(Snapshot, JournalAsked, i64)>;

/// The lines of the next entries, and what is left after them.
async fn piece(
    mut snapshot: Snapshot,
    mut asked: JournalAsked,
    last: i64,
) -> io::Result<(Bytes, Left)> {
    let most = asked.limit.map_or(PIECE, |limit| limit.clamp(1, PIECE));
    let query = asked
        .query(last, most)
        .map_err(|problem| io::Error::other(problem.en))?;
    let entries = snapshot.reader.find_entries(&query).await;
    let entries = entries.map_err(io::Error::other)?;
    let mut lines = Vec::new();
    for entry in &entries {
        serde_json::to_writer(&mut lines, entry)?;
        lines.push(b'\n');
    }
    let is_full = entries.len() >= most as usize;
    asked.limit = asked.limit.map(|limit| limit.saturating_sub(most));
    let is_wanted = asked.limit != Some(0);
    let next = entries.last().map(|entry| entry.seq - 1);
    let left = next
        .filter(|next| is_full && is_wanted && *next >= 1)
        .map(|next| (snapshot, asked, next));
    Ok((Bytes::from(lines), left))
}

/// A moment, or the beginning of a day in the mechanism's time (UTC+8).
fn first_moment(text: &str) -> Result<Timestamp, Problem> {
    let Ok(day) = text.parse::<Date>() else {
        return Ok(parse_moment(text)?);
    };
    let begins = Offset::constant(8).to_timestamp(day.to_datetime(Time::midnight()));
    begins.map_err(|_| qipan_figures::Error::Moment(text.to_owned()).into())
}
