//! What must be told, but not so often that it drowns the rest: the same thing once within a
//! while, and all things together no faster than a trickle. What is left out is counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Most different things remembered.
const MOST_KEYS: usize = 4_096;

/// Decides what is told.
pub struct Sampler {
    /// Seconds for which the same thing is told once.
    window: i64,
    /// Things told at once.
    burst: i64,
    /// Seconds after which one more may be told.
    refill: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told: HashMap<String, (Timestamp, u64)>,
    used: i64,
    since: Option<Timestamp>,
    left_out: u64,
}

impl Sampler {
    /// The same thing once in `window` seconds; `burst` things at once, then one each `refill`
    /// seconds.
    #[must_use]
    pub fn new(window: i64, burst: i64, refill: i64) -> Self {
        Self {
            window,
            burst,
            refill: refill.max(1),
            state: Mutex::default(),
        }
    }

    /// Whether this is told now: then how many were left out before it, of the same thing or
    /// because there were too many in all.
    pub fn admit(&self, key: &str, now: Timestamp) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let window = self.window;
        if let Some((at, times)) = state.told.get_mut(key)
            && now.as_second() - at.as_second() < window
        {
            *times += 1;
            return None;
        }
        let since = *state.since.get_or_insert(now);
        let refilled = (now.as_second() - since.as_second()) / self.refill;
        if refilled > 0 {
            state.used = (state.used - refilled).max(0);
            state.since = Some(now);
        }
        if state.told.len() >= MOST_KEYS {
            let mut lost = 0;
            state.told.retain(|_, (at, times)| {
                let keep = now.as_second() - at.as_second() < window;
                lost += if keep { 0 } else { *times };
                keep
            });
            state.left_out += lost;
        }
        if state.used >= self.burst || state.told.len() >= MOST_KEYS {
            state.left_out += 1;
            return None;
        }
        state.used += 1;
        let before = state.told.insert(key.to_owned(), (now, 0));
        Some(std::mem::take(&mut state.left_out) + before.map_or(0, |(_, times)| times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + second).unwrap()
    }

    #[test]
    fn the_same_thing_is_told_once_and_the_rest_counted() {
        let sampler = Sampler::new(60, 10, 10);
        assert_eq!(sampler.admit("a", at(0)), Some(0));
        assert_eq!(sampler.admit("a", at(1)), None);
        assert_eq!(sampler.admit("a", at(59)), None);
        assert_eq!(sampler.admit("b", at(59)), Some(0));
        assert_eq!(sampler.admit("a", at(60)), Some(2));
    }

    #[test]
    fn many_things_trickle() {
        let sampler = Sampler::new(60, 3, 10);
        let told = |range: std::ops::Range<i64>, second| {
            range
                .filter_map(|nth| sampler.admit(&nth.to_string(), at(second)))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(0..100, 0), [0, 0, 0]);
        assert_eq!(told(100..200, 5), [0; 0]);
        assert_eq!(told(200..300, 20), [197, 0]);
    }
}
