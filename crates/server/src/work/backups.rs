//! Backups: made as jobs, asked for by the system officer and by the server itself.

use jiff::SignedDuration;
use qipan_accounts::Setting;
use qipan_store::{Dialect, Job, NewJob};
use serde_json::json;

use super::kinds::End;
use super::{BACKUP, Hand};
use crate::state::{App, AppState};

/// The account of jobs that the server asks for itself.
const NOBODY: i64 = 0;

/// Makes a backup, and takes away those that are too many.
pub(super) async fn make(app: &App, job: &Job, hand: &Hand) -> Result<End, End> {
    hand.tell(
        0,
        0,
        "正在备份数据库与文件",
        "backing up the database and files",
    );
    let AppState {
        store,
        backups,
        accounts,
        ..
    } = &app.state;
    let made = backups.make(store).await?;
    let policy = accounts.policy().await;
    let kept = policy
        .map_err(|error| End::internal(&error))?
        .get(Setting::BackupsKept);
    let gone = backups.keep(usize::try_from(kept).unwrap_or(usize::MAX))?;
    store
        .log(made.event(&job.login, &job.origin, &gone))
        .await?;
    let result = serde_json::to_value(&made).map_err(|error| End::internal(&error))?;
    Ok(End::Done(result))
}

/// Asks for a backup when it is time.
pub(super) async fn ask_when_due(app: &App) {
    if let Err(error) = ask(app).await {
        tracing::warn!(%error, "no backup could be asked for");
    }
}

/// It is time when the last one, or the beginning of the server, is long enough ago.
async fn ask(app: &App) -> Result<(), qipan_accounts::Error> {
    let AppState {
        store,
        backups,
        accounts,
        clock,
        ..
    } = &app.state;
    let hours = accounts.policy().await?.get(Setting::BackupHours);
    if hours == 0 || store.dialect() != Dialect::Sqlite {
        return Ok(());
    }
    let newest = backups.list()?.into_iter().next();
    let last = newest
        .and_then(|backup| backup.at.parse().ok())
        .unwrap_or(app.started);
    if clock.now().duration_since(last) < SignedDuration::from_hours(hours) {
        return Ok(());
    }
    let job = NewJob {
        kind: BACKUP.to_owned(),
        account: NOBODY,
        login: "qipan".to_owned(),
        origin: "服务器".to_owned(),
        payload: json!({}),
    };
    store.add_job(&job).await?;
    app.work.wake();
    Ok(())
}
