//! What was read a moment ago: sessions, tokens and settings are asked for at each request. What
//! this process changes is seen at once, what another one changes within [`FRESH`] seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::{Identity, Policy};

/// Seconds for which what was read is taken as it was.
const FRESH: i64 = 2;
/// Most sessions and tokens remembered.
const MOST: usize = 10_000;

/// A session or token as it was read.
#[derive(Clone)]
pub(crate) struct Known {
    pub identity: Identity,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
    /// The last use that is in the database.
    pub stored: Timestamp,
    /// When it was read.
    pub read: Timestamp,
}

#[derive(Default)]
pub(crate) struct Cache {
    known: Mutex<HashMap<[u8; 32], Known>>,
    policy: Mutex<Option<(Timestamp, Arc<Policy>)>>,
}

fn is_fresh(read: Timestamp, now: Timestamp) -> bool {
    (0..FRESH).contains(&(now.as_second() - read.as_second()))
}

impl Cache {
    /// What is known of a secret, and whether it may be taken as it is.
    pub(crate) fn get(&self, digest: &[u8; 32], now: Timestamp) -> Option<(Known, bool)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(digest)?;
        Some((found.clone(), is_fresh(found.read, now)))
    }

    pub(crate) fn put(&self, digest: [u8; 32], found: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, old| is_fresh(old.read, found.read));
            if known.len() >= MOST {
                known.clear();
            }
        }
        known.insert(digest, found);
    }

    /// Notes a use.
    pub(crate) fn touch(&self, digest: &[u8; 32], seen: Timestamp, stored: Option<Timestamp>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get_mut(digest) {
            found.seen = found.seen.max(seen);
            found.stored = stored.unwrap_or(found.stored);
        }
    }

    pub(crate) fn drop_one(&self, digest: &[u8; 32]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(digest);
    }

    /// Everything is to be read again; when sessions were last used is not forgotten.
    pub(crate) fn stale(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for found in known.values_mut() {
            found.read = Timestamp::MIN;
        }
        drop(known);
        *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn policy(&self, now: Timestamp) -> Option<Arc<Policy>> {
        let kept = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|(read, _)| is_fresh(*read, now))
            .map(|(_, policy)| Arc::clone(policy))
    }

    pub(crate) fn put_policy(&self, now: Timestamp, policy: &Arc<Policy>) {
        let mut kept = self.policy.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((now, Arc::clone(policy)));
    }
}
