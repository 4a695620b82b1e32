//! Changes: rows, retractions, returns, in one transaction with their journal entries.

use qipan_model::{Period, Register};

use crate::*;

/// A change under way. Dropping it undoes everything.
pub struct Writer;

impl Writer {
    /// Writes rows of one register: new keys become records, known keys get a revision when
    /// anything differs. One outcome per row, in order. Any number of rows may be given; a few
    /// thousand at a time are best.
    pub async fn upsert(
        &mut self,
        _register: &Register,
        _rows: Vec<NewRow>,
    ) -> Result<Vec<Outcome>> {
        Err(Error::NoPack)
    }
    /// Withdraws a record; its history stays.
    pub async fn retract(&mut self, _register: &Register, _key: &str) -> Result<Outcome> {
        Err(Error::NoPack)
    }
    /// Files a unit's return of a register for a period.
    pub async fn file_return(
        &mut self,
        _register: &Register,
        _period: Period,
        _unit: &str,
        _kind: ReturnKind,
    ) -> Result<()> {
        Err(Error::NoPack)
    }
    /// Writes the journal entries and makes the change durable.
    pub async fn commit(self) -> Result<Receipt> {
        Err(Error::NoPack)
    }
    /// Undoes everything (so does dropping).
    pub async fn rollback(self) -> Result<()> {
        Err(Error::NoPack)
    }
}
