//! Who asks: every route but a few takes a [`Caller`]. There is no other way to a reader of
//! records than through one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use qipan_accounts::{By, Identity, Setting, Via};
use qipan_model::{Access, Action, Pack, Register, Scope};
use qipan_store::{Change, Event};
use serde_json::Value;

use crate::api::action_of;
use crate::limits::Rate;
use crate::problem::{Kind, Problem};
use crate::state::App;

/// Where a request comes from: an address. Put into each request by the layers.
#[derive(Debug, Clone)]
pub(crate) struct Origin(pub String);

/// Left in each request by the layers, so that they know afterwards who has asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker(Arc<Mutex<Option<(String, String)>>>);

impl Asker {
    fn note(&self, login: &str, origin: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((login.to_owned(), origin.to_owned()));
    }

    /// Login and origin, once they are known.
    pub(crate) fn known(&self) -> Option<(String, String)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Somebody who has come in, by a session or by a token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Number of the account.
    pub account: i64,
    /// Login, the actor of what they change.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Option<String>,
    /// Roles, by id.
    pub roles: Vec<String>,
    /// Registers for roles that name registers.
    pub registers: BTreeSet<String>,
    /// What they may do and see.
    pub access: Arc<Access>,
    /// Where from.
    pub origin: String,
    /// How they came in.
    pub via: Via,
    pub(crate) identity: Identity,
}

impl Caller {
    /// Somebody who has come in, with what they may do today.
    pub(crate) async fn of(app: &App, identity: Identity, origin: String) -> Result<Self, Problem> {
        let access = match app.pack().await? {
            Some(pack) => identity.access(&pack, app.today()),
            // Without a pack there are no roles.
            None => Arc::new(Access::nothing()),
        };
        let account = Arc::clone(&identity.account);
        Ok(Self {
            account: account.id,
            login: account.login.clone(),
            name: account.name.clone(),
            unit: account.unit.clone(),
            roles: account.roles.clone(),
            registers: account.registers.clone(),
            access,
            origin,
            via: identity.via,
            identity,
        })
    }

    /// Refuses whoever has no role with this action.
    ///
    /// # Errors
    /// 403 Q4031.
    pub(crate) fn need(&self, action: Action) -> Result<(), Problem> {
        if self.access.may(action) {
            return Ok(());
        }
        let (word, name) = (action.word(), action.name());
        Err(Problem::new(
            Kind::Forbidden,
            format!("您的账号没有“{name}”的权限：需要时请安全管理员调整角色"),
            format!("Your account may not do this (“{word}”): ask the security officer for a role"),
        ))
    }

    /// Refuses programs: some things people do themselves, with their password.
    ///
    /// # Errors
    /// 403 Q4031.
    pub(crate) fn need_session(&self) -> Result<i64, Problem> {
        match self.via {
            Via::Session(session) => Ok(session),
            Via::Token(_) => Err(Problem::new(
                Kind::Forbidden,
                "令牌不能做这件事：请本人登录后操作",
                "A token may not do this: log in yourself",
            )),
        }
    }

    /// Whether a register is there for the caller at all.
    pub(crate) fn knows(&self, register: &str) -> bool {
        *self.access.scope(Action::Read, register) != Scope::Nothing
    }

    /// A register of the caller's: one whose rows they may not see is not there.
    ///
    /// # Errors
    /// 404 Q4042.
    pub(crate) fn register<'p>(&self, pack: &'p Pack, id: &str) -> Result<&'p Register, Problem> {
        let register = pack.register(id).ok_or_else(|| Problem::no_register(id))?;
        if self.knows(id) {
            return Ok(register);
        }
        Err(Problem::no_register(id).hidden())
    }

    /// A change in the caller's name.
    pub(crate) fn change(&self, action: &str, reason: &str) -> Change {
        Change {
            actor: self.login.clone(),
            reason: reason.to_owned(),
            action: action.to_owned(),
            source: None,
            origin: self.origin.clone(),
        }
    }

    /// An event in the caller's name, for the journal.
    pub(crate) fn event(
        &self,
        action: &str,
        reason: &str,
        register: &str,
        payload: Value,
    ) -> Event {
        Event {
            action: action.to_owned(),
            actor: self.login.clone(),
            origin: self.origin.clone(),
            reason: reason.to_owned(),
            register: register.to_owned(),
            payload,
        }
    }

    /// Who does something to accounts.
    pub(crate) fn by(&self) -> By {
        By {
            actor: self.login.clone(),
            origin: self.origin.clone(),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Newcomer(caller) = Newcomer::from_request_parts(parts, app).await?;
        if caller.identity.must_change {
            return Err(Problem::new(
                Kind::MustChange,
                "请先修改密码：首次登录、密码被重置或用满期限后，改了密码才能继续",
                "Change your password first: it is new from somebody else, or too old",
            ));
        }
        // Before the rest of the request is looked at: whoever may not learns nothing else.
        let route = parts.extensions.get::<MatchedPath>();
        if let Some(action) = route.and_then(|route| action_of(&parts.method, route.as_str())) {
            caller.need(action)?;
        }
        Ok(caller)
    }
}

/// A caller who may have to change their password before anything else.
pub(crate) struct Newcomer(pub Caller);

impl FromRequestParts<App> for Newcomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let origin = origin(parts);
        let identity = identified(&parts.headers, app).await?;
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.note(&identity.account.login, &origin);
        }
        let policy = app.state.accounts.policy().await?;
        let rate = Rate {
            burst: policy.get(Setting::RateBurst),
            per_minute: policy.get(Setting::RatePerSecond) * 60,
        };
        let bucket = match identity.via {
            Via::Session(_) => format!("account {}", identity.account.id),
            Via::Token(id) => format!("token {id}"),
        };
        app.callers
            .take(&bucket, rate, app.state.clock.now())
            .map_err(Problem::too_often)?;
        Ok(Self(Caller::of(app, identity, origin).await?))
    }
}

/// Where a request comes from.
pub(crate) fn origin(parts: &Parts) -> String {
    let origin = parts.extensions.get::<Origin>();
    origin.map_or_else(|| "-".to_owned(), |Origin(origin)| origin.clone())
}

/// What the caller calls their program.
pub(crate) fn agent(headers: &HeaderMap) -> &str {
    headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default()
}

async fn identified(headers: &HeaderMap, app: &App) -> Result<Identity, Problem> {
    let accounts = &app.state.accounts;
    let identity = match bearer(headers) {
        Some(token) => accounts.by_token(token).await?,
        None => match session(headers, app.state.site.cookie()) {
            Some(secret) => accounts.by_session(secret).await?,
            None => None,
        },
    };
    identity.ok_or_else(|| {
        Problem::new(
            Kind::NotSignedIn,
            "还没有登录，或登录已过期：请登录后重试",
            "You are not logged in, or no longer: log in and try again",
        )
    })
}

/// The token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session of a request.
pub(crate) fn session<'h>(headers: &'h HeaderMap, cookie: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}
