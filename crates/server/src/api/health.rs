//! How the system is: for the system officer.

use axum::Json;
use axum::extract::State;
use qipan_model::Action;
use qipan_store::{JournalQuery, Reader, written};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// How the system is.
#[derive(Serialize, ToSchema)]
#[schema(as = SystemHealth)]
pub(crate) struct SystemHealth {
    /// Version of the program.
    pub version: &'static str,
    /// Moment, RFC 3339 UTC.
    pub now: String,
    /// Moment at which the server began, RFC 3339 UTC.
    pub started: String,
    /// Seconds since then.
    pub uptime: i64,
    /// The database.
    pub database: DatabaseHealth,
    /// The newest journal entry.
    pub journal: JournalHealth,
    /// Signed checkpoints.
    pub checkpoint: CheckpointHealth,
    /// The last walk along the journal; `null` when there was none.
    pub verified: Option<Verified>,
    /// The disk of the data folder; `null` where the system does not tell.
    pub disk: Option<DiskHealth>,
    /// The pack in force; `null` before the first one.
    pub pack: Option<PackHealth>,
}

/// The database.
#[derive(Serialize, ToSchema)]
pub(crate) struct DatabaseHealth {
    /// `sqlite` or `postgres`.
    pub kind: &'static str,
    /// Version of the database program.
    pub version: String,
    /// Version of the layout of the tables.
    pub schema: i64,
    /// Bytes.
    pub bytes: i64,
}

/// The newest journal entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct JournalHealth {
    /// Its number: entries in all.
    pub head: i64,
    /// Its hash, hex.
    pub hash: String,
    /// Its moment, RFC 3339 UTC.
    pub at: String,
}

/// Signed checkpoints.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckpointHealth {
    /// Whether there is a key that signs them.
    pub key: bool,
    /// Journal entry of the last one; `null` when there is none.
    pub entry: Option<i64>,
    /// Moment of that entry, RFC 3339 UTC.
    pub at: Option<String>,
    /// Seconds since that moment.
    pub age: Option<i64>,
    /// Journal entries since then.
    pub unsigned: i64,
}

/// A walk along the journal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Verified {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Seconds since then.
    pub age: i64,
    /// Whether everything fitted.
    pub ok: bool,
    /// Who asked for it.
    pub by: String,
}

/// Room on the disk.
#[derive(Serialize, ToSchema)]
pub(crate) struct DiskHealth {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
    /// Share that is free, in percent.
    pub free_percent: u64,
}

/// The pack in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct PackHealth {
    /// Mechanism's id.
    pub id: String,
    /// Version.
    pub version: String,
    /// SHA-256 over its files, hex.
    pub digest: String,
}

/// How the system is: database, journal, checkpoints, disk, versions.
#[utoipa::path(get, path = "/api/v1/health", tag = "system",
    responses(
        (status = 200, body = SystemHealth), (status = 401, body = Body),
        (status = 403, body = Body),
    ))]
pub(crate) async fn health(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<SystemHealth>, Problem> {
    caller.need(Action::System)?;
    Ok(Json(look(&app).await?))
}

/// Looks at everything.
pub(super) async fn look(app: &App) -> Result<SystemHealth, Problem> {
    let store = &app.state.store;
    let now = app.state.clock.now();
    let kept = store.health().await?;
    let mut reader = store.reader().await?;
    let head = reader.head().clone();
    let verified = last_verified(&mut reader, now).await?;
    let since = |moment: jiff::Timestamp| now.as_second() - moment.as_second();
    let signed = kept
        .checkpoint
        .as_ref()
        .map_or(0, |checkpoint| checkpoint.seq);
    Ok(SystemHealth {
        version: env!("CARGO_PKG_VERSION"),
        now: written(now),
        started: written(app.started),
        uptime: since(app.started),
        database: DatabaseHealth {
            kind: kept.database,
            version: kept.database_version,
            schema: kept.schema,
            bytes: kept.bytes,
        },
        checkpoint: CheckpointHealth {
            key: kept.key,
            entry: kept.checkpoint.as_ref().map(|checkpoint| checkpoint.seq),
            age: kept
                .checkpoint
                .as_ref()
                .and_then(|checkpoint| checkpoint.at.parse().ok())
                .map(since),
            at: kept.checkpoint.map(|checkpoint| checkpoint.at),
            unsigned: (head.seq - signed).max(0),
        },
        journal: JournalHealth {
            head: head.seq,
            hash: head.hash,
            at: written(head.at),
        },
        verified,
        disk: kept.disk.map(|disk| DiskHealth {
            free: disk.free,
            total: disk.total,
            free_percent: disk.free_percent(),
        }),
        pack: reader.pack().map(|pack| PackHealth {
            id: pack.mechanism.id.clone(),
            version: pack.mechanism.version.clone(),
            digest: pack.digest.clone(),
        }),
    })
}

/// The last walk along the journal that the journal tells of.
async fn last_verified(
    reader: &mut Reader,
    now: jiff::Timestamp,
) -> Result<Option<Verified>, Problem> {
    let query = JournalQuery {
        action: Some("verify"),
        limit: 1,
        ..JournalQuery::default()
    };
    let entry = reader.find_entries(&query).await?.pop();
    Ok(entry.map(|entry| Verified {
        at: written(entry.at),
        age: now.as_second() - entry.at.as_second(),
        ok: entry.payload["event"]["ok"].as_bool().unwrap_or(false),
        by: entry.actor,
    }))
}
