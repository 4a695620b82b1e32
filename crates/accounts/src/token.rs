//! Tokens: for programs, in the name of an account and never for more than it may do. Shown once,
//! kept as their SHA-256.

use std::collections::BTreeSet;

use jiff::Timestamp;
use qipan_model::Action;
use qipan_store::{Found, written};
use serde_json::json;

use crate::account::is_name;
use crate::cache::Known;
use crate::policy::Setting;
use crate::rows::{self, at, moment};
use crate::session::{later, next};
use crate::{Accounts, By, Error, Identity, Result, Via, secret};

/// Seconds between two notes of a token's use in the database.
const NOTED: i64 = 300;
/// Most tokens of an account that stand.
const MOST: usize = 20;

/// A token, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The only actions it may be used for; `None` is all of its account's.
    pub actions: Option<BTreeSet<Action>>,
    /// Whether it is a program's: it goes on when the password of its account is too old.
    pub machine: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was last used, to a few minutes.
    pub used: Option<Timestamp>,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// The only actions it may be used for; `None` is all of its account's.
    pub actions: Option<BTreeSet<Action>>,
    /// Whether it is a program's.
    pub machine: bool,
    /// Days until it ends.
    pub days: i64,
}

/// Actions that are nobody's but a person's who has logged in.
const PERSONAL: [Action; 2] = [Action::Accounts, Action::System];

fn actions(text: &str) -> Option<BTreeSet<Action>> {
    (text != ALL).then(|| text.split(' ').filter_map(Action::parse).collect())
}

/// In the place of actions: all of the account's.
const ALL: &str = "*";

fn read(row: &Found) -> Result<Token> {
    Ok(Token {
        id: row.int(0)?,
        name: row.text(1)?,
        actions: actions(&row.text(2)?),
        machine: row.truth(3)?,
        created: at(&row.text(4)?)?,
        expires: at(&row.text(5)?)?,
        used: moment(&row.text(6)?)?,
    })
}

impl Accounts {
    /// Makes a token for somebody who may do `may`; gives it with its secret, which nobody can
    /// ask for again.
    ///
    /// # Errors
    /// When its name, actions or life cannot be so, there are too many, or the database refuses.
    pub async fn make_token(
        &self,
        account: i64,
        may: &BTreeSet<Action>,
        new: &NewToken,
        by: &By,
    ) -> Result<(Token, String)> {
        if !is_name(&new.name) {
            return Err(Error::Name);
        }
        let policy = self.policy().await?;
        if !(1..=policy.get(Setting::TokenDays)).contains(&new.days) {
            return Err(Error::Token(
                "令牌的有效期要在 1 天到设置的上限之间",
                "A token lives at least a day and at most as long as the settings allow",
            ));
        }
        let wanted = new.actions.as_ref().unwrap_or(may);
        if wanted.is_empty() || !wanted.is_subset(may) {
            return Err(Error::Token(
                "令牌的权限要在本人的权限之内，且至少一项",
                "A token may do no more than its owner, and must be able to do something",
            ));
        }
        if new.machine && new.actions.is_none() {
            return Err(Error::Token(
                "程序用的令牌要逐项写明权限",
                "A token of a program names its actions",
            ));
        }
        let limited: BTreeSet<Action> = wanted
            .iter()
            .copied()
            .filter(|action| !PERSONAL.contains(action))
            .collect();
        if limited.is_empty() || (new.actions.is_some() && limited.len() < wanted.len()) {
            return Err(Error::Token(
                "管理账号和管理系统要本人登录，不能用令牌",
                "Accounts and the system are kept by people who have logged in, not by tokens",
            ));
        }
        let actions = match &new.actions {
            None => ALL.to_owned(),
            Some(actions) => {
                let words: Vec<&str> = actions.iter().map(|action| action.word()).collect();
                words.join(" ")
            }
        };
        let secret = format!(
            "{}{}",
            secret::TOKEN,
            secret::written(&self.random::<32>()?)
        );
        let now = self.now();
        let mut desk = self.store().desk().await?;
        let standing = desk
            .rows(
                "SELECT id FROM token WHERE account = ? AND revoked = '' AND expires > ?",
                &[account.into(), (&written(now)).into()],
            )
            .await?;
        if standing.len() >= MOST {
            return Err(Error::Token(
                "令牌已有 20 个：请先撤销不用的",
                "There are 20 tokens already: revoke some first",
            ));
        }
        let token = Token {
            id: next(desk.look(), "SELECT coalesce(max(id), 0) + 1 FROM token").await?,
            name: new.name.clone(),
            actions: new.actions.clone(),
            machine: new.machine,
            created: now,
            expires: later(now, new.days * 86_400),
            used: None,
        };
        desk.exec(
            "INSERT INTO token (id, token, account, name, actions, machine, created, expires,
               used, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '')",
            &[
                token.id.into(),
                secret::digest(&secret)[..].into(),
                account.into(),
                (&token.name).into(),
                (&actions).into(),
                token.machine.into(),
                (&written(now)).into(),
                (&written(token.expires)).into(),
            ],
        )
        .await?;
        let particulars = json!({
            "what": "create", "token": token.id, "name": token.name, "actions": actions,
            "machine": token.machine, "expires": written(token.expires),
        });
        desk.log(by.event("token", format!("新建令牌“{}”", token.name), particulars))?;
        desk.commit().await?;
        Ok((token, secret))
    }

    /// The tokens of an account that stand, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tokens(&self, account: i64) -> Result<Vec<Token>> {
        let now = self.now();
        let mut look = self.store().look().await?;
        let rows = look
            .rows(
                "SELECT id, name, actions, machine, created, expires, used FROM token
                 WHERE account = ? AND revoked = '' AND expires > ? ORDER BY id DESC",
                &[account.into(), (&written(now)).into()],
            )
            .await?;
        look.close().await?;
        rows.iter().map(read).collect()
    }

    /// Revokes a token of an account.
    ///
    /// # Errors
    /// When the account has no such token, or the database refuses.
    pub async fn revoke_token(&self, account: i64, token: i64, by: &By) -> Result<()> {
        let mut desk = self.store().desk().await?;
        let revoked = desk
            .exec(
                "UPDATE token SET revoked = ? WHERE id = ? AND account = ? AND revoked = ''",
                &[(&written(self.now())).into(), token.into(), account.into()],
            )
            .await?;
        if revoked == 0 {
            return Err(Error::NoSuch);
        }
        let particulars = json!({"what": "revoke", "token": token});
        desk.log(by.event("token", "撤销令牌".to_owned(), particulars))?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(())
    }

    /// Who comes with the secret of a token; `None` when it is unknown, over or revoked, or the
    /// account is out of use.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn by_token(&self, secret: &str) -> Result<Option<Identity>> {
        if !secret.starts_with(secret::TOKEN) || !secret::is_shaped(secret) {
            return Ok(None);
        }
        let digest = secret::digest(secret);
        let now = self.now();
        let known = match self.inner.cache.get(&digest, now) {
            Some((known, true)) => known,
            _ => {
                let Some(read) = self.read_token(&digest, now).await? else {
                    self.inner.cache.drop_one(&digest);
                    return Ok(None);
                };
                self.inner.cache.put(digest, read.clone());
                read
            }
        };
        if now >= known.identity.until {
            return Ok(None);
        }
        let noted = now.as_second() - known.stored.as_second() >= NOTED;
        self.inner.cache.touch(&digest, now, noted.then_some(now));
        if noted {
            self.note(known.identity.via, now);
        }
        Ok(Some(known.identity))
    }

    async fn read_token(&self, digest: &[u8; 32], now: Timestamp) -> Result<Option<Known>> {
        let policy = self.policy().await?;
        let mut look = self.store().look().await?;
        let row = look
            .row(
                "SELECT id, name, actions, machine, created, expires, used, account FROM token
                 WHERE token = ? AND revoked = ''",
                &[digest[..].into()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let token = read(&row)?;
        let kept = rows::by_id(&mut look, row.int(7)?, &policy, now).await?;
        look.close().await?;
        let Some(kept) = kept.filter(|kept| !kept.account.disabled) else {
            return Ok(None);
        };
        let actions = token.actions.unwrap_or_else(|| {
            let all = Action::ALL.into_iter();
            all.filter(|action| !PERSONAL.contains(action)).collect()
        });
        let via = Via::Token(token.id);
        let until = token.expires;
        let mut identity = Identity::new(kept.account, via, until, until, Some(actions));
        identity.must_change &= !token.machine;
        Ok(Some(Known {
            identity,
            created: token.created,
            seen: now,
            stored: token.used.unwrap_or(Timestamp::UNIX_EPOCH),
            read: now,
        }))
    }
}
