//! What an account may hold: the separation of the three offices (三员分立), units and registers.

use std::collections::BTreeSet;

use super::{Reach, Role};
use crate::Pack;

/// Why an account may not be as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountProblem {
    /// The pack declares no roles at all.
    NoRoles,
    /// The account holds no role.
    NoRole,
    /// The pack has no such role.
    UnknownRole(String),
    /// An office together with another role; both by their names, Chinese and English.
    Office {
        /// The office.
        office: [String; 2],
        /// The other role.
        other: [String; 2],
    },
    /// A role of links, and no unit whose links they would be.
    NeedsUnit([String; 2]),
    /// The pack has no such unit.
    UnknownUnit(String),
    /// A role of named registers, and none is named.
    NeedsRegisters([String; 2]),
    /// The pack has no such register.
    UnknownRegister(String),
}

impl AccountProblem {
    /// Cause and remedy in Chinese.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::NoRoles => {
                "机制包没有声明角色，不能建账号：请在机制包里加 access.toml 后重新 pack apply"
                    .to_owned()
            }
            Self::NoRole => "账号没有角色：请至少给一个".to_owned(),
            Self::UnknownRole(id) => {
                format!("没有角色“{id}”：请从机制包 access.toml 列出的角色里选")
            }
            Self::Office { office, other } => format!(
                "“{}”是三员之一，不能与“{}”由同一账号担任：请分给两个账号",
                office[0], other[0]
            ),
            Self::NeedsUnit(role) => {
                format!(
                    "角色“{}”按结对关系看数，账号要有所属单位：请指定单位",
                    role[0]
                )
            }
            Self::UnknownUnit(id) => format!("没有单位“{id}”：请从单位表里选"),
            Self::NeedsRegisters(role) => {
                format!("角色“{}”只管指定的台账：请列出是哪些台账", role[0])
            }
            Self::UnknownRegister(id) => format!("没有台账“{id}”：请从台账目录里选"),
        }
    }

    /// Cause and remedy in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        match self {
            Self::NoRoles => {
                "the pack declares no roles, so there can be no accounts: add access.toml and apply the pack again".to_owned()
            }
            Self::NoRole => "the account has no role: give it one".to_owned(),
            Self::UnknownRole(id) => {
                format!("there is no role “{id}”: choose one that the pack's access.toml lists")
            }
            Self::Office { office, other } => format!(
                "“{}” is one of the three offices and cannot be held together with “{}”: make two accounts",
                office[1], other[1]
            ),
            Self::NeedsUnit(role) => {
                format!(
                    "role “{}” sees its unit's links: name the account's unit",
                    role[1]
                )
            }
            Self::UnknownUnit(id) => format!("there is no unit “{id}”: choose one of the pack's"),
            Self::NeedsRegisters(role) => {
                format!("role “{}” keeps named registers: list them", role[1])
            }
            Self::UnknownRegister(id) => {
                format!("there is no register “{id}”: choose one of the pack's")
            }
        }
    }
}

impl std::fmt::Display for AccountProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for AccountProblem {}

/// An office among several roles, with one of the others.
pub(super) fn office_clash<'r>(roles: &[&'r Role]) -> Option<(&'r Role, &'r Role)> {
    let office = roles.iter().find(|role| role.office)?;
    let other = roles.iter().find(|role| role.id != office.id)?;
    Some((office, other))
}

/// Whether an account may hold these roles (ids) with this unit and these registers; gives the
/// roles.
///
/// # Errors
/// The first reason against it.
pub fn check_account<'p>(
    pack: &'p Pack,
    roles: &[impl AsRef<str>],
    unit: Option<&str>,
    registers: &BTreeSet<String>,
) -> Result<Vec<&'p Role>, AccountProblem> {
    let names = |role: &Role| [role.name.clone(), role.english().to_owned()];
    if pack.roles.is_empty() {
        return Err(AccountProblem::NoRoles);
    }
    let mut held = Vec::with_capacity(roles.len());
    for id in roles {
        let id = id.as_ref();
        let role = pack
            .role(id)
            .ok_or_else(|| AccountProblem::UnknownRole(id.to_owned()))?;
        held.push(role);
    }
    if held.is_empty() {
        return Err(AccountProblem::NoRole);
    }
    if let Some((office, other)) = office_clash(&held) {
        return Err(AccountProblem::Office {
            office: names(office),
            other: names(other),
        });
    }
    if let Some(id) = unit.filter(|id| pack.units.get(id).is_none()) {
        return Err(AccountProblem::UnknownUnit(id.to_owned()));
    }
    if let Some(id) = registers.iter().find(|id| pack.register(id).is_none()) {
        return Err(AccountProblem::UnknownRegister(id.clone()));
    }
    let of_links = held.iter().find(|role| role.reach == Reach::Links);
    if let Some(role) = of_links.filter(|_| unit.is_none()) {
        return Err(AccountProblem::NeedsUnit(names(role)));
    }
    let naming = held.iter().find(|role| role.named_registers);
    if let Some(role) = naming.filter(|_| registers.is_empty()) {
        return Err(AccountProblem::NeedsRegisters(names(role)));
    }
    Ok(held)
}

impl Role {
    /// The English name, or the name where there is none.
    #[must_use]
    pub fn english(&self) -> &str {
        if self.name_en.is_empty() {
            &self.name
        } else {
            &self.name_en
        }
    }
}
