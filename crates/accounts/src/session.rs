//! Sessions: rows that can be listed and revoked, behind 256 random bits in a cookie. A session
//! ends after a while without requests, and in any case some hours after the login.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use qipan_model::{Access, Action, Pack};
use qipan_store::{Desk, Found, Look, written};
use serde_json::json;

use crate::cache::Known;
use crate::policy::{Policy, Setting};
use crate::rows::{self, at, moment};
use crate::{Account, Accounts, By, Error, Result, secret};

/// Seconds between two notes of a session's use in the database.
const NOTED: i64 = 60;
/// Days that ended sessions stay in the table.
const REMEMBERED: i64 = 30;
/// Most characters kept of what the browser calls itself.
const MOST_AGENT: usize = 200;

/// How somebody has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// By a session, with its number.
    Session(i64),
    /// By a token, with its number.
    Token(i64),
}

/// Somebody who has come in.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The account.
    pub account: Arc<Account>,
    /// How.
    pub via: Via,
    /// Whether the password must be changed before anything else. Programs are not asked to.
    pub must_change: bool,
    /// When the session ends unless it is used; `until` for tokens.
    pub idle_until: Timestamp,
    /// When it ends in any case.
    pub until: Timestamp,
    /// The only actions that a token may be used for; `None` is all of its account's.
    pub actions: Option<BTreeSet<Action>>,
    memo: Arc<Mutex<Option<Computed>>>,
}

/// Access, with the pack and day for which it was computed.
type Computed = (String, Date, Arc<Access>);

impl Identity {
    pub(crate) fn new(
        account: Account,
        via: Via,
        idle_until: Timestamp,
        until: Timestamp,
        actions: Option<BTreeSet<Action>>,
    ) -> Self {
        Self {
            must_change: account.must_change,
            account: Arc::new(account),
            via,
            idle_until,
            until,
            actions,
            memo: Arc::default(),
        }
    }

    /// What the caller may do under a pack on a day.
    #[must_use]
    pub fn access(&self, pack: &Pack, day: Date) -> Arc<Access> {
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((digest, of, access)) = memo.as_ref()
            && *digest == pack.digest
            && *of == day
        {
            return Arc::clone(access);
        }
        let account = &self.account;
        let whole = Access::new(
            pack,
            &account.roles,
            account.unit.as_deref(),
            &account.registers,
            day,
        );
        let access = Arc::new(match &self.actions {
            None => whole,
            Some(actions) => whole.limited_to(actions),
        });
        *memo = Some((pack.digest.clone(), day, Arc::clone(&access)));
        access
    }
}

/// A session, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Number.
    pub id: i64,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// When it ends unless it is used.
    pub idle_until: Timestamp,
    /// When it ends in any case.
    pub until: Timestamp,
    /// Where from.
    pub origin: String,
    /// What the browser calls itself.
    pub agent: String,
}

fn limits(policy: &Policy, created: Timestamp, seen: Timestamp) -> (Timestamp, Timestamp) {
    let until = later(created, policy.get(Setting::AbsoluteHours) * 3_600);
    let idle = later(seen, policy.get(Setting::IdleMinutes) * 60);
    (idle.min(until), until)
}

pub(crate) fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    moment
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

fn read(row: &Found, policy: &Policy) -> Result<Session> {
    let (created, seen) = (at(&row.text(1)?)?, at(&row.text(2)?)?);
    let (idle_until, until) = limits(policy, created, seen);
    Ok(Session {
        id: row.int(0)?,
        created,
        seen,
        idle_until,
        until,
        origin: row.text(3)?,
        agent: row.text(4)?,
    })
}

/// How a session begins.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    /// `password`, or [`SIGN_ON`].
    pub method: &'a str,
    /// Where from.
    pub origin: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// The method of whoever has proved elsewhere who they are: nobody asks them for a password.
pub(crate) const SIGN_ON: &str = "oidc";

/// Adds a session; gives its secret and number. Forgets sessions that are long over.
pub(crate) async fn open(
    accounts: &Accounts,
    desk: &mut Desk,
    account: i64,
    how: How<'_>,
    now: Timestamp,
) -> Result<(String, i64)> {
    let secret = secret::written(&accounts.random::<32>()?);
    let over = written(later(now, -REMEMBERED * 86_400));
    desk.exec("DELETE FROM session WHERE created < ?", &[(&over).into()])
        .await?;
    let id = next(desk.look(), "SELECT coalesce(max(id), 0) + 1 FROM session").await?;
    let moment = written(now);
    let agent: String = how
        .agent
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_AGENT)
        .collect();
    desk.exec(
        "INSERT INTO session (id, token, account, created, seen, method, origin, agent, revoked)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')",
        &[
            id.into(),
            secret::digest(&secret)[..].into(),
            account.into(),
            (&moment).into(),
            (&moment).into(),
            how.method.into(),
            how.origin.into(),
            (&agent).into(),
        ],
    )
    .await?;
    Ok((secret, id))
}

/// The number that a statement gives.
pub(crate) async fn next(look: &mut Look, sql: &'static str) -> Result<i64> {
    let row = look.row(sql, &[]).await?;
    Ok(row.map_or(Ok(1), |row| row.int(0))?)
}

/// Ends all sessions of an account but one.
pub(crate) async fn revoke_all(
    desk: &mut Desk,
    account: i64,
    but: Option<i64>,
    now: Timestamp,
) -> Result<u64> {
    let ended = desk
        .exec(
            "UPDATE session SET revoked = ? WHERE account = ? AND id <> ? AND revoked = ''",
            &[
                (&written(now)).into(),
                account.into(),
                but.unwrap_or(0).into(),
            ],
        )
        .await?;
    Ok(ended)
}

impl Accounts {
    /// The settings in force.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn policy(&self) -> Result<Arc<Policy>> {
        let now = self.now();
        if let Some(policy) = self.inner.cache.policy(now) {
            return Ok(policy);
        }
        let mut look = self.store().look().await?;
        let policy = Arc::new(rows::policy(&mut look).await?);
        look.close().await?;
        self.inner.cache.put_policy(now, &policy);
        Ok(policy)
    }

    /// Who comes with the secret of a session; `None` when it is unknown, over or revoked, or the
    /// account is out of use. Notes the use.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn by_session(&self, secret: &str) -> Result<Option<Identity>> {
        if !secret::is_shaped(secret) {
            return Ok(None);
        }
        let digest = secret::digest(secret);
        let now = self.now();
        let policy = self.policy().await?;
        let known = self.inner.cache.get(&digest, now);
        let mut known = match known {
            Some((known, true)) => known,
            other => {
                let Some(mut read) = self.read_session(&digest, &policy, now).await? else {
                    self.inner.cache.drop_one(&digest);
                    return Ok(None);
                };
                // The database hears of a use only now and then.
                if let Some((old, _)) = other {
                    read.seen = read.seen.max(old.seen);
                }
                self.inner.cache.put(digest, read.clone());
                read
            }
        };
        let (idle_until, until) = limits(&policy, known.created, known.seen);
        if now >= idle_until {
            self.inner.cache.drop_one(&digest);
            return Ok(None);
        }
        let noted = now.as_second() - known.stored.as_second() >= NOTED;
        self.inner.cache.touch(&digest, now, noted.then_some(now));
        if noted {
            self.note(known.identity.via, now);
        }
        known.identity.idle_until = limits(&policy, known.created, now).0;
        known.identity.until = until;
        Ok(Some(known.identity))
    }

    async fn read_session(
        &self,
        digest: &[u8; 32],
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Option<Known>> {
        let mut look = self.store().look().await?;
        let row = look
            .row(
                "SELECT id, created, seen, account, method FROM session
                 WHERE token = ? AND revoked = ''",
                &[digest[..].into()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (created, seen) = (at(&row.text(1)?)?, at(&row.text(2)?)?);
        let kept = rows::by_id(&mut look, row.int(3)?, policy, now).await?;
        look.close().await?;
        let Some(kept) = kept.filter(|kept| !kept.account.disabled) else {
            return Ok(None);
        };
        let (idle_until, until) = limits(policy, created, seen);
        let via = Via::Session(row.int(0)?);
        let mut identity = Identity::new(kept.account, via, idle_until, until, None);
        identity.must_change &= row.text(4)? != SIGN_ON;
        Ok(Some(Known {
            identity,
            created,
            seen,
            stored: seen,
            read: now,
        }))
    }

    /// Notes a use in the database, beside the request: it would otherwise wait for whoever writes.
    pub(crate) fn note(&self, via: Via, now: Timestamp) {
        let store = self.store().clone();
        tokio::spawn(async move {
            let (sql, id) = match via {
                Via::Session(id) => ("UPDATE session SET seen = ? WHERE id = ?", id),
                Via::Token(id) => ("UPDATE token SET used = ? WHERE id = ?", id),
            };
            let noted = async {
                let mut desk = store.desk().await?;
                desk.exec(sql, &[(&written(now)).into(), id.into()]).await?;
                desk.commit().await
            };
            if let Err(error) = noted.await {
                // It stays in memory, and the next minute tries again.
                tracing::debug!(%error, "use not noted");
            }
        });
    }

    /// The sessions of an account that are not over, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sessions(&self, account: i64) -> Result<Vec<Session>> {
        let policy = self.policy().await?;
        let now = self.now();
        let mut look = self.store().look().await?;
        let rows = look
            .rows(
                "SELECT id, created, seen, origin, agent FROM session
                 WHERE account = ? AND revoked = '' ORDER BY id DESC",
                &[account.into()],
            )
            .await?;
        look.close().await?;
        let sessions: Result<Vec<Session>> = rows.iter().map(|row| read(row, &policy)).collect();
        let mut sessions = sessions?;
        sessions.retain(|session| session.idle_until > now);
        Ok(sessions)
    }

    /// Ends a session of an account.
    ///
    /// # Errors
    /// When the account has no such session, or the database refuses.
    pub async fn end_session(&self, account: i64, session: i64, own: bool, by: &By) -> Result<()> {
        let now = self.now();
        let mut desk = self.store().desk().await?;
        let row = desk
            .row(
                "SELECT revoked FROM session WHERE id = ? AND account = ?",
                &[session.into(), account.into()],
            )
            .await?;
        let standing = match row {
            Some(row) => moment(&row.text(0)?)?.is_none(),
            None => false,
        };
        if !standing {
            return Err(Error::NoSuch);
        }
        desk.exec(
            "UPDATE session SET revoked = ? WHERE id = ?",
            &[(&written(now)).into(), session.into()],
        )
        .await?;
        let (action, reason) = match own {
            true => ("logout", "退出登录"),
            false => ("session", "结束另一处的登录"),
        };
        desk.log(by.event(action, reason.to_owned(), json!({"session": session})))?;
        desk.commit().await?;
        self.inner.cache.stale();
        Ok(())
    }
}
