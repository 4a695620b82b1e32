//! The source of randomness, handed in by whoever opens the accounts.

/// Gives random bytes that nobody can guess. The binary asks the system; tests bring their own.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the system has none to give.
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()>;
}
