//! The mechanism (机制) and the pack (机制包) that declares it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Brief, Clause, Indicator, Link, Register, Role, Units, Validity};

/// A theme (领域) of the mechanism: 产业协同 and its siblings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Id, `industry`.
    pub id: String,
    /// Name, 产业协同.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Other headings under which the theme was published.
    pub aliases: Vec<String>,
}

/// An id with its name: a cluster of units, a flag that units carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Id, `northeast`.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// Names, calendar and words of one mechanism.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mechanism {
    /// Id, `chongqing`.
    pub id: String,
    /// Version of the pack.
    pub version: String,
    /// Full name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// When the mechanism is in force.
    pub validity: Validity,
    /// First day from which cumulative figures count unless they say otherwise.
    pub start: Date,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// What the supporters are called (主城协同区).
    pub supporter_word: String,
    /// The same in English.
    pub supporter_word_en: String,
    /// What the recipients are called (“两群”区县).
    pub recipient_word: String,
    /// The same in English.
    pub recipient_word_en: String,
    /// Themes in printing order.
    pub themes: Vec<Theme>,
    /// Clusters of units.
    pub clusters: Vec<Named>,
    /// Flags of units.
    pub flags: Vec<Named>,
}

/// A whole pack, checked and lowered: everything the engine needs to run a mechanism.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Names, calendar, words.
    pub mechanism: Mechanism,
    /// Who acts.
    pub units: Units,
    /// Who is paired with whom.
    pub links: Vec<Link>,
    /// Provisions.
    pub clauses: Vec<Clause>,
    /// Registers in printing order.
    pub registers: Vec<Register>,
    /// Indicators in printing order; several versions of one id may stand side by side.
    pub indicators: Vec<Indicator>,
    /// Briefs.
    pub briefs: Vec<Brief>,
    /// Roles that accounts may hold, in the order of the file; none where the pack declares none.
    pub roles: Vec<Role>,
    /// Boundaries as GeoJSON text (features carry the unit's code as `id`); may be empty.
    pub boundaries: String,
    /// SHA-256 over all files of the pack, hex.
    pub digest: String,
}

impl Pack {
    /// A register by id.
    #[must_use]
    pub fn register(&self, id: &str) -> Option<&Register> {
        self.registers.iter().find(|register| register.id == id)
    }

    /// A role by id.
    #[must_use]
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The indicator's version in force on a day (promise 8); versions are ordered by `valid.from`.
    #[must_use]
    pub fn indicator(&self, id: &str, day: Date) -> Option<&Indicator> {
        self.indicators
            .iter()
            .rfind(|indicator| indicator.id == id && indicator.valid.holds_on(day))
    }

    /// The indicators in force on a day, in printing order.
    pub fn indicators_on(&self, day: Date) -> impl Iterator<Item = &Indicator> {
        self.indicators
            .iter()
            .filter(move |indicator| indicator.valid.holds_on(day))
    }
}
