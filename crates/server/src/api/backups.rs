//! Backups (备份): the system officer has them made and removed, and never sees what is in them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use qipan_accounts::Setting;
use qipan_model::Action;
use qipan_store::{Backup, Dialect};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::jobs::Started;
use crate::asked::Named;
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::work::BACKUP;

/// All backups.
#[derive(Serialize, ToSchema)]
#[schema(as = Backups)]
pub(crate) struct BackupList {
    /// Whether this server makes backups: a database on a server of its own has its own tools.
    pub possible: bool,
    /// Hours between two backups that are made unasked; 0 is never.
    pub every_hours: i64,
    /// How many of them are kept.
    pub kept: i64,
    /// The newest first.
    pub backups: Vec<BackupShape>,
}

/// A backup: a data folder of its own, kept on the server.
#[derive(Serialize, ToSchema)]
#[schema(as = Backup)]
pub(crate) struct BackupShape {
    /// Name of its folder.
    pub name: String,
    /// When it was begun, RFC 3339 UTC.
    pub at: String,
    /// Seconds since then.
    pub age: i64,
    /// The newest journal entry in it.
    pub head: i64,
    /// The hash of that entry, hex.
    pub hash: String,
    /// Bytes of its database.
    pub bytes: u64,
    /// Files by content in it.
    pub files: u64,
}

/// All backups, the newest first.
#[utoipa::path(get, path = "/api/v1/backups", tag = "system",
    responses((status = 200, body = BackupList)))]
pub(crate) async fn backups(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<BackupList>, Problem> {
    caller.need(Action::System)?;
    let policy = app.state.accounts.policy().await?;
    let now = app.state.clock.now();
    let shape = |backup: Backup| BackupShape {
        age: backup
            .at
            .parse()
            .map_or(0, |at: jiff::Timestamp| now.as_second() - at.as_second()),
        name: backup.name,
        at: backup.at,
        head: backup.head,
        hash: backup.hash,
        bytes: backup.bytes,
        files: backup.files,
    };
    Ok(Json(BackupList {
        possible: possible(&app),
        every_hours: policy.get(Setting::BackupHours),
        kept: policy.get(Setting::BackupsKept),
        backups: app.state.backups.list()?.into_iter().map(shape).collect(),
    }))
}

/// Has a backup made, as a job; its result is the backup.
#[utoipa::path(post, path = "/api/v1/backups", tag = "system", operation_id = "make_backup",
    responses((status = 202, body = Started), (status = 409, body = Body)))]
pub(crate) async fn make(
    State(app): State<App>,
    caller: Caller,
) -> Result<(StatusCode, Json<Started>), Problem> {
    caller.need(Action::System)?;
    if !possible(&app) {
        return Err(qipan_store::Error::OwnBackup.into());
    }
    let job = app.work.submit(&caller, BACKUP, json!({})).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job })))
}

/// Removes a backup.
#[utoipa::path(delete, path = "/api/v1/backups/{name}", tag = "system",
    operation_id = "remove_backup",
    params(("name" = String, Path, description = "Name of the backup")),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Named(name): Named<String>,
) -> Result<StatusCode, Problem> {
    caller.need(Action::System)?;
    if !app.state.backups.remove(&name)? {
        return Err(Problem::new(
            Kind::NoItem,
            format!("没有“{name}”这份备份：请刷新后再看"),
            format!("There is no backup “{name}”: load the page again"),
        ));
    }
    let event = caller.event("backup-remove", "删除备份", "", json!({ "name": name }));
    app.state.store.log(event).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn possible(app: &App) -> bool {
    app.state.store.dialect() == Dialect::Sqlite
}
