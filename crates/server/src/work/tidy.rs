//! Taking away what is no longer needed: working files of workbooks, old jobs, broken uploads.

use jiff::{SignedDuration, Timestamp};

use super::import_folder;
use crate::state::App;

/// How often.
pub(super) const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A workbook that was not written is given up so long after somebody last touched it.
pub(crate) const UNWRITTEN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The sheets and rows of a written workbook can be looked at so long; the file itself stays for
/// ever.
pub(crate) const WRITTEN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A job that is over is remembered so long.
const JOBS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// An upload that has not ended by then never will.
const UPLOAD: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn tidy(app: &App) {
    if let Err(error) = try_to(app).await {
        tracing::warn!(%error, "not everything that is old could be taken away");
    }
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
