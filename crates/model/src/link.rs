//! Links (结对关系): one supporter → one recipient, with validity and evidence.

use serde::{Deserialize, Serialize};

use crate::{UnitId, Validity};

/// How sure a fact of the pack is (domain §0, evidence marks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Public evidence found.
    Attested,
    /// Evidence of an earlier round or an indirect one.
    Likely,
    /// 待确认: to be filled in by the owner; never an invented fact.
    Open,
}

/// One link. A recipient with its links is a group (结对组).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Who supports; `None` while 待确认.
    pub supporter: Option<UnitId>,
    /// Who receives; `None` while 待确认.
    pub recipient: Option<UnitId>,
    /// From when to when.
    pub validity: Validity,
    /// How sure it is.
    pub certainty: Certainty,
    /// What shows it.
    pub evidence: String,
}
