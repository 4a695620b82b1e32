//! How often somebody may ask: buckets that fill up again with time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Most askers remembered.
const MOST: usize = 20_000;
/// Units of a request in a bucket, so that nothing is a fraction.
const WHOLE: i64 = 60_000_000;

/// A bucket's size and how fast it fills.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// Requests at once.
    pub burst: i64,
    /// Requests a minute in the long run.
    pub per_minute: i64,
}

/// Logins from one place.
pub(crate) const LOGINS: Rate = Rate {
    burst: 20,
    per_minute: 20,
};

/// One bucket for each asker.
#[derive(Default)]
pub(crate) struct Buckets {
    /// What is left, and when that was, in microseconds.
    left: Mutex<HashMap<String, (i64, i64)>>,
}

impl Buckets {
    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// Seconds to wait, when it is empty.
    pub(crate) fn take(&self, asker: &str, rate: Rate, now: Timestamp) -> Result<(), i64> {
        let micros = now.as_microsecond();
        let full = rate.burst.saturating_mul(WHOLE);
        let filled = |left: i64, at: i64| {
            let since = micros.saturating_sub(at).max(0);
            left.saturating_add(since.saturating_mul(rate.per_minute))
                .min(full)
        };
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(asker) {
            all.retain(|_, (left, at)| filled(*left, *at) < full);
            if all.len() >= MOST {
                all.clear();
            }
        }
        let (left, at) = match all.get_mut(asker) {
            Some(bucket) => bucket,
            None => all.entry(asker.to_owned()).or_insert((full, micros)),
        };
        *left = filled(*left, *at);
        *at = micros;
        if *left >= WHOLE {
            *left -= WHOLE;
            return Ok(());
        }
        let missing = WHOLE - *left;
        Err(missing / rate.per_minute.max(1) / 1_000_000 + 1)
    }
}

/// Who asks from an address: for IPv6 the network, of which one household has many addresses.
pub(crate) fn place(origin: &str) -> String {
    match origin.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + second).unwrap()
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let buckets = Buckets::default();
        let rate = Rate {
            burst: 3,
            per_minute: 6,
        };
        let taken: Vec<_> = (0..5).map(|_| buckets.take("a", rate, at(0))).collect();
        assert_eq!(taken, [Ok(()), Ok(()), Ok(()), Err(11), Err(11)]);
        assert_eq!(buckets.take("b", rate, at(0)), Ok(()), "each has their own");
        assert_eq!(buckets.take("a", rate, at(9)), Err(2));
        assert_eq!(buckets.take("a", rate, at(10)), Ok(()));
        assert_eq!(buckets.take("a", rate, at(10)), Err(11));
        // Time that goes back gives nothing and takes nothing.
        assert_eq!(buckets.take("a", rate, at(0)), Err(11));
    }

    #[test]
    fn a_network_is_one_place() {
        assert_eq!(place("10.0.0.1"), "10.0.0.1");
        assert_eq!(place("2001:db8:1:2:3::4"), place("2001:db8:1:2:9::8"));
        assert_ne!(place("2001:db8:1:2:3::4"), place("2001:db8:1:3:3::4"));
    }
}
