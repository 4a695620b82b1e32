//! Why a change was not taken, told to whoever made it: who was faster, whose the key is.

use qipan_model::Register;
use qipan_store::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::record::as_json;
use super::records::{Difference, differences, entry};
use super::shapes::RecordShape;
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::state::App;

/// Who was faster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Faster {
    /// Login.
    pub actor: String,
    /// Name.
    pub name: String,
    /// Moment, RFC 3339 UTC.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// A record that has moved on: a problem, and what happened meanwhile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MovedOn {
    /// `urn:qipan:problem:Q4121`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `Q4121`.
    pub code: String,
    /// 412.
    pub status: u16,
    /// Title in Chinese.
    pub title: String,
    /// Title in English.
    pub title_en: String,
    /// What happened, in Chinese.
    pub detail: String,
    /// The same in English.
    pub detail_en: String,
    /// The record as it is now.
    pub current: Option<RecordShape>,
    /// Who changed it last.
    pub by: Option<Faster>,
    /// What is different from the revision that the caller had.
    pub changes: Vec<Difference>,
    /// Of a change of several records: those that moved on, with their newest revisions.
    pub moved: Vec<RecordAt>,
}

/// A record and a revision of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordAt {
    /// Record number.
    pub record: i64,
    /// Revision.
    pub rev: i64,
}

/// Tells who changed what since the revision that the caller had.
pub(crate) async fn moved_on(
    app: &App,
    caller: &Caller,
    register: &Register,
    record: i64,
    rev: i64,
) -> Result<Problem, Problem> {
    let personal = caller.access.sees_personal();
    let mut snapshot = app.snapshot(caller, None).await?;
    let history = snapshot.reader.record_history(register, record).await?;
    let Some(current) = history.last() else {
        return Err(Problem::no_record(&register.id, &record.to_string()));
    };
    let made = entry(&mut snapshot.reader, current.from_seq).await?;
    let base = history.iter().find(|one| one.rev == rev);
    let changes = base.map_or_else(Vec::new, |base| {
        differences(register, base, current, personal)
    });
    let by = match made {
        None => None,
        Some(made) => Some(Faster {
            name: app.name_of(&made.actor).await?,
            actor: made.actor,
            at: qipan_store::written(made.at),
            reason: made.reason,
        }),
    };
    let labels: Vec<&str> = changes.iter().map(|one| one.label.as_str()).collect();
    let (who, what) = (
        by.as_ref().map_or("别人", |by| by.name.as_str()),
        if labels.is_empty() {
            "这条记录".to_owned()
        } else {
            labels.join("、")
        },
    );
    let problem = Problem::new(
        Kind::MovedOn,
        format!("{who}已先改了{what}，您的改动没有写入：请对照新内容后重新提交"),
        format!(
            "Somebody ({}) was faster: nothing of yours was written; look at what is new and submit again",
            by.as_ref().map_or("", |by| by.actor.as_str())
        ),
    );
    Ok(problem
        .with(
            "current",
            as_json(&RecordShape::of(register, current, personal)),
        )
        .with("by", as_json(&by))
        .with("changes", as_json(&changes))
        .with(
            "moved",
            as_json(&[RecordAt {
                record,
                rev: current.rev,
            }]),
        ))
}

/// The key is another record's; it is shown to those who may see it.
pub(crate) async fn key_stands(
    app: &App,
    caller: &Caller,
    register: &Register,
    record: i64,
) -> Result<Problem, Problem> {
    let mut snapshot = app.snapshot(caller, None).await?;
    let found = snapshot.reader.record(register, record).await?;
    let key = found.as_ref().map(|found| found.key.replace('|', "、"));
    let labels: Vec<&str> = register
        .key
        .iter()
        .map(|&index| register.fields[index].label.as_str())
        .collect();
    let labels = labels.join("、");
    let problem = match &key {
        Some(key) => Problem::new(
            Kind::KeyStands,
            format!("{labels}“{key}”已有记录（第 {record} 号）：请改那条记录，或更正编号"),
            format!("“{key}” is there already (record {record}): change that one, or mend the key"),
        ),
        None => Problem::new(
            Kind::KeyStands,
            format!("{labels}已被其他单位的记录使用：请更正编号"),
            "The key belongs to a record of others: mend it",
        ),
    };
    Ok(match found {
        None => problem,
        Some(found) => {
            let shape = RecordShape::of(register, &found, caller.access.sees_personal());
            problem.with("record", as_json(&shape))
        }
    })
}

/// Other refusals in words.
pub(crate) fn refused(register: &Register, refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::NoRecord(record) => Problem::no_record(&register.id, &record.to_string()),
        Refusal::Withdrawn(record) => withdrawn(register, *record),
        Refusal::KeyTwice(key) => Problem::new(
            Kind::KeyStands,
            format!(
                "“{}”在这次更改里出现两次：请更正编号",
                key.replace('|', "、")
            ),
            format!("“{key}” comes twice in this change: mend the key"),
        ),
        Refusal::OtherRequest => Problem::new(
            Kind::OtherRequest,
            "这个 Idempotency-Key 已用于另一个请求：请换一个",
            "This Idempotency-Key was used for another request: take another one",
        ),
        Refusal::Stale(_) | Refusal::KeyStands { .. } => Problem::new(
            Kind::MovedOn,
            "记录已被别人改动：请重新打开后再改",
            "The record has moved on: open it again",
        ),
        Refusal::Attached | Refusal::NotAttached => Problem::new(
            Kind::NoFile,
            "这个文件没有挂在这条记录上：请刷新后重试",
            "This file is not bound to this record: load it again",
        ),
    }
}

pub(crate) fn withdrawn(register: &Register, record: i64) -> Problem {
    Problem::new(
        Kind::Withdrawn,
        format!("“{}”第 {record} 号记录已撤销：请先恢复它", register.name),
        format!(
            "Record {record} of “{}” is withdrawn: restore it first",
            register.name_en
        ),
    )
}
