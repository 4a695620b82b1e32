//! Coming in and going out, and what the caller may do.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use qipan_accounts::{Opened, Setting, Via};
use qipan_model::Pack;
use qipan_store::written;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asked::{Named, Sent};
use crate::caller::{Caller, Newcomer};
use crate::limits::{LOGINS, place};
use crate::pages::Whence;
use crate::problem::{Body, Problem};
use crate::state::App;

/// What may be known before anybody has come in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Server)]
pub(crate) struct ServerShape {
    /// `qipan`.
    pub name: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// The mark of illustrative data; `null` for real data.
    pub illustrative: Option<String>,
    /// The same in English; `null` too where there is none.
    pub illustrative_en: Option<String>,
    /// The mechanism; `null` before the first pack.
    pub mechanism: Option<MechanismName>,
    /// Single sign-on; `null` where there is none.
    pub oidc: Option<OidcName>,
    /// What passwords must be.
    pub password: PasswordRules,
}

/// Names of the mechanism.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MechanismName {
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// Single sign-on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcName {
    /// What it is called on its button.
    pub name: String,
}

/// What passwords must be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordRules {
    /// Least characters.
    pub min_length: i64,
    /// Least kinds of characters.
    pub classes: i64,
    /// Last passwords that may not be used again.
    pub history: i64,
    /// Days after which it must be changed; 0 is never.
    pub max_age_days: i64,
}

/// What may be known before anybody has come in.
#[utoipa::path(get, path = "/api/v1/server", tag = "session",
    responses((status = 200, body = ServerShape), (status = 503, body = Body)))]
pub(crate) async fn server(State(app): State<App>) -> Result<Json<ServerShape>, Problem> {
    let policy = app.state.accounts.policy().await?;
    let pack = app.pack().await?;
    Ok(Json(ServerShape {
        name: "qipan",
        version: env!("CARGO_PKG_VERSION"),
        illustrative: app.mark(),
        illustrative_en: app.mark_en(),
        mechanism: pack.map(|pack| MechanismName {
            name: pack.mechanism.name.clone(),
            name_en: pack.mechanism.name_en.clone(),
        }),
        oidc: app.state.sign_on.as_ref().map(|settings| OidcName {
            name: settings.name.clone(),
        }),
        password: PasswordRules {
            min_length: policy.get(Setting::MinLength),
            classes: policy.get(Setting::Classes),
            history: policy.get(Setting::History),
            max_age_days: policy.get(Setting::MaxAgeDays),
        },
    }))
}

/// Login and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogIn {
    /// Login.
    login: String,
    /// Password.
    #[schema(format = Password)]
    password: String,
}

/// A role by its names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleName {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// A unit by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitName {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// Whose session it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Own {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit; `null` for none.
    pub unit: Option<UnitName>,
    /// Roles.
    pub roles: Vec<RoleName>,
    /// Registers for roles that name registers; `null` when all are meant.
    pub registers: Option<Vec<String>>,
}

/// What the caller may do with a register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterActions {
    /// Register id.
    pub id: String,
    /// Actions.
    pub actions: Vec<&'static str>,
}

/// The caller, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionShape {
    /// Whose it is.
    pub account: Own,
    /// Actions of any of the roles.
    pub may: Vec<&'static str>,
    /// Registers of which the caller may do something, in printing order.
    pub registers: Vec<RegisterActions>,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Whether personal data is shown unmasked in forms and exports.
    pub personal: bool,
    /// When it ends unless it is used, RFC 3339 UTC.
    pub idle_until: String,
    /// When it ends in any case, RFC 3339 UTC.
    pub until: String,
    /// `session` or `token`.
    pub method: &'static str,
    /// The period shown when none is asked for.
    pub period: String,
    /// Today in the mechanism's time (UTC+8).
    #[schema(value_type = String, format = Date)]
    pub today: jiff::civil::Date,
    /// The mark of illustrative data; `null` for real data.
    pub illustrative: Option<String>,
    /// The same in English; `null` too where there is none.
    pub illustrative_en: Option<String>,
}

impl SessionShape {
    async fn of(app: &App, caller: &Caller) -> Result<Self, Problem> {
        let pack = app.pack().await?;
        let pack = pack.as_deref();
        let access = &caller.access;
        let words = |actions: std::collections::BTreeSet<qipan_model::Action>| {
            actions.into_iter().map(qipan_model::Action::word).collect()
        };
        let registers = pack.iter().flat_map(|pack| &pack.registers);
        let registers = registers.map(|register| RegisterActions {
            id: register.id.clone(),
            actions: words(access.actions_on(&register.id)),
        });
        let identity = &caller.identity;
        Ok(Self {
            account: own(pack, caller),
            may: words(access.actions()),
            registers: registers.filter(|one| !one.actions.is_empty()).collect(),
            must_change: identity.must_change,
            personal: access.sees_personal(),
            idle_until: written(identity.idle_until),
            until: written(identity.until),
            method: match caller.via {
                Via::Session(_) => "session",
                Via::Token(_) => "token",
            },
            period: app.period(None)?.to_string(),
            today: app.today(),
            illustrative: app.mark(),
            illustrative_en: app.mark_en(),
        })
    }
}

fn own(pack: Option<&Pack>, caller: &Caller) -> Own {
    let role = |id: &String| {
        let role = pack.and_then(|pack| pack.role(id));
        RoleName {
            id: id.clone(),
            name: role.map_or_else(|| id.clone(), |role| role.name.clone()),
            name_en: role.map_or_else(|| id.clone(), |role| role.english().to_owned()),
        }
    };
    let names_registers = caller.roles.iter().any(|id| {
        let role = pack.and_then(|pack| pack.role(id));
        role.is_some_and(|role| role.named_registers)
    });
    Own {
        login: caller.login.clone(),
        name: caller.name.clone(),
        unit: caller.unit.as_ref().map(|id| {
            let unit = pack.and_then(|pack| pack.units.get(id));
            UnitName {
                id: id.clone(),
                name: unit.map_or_else(|| id.clone(), |unit| unit.name.clone()),
                name_en: unit.map_or_else(|| id.clone(), |unit| unit.name_en.clone()),
            }
        }),
        roles: caller.roles.iter().map(role).collect(),
        registers: names_registers.then(|| caller.registers.iter().cloned().collect()),
    }
}

impl App {
    /// Opens a session, unless the place or the login has tried too often.
    pub(crate) async fn log_in(
        &self,
        login: &str,
        password: &str,
        whence: &Whence,
    ) -> Result<Opened, Problem> {
        let now = self.state.clock.now();
        self.logins
            .take(&place(&whence.origin), LOGINS, now)
            .map_err(Problem::too_often)?;
        let accounts = &self.state.accounts;
        Ok(accounts
            .log_in(login, password, &whence.origin, &whence.agent)
            .await?)
    }
}

/// Comes in by password. The answer sets the cookie of the session; each change of anything then
/// needs the header `X-Qipan: 1`.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", operation_id = "log_in",
    request_body = LogIn,
    responses((status = 200, body = SessionShape), (status = 400, body = Body),
        (status = 401, body = Body), (status = 429, body = Body)))]
pub(crate) async fn log_in(
    State(app): State<App>,
    whence: Whence,
    Sent(sent): Sent<LogIn>,
) -> Result<Response, Problem> {
    let opened = app.log_in(&sent.login, &sent.password, &whence).await?;
    let identity = app.state.accounts.by_session(&opened.secret).await?;
    let identity =
        identity.ok_or_else(|| Problem::internal(&"a session that began is not there"))?;
    let caller = Caller::of(&app, identity, whence.origin).await?;
    let shape = SessionShape::of(&app, &caller).await?;
    let cookie = app.state.site.set_cookie(Some(&opened.secret));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(shape)).into_response())
}

/// The caller, and what they may do.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", operation_id = "session",
    responses((status = 200, body = SessionShape)))]
pub(crate) async fn session(
    State(app): State<App>,
    Newcomer(caller): Newcomer,
) -> Result<Json<SessionShape>, Problem> {
    Ok(Json(SessionShape::of(&app, &caller).await?))
}

/// Goes out: the session ends.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", operation_id = "log_out",
    responses((status = 204, description = "The session has ended")))]
pub(crate) async fn log_out(
    State(app): State<App>,
    Newcomer(caller): Newcomer,
) -> Result<Response, Problem> {
    let session = caller.need_session()?;
    let accounts = &app.state.accounts;
    accounts
        .end_session(caller.account, session, true, &caller.by())
        .await?;
    let cookie = app.state.site.set_cookie(None);
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
    )
        .into_response())
}

/// The present password and a new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The present password.
    #[schema(format = Password)]
    old: String,
    /// The new password.
    #[schema(format = Password)]
    new: String,
}

/// Changes one's own password. All other sessions of the account end.
#[utoipa::path(post, path = "/api/v1/session/password", tag = "session",
    operation_id = "change_password", request_body = NewPassword,
    responses((status = 204, description = "Changed"), (status = 400, body = Body),
        (status = 422, body = Body)))]
pub(crate) async fn change_password(
    State(app): State<App>,
    Newcomer(caller): Newcomer,
    Sent(sent): Sent<NewPassword>,
) -> Result<StatusCode, Problem> {
    let session = caller.need_session()?;
    let accounts = &app.state.accounts;
    let by = caller.by();
    accounts
        .change_password(caller.account, Some(session), &sent.old, &sent.new, &by)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A session of the caller's account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnSession {
    /// Number.
    pub id: i64,
    /// When it began, RFC 3339 UTC.
    pub created: String,
    /// When it was last used, to the minute.
    pub seen: String,
    /// When it ends unless it is used.
    pub idle_until: String,
    /// When it ends in any case.
    pub until: String,
    /// Where from.
    pub origin: String,
    /// What the browser calls itself.
    pub agent: String,
    /// Whether it is the one of this request.
    pub current: bool,
}

/// Sessions of the caller's account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnSessions {
    /// The sessions, the newest first.
    pub sessions: Vec<OwnSession>,
}

/// The caller's own sessions.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "session",
    responses((status = 200, body = OwnSessions)))]
pub(crate) async fn sessions(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<OwnSessions>, Problem> {
    let sessions = app.state.accounts.sessions(caller.account).await?;
    let sessions = sessions.into_iter().map(|session| OwnSession {
        id: session.id,
        created: written(session.created),
        seen: written(session.seen),
        idle_until: written(session.idle_until),
        until: written(session.until),
        origin: session.origin,
        agent: session.agent,
        current: caller.via == Via::Session(session.id),
    });
    Ok(Json(OwnSessions {
        sessions: sessions.collect(),
    }))
}

/// Ends one of the caller's own sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "session",
    params(("id" = i64, Path, description = "Number of the session")),
    responses((status = 204, description = "It has ended"), (status = 404, body = Body)))]
pub(crate) async fn end_session(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    caller.need_session()?;
    let own = caller.via == Via::Session(id);
    let accounts = &app.state.accounts;
    accounts
        .end_session(caller.account, id, own, &caller.by())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
