//! Keeping accounts: the security officer's part, and the command line's.

use std::collections::BTreeSet;

use jiff::Timestamp;
use qipan_model::{Pack, check_account};
use qipan_store::{Desk, written};
use serde_json::{Value, json};

use crate::account::{is_login, is_name};
use crate::login::put_password;
use crate::policy::{Policy, Setting};
use crate::rows::{self, Kept};
use crate::session::{self, next};
use crate::{Account, Accounts, Amendment, By, Error, NewAccount, Result};

/// Whose password it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It must be changed at the first login.
    Once,
    /// It stays: its holder has chosen it, or it belongs to a demonstration.
    Stays,
}

impl Accounts {
    /// Makes an account; gives it with its password, which is to be changed at the first login.
    /// The password is the one given, or a made one.
    ///
    /// # Errors
    /// When login or name cannot be, the login is taken, the pack does not allow the roles, the
    /// password is weak, or the database refuses.
    pub async fn create(
        &self,
        pack: &Pack,
        new: &NewAccount,
        password: Option<&str>,
        by: &By,
    ) -> Result<(Account, String)> {
        self.make(pack, new, password, Fate::Once, by).await
    }

    /// Makes an account whose password may stay: for demonstrations alone.
    ///
    /// # Errors
    /// As [`Accounts::create`].
    pub async fn create_for_show(
        &self,
        pack: &Pack,
        new: &NewAccount,
        password: &str,
        by: &By,
    ) -> Result<Account> {
        let made = self
            .make(pack, new, Some(password), Fate::Stays, by)
            .await?;
        Ok(made.0)
    }

    async fn make(
        &self,
        pack: &Pack,
        new: &NewAccount,
        password: Option<&str>,
        fate: Fate,
        by: &By,
    ) -> Result<(Account, String)> {
        if !is_login(&new.login) {
            return Err(Error::Login(new.login.clone()));
        }
        if !is_name(&new.name) {
            return Err(Error::Name);
        }
        check_account(pack, &new.roles, new.unit.as_deref(), &new.registers)?;
        let policy = self.policy().await?;
        let now = self.now();
        let account = Account {
            id: 0,
            login: new.login.clone(),
            name: new.name.clone(),
            unit: new.unit.clone(),
            roles: sorted(&new.roles),
            registers: new.registers.clone(),
            must_change: fate == Fate::Once,
            disabled: false,
            created: now,
            last_login: None,
            locked_until: None,
        };
        let mut kept = Kept {
            account,
            password: String::new(),
        };
        let password = match password {
            Some(given) => given.to_owned(),
            None => self.made_password()?,
        };
        let hash = self.admissible(&kept, &password, &policy).await?;
        let mut desk = self.store().desk().await?;
        let taken = rows::by_login(desk.look(), &new.login, &policy, now).await?;
        if taken.is_some() {
            return Err(Error::Taken(new.login.clone()));
        }
        let id = next(desk.look(), "SELECT coalesce(max(id), 0) + 1 FROM account").await?;
        kept.account.id = id;
        let moment = written(now);
        desk.exec(
            "INSERT INTO account (id, login, name, unit, password, password_at, must_change,
               disabled, created, last_login) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, '')",
            &[
                id.into(),
                (&new.login).into(),
                (&new.name).into(),
                new.unit.as_deref().unwrap_or_default().into(),
                (&hash).into(),
                (&moment).into(),
                kept.account.must_change.into(),
                (&moment).into(),
            ],
        )
        .await?;
        put_roles(&mut desk, id, &kept.account.roles).await?;
        put_registers(&mut desk, id, &new.registers).await?;
        let mut particulars = shown(&kept.account);
        particulars["what"] = "create".into();
        desk.log(by.event("account", format!("新建账号 {}", new.login), particulars))?;
        desk.commit().await?;
        Ok((kept.account, password))
    }

    /// All accounts, by login.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn list(&self) -> Result<Vec<Account>> {
        let policy = self.policy().await?;
        let mut look = self.store().look().await?;
        let accounts = rows::all(&mut look, &policy, self.now()).await?;
        look.close().await?;
        Ok(accounts)
    }

    /// The account of a login.
    ///
    /// # Errors
    /// When there is none, or the database refuses.
    pub async fn find(&self, login: &str) -> Result<Account> {
        let policy = self.policy().await?;
        let mut look = self.store().look().await?;
        let kept = rows::by_login(&mut look, login, &policy, self.now()).await?;
        look.close().await?;
        kept.map(|kept| kept.account)
            .ok_or_else(|| Error::NoAccount(login.to_owned()))
    }

    /// Changes an account. One that is put out of use is thrown out at once.
    ///
    /// # Errors
    /// When there is no such account, the pack does not allow the roles, somebody would change
    /// their own standing, or the database refuses.
    pub async fn amend(
        &self,
        pack: &Pack,
        login: &str,
        amendment: &Amendment,
        by: &By,
    ) -> Result<Account> {
        let touches_standing = amendment.unit.is_some()
            || amendment.roles.is_some()
            || amendment.registers.is_some()
            || amendment.disabled == Some(true);
        if by.actor == login && touches_standing {
            return Err(Error::OwnAccount);
        }
        let (mut desk, kept, now) = self.take(login).await?;
        let before = kept.account;
        let mut after = before.clone();
        if let Some(name) = &amendment.name {
            if !is_name(name) {
                return Err(Error::Name);
            }
            after.name.clone_from(name);
        }
        if let Some(unit) = &amendment.unit {
            after.unit.clone_from(unit);
        }
        if let Some(roles) = &amendment.roles {
            after.roles = sorted(roles);
        }
        if let Some(registers) = &amendment.registers {
            after.registers.clone_from(registers);
        }
        if let Some(disabled) = amendment.disabled {
            after.disabled = disabled;
        }
        // What is only put out of use need not fit a pack that has changed since.
        if after.roles != before.roles
            || after.unit != before.unit
            || after.registers != before.registers
        {
            check_account(pack, &after.roles, after.unit.as_deref(), &after.registers)?;
        }
        if after == before {
            return Ok(after);
        }
        desk.exec(
            "UPDATE account SET name = ?, unit = ?, disabled = ? WHERE id = ?",
            &[
                (&after.name).into(),
                after.unit.as_deref().unwrap_or_default().into(),
                after.disabled.into(),
                after.id.into(),
            ],
        )
        .await?;
        if after.roles != before.roles {
            desk.exec(
                "DELETE FROM account_role WHERE account = ?",
                &[after.id.into()],
            )
            .await?;
            put_roles(&mut desk, after.id, &after.roles).await?;
        }
        if after.registers != before.registers {
            desk.exec(
                "DELETE FROM account_register WHERE account = ?",
                &[after.id.into()],
            )
            .await?;
            put_registers(&mut desk, after.id, &after.registers).await?;
        }
        if after.disabled {
            session::revoke_all(&mut desk, after.id, None, now).await?;
        }
        let particulars = json!({
            "what": "amend", "login": login, "before": shown(&before), "after": shown(&after),
        });
        desk.log(by.event("account", format!("修改账号 {login}"), particulars))?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(after)
    }

    /// Gives an account a made password for one login; its sessions end.
    ///
    /// # Errors
    /// When there is no such account, or the database refuses.
    pub async fn reset_password(&self, login: &str, by: &By) -> Result<String> {
        let password = self.made_password()?;
        self.set_password(login, &password, by).await?;
        Ok(password)
    }

    /// Gives an account a password for one login; its sessions end, a pause ends too.
    ///
    /// # Errors
    /// When there is no such account, the password is weak, or the database refuses.
    pub async fn set_password(&self, login: &str, password: &str, by: &By) -> Result<()> {
        let policy = self.policy().await?;
        let kept = {
            let mut look = self.store().look().await?;
            let kept = rows::by_login(&mut look, login, &policy, self.now()).await?;
            look.close().await?;
            kept.ok_or_else(|| Error::NoAccount(login.to_owned()))?
        };
        let hash = self.admissible(&kept, password, &policy).await?;
        let (mut desk, kept, now) = self.take(login).await?;
        put_password(&mut desk, &kept, &hash, true, &policy, now).await?;
        desk.exec("DELETE FROM login_attempt WHERE login = ?", &[login.into()])
            .await?;
        session::revoke_all(&mut desk, kept.account.id, None, now).await?;
        let particulars = json!({"what": "password", "login": login});
        desk.log(by.event("account", format!("重置账号 {login} 的密码"), particulars))?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(())
    }

    /// Ends the pause after failed logins.
    ///
    /// # Errors
    /// When there is no such account, or the database refuses.
    pub async fn unlock(&self, login: &str, by: &By) -> Result<()> {
        let (mut desk, _, _) = self.take(login).await?;
        desk.exec("DELETE FROM login_attempt WHERE login = ?", &[login.into()])
            .await?;
        let particulars = json!({"what": "unlock", "login": login});
        desk.log(by.event("account", format!("解锁账号 {login}"), particulars))?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(())
    }

    /// Sets numbers of the rules.
    ///
    /// # Errors
    /// When one is out of its bounds, or the database refuses.
    pub async fn set_policy(&self, values: &[(Setting, i64)], by: &By) -> Result<Policy> {
        for (setting, value) in values {
            let (least, most) = setting.bounds();
            if !(least..=most).contains(value) {
                return Err(Error::Setting {
                    key: setting.key(),
                    least,
                    most,
                });
            }
        }
        let mut desk = self.store().desk().await?;
        let mut policy = rows::policy(desk.look()).await?;
        for (setting, value) in values {
            let before = policy.get(*setting);
            if before == *value {
                continue;
            }
            policy.set(*setting, *value);
            desk.exec(
                "INSERT INTO setting (key, value) VALUES (?, ?)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                &[setting.key().into(), (&value.to_string()).into()],
            )
            .await?;
            let key = setting.key();
            let particulars = json!({"key": key, "before": before, "after": value});
            desk.log(by.event("setting", format!("修改设置 {key}"), particulars))?;
        }
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(policy)
    }

    /// An account to be changed, with nobody else changing it.
    async fn take(&self, login: &str) -> Result<(Desk, Kept, Timestamp)> {
        let mut desk = self.store().desk().await?;
        let now = self.now();
        let policy = rows::policy(desk.look()).await?;
        let kept = rows::by_login(desk.look(), login, &policy, now).await?;
        let kept = kept.ok_or_else(|| Error::NoAccount(login.to_owned()))?;
        Ok((desk, kept, now))
    }
}

fn sorted(roles: &[String]) -> Vec<String> {
    let unique: BTreeSet<&String> = roles.iter().collect();
    unique.into_iter().cloned().collect()
}

async fn put_roles(desk: &mut Desk, account: i64, roles: &[String]) -> Result<()> {
    for role in roles {
        desk.exec(
            "INSERT INTO account_role (account, role) VALUES (?, ?)",
            &[account.into(), role.into()],
        )
        .await?;
    }
    Ok(())
}

async fn put_registers(desk: &mut Desk, account: i64, registers: &BTreeSet<String>) -> Result<()> {
    for register in registers {
        desk.exec(
            "INSERT INTO account_register (account, register) VALUES (?, ?)",
            &[account.into(), register.into()],
        )
        .await?;
    }
    Ok(())
}

/// An account in the journal: what it may do, nothing of its password.
fn shown(account: &Account) -> Value {
    json!({
        "login": account.login, "name": account.name, "unit": account.unit,
        "roles": account.roles, "registers": account.registers, "disabled": account.disabled,
    })
}
