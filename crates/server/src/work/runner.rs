//! Taking jobs from the queue, a few at a time, until the server goes down.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use jiff::SignedDuration;
use qipan_store::{Dialect, Job, JobState, Progress};
use serde_json::Value;
use tokio::task::{JoinHandle, JoinSet};

use super::kinds::{self, End};
use super::{Hand, Live, backups, tidy};
use crate::state::App;

/// Jobs at the same time: reading a workbook keeps a processor busy.
const MOST: usize = 2;
/// How often the queue is looked at without being asked to.
const LOOK: Duration = Duration::from_secs(15);
/// How often a job tells the database that it lives.
const BEAT: Duration = Duration::from_secs(10);
/// A runner that has been silent for so long is dead.
const SILENCE: SignedDuration = SignedDuration::from_secs(90);
/// How long patient jobs may go on once the server goes down.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long jobs have to stop.
const STOPPING: Duration = Duration::from_secs(3);
/// How long the end of a job is tried to be written, a second apart.
const TRIES: u32 = 600;

/// The jobs of a server while it runs.
#[derive(Debug)]
pub struct Running {
    task: Option<JoinHandle<()>>,
    down: tokio::sync::watch::Sender<bool>,
}

impl Running {
    /// Takes no more jobs, lets those that are nearly done end, puts the others back.
    pub async fn stop(mut self) {
        self.down.send_replace(true);
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "jobs ended badly");
        }
    }

    /// Stops at once and leaves everything as it is, as a power cut does.
    pub async fn kill(mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }
}

/// Begins to take jobs.
pub(crate) fn start(app: App) -> Running {
    let down = app.work.inner.down.clone();
    let task = tokio::spawn(run(app));
    Running {
        task: Some(task),
        down,
    }
}

async fn run(app: App) {
    let work = app.work.clone();
    let store = app.state.store.clone();
    let runner = format!(
        "{}-{}",
        std::process::id(),
        app.state.clock.now().as_millisecond()
    );
    // An SQLite file is this server's alone: what runs in it was left behind. In PostgreSQL
    // another server may be running it; silence tells.
    let shared = store.dialect() == Dialect::Postgres;
    recover(&app, shared).await;
    let mut down = work.inner.down.subscribe();
    let mut running: JoinSet<()> = JoinSet::new();
    let mut tidied: Option<jiff::Timestamp> = None;
    while !*down.borrow() {
        while running.len() < MOST {
            match store.take_job(&runner).await {
                Ok(Some(job)) => {
                    running.spawn(one(app.clone(), job));
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "no job could be taken");
                    break;
                }
            }
        }
        let now = app.state.clock.now();
        if tidied.is_none_or(|last| now.duration_since(last) > tidy::EVERY) {
            tidied = Some(now);
            tidy::tidy(&app).await;
            backups::ask_when_due(&app).await;
        }
        tokio::select! {
            () = work.inner.wake.notified() => {}
            _ = down.changed() => {}
            ended = running.join_next(), if !running.is_empty() => {
                if let Some(Err(error)) = ended {
                    tracing::error!(%error, "a job ended badly");
                }
            }
            () = tokio::time::sleep(LOOK) => {
                if shared {
                    recover(&app, true).await;
                }
            }
        }
    }
    let stop = |patient: bool| {
        for live in work.all_live() {
            if patient || !kinds::is_patient(&live.job.kind) {
                live.stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    stop(false);
    let waited = async { while running.join_next().await.is_some() {} };
    let mut waited = std::pin::pin!(waited);
    if tokio::time::timeout(PATIENCE, &mut waited).await.is_err() {
        stop(true);
        // What does not stop even then is undone by the database, and begun anew by the next
        // server.
        let _ = tokio::time::timeout(STOPPING, waited).await;
    }
}

async fn recover(app: &App, others: bool) {
    let store = &app.state.store;
    let silent = others
        .then(|| app.state.clock.now().checked_sub(SILENCE).ok())
        .flatten();
    if others && silent.is_none() {
        return;
    }
    match store.recover_jobs(silent).await {
        Ok(0) => {}
        Ok(count) => tracing::warn!(count, "jobs of another time were put right"),
        Err(error) => tracing::warn!(%error, "left jobs could not be looked for"),
    }
}

/// Does one job.
async fn one(app: App, job: Job) {
    let id = job.id;
    let live = app.work.begin(job.clone());
    let hand = Hand {
        live: Arc::clone(&live),
    };
    let end = {
        let doing = AssertUnwindSafe(kinds::run(&app, &job, &hand)).catch_unwind();
        let beating = beat(&app, &live);
        tokio::select! {
            end = doing => end.unwrap_or_else(|_| End::internal(&"panic in a job")),
            () = beating => return,
        }
    };
    let progress = live.progress.borrow().clone();
    let said = |message: String, message_en: String| Progress {
        message,
        message_en,
        ..progress.clone()
    };
    let (state, progress, result) = match end {
        End::Done(result) => (Some(JobState::Done), progress.clone(), result),
        End::Failed {
            message,
            message_en,
            result,
        } => (Some(JobState::Failed), said(message, message_en), result),
        End::Stopped if live.cancelled.load(Ordering::Relaxed) => (
            Some(JobState::Cancelled),
            said("已取消".to_owned(), "called off".to_owned()),
            Value::Null,
        ),
        End::Stopped => (None, progress.clone(), Value::Null),
    };
    for nth in 0..TRIES {
        let store = &app.state.store;
        let written = match state {
            Some(state) => store.end_job(id, state, &progress, &result).await,
            None => store.hand_back_job(id).await,
        };
        match written {
            Ok(()) => break,
            // Whatever it is, the job is over; only a later server could tell it otherwise.
            Err(error) if nth + 1 == TRIES || *app.work.inner.down.borrow() => {
                tracing::error!(%error, id, "the end of a job could not be written");
                break;
            }
            Err(error) => {
                tracing::warn!(%error, id, "the end of a job waits");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    app.work.end(id);
}

/// Tells the database now and then that a job lives, and hears whether it was called off
/// elsewhere. Never ends.
async fn beat(app: &App, live: &Live) {
    loop {
        tokio::time::sleep(BEAT).await;
        let progress = live.progress.borrow().clone();
        match app.state.store.beat_job(live.job.id, &progress).await {
            Ok(true) => live.cancelled.store(true, Ordering::Relaxed),
            Ok(false) => {}
            // The job itself may be what keeps the database busy.
            Err(error) => tracing::debug!(%error, "a job could not tell that it lives"),
        }
    }
}
