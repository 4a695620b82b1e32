//! Clauses (条款): numbered provisions; registers and indicators point at them.

use serde::{Deserialize, Serialize};

/// One provision of the policy, in the pack's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Number within the mechanism, `2.3`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Heading in English.
    pub title_en: String,
    /// The provision in our own words.
    pub text: String,
    /// The same in English.
    pub text_en: String,
    /// Theme id (领域), empty for general provisions.
    pub theme: String,
    /// Registers that hold the facts.
    pub registers: Vec<String>,
    /// Indicators that count them.
    pub indicators: Vec<String>,
    /// Where the provision is known from.
    pub source: String,
}
