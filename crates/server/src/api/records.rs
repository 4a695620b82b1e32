//! Records of a register, and the revisions of one.

use axum::Json;
use axum::extract::State;
use qipan_store::{Entry, ListQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shapes::{RecordShape, json};
use crate::asked::{self, Asked, Named};
use crate::problem::{Body, Problem};
use crate::state::App;

/// What a list of records may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAsked {
    /// Most records on a page, 1 to 1000; 50 when left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
    /// Field id, `-` before it for descending; `-entry` (newest first) when left out.
    sort: Option<String>,
    /// Only records for which this expression holds, `fund > 1000000 && has(start_date)`.
    #[serde(rename = "where")]
    #[param(rename = "where")]
    filter: Option<String>,
    /// Only records of this supporter (unit id).
    supporter: Option<String>,
    /// Only records of this recipient (unit id).
    recipient: Option<String>,
    /// Only records that figures count.
    counted: Option<bool>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
}

/// One page of records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordPage {
    /// The records.
    pub records: Vec<RecordShape>,
    /// Records in the whole list.
    pub total: i64,
    /// Mark of the next page; `null` on the last one.
    pub next: Option<String>,
    /// Moment as of which the list was read, RFC 3339 UTC.
    pub as_of: String,
}

/// Records of a register.
#[utoipa::path(get, path = "/api/v1/registers/{register}/records", tag = "registers",
    operation_id = "records",
    params(("register" = String, Path, description = "Register id"), ListAsked),
    responses(
        (status = 200, body = RecordPage), (status = 400, body = Body),
        (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    Named(id): Named<String>,
    Asked(asked): Asked<ListAsked>,
) -> Result<Json<RecordPage>, Problem> {
    let mut snapshot = app.snapshot(asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let register = asked::register(&pack, &id)?;
    let filter = asked::filter(asked.filter.as_deref(), register)?;
    let query = ListQuery {
        filter: filter.as_ref(),
        today: Some(app.today()),
        supporter: asked.supporter.as_deref(),
        recipient: asked.recipient.as_deref(),
        counted_only: asked.counted.unwrap_or(false),
        order: asked::order(asked.sort.as_deref(), register)?,
        limit: asked.limit.unwrap_or(50).clamp(1, 1000),
        after: asked.after.as_deref(),
        as_of: snapshot.seq(),
        ..ListQuery::default()
    };
    let page = snapshot.reader.list(register, &query).await?;
    Ok(Json(RecordPage {
        records: page
            .records
            .iter()
            .map(|record| RecordShape::of(register, record))
            .collect(),
        total: page.total,
        next: page.next,
        as_of: snapshot.mark,
    }))
}

/// One field that a revision changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// Field id.
    pub field: String,
    /// Its label.
    pub label: String,
    /// Before.
    #[schema(value_type = Object)]
    pub before: serde_json::Value,
    /// After.
    #[schema(value_type = Object)]
    pub after: serde_json::Value,
}

/// One revision with who made it and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revision {
    /// The record as this revision has it.
    pub record: RecordShape,
    /// Moment, RFC 3339 UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What sort of change.
    pub action: String,
    /// Name of the file it came from; empty when entered by hand.
    pub file: String,
    /// What it changed of the revision before; nothing for the first.
    pub changes: Vec<Difference>,
}

/// A record with all its revisions, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    /// Register id.
    pub register: String,
    /// Record number.
    pub record: i64,
    /// Natural key.
    pub key: String,
    /// The revisions.
    pub revisions: Vec<Revision>,
}

/// All revisions of a record.
#[utoipa::path(get, path = "/api/v1/registers/{register}/records/{record}/revisions",
    tag = "registers",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
    ),
    responses((status = 200, body = History), (status = 404, body = Body)))]
pub(crate) async fn revisions(
    State(app): State<App>,
    Named((id, record)): Named<(String, String)>,
) -> Result<Json<History>, Problem> {
    let mut snapshot = app.snapshot(None).await?;
    let pack = snapshot.pack.clone();
    let register = asked::register(&pack, &id)?;
    let number = record
        .parse()
        .map_err(|_| Problem::no_record(&id, &record))?;
    let records = snapshot.reader.record_history(register, number).await?;
    let Some(last) = records.last() else {
        return Err(Problem::no_record(&id, &record));
    };
    let key = last.key.clone();
    let mut revisions = Vec::with_capacity(records.len());
    for (nth, record) in records.iter().enumerate() {
        let entry = entry(&mut snapshot.reader, record.from_seq).await?;
        let before = nth.checked_sub(1).map(|before| &records[before]);
        let changes = register
            .fields
            .iter()
            .enumerate()
            .filter_map(|(index, field)| {
                let (old, new) = (before?.values.get(index)?, record.values.get(index)?);
                let shown = |value| match field.personal {
                    true => json(&qipan_model::masked(value)),
                    false => json(value),
                };
                (old != new).then(|| Difference {
                    field: field.id.clone(),
                    label: field.label.clone(),
                    before: shown(old),
                    after: shown(new),
                })
            });
        revisions.push(Revision {
            changes: changes.collect(),
            at: entry
                .as_ref()
                .map(|entry| qipan_store::written(entry.at))
                .unwrap_or_default(),
            file: entry.as_ref().map(super::file_name).unwrap_or_default(),
            actor: entry
                .as_ref()
                .map(|entry| entry.actor.clone())
                .unwrap_or_default(),
            reason: entry
                .as_ref()
                .map(|entry| entry.reason.clone())
                .unwrap_or_default(),
            action: entry.map(|entry| entry.action).unwrap_or_default(),
            record: RecordShape::of(register, record),
        });
    }
    Ok(Json(History {
        register: register.id.clone(),
        record: number,
        key,
        revisions,
    }))
}

/// One journal entry.
pub(crate) async fn entry(
    reader: &mut qipan_store::Reader,
    seq: i64,
) -> Result<Option<Entry>, Problem> {
    Ok(reader.entry(seq).await?)
}
