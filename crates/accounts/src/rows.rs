//! Accounts as rows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use qipan_store::{Found, Look};

use crate::policy::{Policy, Setting};
use crate::{Account, Result};

/// An account with what only this crate may see.
pub(crate) struct Kept {
    pub account: Account,
    /// PHC string; empty where there is none, because its holder comes in another way.
    pub password: String,
}

/// A moment as it is kept; the empty text is none.
pub(crate) fn moment(text: &str) -> Result<Option<Timestamp>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| qipan_store::Error::Database(format!("a moment of an account: {text}")).into())
}

/// A moment that must be there.
pub(crate) fn at(text: &str) -> Result<Timestamp> {
    Ok(moment(text)?.unwrap_or(Timestamp::UNIX_EPOCH))
}

const ONE: &str = "SELECT id, login, name, unit, password, password_at, must_change, disabled,
  created, last_login FROM account WHERE login = ?";
const BY_ID: &str = "SELECT id, login, name, unit, password, password_at, must_change, disabled,
  created, last_login FROM account WHERE id = ?";
const ALL: &str = "SELECT id, login, name, unit, password, password_at, must_change, disabled,
  created, last_login FROM account ORDER BY login";

/// The account of a login.
pub(crate) async fn by_login(
    look: &mut Look,
    login: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<Kept>> {
    let row = look.row(ONE, &[login.into()]).await?;
    whole(look, row, policy, now).await
}

/// The account of a number.
pub(crate) async fn by_id(
    look: &mut Look,
    id: i64,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<Kept>> {
    let row = look.row(BY_ID, &[id.into()]).await?;
    whole(look, row, policy, now).await
}

async fn whole(
    look: &mut Look,
    row: Option<Found>,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<Kept>> {
    let Some(row) = row else { return Ok(None) };
    let mut kept = read(&row, policy, now)?;
    let account = &mut kept.account;
    let id = account.id.into();
    for row in look
        .rows(
            "SELECT role FROM account_role WHERE account = ? ORDER BY role",
            &[id],
        )
        .await?
    {
        account.roles.push(row.text(0)?);
    }
    for row in look
        .rows(
            "SELECT register FROM account_register WHERE account = ?",
            &[id],
        )
        .await?
    {
        account.registers.insert(row.text(0)?);
    }
    let paused = look
        .row(
            "SELECT until FROM login_attempt WHERE login = ?",
            &[(&account.login).into()],
        )
        .await?;
    if let Some(row) = paused {
        account.locked_until = moment(&row.text(0)?)?.filter(|until| *until > now);
    }
    Ok(Some(kept))
}

/// All accounts, by login.
pub(crate) async fn all(look: &mut Look, policy: &Policy, now: Timestamp) -> Result<Vec<Account>> {
    let mut roles: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in look
        .rows(
            "SELECT account, role FROM account_role ORDER BY account, role",
            &[],
        )
        .await?
    {
        roles.entry(row.int(0)?).or_default().push(row.text(1)?);
    }
    let mut registers: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for row in look
        .rows("SELECT account, register FROM account_register", &[])
        .await?
    {
        registers
            .entry(row.int(0)?)
            .or_default()
            .insert(row.text(1)?);
    }
    let mut paused: BTreeMap<String, Timestamp> = BTreeMap::new();
    for row in look
        .rows(
            "SELECT login, until FROM login_attempt WHERE until <> ''",
            &[],
        )
        .await?
    {
        paused.insert(row.text(0)?, at(&row.text(1)?)?);
    }
    let rows = look.rows(ALL, &[]).await?;
    rows.iter()
        .map(|row| {
            let mut account = read(row, policy, now)?.account;
            account.roles = roles.remove(&account.id).unwrap_or_default();
            account.registers = registers.remove(&account.id).unwrap_or_default();
            account.locked_until = paused.remove(&account.login).filter(|until| *until > now);
            Ok(account)
        })
        .collect()
}

fn read(row: &Found, policy: &Policy, now: Timestamp) -> Result<Kept> {
    let unit = row.text(3)?;
    let password = row.text(4)?;
    let age = now.as_second() - at(&row.text(5)?)?.as_second();
    let most = policy.get(Setting::MaxAgeDays) * 86_400;
    // Whoever comes in another way has no password to change.
    let too_old = !password.is_empty() && most > 0 && age >= most;
    Ok(Kept {
        account: Account {
            id: row.int(0)?,
            login: row.text(1)?,
            name: row.text(2)?,
            unit: Some(unit).filter(|unit| !unit.is_empty()),
            roles: Vec::new(),
            registers: BTreeSet::new(),
            must_change: row.truth(6)? || too_old,
            disabled: row.truth(7)?,
            created: at(&row.text(8)?)?,
            last_login: moment(&row.text(9)?)?,
            locked_until: None,
        },
        password,
    })
}

/// The settings.
pub(crate) async fn policy(look: &mut Look) -> Result<Policy> {
    let mut policy = Policy::default();
    for row in look.rows("SELECT key, value FROM setting", &[]).await? {
        // What a newer program has set is none of ours.
        if let (Some(setting), Ok(value)) = (Setting::of(&row.text(0)?), row.text(1)?.parse()) {
            policy.set(setting, value);
        }
    }
    Ok(policy)
}
