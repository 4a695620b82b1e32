//! Secrets that are shown once and kept only as their SHA-256: sessions and tokens of 256 random
//! bits, and passwords made for people.

use sha2::{Digest, Sha256};

use crate::{Accounts, Error, Result};

/// What secrets of tokens begin with, so that they are known when they turn up somewhere.
pub(crate) const TOKEN: &str = "qp_";

/// SHA-256 of a secret. Random bits of that length need no slow hash.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Random bytes as text.
pub(crate) fn written(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a text may be a secret of ours at all.
pub(crate) fn is_shaped(secret: &str) -> bool {
    let bits = secret.strip_prefix(TOKEN).unwrap_or(secret);
    bits.len() == 64 && bits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Characters of a made password by kind, without those that look alike.
const KINDS: [&[u8]; 4] = [
    b"abcdefghijkmnpqrstuvwxyz",
    b"ABCDEFGHJKLMNPQRSTUVWXYZ",
    b"23456789",
    b"-+=%#",
];

/// Characters of a made password.
const LENGTH: usize = 14;

impl Accounts {
    /// 256 random bits as text, for what only one browser may know.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn secret(&self) -> Result<String> {
        Ok(written(&self.random::<32>()?))
    }

    /// A password for people to type once: all kinds of characters, nothing that looks alike.
    pub(crate) fn made_password(&self) -> Result<String> {
        let mut password = Vec::with_capacity(LENGTH);
        for nth in 0..LENGTH {
            // One of each kind, then letters and digits.
            let kind = KINDS[if nth < 4 { nth } else { nth % 3 }];
            password.push(kind[self.below(kind.len())?]);
        }
        // Fisher and Yates.
        for last in (1..LENGTH).rev() {
            let other = self.below(last + 1)?;
            password.swap(last, other);
        }
        String::from_utf8(password).map_err(|error| Error::Hash(error.to_string()))
    }

    /// A random number below `limit` (at most 256), each as likely as the other.
    fn below(&self, limit: usize) -> Result<usize> {
        let fair = 256 - 256 % limit;
        loop {
            let [byte] = self.random::<1>()?;
            if usize::from(byte) < fair {
                return Ok(usize::from(byte) % limit);
            }
        }
    }
}
