//! The clock, handed in by whoever opens the store.

use jiff::Timestamp;

/// Tells the time. The binary reads the system's clock; tests bring their own.
pub trait Clock: Send + Sync + 'static {
    /// The moment now.
    fn now(&self) -> Timestamp;
}

/// A moment as the journal writes it: RFC 3339, UTC, microseconds, always 27 bytes long,
/// so that the order of texts is the order of time.
#[must_use]
pub fn written(moment: Timestamp) -> String {
    format!("{moment:.6}")
}
