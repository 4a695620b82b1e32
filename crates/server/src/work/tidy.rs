//! What is done unasked: taking away what is no longer needed (working files of workbooks, old
//! jobs, broken uploads), and asking for a backup when it is time.

use jiff::{SignedDuration, Timestamp};
use qipan_accounts::Setting;
use qipan_store::{Dialect, NewJob};
use serde_json::json;

use super::{BACKUP, import_folder};
use crate::state::{App, AppState};

/// How often.
pub(super) const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A workbook that was not written is given up so long after somebody last touched it.
pub(crate) const UNWRITTEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The sheets and rows of a written workbook can be looked at so long; the file itself stays for
/// ever.
pub(crate) const WRITTEN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A job that is over is remembered so long.
const JOBS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The account of jobs that the server asks for itself.
const NOBODY: i64 = 0;
/// An upload that has not ended by then never will.
const UPLOAD: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn tidy(app: &App) {
    if let Err(error) = try_to(app).await {
        tracing::warn!(%error, "not everything that is old could be taken away");
    }
    if let Err(error) = back_up(app).await {
        tracing::warn!(%error, "no backup could be asked for");
    }
}

/// Asks for a backup when the last one, or the beginning of the server, is long enough ago.
async fn back_up(app: &App) -> Result<(), qipan_accounts::Error> {
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

async fn try_to(app: &App) -> Result<(), qipan_store::Error> {
    let store = &app.state.store;
    let now = app.state.clock.now();
    let ago = |span: SignedDuration| now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
    for id in store.idle_imports(ago(UNWRITTEN), ago(WRITTEN)).await? {
        if store.clear_import(id).await? {
            let folder = import_folder(store, id);
            if let Err(error) = folder.remove() {
                tracing::warn!(%error, id, "the working files of an import stay");
            }
        }
    }
    store.forget_jobs(ago(JOBS)).await?;
    let Ok(uploads) = std::fs::read_dir(store.data_dir().join(crate::api::UPLOADS)) else {
        return Ok(());
    };
    for upload in uploads.flatten() {
        let touched = upload.metadata().and_then(|about| about.modified());
        let old = touched
            .ok()
            .and_then(|touched| Timestamp::try_from(touched).ok())
            .is_some_and(|touched| touched < ago(UPLOAD));
        if old && let Err(error) = std::fs::remove_file(upload.path()) {
            tracing::warn!(%error, "a broken upload stays");
        }
    }
    Ok(())
}
