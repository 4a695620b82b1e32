//! Long work: jobs wait in the store, a few at a time are done here.
//!
//! How far a job is, is known in memory and told at once; the database learns it now and then, as
//! it may be busy with the job itself. A server that goes down lets jobs end or puts them back; one
//! that is killed leaves them to the next, which finds them by their silence.

mod backups;
mod imports;
mod kinds;
mod runner;
mod tidy;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use qipan_store::{Job, JobState, NewJob, Progress, Store};
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::caller::Caller;
use crate::problem::Problem;

pub(crate) use imports::{Asked as ImportAsked, folder as import_folder};
pub(crate) use kinds::{BACKUP, COMMIT, READ, VERIFY};
pub use runner::Running;
pub(crate) use runner::start;

/// The jobs of a server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Work {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    /// Jobs that are being done here.
    live: Mutex<HashMap<i64, Arc<Live>>>,
    /// A job waits.
    wake: Notify,
    /// Counts what happens to jobs, so that those who look on know when to look again.
    tick: watch::Sender<u64>,
    /// Whether the server goes down.
    down: watch::Sender<bool>,
}

/// A job that is being done.
struct Live {
    job: Job,
    progress: watch::Sender<Progress>,
    /// Its account, or whoever may, has called it off.
    cancelled: AtomicBool,
    /// The server goes down and cannot wait for it.
    stopped: AtomicBool,
}

/// What a job is given: to tell how far it is, and to know when to stop.
#[derive(Clone)]
pub(crate) struct Hand {
    live: Arc<Live>,
}

impl Hand {
    /// Tells how far the job is; `total` is 0 when that is not known.
    pub(crate) fn tell(&self, done: i64, total: i64, message: &str, message_en: &str) {
        self.live.progress.send_replace(Progress {
            done,
            total,
            message: message.to_owned(),
            message_en: message_en.to_owned(),
        });
    }

    /// Whether the job is to stop as soon as it can, leaving nothing half done.
    pub(crate) fn stop(&self) -> bool {
        self.live.cancelled.load(Ordering::Relaxed) || self.live.stopped.load(Ordering::Relaxed)
    }
}

impl Work {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                live: Mutex::default(),
                wake: Notify::new(),
                tick: watch::Sender::new(0),
                down: watch::Sender::new(false),
            }),
        }
    }

    /// A job in the caller's name, not yet queued.
    pub(crate) fn job_of(caller: &Caller, kind: &str, payload: Value) -> NewJob {
        NewJob {
            kind: kind.to_owned(),
            account: caller.account,
            login: caller.login.clone(),
            origin: caller.origin.clone(),
            payload,
        }
    }

    /// Queues a job in the caller's name; gives its number.
    pub(crate) async fn submit(
        &self,
        caller: &Caller,
        kind: &str,
        payload: Value,
    ) -> Result<i64, Problem> {
        let id = self
            .inner
            .store
            .add_job(&Self::job_of(caller, kind, payload))
            .await?;
        self.wake();
        Ok(id)
    }

    /// Says that a job has been queued.
    pub(crate) fn wake(&self) {
        self.inner.wake.notify_one();
    }

    /// A job as it is this moment.
    pub(crate) async fn look(&self, id: i64) -> Result<Option<Job>, Problem> {
        if let Some(job) = self.live(id).map(|live| live.view()) {
            return Ok(Some(job));
        }
        Ok(self.inner.store.job(id).await?)
    }

    /// The newest jobs as they are this moment, of one account or of all.
    pub(crate) async fn list(&self, account: Option<i64>, limit: u32) -> Result<Vec<Job>, Problem> {
        let mut jobs = self.inner.store.jobs(account, limit).await?;
        for job in &mut jobs {
            if let Some(live) = self.live(job.id) {
                *job = live.view();
            }
        }
        Ok(jobs)
    }

    /// Calls a job off.
    pub(crate) async fn cancel(&self, id: i64) -> Result<(), Problem> {
        match self.live(id) {
            // The database may be busy with this very job.
            Some(live) => live.cancelled.store(true, Ordering::Relaxed),
            None => {
                self.inner.store.cancel_job(id).await?;
            }
        }
        self.tick();
        Ok(())
    }

    /// Tells when to look at a job again.
    pub(crate) fn changes(&self, id: i64) -> Changes {
        Changes {
            progress: self.live(id).map(|live| live.progress.subscribe()),
            tick: self.inner.tick.subscribe(),
            down: self.inner.down.subscribe(),
        }
    }

    fn live(&self, id: i64) -> Option<Arc<Live>> {
        let live = self.inner.live.lock();
        live.unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned()
    }

    fn all_live(&self) -> Vec<Arc<Live>> {
        let live = self.inner.live.lock();
        live.unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }

    fn begin(&self, job: Job) -> Arc<Live> {
        let id = job.id;
        let live = Arc::new(Live {
            job,
            progress: watch::Sender::new(Progress::default()),
            cancelled: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        });
        self.inner
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, Arc::clone(&live));
        self.tick();
        live
    }

    fn end(&self, id: i64) {
        self.inner
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
        self.tick();
    }

    fn tick(&self) {
        self.inner.tick.send_modify(|count| *count += 1);
    }
}

impl Live {
    fn view(&self) -> Job {
        let progress = self.progress.borrow().clone();
        Job {
            state: JobState::Running,
            done: progress.done,
            total: progress.total,
            message: progress.message,
            message_en: progress.message_en,
            cancel: self.cancelled.load(Ordering::Relaxed),
            ..self.job.clone()
        }
    }
}

/// When a job may have changed.
pub(crate) struct Changes {
    progress: Option<watch::Receiver<Progress>>,
    tick: watch::Receiver<u64>,
    down: watch::Receiver<bool>,
}

impl Changes {
    /// Waits until something may have changed; `false` when the server goes down.
    pub(crate) async fn next(&mut self) -> bool {
        let progress = async {
            // A job that is over tells no more.
            let told = match &mut self.progress {
                Some(progress) => progress.changed().await.is_ok(),
                None => false,
            };
            if !told {
                std::future::pending::<()>().await;
            }
        };
        let ticked = async {
            if self.tick.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = progress => true,
            () = ticked => true,
            // Another server may be doing it.
            () = tokio::time::sleep(std::time::Duration::from_secs(2)) => true,
            _ = self.down.wait_for(|down| *down) => false,
        }
    }
}
