//! Coming in by password, and changing it.
//!
//! Whoever is refused learns nothing about which accounts there are: an unknown login costs the
//! same computation, gets the same sentence and is paused in the same way as a known one.

use jiff::Timestamp;
use qipan_store::{Desk, Look, written};
use serde_json::json;

use crate::account::is_login;
use crate::policy::{Policy, Setting};
use crate::rows::{self, Kept, at};
use crate::rules::{self, MOST, Weakness};
use crate::session::{self, How, SIGN_ON, later};
use crate::{Account, Accounts, By, Error, Result, password};

/// Seconds after which failed logins are forgotten.
const FORGOTTEN: i64 = 86_400;

/// A session that has begun.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What the cookie carries.
    pub secret: String,
    /// Number of the session.
    pub session: i64,
    /// Whose it is.
    pub account: Account,
}

/// Failed logins of one login name, whether there is such an account or not.
#[derive(Debug, Clone, Copy, Default)]
struct Attempts {
    failures: i64,
    until: Option<Timestamp>,
}

impl Attempts {
    async fn read(look: &mut Look, login: &str, now: Timestamp) -> Result<Self> {
        let row = look
            .row(
                "SELECT failures, at, until FROM login_attempt WHERE login = ?",
                &[login.into()],
            )
            .await?;
        let Some(row) = row else {
            return Ok(Self::default());
        };
        if now.as_second() - at(&row.text(1)?)?.as_second() >= FORGOTTEN {
            return Ok(Self::default());
        }
        Ok(Self {
            failures: row.int(0)?,
            until: rows::moment(&row.text(2)?)?,
        })
    }

    /// Refuses while logins are paused.
    fn pass(self, now: Timestamp) -> Result<()> {
        match self.until {
            Some(until) if until > now => Err(Error::Locked {
                seconds: until.as_second() - now.as_second() + 1,
            }),
            _ => Ok(()),
        }
    }
}

impl Accounts {
    /// Opens a session for whoever knows the password of a login.
    ///
    /// # Errors
    /// [`Error::Wrong`] and [`Error::Locked`]; when the database refuses.
    pub async fn log_in(
        &self,
        login: &str,
        password: &str,
        origin: &str,
        agent: &str,
    ) -> Result<Opened> {
        let login = login.trim().to_lowercase();
        let policy = self.policy().await?;
        let now = self.now();
        let (kept, attempts) = {
            let mut look = self.store().look().await?;
            let kept = match is_login(&login) {
                true => rows::by_login(&mut look, &login, &policy, now).await?,
                false => None,
            };
            let attempts = Attempts::read(&mut look, &login, now).await?;
            look.close().await?;
            (kept, attempts)
        };
        attempts.pass(now)?;
        let known = kept.as_ref().is_some_and(|kept| !kept.account.disabled);
        let fits = self.try_password(kept.as_ref(), password).await?;
        let kept = kept.filter(|_| known && fits);
        let Some(Kept {
            account,
            password: hash,
        }) = kept
        else {
            return Err(self.fail(&login, known, origin, &policy).await?);
        };
        let renewed = match password::is_stale(&hash, self.inner.cost) {
            true => Some(self.hashed(password.to_owned()).await?),
            false => None,
        };
        let mut desk = self.store().desk().await?;
        let how = How {
            method: "password",
            origin,
            agent,
        };
        // Somebody may have tried many passwords at once meanwhile.
        Attempts::read(desk.look(), &login, now).await?.pass(now)?;
        if let Some(hash) = renewed {
            desk.exec(
                "UPDATE account SET password = ? WHERE id = ?",
                &[(&hash).into(), account.id.into()],
            )
            .await?;
        }
        let opened = self.admit(&mut desk, account, how, now).await?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(opened)
    }

    /// Opens a session for an account whose holder has proved elsewhere who they are.
    ///
    /// # Errors
    /// [`Error::Wrong`] when the account is out of use; when the database refuses.
    pub async fn log_in_by(
        &self,
        login: &str,
        method: &str,
        origin: &str,
        agent: &str,
    ) -> Result<Opened> {
        let policy = self.policy().await?;
        let now = self.now();
        let mut desk = self.store().desk().await?;
        let kept = rows::by_login(desk.look(), login, &policy, now).await?;
        let Some(kept) = kept.filter(|kept| !kept.account.disabled) else {
            return Err(Error::Wrong);
        };
        let how = How {
            method,
            origin,
            agent,
        };
        let opened = self.admit(&mut desk, kept.account, how, now).await?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(opened)
    }

    /// Opens a session for a user of a single sign-on: `subject` is the number that its issuer
    /// gives them for ever, `login` the name by which they are found the first time. From then on
    /// the account belongs to that subject, whatever names change there.
    ///
    /// # Errors
    /// [`Error::NotHere`] when nobody here is that user; when the database refuses.
    pub async fn log_in_by_identity(
        &self,
        issuer: &str,
        subject: &str,
        login: &str,
        origin: &str,
        agent: &str,
    ) -> Result<Opened> {
        let policy = self.policy().await?;
        let now = self.now();
        let mut desk = self.store().desk().await?;
        let bound = desk
            .row(
                "SELECT account FROM account_identity WHERE issuer = ? AND subject = ?",
                &[issuer.into(), subject.into()],
            )
            .await?;
        let kept = match &bound {
            Some(row) => rows::by_id(desk.look(), row.int(0)?, &policy, now).await?,
            None => rows::by_login(desk.look(), login, &policy, now).await?,
        };
        let not_here = || Error::NotHere(login.to_owned());
        let kept = kept
            .filter(|kept| !kept.account.disabled)
            .ok_or_else(not_here)?;
        if bound.is_none() {
            let id = kept.account.id;
            let others = desk
                .row(
                    "SELECT subject FROM account_identity WHERE issuer = ? AND account = ?",
                    &[issuer.into(), id.into()],
                )
                .await?;
            // Somebody there has taken over a name that was another's.
            if others.is_some() {
                return Err(not_here());
            }
            desk.exec(
                "INSERT INTO account_identity (issuer, subject, account) VALUES (?, ?, ?)",
                &[issuer.into(), subject.into(), id.into()],
            )
            .await?;
            let by = By {
                actor: kept.account.login.clone(),
                origin: origin.to_owned(),
            };
            let particulars = json!({
                "what": "identity", "login": kept.account.login, "issuer": issuer,
                "subject": subject,
            });
            desk.log(by.event("account", "绑定单点登录".to_owned(), particulars))?;
        }
        let how = How {
            method: SIGN_ON,
            origin,
            agent,
        };
        let opened = self.admit(&mut desk, kept.account, how, now).await?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(opened)
    }

    async fn admit(
        &self,
        desk: &mut Desk,
        mut account: Account,
        how: How<'_>,
        now: Timestamp,
    ) -> Result<Opened> {
        desk.exec(
            "DELETE FROM login_attempt WHERE login = ?",
            &[(&account.login).into()],
        )
        .await?;
        desk.exec(
            "UPDATE account SET last_login = ? WHERE id = ?",
            &[(&written(now)).into(), account.id.into()],
        )
        .await?;
        let (secret, session) = session::open(self, desk, account.id, how, now).await?;
        let by = By {
            actor: account.login.clone(),
            origin: how.origin.to_owned(),
        };
        let particulars = json!({"session": session, "method": how.method});
        desk.log(by.event("login", "登录".to_owned(), particulars))?;
        account.last_login = Some(now);
        account.locked_until = None;
        Ok(Opened {
            secret,
            session,
            account,
        })
    }

    /// Whether the password fits; an unknown account costs as much as a known one.
    async fn try_password(&self, kept: Option<&Kept>, password: &str) -> Result<bool> {
        if password.is_empty() || password.chars().count() > MOST {
            return Ok(false);
        }
        let hash = match kept.filter(|kept| !kept.password.is_empty()) {
            Some(kept) => kept.password.clone(),
            None => {
                // Computed and thrown away.
                self.hashed(password.to_owned()).await?;
                return Ok(false);
            }
        };
        Ok(self
            .compared(password.to_owned(), vec![hash])
            .await?
            .is_some())
    }

    /// Notes a failed login; gives what to answer.
    async fn fail(&self, login: &str, known: bool, origin: &str, policy: &Policy) -> Result<Error> {
        if !is_login(login) {
            // No account can be behind it, and the table is not for whatever people type.
            return Ok(Error::Wrong);
        }
        let now = self.now();
        let mut desk = self.store().desk().await?;
        let before = Attempts::read(desk.look(), login, now).await?;
        if let Err(locked) = before.pass(now) {
            return Ok(locked);
        }
        let failures = before.failures + 1;
        let pause = policy.pause(failures);
        let until = match pause {
            0 => String::new(),
            seconds => written(later(now, seconds)),
        };
        let forgotten = written(later(now, -FORGOTTEN));
        desk.exec(
            "DELETE FROM login_attempt WHERE at < ?",
            &[(&forgotten).into()],
        )
        .await?;
        desk.exec(
            "INSERT INTO login_attempt (login, failures, at, until) VALUES (?, ?, ?, ?)
             ON CONFLICT (login) DO UPDATE
             SET failures = excluded.failures, at = excluded.at, until = excluded.until",
            &[
                login.into(),
                failures.into(),
                (&written(now)).into(),
                (&until).into(),
            ],
        )
        .await?;
        let told = self.inner.failures.admit(&format!("{login} {origin}"), now);
        // A pause is told in any case: there are few of them.
        if told.is_some() || (known && pause > 0) {
            // People type passwords where the login belongs: only what is an account is named.
            let by = By {
                actor: if known { login } else { "未知账号" }.to_owned(),
                origin: origin.to_owned(),
            };
            let (action, reason) = match pause {
                0 => ("login-failed", "登录失败".to_owned()),
                _ => (
                    "login-paused",
                    format!("登录失败 {failures} 次，暂停 {} 分钟", pause / 60),
                ),
            };
            let mut particulars = json!({"failures": failures});
            if let Some(left_out) = told.filter(|left_out| *left_out > 0) {
                particulars["left_out"] = left_out.into();
            }
            desk.log(by.event(action, reason, particulars))?;
        }
        desk.commit().await?;
        Ok(match pause {
            0 => Error::Wrong,
            seconds => Error::Locked { seconds },
        })
    }

    /// Changes the password of somebody who has come in; their other sessions end.
    ///
    /// # Errors
    /// [`Error::OldPassword`], [`Error::Weak`], [`Error::Locked`]; when the database refuses.
    pub async fn change_password(
        &self,
        account: i64,
        session: Option<i64>,
        old: &str,
        new: &str,
        by: &By,
    ) -> Result<()> {
        let policy = self.policy().await?;
        let now = self.now();
        let mut look = self.store().look().await?;
        let kept = rows::by_id(&mut look, account, &policy, now)
            .await?
            .ok_or(Error::Wrong)?;
        let login = kept.account.login.clone();
        let attempts = Attempts::read(&mut look, &login, now).await?;
        look.close().await?;
        attempts.pass(now)?;
        if !self.try_password(Some(&kept), old).await? {
            // Whoever finds an open session may not guess without end either.
            return Err(match self.fail(&login, true, &by.origin, &policy).await? {
                Error::Wrong => Error::OldPassword,
                other => other,
            });
        }
        let hash = self.admissible(&kept, new, &policy).await?;
        let mut desk = self.store().desk().await?;
        put_password(&mut desk, &kept, &hash, false, &policy, now).await?;
        desk.exec(
            "DELETE FROM login_attempt WHERE login = ?",
            &[(&login).into()],
        )
        .await?;
        session::revoke_all(&mut desk, account, session, now).await?;
        desk.log(by.event(
            "password",
            "本人修改密码".to_owned(),
            json!({"login": login}),
        ))?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(())
    }

    /// Holds a new password against the rules; gives its hash.
    pub(crate) async fn admissible(
        &self,
        kept: &Kept,
        new: &str,
        policy: &Policy,
    ) -> Result<String> {
        let account = &kept.account;
        let mut found = rules::weaknesses(new, &account.login, &account.name, policy);
        let history = policy.get(Setting::History);
        if found.is_empty() {
            let mut look = self.store().look().await?;
            let rows = look
                .rows(
                    "SELECT password FROM password_history WHERE account = ? ORDER BY at DESC",
                    &[account.id.into()],
                )
                .await?;
            look.close().await?;
            let mut hashes = vec![kept.password.clone()];
            for row in rows.iter().take(usize::try_from(history).unwrap_or(0)) {
                hashes.push(row.text(0)?);
            }
            if self.compared(new.to_owned(), hashes).await?.is_some() {
                found.push(Weakness::Reused(history));
            }
        }
        if found.is_empty() {
            self.hashed(new.to_owned()).await
        } else {
            Err(Error::Weak { found })
        }
    }
}

/// Puts a password in the place of the one that stands, which goes into the history.
pub(crate) async fn put_password(
    desk: &mut Desk,
    kept: &Kept,
    hash: &str,
    must_change: bool,
    policy: &Policy,
    now: Timestamp,
) -> Result<()> {
    let id = kept.account.id;
    if !kept.password.is_empty() {
        desk.exec(
            "INSERT INTO password_history (account, at, password) VALUES (?, ?, ?)
             ON CONFLICT (account, at) DO NOTHING",
            &[id.into(), (&written(now)).into(), (&kept.password).into()],
        )
        .await?;
        let most = policy.get(Setting::History);
        desk.exec(
            "DELETE FROM password_history WHERE account = ? AND at NOT IN (
               SELECT at FROM password_history WHERE account = ? ORDER BY at DESC LIMIT ?)",
            &[id.into(), id.into(), most.into()],
        )
        .await?;
    }
    desk.exec(
        "UPDATE account SET password = ?, password_at = ?, must_change = ? WHERE id = ?",
        &[
            hash.into(),
            (&written(now)).into(),
            must_change.into(),
            id.into(),
        ],
    )
    .await?;
    Ok(())
}
