//! Hashes of passwords: argon2id, kept as PHC strings that carry their own cost, so that the cost
//! can be raised later and old hashes are computed anew when their owner next logs in.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};

use crate::{Error, Result};

/// What computing one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// 19 MiB, two passes, one lane: the least that OWASP recommends for argon2id.
    fn default() -> Self {
        Self {
            memory: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

impl Cost {
    /// Next to nothing: for tests alone.
    #[must_use]
    pub fn of_tests() -> Self {
        Self {
            memory: 8,
            passes: 1,
            lanes: 1,
        }
    }

    fn params(self) -> Result<Params> {
        Params::new(self.memory, self.passes, self.lanes, None)
            .map_err(|error| Error::Hash(error.to_string()))
    }
}

/// The PHC string of a password.
pub(crate) fn hash(password: &str, salt: &[u8; 16], cost: Cost) -> Result<String> {
    Argon2::default()
        .hash_password_with_params(password.as_bytes(), salt, cost.params()?)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| Error::Hash(error.to_string()))
}

/// Whether a password fits a PHC string; compared in constant time.
pub(crate) fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Whether a hash was computed at another cost than is asked for today.
pub(crate) fn is_stale(hash: &str, cost: Cost) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return true;
    };
    let same = Params::try_from(&hash).is_ok_and(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost())
            == (cost.memory, cost.passes, cost.lanes)
    });
    hash.algorithm.as_str() != "argon2id" || !same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_carries_its_cost_and_fits_one_password() {
        let hash = hash("对口帮扶-2021", &[7; 16], Cost::of_tests()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(fits("对口帮扶-2021", &hash));
        assert!(!fits("对口帮扶-2022", &hash) && !fits("", &hash));
        assert!(!fits("", "") && !fits("x", "no hash"));
        assert!(!is_stale(&hash, Cost::of_tests()));
        assert!(is_stale(&hash, Cost::default()) && is_stale("no hash", Cost::of_tests()));
    }
}
