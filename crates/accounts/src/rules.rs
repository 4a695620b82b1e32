//! What a new password must be, after the practice of GB/T 22239 level 3: long enough, of several
//! kinds of characters, without the account's own names, none of the last ones.

use crate::policy::{Policy, Setting};

/// Most characters of a password: a hash of more would only cost time.
pub(crate) const MOST: usize = 128;

/// What is wrong with a new password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than asked for.
    Short(i64),
    /// More than [`MOST`] characters.
    Long,
    /// Fewer kinds of characters than asked for.
    Plain(i64),
    /// It contains the login.
    HasLogin,
    /// It contains the account's name.
    HasName,
    /// It is one of the last ones.
    Reused(i64),
}

impl Weakness {
    /// A short stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Short(_) => "too-short",
            Self::Long => "too-long",
            Self::Plain(_) => "too-plain",
            Self::HasLogin => "has-login",
            Self::HasName => "has-name",
            Self::Reused(_) => "reused",
        }
    }

    /// What to do, in Chinese.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Short(least) => format!("至少 {least} 个字符"),
            Self::Long => format!("至多 {MOST} 个字符"),
            Self::Plain(classes) => {
                format!("小写字母、大写字母、数字、其他字符至少要有 {classes} 类")
            }
            Self::HasLogin => "不能包含登录名".to_owned(),
            Self::HasName => "不能包含姓名".to_owned(),
            Self::Reused(count) => format!("不能是现在的或最近 {count} 次用过的密码"),
        }
    }

    /// The same in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        match self {
            Self::Short(least) => format!("at least {least} characters"),
            Self::Long => format!("at most {MOST} characters"),
            Self::Plain(classes) => {
                format!("at least {classes} of small letters, capitals, digits and others")
            }
            Self::HasLogin => "it must not contain the login".to_owned(),
            Self::HasName => "it must not contain the name".to_owned(),
            Self::Reused(count) => {
                format!("it must not be the present one or one of the last {count}")
            }
        }
    }
}

/// Everything that speaks against a password, but for its history.
pub(crate) fn weaknesses(
    password: &str,
    login: &str,
    name: &str,
    policy: &Policy,
) -> Vec<Weakness> {
    let mut found = Vec::new();
    let least = policy.get(Setting::MinLength);
    let length = password.chars().count();
    if i64::try_from(length).unwrap_or(i64::MAX) < least {
        found.push(Weakness::Short(least));
    }
    if length > MOST {
        found.push(Weakness::Long);
    }
    let kinds: [fn(char) -> bool; 4] = [
        |c| c.is_ascii_lowercase(),
        |c| c.is_ascii_uppercase(),
        |c| c.is_ascii_digit(),
        |c| !c.is_ascii_alphanumeric(),
    ];
    let classes = kinds.iter().filter(|kind| password.chars().any(**kind));
    let asked = policy.get(Setting::Classes);
    if i64::try_from(classes.count()).unwrap_or(0) < asked {
        found.push(Weakness::Plain(asked));
    }
    let lower = password.to_lowercase();
    let holds = |word: &str| word.chars().count() > 1 && lower.contains(&word.to_lowercase());
    if holds(login) {
        found.push(Weakness::HasLogin);
    }
    if holds(name) {
        found.push(Weakness::HasName);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str) -> Vec<&'static str> {
        weaknesses(password, "zhangsan", "张三", &Policy::default())
            .iter()
            .map(Weakness::code)
            .collect()
    }

    #[test]
    fn length_kinds_and_names_are_looked_at() {
        assert_eq!(codes("Kaizhou-2021"), [""; 0]);
        assert_eq!(
            codes("kaizhou-2021"),
            [""; 0],
            "three of four kinds are enough"
        );
        assert_eq!(
            codes("对口帮扶一二三四A1"),
            [""; 0],
            "characters, not bytes"
        );
        assert_eq!(codes("Kz-2021"), ["too-short"]);
        assert_eq!(codes("kaizhoukaizhou"), ["too-plain"]);
        assert_eq!(codes("kaizhou2021"), ["too-plain"], "two kinds are too few");
        assert_eq!(codes("xZhangSan-2021"), ["has-login"]);
        assert_eq!(codes("我是张三-abc-2021"), ["has-name"]);
        assert_eq!(codes(&"aB1-".repeat(40)), ["too-long"]);
        assert_eq!(codes(""), ["too-short", "too-plain"]);
    }
}
