//! What an account is.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Number.
    pub id: i64,
    /// What its holder types to come in; never changes.
    pub login: String,
    /// Name of the person or the program.
    pub name: String,
    /// Unit to which it belongs.
    pub unit: Option<String>,
    /// Roles, by id.
    pub roles: Vec<String>,
    /// Registers for roles that name registers.
    pub registers: BTreeSet<String>,
    /// Whether the password must be changed before anything else: it is new from somebody else,
    /// or too old.
    pub must_change: bool,
    /// Whether it is out of use.
    pub disabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When somebody last came in by it.
    pub last_login: Option<Timestamp>,
    /// Until when logins are paused after failed ones.
    pub locked_until: Option<Timestamp>,
}

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAccount {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Option<String>,
    /// Roles, by id.
    pub roles: Vec<String>,
    /// Registers for roles that name registers.
    pub registers: BTreeSet<String>,
}

/// What is to be changed of an account; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amendment {
    /// Name.
    pub name: Option<String>,
    /// Unit; `Some(None)` takes it away.
    pub unit: Option<Option<String>>,
    /// Roles, by id.
    pub roles: Option<Vec<String>>,
    /// Registers for roles that name registers.
    pub registers: Option<BTreeSet<String>>,
    /// Whether it is out of use.
    pub disabled: Option<bool>,
}

/// Whether a text can be a login.
pub(crate) fn is_login(login: &str) -> bool {
    (2..=64).contains(&login.len())
        && login.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && login.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte)
        })
}

/// Whether a text can be a name.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_plain() {
        for good in [
            "kaizhou-clerk",
            "li.ming",
            "7a",
            "a@b.gov.cn",
            &"x".repeat(64),
        ] {
            assert!(is_login(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "Zhang",
            "张三",
            "-a",
            "a b",
            "a\0b",
            &"x".repeat(65),
        ] {
            assert!(!is_login(bad), "{bad}");
        }
        assert!(is_name("张三") && is_name("市商务委 数据接口"));
        assert!(!is_name("") && !is_name(" 张三") && !is_name("张\n三"));
    }
}
