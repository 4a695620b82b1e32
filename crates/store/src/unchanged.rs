//! Where rows of a change stood, by their keys.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Where rows stood that a later row of the same change may not contradict: those found unchanged,
/// and in a preview all. Kept small, as a file may hold millions: keys by their hash, places end
/// to end.
#[derive(Default)]
pub(crate) struct Places {
    ends: HashMap<u64, (usize, usize)>,
    places: String,
}

impl Places {
    fn hash(register: &str, key: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        (register, key).hash(&mut hasher);
        hasher.finish()
    }

    /// Where the row stood; `None` when there was none.
    pub(crate) fn place(&self, register: &str, key: &str) -> Option<&str> {
        let &(from, to) = self.ends.get(&Self::hash(register, key))?;
        self.places.get(from..to)
    }

    /// Notes a row.
    pub(crate) fn note(&mut self, register: &str, key: &str, place: &str) {
        let from = self.places.len();
        self.places.push_str(place);
        self.ends
            .insert(Self::hash(register, key), (from, self.places.len()));
    }
}
