//! What applying a pack over another would change.

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {}

/// All changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// In the order in which they are made.
    pub changes: Vec<Change>,
}

/// Compares.
#[must_use]
pub fn plan() -> Plan {
    Plan::default()
}
