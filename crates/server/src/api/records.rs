//! Records of a register, and the revisions of one.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use qipan_model::{FieldType, Record, Register, Value};
use qipan_store::{Entry, ListQuery};
use serde::Serialize;
use utoipa::ToSchema;

use super::shapes::{RecordShape, Shown, json};
use crate::asked::{self, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::wanted::{Sifted, Wanted, wanting};

wanting!(
    /// What a list of records may be asked for.
    ListAsked {
        /// Most records on a page, 1 to 1000; 50 when left out.
        #[param(minimum = 1, maximum = 1000)]
        limit: Option<u32>,
        /// `next` of the page before.
        after: Option<String>,
        /// Field id, `-` before it for descending; `-entry` (newest first) when left out.
        sort: Option<String>,
        /// Only these fields in `values`, ids parted by commas.
        fields: Option<String>,
    }
);

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
    params(
        ("register" = String, Path, description = "Register id"), ListAsked,
        ("eq.FIELD" = Option<String>, Query, description = "Only records with this value in FIELD; empty asks for records that state nothing there"),
    ),
    responses(
        (status = 200, body = RecordPage), (status = 400, body = Body),
        (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Sifted { asked, equals }: Sifted<ListAsked>,
) -> Result<Response, Problem> {
    let mut snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let (today, seq) = (app.today(), snapshot.seq());
    let wanted = Wanted::of(&pack, register, asked.filters(), &equals, today, seq)?;
    let query = ListQuery {
        order: asked::order(asked.sort.as_deref(), register)?,
        limit: asked.limit.unwrap_or(50).clamp(1, 1000),
        after: asked.after.as_deref(),
        ..wanted.query()
    };
    let shown = shown(register, asked.fields.as_deref())?;
    let page = snapshot.reader.list(register, &query).await?;
    // Others wait for its connection.
    drop(snapshot.reader);
    let personal = caller.access.sees_personal();
    let records = page.records.iter().map(|record| Shown {
        register,
        record,
        personal,
        fields: shown.as_deref(),
    });
    // Written out here, row by row: a page is as large as answers get.
    let answer = Listed {
        records: records.collect(),
        total: page.total,
        next: page.next.as_deref(),
        as_of: &snapshot.mark,
    };
    Ok(Json(answer).into_response())
}

/// [`RecordPage`], as it is written.
#[derive(Serialize)]
struct Listed<'a> {
    records: Vec<Shown<'a>>,
    total: i64,
    next: Option<&'a str>,
    as_of: &'a str,
}

/// The fields asked for, by index; `None` is all.
fn shown(register: &Register, asked: Option<&str>) -> Result<Option<Vec<usize>>, Problem> {
    let Some(ids) = asked.map(str::trim).filter(|ids| !ids.is_empty()) else {
        return Ok(None);
    };
    let field = |id: &str| {
        let id = id.trim();
        register.index(id).ok_or_else(|| {
            Problem::new(
                Kind::BadQuery,
                format!(
                    "台账“{}”没有字段“{id}”：fields 里写字段 id，用逗号隔开",
                    register.name
                ),
                format!(
                    "Register “{}” has no field “{id}”: “fields” takes ids parted by commas",
                    register.name_en
                ),
            )
        })
    };
    ids.split(',')
        .map(field)
        .collect::<Result<_, _>>()
        .map(Some)
}

wanting!(
    /// What totals may be asked for.
    TotalsAsked {}
);

/// How many records there are, and what they come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Totals {
    /// Records.
    pub total: i64,
    /// Sums of the fields that hold numbers, by field id; `null` where no record states anything.
    #[schema(value_type = Object)]
    pub sums: serde_json::Map<String, serde_json::Value>,
    /// Moment as of which they were read, RFC 3339 UTC.
    pub as_of: String,
}

/// Number and sums of the records that a list with the same filters shows.
#[utoipa::path(get, path = "/api/v1/registers/{register}/totals", tag = "registers",
    operation_id = "totals",
    params(
        ("register" = String, Path, description = "Register id"), TotalsAsked,
        ("eq.FIELD" = Option<String>, Query, description = "Only records with this value in FIELD; empty asks for records that state nothing there"),
    ),
    responses(
        (status = 200, body = Totals), (status = 400, body = Body),
        (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn totals(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Sifted { asked, equals }: Sifted<TotalsAsked>,
) -> Result<Json<Totals>, Problem> {
    let mut snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let (today, seq) = (app.today(), snapshot.seq());
    let wanted = Wanted::of(&pack, register, asked.filters(), &equals, today, seq)?;
    // What is personal is hidden, in sums too; rates and codes add up to nothing.
    let summed: Vec<usize> = register
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| !field.personal && adds_up(field))
        .map(|(index, _)| index)
        .collect();
    let (total, sums) = snapshot
        .reader
        .totals(register, &wanted.query(), &summed)
        .await?;
    let sums = summed.iter().zip(sums).map(|(&index, units)| {
        let field = &register.fields[index];
        let scale = field.ty.value_type().scale().unwrap_or(0);
        let value = units.map_or(Value::Null, |units| {
            Value::Decimal(rust_decimal::Decimal::new(units, u32::from(scale)))
        });
        (field.id.clone(), json(&value))
    });
    Ok(Json(Totals {
        total,
        sums: sums.collect(),
        as_of: snapshot.mark,
    }))
}

/// Whether the values of a field may be added up: amounts and counts, not shares.
fn adds_up(field: &qipan_model::Field) -> bool {
    match field.ty {
        FieldType::Money { .. } | FieldType::Area | FieldType::Int { .. } => true,
        FieldType::Decimal { .. } => !matches!(&*field.measure, "" | "%" | "°" | "度"),
        _ => false,
    }
}

/// One field that a revision changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// Field id.
    pub field: String,
    /// Its label.
    pub label: String,
    /// Before.
    pub before: serde_json::Value,
    /// After.
    pub after: serde_json::Value,
}

/// One revision with who made it and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revision {
    /// The record as this revision has it.
    pub record: RecordShape,
    /// Moment, RFC 3339 UTC.
    pub at: String,
    /// Login of who made it.
    pub actor: String,
    /// What people call them.
    pub by: String,
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
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
) -> Result<Json<History>, Problem> {
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let number = record
        .parse()
        .map_err(|_| Problem::no_record(&id, &record))?;
    let records = snapshot.reader.record_history(register, number).await?;
    let Some(last) = records.last() else {
        return Err(Problem::no_record(&id, &record));
    };
    let key = last.key.clone();
    let personal = caller.access.sees_personal();
    let mut revisions = Vec::with_capacity(records.len());
    for (nth, record) in records.iter().enumerate() {
        let entry = entry(&mut snapshot.reader, record.from_seq).await?;
        let before = nth.checked_sub(1).map(|before| &records[before]);
        let changes = before.map_or_else(Vec::new, |before| {
            differences(register, before, record, personal)
        });
        let actor = entry
            .as_ref()
            .map(|entry| entry.actor.clone())
            .unwrap_or_default();
        revisions.push(Revision {
            changes,
            by: app.name_of(&actor).await?,
            at: entry
                .as_ref()
                .map(|entry| qipan_store::written(entry.at))
                .unwrap_or_default(),
            file: entry.as_ref().map(super::file_name).unwrap_or_default(),
            actor,
            reason: entry
                .as_ref()
                .map(|entry| entry.reason.clone())
                .unwrap_or_default(),
            action: entry.map(|entry| entry.action).unwrap_or_default(),
            record: RecordShape::of(register, record, personal),
        });
    }
    Ok(Json(History {
        register: register.id.clone(),
        record: number,
        key,
        revisions,
    }))
}

/// What is different between two revisions.
pub(crate) fn differences(
    register: &Register,
    before: &Record,
    after: &Record,
    personal: bool,
) -> Vec<Difference> {
    let shown = |field: &qipan_model::Field, value: &Value| {
        if field.personal && !personal {
            json(&qipan_model::masked(value))
        } else {
            json(value)
        }
    };
    let fields = register.fields.iter().enumerate();
    fields
        .filter_map(|(index, field)| {
            let (old, new) = (before.values.get(index)?, after.values.get(index)?);
            (old != new).then(|| Difference {
                field: field.id.clone(),
                label: field.label.clone(),
                before: shown(field, old),
                after: shown(field, new),
            })
        })
        .collect()
}

/// One journal entry.
pub(crate) async fn entry(
    reader: &mut qipan_store::Reader,
    seq: i64,
) -> Result<Option<Entry>, Problem> {
    Ok(reader.entry(seq).await?)
}
