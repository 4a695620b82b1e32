//! Several records changed at once, all of them or none; and records tried out without writing.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use qipan_model::Action;
use qipan_store::{Edit, NewRow, Outcome, Refusal, Submission, Work};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use utoipa::ToSchema;

use super::record::{as_json, seen};
use super::refusals::{MovedOn, RecordAt, key_stands, refused};
use super::rights::{answers, may_change, may_write, own, state};
use super::shapes::json;
use crate::asked::{Named, Sent};
use crate::caller::Caller;
use crate::entry::{Desk, FieldProblem, once, reason, refuse};
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// Most records of one change.
const MOST: usize = 1_000;

/// A change of several records.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkChange {
    /// The records, with the revisions on which the change was decided; at most 1000.
    #[schema(max_items = 1000)]
    pub records: Vec<RecordAt>,
    /// The fields that change, by id; the others stay.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub values: Map<String, serde_json::Value>,
    /// Where the records stand between their sides; stays when left out.
    pub confirmation: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What became of a change of several records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkDone {
    /// Records that have a new revision.
    pub updated: usize,
    /// Records that stood so already.
    pub unchanged: usize,
    /// Journal entry of the change; `null` when everything stood so already.
    pub entry: Option<i64>,
}

/// Changes several records at once, all of them or none.
#[utoipa::path(post, path = "/api/v1/registers/{register}/bulk", tag = "registers",
    operation_id = "bulk",
    params(
        ("register" = String, Path, description = "Register id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat"),
    ),
    request_body = BulkChange,
    responses(
        (status = 200, body = BulkDone), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 409, body = Body),
        (status = 412, body = MovedOn), (status = 413, body = Body), (status = 422, body = Body),
        (status = 429, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn bulk(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    headers: HeaderMap,
    Sent(sent): Sent<BulkChange>,
) -> Result<Json<BulkDone>, Problem> {
    caller.need(Action::Write)?;
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    may_write(&caller, register)?;
    let why = reason(sent.reason.as_deref())?;
    let numbers: BTreeSet<i64> = sent.records.iter().map(|one| one.record).collect();
    if numbers.len() != sent.records.len() || numbers.is_empty() || numbers.len() > MOST {
        return Err(Problem::new(
            Kind::Values,
            format!("records 应列出 1 至 {MOST} 条不重复的记录"),
            format!("“records” takes 1 to {MOST} records, each once"),
        ));
    }
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let found = snapshot.reader.records(register, &numbers).await?;
    let mut may_answer = BTreeMap::new();
    if sent.confirmation.is_some() {
        for (number, old) in &found {
            let answers = answers(&app, &mut snapshot.reader, &caller, register, old).await?;
            may_answer.insert(*number, answers);
        }
    }
    drop(snapshot);
    let once = once(&caller, &headers, &format!("bulk {}", register.id), &sent)?;
    let desk = Desk::of(&app, &caller, &pack, register);
    let mut problems = Vec::new();
    let mut edits = Vec::with_capacity(sent.records.len());
    for at in &sent.records {
        let old = found
            .get(&at.record)
            .ok_or_else(|| Problem::no_record(&register.id, &at.record.to_string()))?;
        may_change(&caller, register, old)?;
        let (values, speaks) = desk.enter(Some(old), &sent.values);
        let current = old.rev == at.rev;
        if current && old.retracted {
            return Err(refused(register, &Refusal::Withdrawn(at.record)));
        }
        if current {
            problems.extend(speaks.into_iter().map(|one| FieldProblem {
                record: Some(at.record),
                ..one
            }));
        }
        let row = NewRow {
            values,
            confirmation: state(
                sent.confirmation.as_deref().filter(|_| current),
                old.confirmation,
                may_answer.get(&at.record).copied().unwrap_or_default(),
            )?,
            source: "".into(),
            place: String::new(),
        };
        own(&caller, register, &row)?;
        edits.push(Edit::Revise {
            record: at.record,
            rev: at.rev,
            row,
        });
    }
    refuse(problems)?;
    let submission = Submission {
        change: caller.change("edit", why),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Records(edits),
        once,
    };
    match app.state.store.submit(submission).await? {
        Ok(done) => {
            let unchanged = done
                .outcomes
                .iter()
                .filter(|outcome| matches!(outcome, Outcome::Unchanged { .. }))
                .count();
            Ok(Json(BulkDone {
                updated: done.outcomes.len() - unchanged,
                unchanged,
                entry: done.entry,
            }))
        }
        Err(Refusal::Stale(moved)) => Err(several_moved_on(&moved)),
        Err(Refusal::KeyStands { record, .. }) => {
            Err(key_stands(&app, &caller, register, record).await?)
        }
        Err(refusal) => Err(refused(register, &refusal)),
    }
}

fn several_moved_on(moved: &[(i64, i64)]) -> Problem {
    let records: Vec<String> = moved.iter().map(|(record, _)| record.to_string()).collect();
    let records = records.join("、");
    let moved: Vec<RecordAt> = moved
        .iter()
        .map(|&(record, rev)| RecordAt { record, rev })
        .collect();
    Problem::new(
        Kind::MovedOn,
        format!("第 {records} 号记录已被别人改动，整批都没有写入：请刷新后重新提交"),
        format!("Records {records} have moved on; nothing was written: load them again and submit once more"),
    )
    .with("current", serde_json::Value::Null)
    .with("by", serde_json::Value::Null)
    .with("changes", serde_json::json!([]))
    .with("moved", as_json(&moved))
}

/// Values to be tried out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trial {
    /// Values by field id, as for entering or changing a record.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub values: Map<String, serde_json::Value>,
    /// The record that would change; a new one when left out.
    pub record: Option<i64>,
}

/// What a record would be, and what speaks against it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tried {
    /// All values by field id, derived ones computed; the register's schema is
    /// `Values.<register>`.
    #[schema(value_type = Object)]
    pub values: Map<String, serde_json::Value>,
    /// What speaks against it: errors refuse it, warnings only tell.
    pub problems: Vec<FieldProblem>,
}

/// Computes derived fields and checks a record by the rules of its register; writes nothing.
#[utoipa::path(post, path = "/api/v1/registers/{register}/check", tag = "registers",
    operation_id = "check_record",
    params(("register" = String, Path, description = "Register id")),
    request_body = Trial,
    responses(
        (status = 200, body = Tried), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 413, body = Body),
        (status = 422, body = Body), (status = 429, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn check(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Sent(sent): Sent<Trial>,
) -> Result<Json<Tried>, Problem> {
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let base = match sent.record {
        None => None,
        Some(record) => Some(seen(&mut snapshot, register, &record.to_string()).await?),
    };
    let desk = Desk::of(&app, &caller, &pack, register);
    let (values, mut problems) = desk.enter(base.as_ref(), &sent.values);
    if let Some(key) = register.key_of(&values)
        && let Some(other) = snapshot.reader.by_key(register, &key).await?
        && Some(other.record) != sent.record
    {
        let shown = key.replace('|', "、");
        let field = register
            .key
            .first()
            .map_or("", |&index| register.fields[index].id.as_str());
        // A withdrawn one stands again when it is entered anew.
        if !other.retracted || base.is_some() {
            problems.push(FieldProblem::error(
                field,
                "S2509",
                format!(
                    "编号“{shown}”已有记录（第 {} 号）：请改那条记录，或更正编号",
                    other.record
                ),
                format!("“{shown}” is there already (record {})", other.record),
            ));
        }
    }
    let personal = caller.access.sees_personal();
    let shown = register.fields.iter().zip(&values).map(|(field, value)| {
        // What the caller typed comes back as it is; what stands is masked for those who may not
        // see it.
        let typed = sent.values.contains_key(&field.id);
        let value = if field.personal && !personal && !typed {
            json(&qipan_model::masked(value))
        } else {
            json(value)
        };
        (field.id.clone(), value)
    });
    let mut shown: Map<String, serde_json::Value> = shown.collect();
    if !personal {
        // A mask that was sent back comes back as a mask.
        for field in register.fields.iter().filter(|field| field.personal) {
            let old = base.as_ref().and_then(|base| {
                let index = register.index(&field.id)?;
                base.values.get(index)
            });
            if let (Some(old), Some(sent)) = (old, sent.values.get(&field.id))
                && *sent == json(&qipan_model::masked(old))
            {
                shown.insert(field.id.clone(), sent.clone());
            }
        }
    }
    Ok(Json(Tried {
        values: shown,
        problems,
    }))
}
