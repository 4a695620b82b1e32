//! Keys that the file has stated so far, in 16 bytes each whatever their length.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

/// The row in which each key came first. A key is kept as 96 bits of its hash: among a million
/// keys two different ones meet by chance once in 10^17 files.
#[derive(Debug, Default)]
pub(super) struct Seen {
    first: HashMap<[u32; 3], u32>,
}

fn digest(key: &str) -> [u32; 3] {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(key.as_bytes());
        hasher.finish()
    };
    let (a, b) = (half(0), half(1));
    [a as u32, (a >> 32) as u32, b as u32]
}

impl Seen {
    /// Notes a key; the row in which it stood before, if any.
    pub(super) fn insert(&mut self, key: &str, row: u32) -> Option<u32> {
        match self.first.entry(digest(key)) {
            std::collections::hash_map::Entry::Occupied(entry) => Some(*entry.get()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(row);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_first_row() {
        let mut seen = Seen::default();
        assert_eq!(seen.insert("XT2021-001", 2), None);
        assert_eq!(seen.insert("XT2021-002", 3), None);
        assert_eq!(seen.insert("XT2021-001", 9), Some(2));
        assert_eq!(seen.insert("XT2021-001", 10), Some(2));
    }
}
