//! Keys that the file has stated so far, in 16 bytes each whatever their length.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hasher};

/// The place at which each key of one register came first. Handed from table to table of a file,
/// so that two sheets cannot state the same fact either.
///
/// A key is kept as 96 bits of its hash: among a million keys two different ones meet by chance
/// once in 10^17 files.
#[derive(Debug, Default)]
pub struct Keys {
    first: HashMap<[u32; 3], (u32, u16)>,
    sheets: Vec<String>,
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

impl Keys {
    /// A table on this sheet follows.
    pub(super) fn begin(&mut self, sheet: &str) {
        if self.sheets.last().is_none_or(|last| last != sheet) {
            self.sheets.push(sheet.to_owned());
        }
    }

    /// Notes a key; the sheet and row in which it stood before, if any.
    pub(super) fn insert(&mut self, key: &str, row: u32) -> Option<(&str, u32)> {
        let sheet = u16::try_from(self.sheets.len().saturating_sub(1)).unwrap_or(u16::MAX);
        match self.first.entry(digest(key)) {
            Entry::Occupied(entry) => {
                let (row, sheet) = *entry.get();
                let sheet = self
                    .sheets
                    .get(usize::from(sheet))
                    .map_or("", String::as_str);
                Some((sheet, row))
            }
            Entry::Vacant(entry) => {
                entry.insert((row, sheet));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_first_place() {
        let mut keys = Keys::default();
        keys.begin("一");
        assert_eq!(keys.insert("XT2021-001", 2), None);
        assert_eq!(keys.insert("XT2021-002", 3), None);
        assert_eq!(keys.insert("XT2021-001", 9), Some(("一", 2)));
        keys.begin("二");
        assert_eq!(keys.insert("XT2021-003", 2), None);
        assert_eq!(keys.insert("XT2021-001", 10), Some(("一", 2)));
        assert_eq!(keys.insert("XT2021-003", 10), Some(("二", 2)));
    }
}
