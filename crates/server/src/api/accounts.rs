//! Accounts and roles: the security officer's.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use qipan_accounts::{Account, Amendment, NewAccount};
use qipan_model::{Action, Reach};
use qipan_store::written;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::asked::{Named, Sent};
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// A role, and what it gives.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleShape {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// What it is for.
    pub help: String,
    /// The same in English.
    pub help_en: String,
    /// Which rows it reaches: `all`, `links` or `nothing`.
    #[schema(value_type = String)]
    pub reach: Reach,
    /// Whether the account lists the registers.
    pub named_registers: bool,
    /// What it may do.
    pub actions: Vec<&'static str>,
    /// Whether it is one of the three offices, whose holder has no other role.
    pub office: bool,
}

/// The pack's roles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Roles {
    /// The roles.
    pub roles: Vec<RoleShape>,
}

/// The roles that accounts may hold.
#[utoipa::path(get, path = "/api/v1/roles", tag = "accounts",
    responses((status = 200, body = Roles), (status = 503, body = Body)))]
pub(crate) async fn roles(State(app): State<App>, caller: Caller) -> Result<Json<Roles>, Problem> {
    caller.need(Action::Accounts)?;
    let pack = app.declared().await?;
    let shape = |role: &qipan_model::Role| RoleShape {
        id: role.id.clone(),
        name: role.name.clone(),
        name_en: role.english().to_owned(),
        help: role.help.clone(),
        help_en: role.help_en.clone(),
        reach: role.reach,
        named_registers: role.named_registers,
        actions: role.actions.iter().map(|action| action.word()).collect(),
        office: role.office,
    };
    Ok(Json(Roles {
        roles: pack.roles.iter().map(shape).collect(),
    }))
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountShape {
    /// Login; never changes.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit id; `null` for none.
    pub unit: Option<String>,
    /// Role ids.
    pub roles: Vec<String>,
    /// Registers for roles that name registers.
    pub registers: Vec<String>,
    /// Whether logins are paused after failed ones.
    pub locked: bool,
    /// Whether it is out of use.
    pub disabled: bool,
    /// Whether the password must be changed at the next login.
    pub must_change: bool,
    /// When somebody last came in by it, RFC 3339 UTC; `null` for never.
    pub last_login: Option<String>,
    /// When it was made, RFC 3339 UTC.
    pub created: String,
}

impl From<Account> for AccountShape {
    fn from(account: Account) -> Self {
        Self {
            login: account.login,
            name: account.name,
            unit: account.unit,
            roles: account.roles,
            registers: account.registers.into_iter().collect(),
            locked: account.locked_until.is_some(),
            disabled: account.disabled,
            must_change: account.must_change,
            last_login: account.last_login.map(written),
            created: written(account.created),
        }
    }
}

/// All accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountList {
    /// The accounts, by login.
    pub accounts: Vec<AccountShape>,
}

/// All accounts.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts",
    responses((status = 200, body = AccountList)))]
pub(crate) async fn accounts(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<AccountList>, Problem> {
    caller.need(Action::Accounts)?;
    let accounts = app.state.accounts.list().await?;
    Ok(Json(AccountList {
        accounts: accounts.into_iter().map(AccountShape::from).collect(),
    }))
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountAsked {
    /// Login: small letters, digits, `.`, `_`, `-`, `@`.
    login: String,
    /// Name.
    name: String,
    /// Unit id.
    #[serde(default)]
    unit: Option<String>,
    /// Role ids.
    roles: Vec<String>,
    /// Registers for roles that name registers.
    #[serde(default)]
    registers: BTreeSet<String>,
}

/// An account that was made, with the password of its first login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeAccount {
    /// The account.
    pub account: AccountShape,
    /// Password of the first login. Nobody can ask for it again.
    pub password: String,
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", operation_id = "make_account",
    request_body = AccountAsked,
    responses((status = 201, body = MadeAccount), (status = 400, body = Body),
        (status = 409, body = Body), (status = 422, body = Body)))]
pub(crate) async fn make(
    State(app): State<App>,
    caller: Caller,
    Sent(asked): Sent<AccountAsked>,
) -> Result<(StatusCode, Json<MadeAccount>), Problem> {
    caller.need(Action::Accounts)?;
    let pack = app.declared().await?;
    let new = NewAccount {
        login: asked.login,
        name: asked.name,
        unit: asked.unit.filter(|unit| !unit.is_empty()),
        roles: asked.roles,
        registers: asked.registers,
    };
    let accounts = &app.state.accounts;
    let (account, password) = accounts.create(&pack, &new, None, &caller.by()).await?;
    let made = MadeAccount {
        account: account.into(),
        password,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// What is to be changed of an account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatch {
    /// Name.
    #[serde(default)]
    name: Option<String>,
    /// Unit id; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    unit: Option<Option<String>>,
    /// Role ids.
    #[serde(default)]
    roles: Option<Vec<String>>,
    /// Registers for roles that name registers.
    #[serde(default)]
    registers: Option<BTreeSet<String>>,
    /// Whether it is out of use; its sessions end at once.
    #[serde(default)]
    disabled: Option<bool>,
}

/// `null` is something given, other than nothing at all.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// Changes an account.
#[utoipa::path(patch, path = "/api/v1/accounts/{login}", tag = "accounts",
    operation_id = "change_account", request_body = AccountPatch,
    params(("login" = String, Path, description = "Login")),
    responses((status = 200, body = AccountShape), (status = 400, body = Body),
        (status = 404, body = Body), (status = 422, body = Body)))]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Named(login): Named<String>,
    Sent(patch): Sent<AccountPatch>,
) -> Result<Json<AccountShape>, Problem> {
    caller.need(Action::Accounts)?;
    let pack = app.declared().await?;
    let amendment = Amendment {
        name: patch.name,
        unit: patch.unit.map(|unit| unit.filter(|unit| !unit.is_empty())),
        roles: patch.roles,
        registers: patch.registers,
        disabled: patch.disabled,
    };
    let accounts = &app.state.accounts;
    let account = accounts
        .amend(&pack, &login, &amendment, &caller.by())
        .await?;
    Ok(Json(account.into()))
}

/// A password for one login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnePassword {
    /// The password. Nobody can ask for it again.
    pub password: String,
}

/// Gives an account a new password for one login; its sessions end.
#[utoipa::path(post, path = "/api/v1/accounts/{login}/password", tag = "accounts",
    operation_id = "reset_password",
    params(("login" = String, Path, description = "Login")),
    responses((status = 200, body = OnePassword), (status = 404, body = Body)))]
pub(crate) async fn reset(
    State(app): State<App>,
    caller: Caller,
    Named(login): Named<String>,
) -> Result<Json<OnePassword>, Problem> {
    caller.need(Action::Accounts)?;
    let accounts = &app.state.accounts;
    let password = accounts.reset_password(&login, &caller.by()).await?;
    Ok(Json(OnePassword { password }))
}

/// Ends the pause of an account after failed logins.
#[utoipa::path(post, path = "/api/v1/accounts/{login}/unlock", tag = "accounts",
    operation_id = "unlock_account",
    params(("login" = String, Path, description = "Login")),
    responses((status = 204, description = "Logins are looked at again"),
        (status = 404, body = Body)))]
pub(crate) async fn unlock(
    State(app): State<App>,
    caller: Caller,
    Named(login): Named<String>,
) -> Result<StatusCode, Problem> {
    caller.need(Action::Accounts)?;
    app.state.accounts.unlock(&login, &caller.by()).await?;
    Ok(StatusCode::NO_CONTENT)
}
