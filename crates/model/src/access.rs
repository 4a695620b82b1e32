//! Access by row (访问范围): what a role may do, and which rows the caller of a request reaches.
//!
//! Pure. The store turns a [`Scope`] into the condition of every read; writes ask
//! [`Scope::admits`]; nothing else decides.

mod account;
mod scope;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Pack;
pub use account::{AccountProblem, check_account};
pub use scope::Scope;

/// What a role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// See records, figures, coverage.
    Read,
    /// Enter, change and withdraw records.
    Write,
    /// Bring workbooks in.
    Import,
    /// Take rows out as a file.
    Export,
    /// File returns (报送).
    Return,
    /// Lay evidence beside records.
    Evidence,
    /// Make briefs.
    Brief,
    /// Check press texts.
    Check,
    /// Read the journal, all of it.
    Journal,
    /// Have the store verified.
    Verify,
    /// Keep accounts and their roles.
    Accounts,
    /// Keep the system: settings, jobs, backups.
    System,
}

impl Action {
    /// All of them, in order.
    pub const ALL: [Self; 12] = [
        Self::Read,
        Self::Write,
        Self::Import,
        Self::Export,
        Self::Return,
        Self::Evidence,
        Self::Brief,
        Self::Check,
        Self::Journal,
        Self::Verify,
        Self::Accounts,
        Self::System,
    ];

    /// The word by which packs, tokens and the API call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Import => "import",
            Self::Export => "export",
            Self::Return => "return",
            Self::Evidence => "evidence",
            Self::Brief => "brief",
            Self::Check => "check",
            Self::Journal => "journal",
            Self::Verify => "verify",
            Self::Accounts => "accounts",
            Self::System => "system",
        }
    }

    /// The action of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// What it is called in sentences.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "查看",
            Self::Write => "填报和修改",
            Self::Import => "导入",
            Self::Export => "导出",
            Self::Return => "报送",
            Self::Evidence => "上传佐证",
            Self::Brief => "出简报",
            Self::Check => "核对稿件",
            Self::Journal => "查日志",
            Self::Verify => "核验",
            Self::Accounts => "管理账号",
            Self::System => "管理系统",
        }
    }

    /// Whether it touches records, so that it means something only with rows in reach.
    #[must_use]
    pub fn is_of_rows(self) -> bool {
        !matches!(
            self,
            Self::Journal | Self::Verify | Self::Accounts | Self::System
        )
    }

    /// Whether it changes records or what is filed about them.
    #[must_use]
    pub fn changes_rows(self) -> bool {
        matches!(
            self,
            Self::Write | Self::Import | Self::Return | Self::Evidence
        )
    }
}

/// Which rows a role reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Rows of all units.
    All,
    /// Rows of the account's own unit and of its links.
    Links,
    /// No row.
    Nothing,
}

/// A role (角色) that accounts may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Id, `clerk`.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// What the role is for, told to whoever gives it.
    pub help: String,
    /// The same in English.
    pub help_en: String,
    /// Which rows it reaches.
    pub reach: Reach,
    /// Whether the account lists the registers; else all are meant.
    pub named_registers: bool,
    /// What it may do.
    pub actions: BTreeSet<Action>,
    /// Whether personal data is shown unmasked.
    pub personal: bool,
    /// One of the three offices (三员): its holder has no other role.
    pub office: bool,
}

/// What one role gives its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Grant {
    actions: BTreeSet<Action>,
    reach: Reach,
    /// Only these registers; all when `None`.
    registers: Option<BTreeSet<String>>,
}

impl Grant {
    fn gives(&self, action: Action, register: &str) -> bool {
        self.actions.contains(&action)
            && self
                .registers
                .as_ref()
                .is_none_or(|registers| registers.contains(register))
    }
}

/// What one caller may do, and on which rows. Several roles are united.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    grants: Vec<Grant>,
    /// [`Scope::Links`] of the account's unit, or [`Scope::Nothing`] without one.
    links: Scope,
    personal: bool,
}

impl Access {
    /// The access of an account that holds `roles` (ids; those that the pack does not know give
    /// nothing), belongs to `unit` and has `registers` for roles that name registers. Links count
    /// as they stand on `day`.
    ///
    /// An account that holds an office beside another role may do nothing at all until that is
    /// mended: a pack may have made an office of a role after it was given.
    #[must_use]
    pub fn new(
        pack: &Pack,
        roles: &[impl AsRef<str>],
        unit: Option<&str>,
        registers: &BTreeSet<String>,
        day: Date,
    ) -> Self {
        let held: Vec<&Role> = roles
            .iter()
            .filter_map(|id| pack.role(id.as_ref()))
            .collect();
        if account::office_clash(&held).is_some() {
            return Self::nothing();
        }
        let grants = held
            .iter()
            .map(|role| Grant {
                actions: role.actions.clone(),
                reach: role.reach,
                registers: role.named_registers.then(|| registers.clone()),
            })
            .collect();
        Self {
            grants,
            // A unit without a name would be every side that is not named.
            links: unit
                .filter(|unit| !unit.is_empty())
                .map_or(Scope::Nothing, |unit| Scope::of_unit(pack, unit, day)),
            personal: held.iter().any(|role| role.personal),
        }
    }

    /// Everything: the command line, which whoever may read the database's file may use anyway.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            grants: vec![Grant {
                actions: Action::ALL.into(),
                reach: Reach::All,
                registers: None,
            }],
            links: Scope::Nothing,
            personal: true,
        }
    }

    /// Nothing at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            grants: Vec::new(),
            links: Scope::Nothing,
            personal: false,
        }
    }

    /// The same access with no more than some actions, as a token has it.
    #[must_use]
    pub fn limited_to(&self, actions: &BTreeSet<Action>) -> Self {
        let mut limited = self.clone();
        for grant in &mut limited.grants {
            grant.actions.retain(|action| actions.contains(action));
        }
        limited
    }

    /// Whether any role has the action.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.actions.contains(&action))
    }

    /// The rows of a register on which the action is the caller's; [`Scope::Nothing`] where the
    /// action or the register is not.
    #[must_use]
    pub fn scope(&self, action: Action, register: &str) -> &Scope {
        let mut links = false;
        for grant in self
            .grants
            .iter()
            .filter(|grant| grant.gives(action, register))
        {
            match grant.reach {
                Reach::All => return &Scope::All,
                Reach::Links => links = true,
                Reach::Nothing => {}
            }
        }
        if links { &self.links } else { &Scope::Nothing }
    }

    /// All actions of all roles.
    #[must_use]
    pub fn actions(&self) -> BTreeSet<Action> {
        let of_all = self.grants.iter().flat_map(|grant| &grant.actions);
        of_all.copied().collect()
    }

    /// The actions on rows that the caller has on a register.
    #[must_use]
    pub fn actions_on(&self, register: &str) -> BTreeSet<Action> {
        Action::ALL
            .into_iter()
            .filter(|action| {
                action.is_of_rows() && *self.scope(*action, register) != Scope::Nothing
            })
            .collect()
    }

    /// Whether personal data is shown unmasked.
    #[must_use]
    pub fn sees_personal(&self) -> bool {
        self.personal
    }
}

#[cfg(test)]
mod tests;
