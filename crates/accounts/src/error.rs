//! What can go wrong with accounts.

use qipan_model::AccountProblem;

use crate::Weakness;

/// Result of a call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done. `Display` is a Chinese sentence, [`Error::in_english`] the English
/// one; neither tells a secret, or whether an account exists to whoever is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] qipan_store::Error),
    /// The login is unknown, the password is wrong or the account is out of use.
    #[error("账号或密码不对：请核对后重试；忘记密码请找安全管理员")]
    Wrong,
    /// Too many failed attempts.
    #[error("尝试次数过多，已暂停登录：请 {} 后重试，或请安全管理员解锁", span(.seconds))]
    Locked {
        /// Seconds until the next attempt is looked at.
        seconds: i64,
    },
    /// A user of the single sign-on who is nobody here.
    #[error("单点登录的用户“{0}”在本系统没有可用的账号：请安全管理员核对登录名")]
    NotHere(String),
    /// The password that stands was not given.
    #[error("原密码不对：请核对后重试")]
    OldPassword,
    /// The new password does not fit the rules.
    #[error("新密码不合要求：{}", told(.found, Weakness::message, "；"))]
    Weak {
        /// What is missing.
        found: Vec<Weakness>,
    },
    /// The account may not be so.
    #[error(transparent)]
    Roles(#[from] AccountProblem),
    /// A login that cannot be one.
    #[error("登录名“{0}”不行：请用 2 至 64 个小写字母、数字或 . _ - @，以字母或数字开头")]
    Login(String),
    /// A name that cannot be one.
    #[error("姓名或名称请写 1 至 64 个字")]
    Name,
    /// The login is taken.
    #[error("登录名“{0}”已经有了：请换一个")]
    Taken(String),
    /// No such account.
    #[error("没有账号“{0}”")]
    NoAccount(String),
    /// No such session or token of the account.
    #[error("没有这一项：可能已经撤销，请刷新后再看")]
    NoSuch,
    /// Somebody would shut themselves out or raise themselves.
    #[error("不能停用自己的账号，也不能改自己的角色、单位和台账：请另一位安全管理员来做")]
    OwnAccount,
    /// A token that cannot be.
    #[error("{0}")]
    Token(&'static str, &'static str),
    /// A setting that there is not, or that cannot be so.
    #[error("设置“{key}”要在 {least} 到 {most} 之间")]
    Setting {
        /// Its key.
        key: &'static str,
        /// Least value.
        least: i64,
        /// Greatest value.
        most: i64,
    },
    /// The system gave no randomness.
    #[error("系统给不出随机数（{0}）：请检查系统后重试")]
    Random(std::io::Error),
    /// A hash could not be computed.
    #[error("密码无法计算（{0}）：请重试")]
    Hash(String),
}

impl Error {
    /// The sentence in English.
    #[must_use]
    pub fn in_english(&self) -> String {
        match self {
            Self::Store(error) => format!("the store failed ({})", error.code()),
            Self::Wrong => "Login or password is wrong: check both; the security officer can set \
                            a new password"
                .to_owned(),
            Self::Locked { seconds } => format!(
                "Too many attempts: try again in {} minutes, or ask the security officer",
                minutes(*seconds)
            ),
            Self::NotHere(login) => format!(
                "The user “{login}” of the single sign-on has no account here: ask the security \
                 officer"
            ),
            Self::OldPassword => "The present password is wrong: check it and try again".to_owned(),
            Self::Weak { found } => format!(
                "The new password does not fit the rules: {}",
                told(found, Weakness::message_en, "; ")
            ),
            Self::Roles(problem) => problem.message_en(),
            Self::Login(login) => format!(
                "“{login}” cannot be a login: write 2 to 64 small letters, digits or . _ - @, the \
                 first a letter or digit"
            ),
            Self::Name => "Write a name of 1 to 64 characters".to_owned(),
            Self::Taken(login) => format!("The login “{login}” is taken: choose another"),
            Self::NoAccount(login) => format!("There is no account “{login}”"),
            Self::NoSuch => "It is not there: it may have been revoked, look again".to_owned(),
            Self::OwnAccount => "Nobody disables their own account or changes its roles, unit and \
                                 registers: ask another security officer"
                .to_owned(),
            Self::Token(_, english) => (*english).to_owned(),
            Self::Setting { key, least, most } => {
                format!("The setting “{key}” is a number from {least} to {most}")
            }
            Self::Random(error) => format!("The system gives no random numbers ({error})"),
            Self::Hash(why) => format!("The password cannot be computed ({why}): try again"),
        }
    }
}

fn minutes(seconds: i64) -> i64 {
    (seconds.max(1) + 59) / 60
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the macro hands over references"
)]
fn span(seconds: &i64) -> String {
    format!("{} 分钟", minutes(*seconds))
}

fn told(found: &[Weakness], word: impl Fn(&Weakness) -> String, between: &str) -> String {
    found.iter().map(word).collect::<Vec<_>>().join(between)
}
