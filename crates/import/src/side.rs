//! What an import asks and writes: of a change that is made, or of one that is thought through.

use std::collections::BTreeMap;

use qipan_model::{Record, Register};
use qipan_store::{Preview, Writer};

use crate::Error;

/// The two sides of an import.
pub(crate) enum Side {
    /// A change; nobody else writes meanwhile.
    Write(Box<Writer>),
    /// A snapshot; nobody has to wait.
    Look(Box<Preview>),
}

impl Side {
    /// Whether a register has never had a row.
    pub(crate) async fn is_untouched(&mut self, register: &Register) -> Result<bool, Error> {
        Ok(match self {
            Self::Write(writer) => writer.is_untouched(register).await?,
            Self::Look(preview) => preview.is_untouched(register).await?,
        })
    }

    /// The last revisions under these keys, withdrawn records among them.
    pub(crate) async fn standing_records(
        &mut self,
        register: &Register,
        keys: &[String],
    ) -> Result<BTreeMap<String, Record>, Error> {
        Ok(match self {
            Self::Write(writer) => writer.standing_records(register, keys).await?,
            Self::Look(preview) => preview.standing_records(register, keys).await?,
        })
    }
}
