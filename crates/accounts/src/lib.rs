//! Accounts: who may come in, how they prove it, and for how long. No HTTP here; the server and
//! the command line use the same calls.
//!
//! What an account may do and see is the pack's to say ([`qipan_model::Access`]); this crate keeps
//! accounts with their roles, passwords (argon2id), sessions, tokens and the numbers of the rules
//! for all that ([`Policy`]). Whatever happens to an account is written to the journal in the same
//! transaction. The clock and the source of randomness are handed in.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod cache;
mod error;
mod keeping;
mod login;
mod password;
mod policy;
mod random;
mod rows;
mod rules;
mod sampler;
mod secret;
mod session;
mod token;

use std::sync::Arc;

use jiff::Timestamp;
use qipan_store::{Clock, Event, Store};
use tokio::sync::Semaphore;

pub use account::{Account, Amendment, NewAccount};
pub use error::{Error, Result};
pub use login::Opened;
pub use password::Cost;
pub use policy::{Policy, Setting};
pub use random::Random;
pub use rules::Weakness;
pub use sampler::Sampler;
pub use session::{Identity, Session, Via};
pub use token::{NewToken, Token};

/// Passwords computed at the same time: each takes a processor and some memory.
const MOST_HASHES: usize = 2;

/// Who does something to accounts, for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Login, or the name given at the command line.
    pub actor: String,
    /// Where from.
    pub origin: String,
}

impl By {
    fn event(&self, action: &str, reason: String, payload: serde_json::Value) -> Event {
        Event {
            action: action.to_owned(),
            actor: self.actor.clone(),
            origin: self.origin.clone(),
            reason,
            register: String::new(),
            payload,
        }
    }
}

/// The accounts of a store. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    cost: Cost,
    hashing: Semaphore,
    cache: cache::Cache,
    failures: Sampler,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    /// The accounts of a store; `cost` is what a new password costs to compute.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>, cost: Cost) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                clock,
                random,
                cost,
                hashing: Semaphore::new(MOST_HASHES),
                cache: cache::Cache::default(),
                // One entry a minute for the same account from the same place, thirty at once and
                // then one in ten seconds: whoever tries many passwords cannot fill the journal.
                failures: Sampler::new(60, 30, 10),
            }),
        }
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Random bytes.
    fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.inner.random.fill(&mut bytes).map_err(Error::Random)?;
        Ok(bytes)
    }

    /// Computes a password's hash on a thread of its own.
    async fn hashed(&self, password: String) -> Result<String> {
        let salt: [u8; 16] = self.random()?;
        let cost = self.inner.cost;
        self.apart(move || password::hash(&password, &salt, cost))
            .await?
    }

    /// Compares a password with hashes on a thread of its own; says which of them it fits.
    async fn compared(&self, password: String, hashes: Vec<String>) -> Result<Option<usize>> {
        self.apart(move || {
            hashes
                .iter()
                .position(|hash| password::fits(&password, hash))
        })
        .await
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let _permit = self
            .inner
            .hashing
            .acquire()
            .await
            .map_err(|error| Error::Hash(error.to_string()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Hash(error.to_string()))
    }
}
