//! One record: read, entered, changed, withdrawn, restored. Two people who change the same record
//! are told of each other: a change says on which revision it was made.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use qipan_model::{Action, Confirmation, Record, Register};
use qipan_store::{Edit, NewRow, Outcome, Refusal, Submission, Work};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use utoipa::{IntoParams, ToSchema};

use super::evidence::{EvidenceShape, bound_to};
use super::refusals::{MovedOn, key_stands, moved_on, refused, withdrawn};
use super::rights::{answers, may_change, may_write, own, reaches, state};
use super::shapes::RecordShape;
use crate::asked::{Asked, Named, Sent};
use crate::caller::Caller;
use crate::entry::{Desk, once, reason, refuse, revision};
use crate::problem::{Body, Kind, Problem};
use crate::state::{App, Snapshot};

/// A record with what is bound to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordCard {
    /// The newest revision.
    #[serde(flatten)]
    pub record: RecordShape,
    /// Whether figures count it.
    pub counted: bool,
    /// Where the caller may bring it between its sides: `agreed`, `contested` …
    #[schema(value_type = Vec<String>)]
    pub answers: &'static [Confirmation],
    /// Files bound to it.
    pub evidence: Vec<EvidenceShape>,
}

/// One record as it is now.
#[utoipa::path(get, path = "/api/v1/registers/{register}/records/{record}", tag = "registers",
    operation_id = "record",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the answer at hand"),
    ),
    responses(
        (status = 200, body = RecordCard, headers(("ETag" = String, description = "Revision, `\"r3\"`"))),
        (status = 304, description = "As it was"),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
    ))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let found = seen(&mut snapshot, register, &record).await?;
    let evidence = bound_to(&app, &mut snapshot.reader, register, found.record).await?;
    // What is bound to a record may change without a new revision.
    let tag = match evidence.len() {
        0 => format!("\"r{}\"", found.rev),
        _ => {
            let last = evidence.iter().map(|one| one.entry).max().unwrap_or(0);
            format!("\"r{}-{}.{last}\"", found.rev, evidence.len())
        }
    };
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == tag);
    if known {
        return Ok((StatusCode::NOT_MODIFIED, tagged(&tag)).into_response());
    }
    let card = RecordCard {
        answers: answers(&app, &mut snapshot.reader, &caller, register, &found).await?,
        counted: found.confirmation.counts() && !found.retracted,
        record: RecordShape::of(register, &found, caller.access.sees_personal()),
        evidence,
    };
    Ok((tagged(&tag), Json(card)).into_response())
}

/// A new record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRecord {
    /// Values by field id: numbers digit by digit as number or text, money in 元, days ISO 8601,
    /// units by id, name or code, options by label. Derived fields are computed, never taken.
    #[schema(value_type = Object)]
    pub values: Map<String, serde_json::Value>,
    /// Where it stands between its sides: one of the register's `confirmations`, the first of them
    /// when left out.
    pub confirmation: Option<String>,
    /// Why it is entered.
    pub reason: Option<String>,
}

/// Enters a record. What was withdrawn under the same key stands again with a new revision.
#[utoipa::path(post, path = "/api/v1/registers/{register}/records", tag = "registers",
    operation_id = "enter",
    params(
        ("register" = String, Path, description = "Register id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    request_body = NewRecord,
    responses(
        (status = 201, body = RecordShape, headers(("ETag" = String), ("Location" = String))),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 409, body = Body), (status = 413, body = Body),
        (status = 422, body = Body), (status = 429, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn enter(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    headers: HeaderMap,
    Sent(sent): Sent<NewRecord>,
) -> Result<Response, Problem> {
    caller.need(Action::Write)?;
    let pack = app.declared().await?;
    let register = caller.register(&pack, &id)?;
    may_write(&caller, register)?;
    let desk = Desk::of(&app, &caller, &pack, register);
    let (values, problems) = desk.enter(None, &sent.values);
    refuse(problems)?;
    let allowed = Confirmation::of_new(register, caller.access.scope(Action::Write, &register.id));
    let usual = allowed.first().copied().unwrap_or(Confirmation::Pending);
    let row = NewRow {
        confirmation: state(sent.confirmation.as_deref(), usual, allowed)?,
        values,
        source: "".into(),
        place: String::new(),
    };
    own(&caller, register, &row)?;
    let submission = Submission {
        change: caller.change("create", sent.reason.as_deref().unwrap_or_default().trim()),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Records(vec![Edit::Create { row: row.clone() }]),
        once: once(&caller, &headers, &format!("create {}", register.id), &sent)?,
    };
    let answer = match app.state.store.submit(submission.clone()).await? {
        // A withdrawn record that comes again goes on with its next revision.
        Err(Refusal::KeyStands {
            record,
            rev,
            gone: true,
        }) if reaches(&app, &caller, register, record).await? => {
            let again = Edit::Revise {
                record,
                rev,
                row: row.clone(),
            };
            let again = Submission {
                work: Work::Records(vec![again]),
                ..submission
            };
            app.state.store.submit(again).await?
        }
        answer => answer,
    };
    match answer {
        Ok(done) => {
            let written = written(&app, &caller, register, row, &done).await?;
            let location = format!(
                "/api/v1/registers/{}/records/{}",
                register.id, written.record
            );
            let mut headers = tagged(&format!("\"r{}\"", written.rev));
            // Ids and digits are always a valid header.
            headers.extend(HeaderValue::try_from(location).map(|to| (header::LOCATION, to)));
            let shape = RecordShape::of(register, &written, caller.access.sees_personal());
            Ok((StatusCode::CREATED, headers, Json(shape)).into_response())
        }
        Err(Refusal::KeyStands { record, .. }) => {
            Err(key_stands(&app, &caller, register, record).await?)
        }
        Err(refusal) => Err(refused(register, &refusal)),
    }
}

/// What is changed of a record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedRecord {
    /// The fields that change, by id; the others stay. A masked value sent back is no change.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub values: Map<String, serde_json::Value>,
    /// Where it stands between its sides: one of the record's `answers`; stays when left out.
    pub confirmation: Option<String>,
    /// Why it is changed.
    pub reason: Option<String>,
}

/// Changes a record; the answer is its new revision.
#[utoipa::path(patch, path = "/api/v1/registers/{register}/records/{record}", tag = "registers",
    operation_id = "change",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        ("If-Match" = Option<String>, Header, description = "Revision on which the change was made, `\"r3\"`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    request_body = ChangedRecord,
    responses(
        (status = 200, body = RecordShape, headers(("ETag" = String))),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 409, body = Body), (status = 412, body = MovedOn),
        (status = 413, body = Body), (status = 422, body = Body), (status = 428, body = Body),
        (status = 429, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
    headers: HeaderMap,
    Sent(sent): Sent<ChangedRecord>,
) -> Result<Response, Problem> {
    caller.need(Action::Write)?;
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let old = seen(&mut snapshot, register, &record).await?;
    let may_answer = match sent.confirmation {
        Some(_) => answers(&app, &mut snapshot.reader, &caller, register, &old).await?,
        None => &[],
    };
    drop(snapshot);
    may_change(&caller, register, &old)?;
    let rev = revision(&headers)?;
    let place = format!("change {} {} {rev}", register.id, old.record);
    let once = once(&caller, &headers, &place, &sent)?;
    let why = reason(sent.reason.as_deref())?;
    if old.rev != rev && once.is_none() {
        return Err(moved_on(&app, &caller, register, old.record, rev).await?);
    }
    if old.retracted && old.rev == rev {
        return Err(withdrawn(register, old.record));
    }
    let desk = Desk::of(&app, &caller, &pack, register);
    let (values, problems) = desk.enter(Some(&old), &sent.values);
    if old.rev == rev {
        refuse(problems)?;
    }
    let row = NewRow {
        // Of a request that is repeated the first answer stands.
        confirmation: state(
            sent.confirmation.as_deref().filter(|_| old.rev == rev),
            old.confirmation,
            may_answer,
        )?,
        values,
        source: "".into(),
        place: String::new(),
    };
    own(&caller, register, &row)?;
    let submission = Submission {
        change: caller.change("edit", why),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Records(vec![Edit::Revise {
            record: old.record,
            rev,
            row: row.clone(),
        }]),
        once,
    };
    answer_revision(&app, &caller, register, old.record, rev, row, submission).await
}

/// Why a record is withdrawn.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetractAsked {
    /// Why.
    reason: Option<String>,
}

/// Withdraws a record; its history stays.
#[utoipa::path(delete, path = "/api/v1/registers/{register}/records/{record}", tag = "registers",
    operation_id = "retract",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        ("If-Match" = Option<String>, Header, description = "Revision on which it was decided, `\"r3\"`"),
        RetractAsked,
    ),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 409, body = Body), (status = 412, body = MovedOn),
        (status = 422, body = Body), (status = 428, body = Body), (status = 429, body = Body),
        (status = 503, body = Body),
    ))]
pub(crate) async fn retract(
    State(app): State<App>,
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
    Asked(asked): Asked<RetractAsked>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    caller.need(Action::Write)?;
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let old = seen(&mut snapshot, register, &record).await?;
    drop(snapshot);
    may_change(&caller, register, &old)?;
    let rev = revision(&headers)?;
    let why = reason(asked.reason.as_deref())?;
    let submission = Submission {
        change: caller.change("retract", why),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Records(vec![Edit::Retract {
            record: old.record,
            rev,
        }]),
        once: None,
    };
    match app.state.store.submit(submission).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(Refusal::Stale(_)) => Err(moved_on(&app, &caller, register, old.record, rev).await?),
        Err(refusal) => Err(refused(register, &refusal)),
    }
}

/// Which revision is to stand again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restored {
    /// Revision whose values are to stand again.
    pub rev: i64,
    /// Why.
    pub reason: Option<String>,
}

/// Lets the values of an earlier revision stand again, as a new revision; a withdrawn record
/// stands again.
#[utoipa::path(post, path = "/api/v1/registers/{register}/records/{record}/restore",
    tag = "registers", operation_id = "restore",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        ("If-Match" = Option<String>, Header, description = "Revision on which it was decided, `\"r3\"`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    request_body = Restored,
    responses(
        (status = 200, body = RecordShape, headers(("ETag" = String))),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 409, body = Body), (status = 412, body = MovedOn),
        (status = 422, body = Body), (status = 428, body = Body), (status = 429, body = Body),
        (status = 503, body = Body),
    ))]
pub(crate) async fn restore(
    State(app): State<App>,
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
    headers: HeaderMap,
    Sent(sent): Sent<Restored>,
) -> Result<Response, Problem> {
    caller.need(Action::Write)?;
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let old = seen(&mut snapshot, register, &record).await?;
    may_change(&caller, register, &old)?;
    let rev = revision(&headers)?;
    let place = format!("restore {} {} {rev}", register.id, old.record);
    let once = once(&caller, &headers, &place, &sent)?;
    let why = reason(sent.reason.as_deref())?;
    if old.rev != rev && once.is_none() {
        drop(snapshot);
        return Err(moved_on(&app, &caller, register, old.record, rev).await?);
    }
    let history = snapshot.reader.record_history(register, old.record).await?;
    drop(snapshot);
    let Some(wanted) = history.into_iter().find(|one| one.rev == sent.rev) else {
        return Err(Problem::new(
            Kind::NoRecord,
            format!("第 {} 号记录没有第 {} 次修订", old.record, sent.rev),
            format!("Record {} has no revision {}", old.record, sent.rev),
        ));
    };
    let desk = Desk::of(&app, &caller, &pack, register);
    let (values, problems) = desk.enter(Some(&wanted), &Map::new());
    refuse(problems)?;
    let row = NewRow {
        values,
        // What the sides have said since then still stands.
        confirmation: old.confirmation,
        source: "".into(),
        place: String::new(),
    };
    own(&caller, register, &row)?;
    let submission = Submission {
        change: caller.change("restore", why),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Records(vec![Edit::Revise {
            record: old.record,
            rev,
            row: row.clone(),
        }]),
        once,
    };
    answer_revision(&app, &caller, register, old.record, rev, row, submission).await
}

/// Submits a new revision and answers with it.
async fn answer_revision(
    app: &App,
    caller: &Caller,
    register: &Register,
    record: i64,
    rev: i64,
    row: NewRow,
    submission: Submission,
) -> Result<Response, Problem> {
    match app.state.store.submit(submission).await? {
        Ok(done) => {
            let written = written(app, caller, register, row, &done).await?;
            let shape = RecordShape::of(register, &written, caller.access.sees_personal());
            let tag = format!("\"r{}\"", written.rev);
            Ok((tagged(&tag), Json(shape)).into_response())
        }
        Err(Refusal::Stale(_)) => Err(moved_on(app, caller, register, record, rev).await?),
        Err(Refusal::KeyStands { record, .. }) => {
            Err(key_stands(app, caller, register, record).await?)
        }
        Err(refusal) => Err(refused(register, &refusal)),
    }
}

/// A record that the caller may see, by the number in the address.
pub(crate) async fn seen(
    snapshot: &mut Snapshot,
    register: &Register,
    number: &str,
) -> Result<Record, Problem> {
    let absent = || Problem::no_record(&register.id, number);
    let record = number.parse().map_err(|_| absent())?;
    snapshot
        .reader
        .record(register, record)
        .await?
        .ok_or_else(absent)
}

/// The record that a submission wrote. Of a request that was made before, the revision that it
/// made then.
async fn written(
    app: &App,
    caller: &Caller,
    register: &Register,
    row: NewRow,
    done: &qipan_store::Submitted,
) -> Result<Record, Problem> {
    let (record, rev) = match done.outcomes.first() {
        Some(Outcome::Inserted { record }) => (*record, Some(1)),
        Some(Outcome::Updated { record, rev } | Outcome::Retracted { record, rev }) => {
            (*record, Some(*rev))
        }
        Some(Outcome::Unchanged { record }) => (*record, None),
        _ => return Err(Problem::internal(&"no outcome")),
    };
    match (rev, done.entry) {
        (Some(rev), Some(entry)) if !done.repeated => Ok(Record {
            record,
            rev,
            from_seq: entry,
            to_seq: None,
            key: register.key_of(&row.values).unwrap_or_default(),
            confirmation: row.confirmation,
            retracted: false,
            source: row.source.to_string(),
            place: row.place,
            values: row.values,
        }),
        _ => {
            let mut snapshot = app.snapshot(caller, None).await?;
            let history = snapshot.reader.record_history(register, record).await?;
            let found = match rev {
                Some(rev) => history.into_iter().find(|one| one.rev == rev),
                None => history.into_iter().next_back(),
            };
            let mut found =
                found.ok_or_else(|| Problem::no_record(&register.id, &record.to_string()))?;
            // As it was answered then.
            found.to_seq = None;
            Ok(found)
        }
    }
}

fn tagged(tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    // Digits and letters are always a valid header.
    headers.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
    headers
}

pub(crate) fn as_json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

impl<'a> Desk<'a> {
    pub(crate) fn of(
        app: &App,
        caller: &Caller,
        pack: &'a qipan_model::Pack,
        register: &'a Register,
    ) -> Self {
        Self {
            pack,
            register,
            today: app.today(),
            personal: caller.access.sees_personal(),
        }
    }
}
