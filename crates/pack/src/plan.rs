//! What applying a pack over another would change: a pure comparison, made before anything is
//! touched, like a migration's dry run.

use jiff::civil::Date;
use qipan_model::FieldType;
use serde::Serialize;

/// One change. Ids are those of the new pack unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// The mechanism's names, calendar or words.
    Mechanism {
        /// What of it.
        what: Vec<&'static str>,
    },
    /// A register that was not there: a new table.
    AddRegister {
        /// Register id.
        register: String,
    },
    /// A register that the new pack leaves out: its table and history stay, nothing is added.
    LeaveRegister {
        /// Register id in the old pack.
        register: String,
    },
    /// Names, sides, date, frequency or workbook layout of a register.
    Register {
        /// Register id.
        register: String,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Refused: other key fields would make other facts out of the records that are there.
    RekeyRegister {
        /// Register id.
        register: String,
    },
    /// A new column, empty in all records that are there.
    AddField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Whether new records must state it.
        required: bool,
    },
    /// A column with a new name and its old values.
    RenameField {
        /// Register id.
        register: String,
        /// Id in the old pack.
        from: String,
        /// Id now.
        to: String,
    },
    /// A field out of use: column and values stay.
    RetireField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Last day in use.
        last: Date,
    },
    /// Refused: a field that vanishes would take its values along.
    RemoveField {
        /// Register id.
        register: String,
        /// Field id in the old pack.
        field: String,
    },
    /// A type that takes everything it took before, and more.
    WidenField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Type in the old pack.
        from: FieldType,
        /// Type now.
        to: FieldType,
    },
    /// Refused: a type that would not take what is there.
    RetypeField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Type in the old pack.
        from: FieldType,
        /// Type now.
        to: FieldType,
    },
    /// Labels, help, duty or derivation of a field.
    Field {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Row rules; they hold for what comes in from now on.
    Rules {
        /// Register id.
        register: String,
        /// Rules that are new.
        added: Vec<String>,
        /// Rules that are gone.
        removed: Vec<String>,
        /// Rules that read otherwise.
        changed: Vec<String>,
    },
    /// An indicator that was not there.
    AddIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
    },
    /// A further version; the ones before it go on counting their own periods.
    AddVersion {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
    },
    /// The last day of a version.
    CloseVersion {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
        /// Last day; `None` when it is open again.
        last: Option<Date>,
    },
    /// Words about an indicator; it counts as before.
    RewordIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Refused: figures published under this version would change their meaning.
    RedefineIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Refused: figures published under this version would lose their definition.
    RemoveIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
    },
    /// Units.
    Units {
        /// Units that are new.
        added: Vec<String>,
        /// Units that are gone: records may name them, so this is refused when not empty.
        removed: Vec<String>,
        /// Units that read otherwise.
        changed: Vec<String>,
    },
    /// Links.
    Links {
        /// How many are new.
        added: usize,
        /// How many are gone.
        removed: usize,
    },
    /// Clauses.
    Clauses {
        /// Clauses that are new.
        added: Vec<String>,
        /// Clauses that are gone.
        removed: Vec<String>,
        /// Clauses that read otherwise.
        changed: Vec<String>,
    },
    /// Briefs.
    Briefs {
        /// Briefs that are new.
        added: Vec<String>,
        /// Briefs that are gone.
        removed: Vec<String>,
        /// Briefs that read otherwise.
        changed: Vec<String>,
    },
    /// Roles; accounts that hold one that is gone lose what it gave.
    Roles {
        /// Roles that are new.
        added: Vec<String>,
        /// Roles that are gone.
        removed: Vec<String>,
        /// Roles that give something else or read otherwise.
        changed: Vec<String>,
    },
    /// Boundaries of the map.
    Boundaries,
}

/// All changes, in the order in which they are made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Plan {
    /// Changes that keep the pack from being applied.
    pub fn refused(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_refused())
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Renames that the database must make: register, former id, id now.
    pub fn renames(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.changes.iter().filter_map(|change| match change {
            Change::RenameField { register, from, to } => Some((&**register, &**from, &**to)),
            _ => None,
        })
    }
}

impl Change {
    /// Whether the pack cannot be applied because of it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match self {
            Self::RekeyRegister { .. }
            | Self::RemoveField { .. }
            | Self::RetypeField { .. }
            | Self::RedefineIndicator { .. }
            | Self::RemoveIndicator { .. } => true,
            Self::Units { removed, .. } => !removed.is_empty(),
            _ => false,
        }
    }

    /// Whether tables of the database must be made or altered.
    #[must_use]
    pub fn needs_sql(&self) -> bool {
        matches!(
            self,
            Self::AddRegister { .. }
                | Self::AddField { .. }
                | Self::RenameField { .. }
                | Self::WidenField { .. }
        )
    }
}
