//! Long work: how far it is, what came of it, calling it off.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};
use qipan_model::Action;
use qipan_store::{Job, JobState, written};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::work::{Changes, VERIFY};

/// Least time between two events.
const PAUSE: Duration = Duration::from_millis(200);
/// How often an idle stream says that it lives.
const ALIVE: Duration = Duration::from_secs(15);

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobShape {
    /// Number.
    pub id: i64,
    /// `import-read`, `import-commit`, `verify` …
    pub kind: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    pub state: JobState,
    /// Whether it has been called off and will end soon.
    pub cancelling: bool,
    /// How much is done.
    pub done: i64,
    /// Out of how much; `null` when that is not known.
    pub total: Option<i64>,
    /// How it goes, or why it failed.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// What came of it; `null` until it is done, and for other people's jobs.
    #[schema(value_type = Option<Object>)]
    pub result: serde_json::Value,
    /// Login of the account that asked for it.
    pub by: String,
    /// When it was asked for, RFC 3339 UTC.
    pub created: String,
    /// When it was begun.
    pub started: Option<String>,
    /// When it was over.
    pub finished: Option<String>,
}

impl JobShape {
    fn of(job: Job, caller: &Caller) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            cancelling: job.cancel && !job.state.is_over(),
            done: job.done,
            total: (job.total > 0).then_some(job.total),
            message: job.message,
            message_en: job.message_en,
            result: if job.account == caller.account {
                job.result
            } else {
                serde_json::Value::Null
            },
            by: job.login,
            created: written(job.created),
            started: job.started.map(written),
            finished: job.finished.map(written),
        }
    }
}

/// A job that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    /// Its number: `/jobs/{id}`.
    pub job: i64,
}

/// What the list of jobs may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobsAsked {
    /// Most jobs, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The newest jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jobs {
    /// Newest first.
    pub jobs: Vec<JobShape>,
}

fn no_job(id: &str) -> Problem {
    Problem::new(
        Kind::NoItem,
        format!("没有第“{id}”号任务：自己的任务见 /api/v1/jobs"),
        format!("There is no job “{id}”: /api/v1/jobs lists yours"),
    )
}

/// A job that the caller may see: their own, or any for whoever keeps the system.
async fn seen(app: &App, caller: &Caller, id: &str) -> Result<Job, Problem> {
    let number = id.parse().map_err(|_| no_job(id))?;
    let job = app.work.look(number).await?.ok_or_else(|| no_job(id))?;
    if job.account == caller.account || caller.access.may(Action::System) {
        Ok(job)
    } else {
        Err(no_job(id).hidden())
    }
}

/// The caller's jobs; those of all for whoever keeps the system.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "work", params(JobsAsked),
    responses((status = 200, body = Jobs), (status = 400, body = Body),
        (status = 401, body = Body)))]
pub(crate) async fn jobs(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<JobsAsked>,
) -> Result<Json<Jobs>, Problem> {
    let account = (!caller.access.may(Action::System)).then_some(caller.account);
    let jobs = app.work.list(account, asked.limit.unwrap_or(50)).await?;
    Ok(Json(Jobs {
        jobs: jobs
            .into_iter()
            .map(|job| JobShape::of(job, &caller))
            .collect(),
    }))
}

/// One job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "work",
    params(("id" = i64, Path, description = "Job number")),
    responses((status = 200, body = JobShape), (status = 401, body = Body),
        (status = 404, body = Body)))]
pub(crate) async fn job(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<JobShape>, Problem> {
    let job = seen(&app, &caller, &id).await?;
    Ok(Json(JobShape::of(job, &caller)))
}

/// Calls a job off. One that waits is over at once; one that runs ends as soon as it can and
/// leaves nothing half done.
#[utoipa::path(delete, path = "/api/v1/jobs/{id}", tag = "work",
    params(("id" = i64, Path, description = "Job number")),
    responses((status = 204, description = "Called off, or over already"),
        (status = 401, body = Body), (status = 404, body = Body)))]
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let job = seen(&app, &caller, &id).await?;
    if !job.state.is_over() {
        app.work.cancel(job.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Has the journal walked and every row and file compared with it, as a job; its result is what
/// `GET /verify` answers.
#[utoipa::path(post, path = "/api/v1/verify", tag = "keeping", operation_id = "verify_job",
    responses((status = 202, body = Started), (status = 401, body = Body),
        (status = 403, body = Body)))]
pub(crate) async fn verify(
    State(app): State<App>,
    caller: Caller,
) -> Result<(StatusCode, Json<Started>), Problem> {
    caller.need(Action::Verify)?;
    let job = app.work.submit(&caller, VERIFY, json!({})).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job })))
}

/// How a job goes on, as server-sent events: `progress` with the job each time it has changed, at
/// once after connecting too, and `end` with it when it is over. A stream that ends without `end`
/// was cut off: connect again.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/events", tag = "work", operation_id = "job_events",
    params(("id" = i64, Path, description = "Job number")),
    responses(
        (status = 200, description = "Events", content_type = "text/event-stream", body = String),
        (status = 401, body = Body), (status = 404, body = Body),
    ))]
pub(crate) async fn events(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<impl IntoResponse, Problem> {
    // Before the job is looked at, so that no change falls between.
    let changes = app.work.changes(id.parse().map_err(|_| no_job(&id))?);
    let job = seen(&app, &caller, &id).await?;
    let following = Following {
        next: Some(JobShape::of(job, &caller)),
        told: None,
        app,
        caller,
        changes,
        over: false,
    };
    // Proxies that collect answers would hold back what is to be seen at once.
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    let alive = KeepAlive::new().interval(ALIVE).text("alive");
    Ok((
        [unbuffered],
        Sse::new(stream_of(following)).keep_alive(alive),
    ))
}

/// A job that is being followed.
struct Following {
    app: App,
    caller: Caller,
    changes: Changes,
    /// What to tell next.
    next: Option<JobShape>,
    told: Option<JobShape>,
    over: bool,
}

fn stream_of(following: Following) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    })
}

impl Following {
    async fn next(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        loop {
            if let Some(job) = self.next.take() {
                if self.told.as_ref() != Some(&job) {
                    let event = Event::default().event("progress").json_data(&job).ok()?;
                    self.told = Some(job);
                    return Some(event);
                }
                if job.state.is_over() {
                    self.over = true;
                    return Event::default().event("end").json_data(&job).ok();
                }
                tokio::time::sleep(PAUSE).await;
                if !self.changes.next().await {
                    return None;
                }
            }
            let id = self.told.as_ref()?.id;
            // A job taken up meanwhile tells its progress from then on.
            if self.told.as_ref()?.state == JobState::Queued {
                self.changes = self.app.work.changes(id);
            }
            let job = self.app.work.look(id).await.ok()??;
            self.next = Some(JobShape::of(job, &self.caller));
        }
    }
}
