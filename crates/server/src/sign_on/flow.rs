//! The flow: authorization code with PKCE, state and nonce; the provider's keys and addresses are
//! discovered, and again when it signs with a new key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::Deserialize;

use super::http::{AskError, Asker};
use super::{LoginClaim, SignOn};
use crate::caller::session;
use crate::limits::{LOGINS, place};
use crate::pages::{Lang, Whence, problem_page, within};
use crate::problem::{Kind, Problem};
use crate::state::App;

/// Where the provider sends people back to.
const CALLBACK: &str = "/api/v1/oidc/callback";
/// Seconds that somebody may take there.
const PATIENCE: i64 = 600;
/// Most people on their way at once.
const MOST: usize = 10_000;

/// The routes, with what is remembered between them.
pub(super) fn router(settings: &SignOn) -> Router<App> {
    let flow = Flow {
        settings: settings.clone(),
        provider: Arc::default(),
        away: Arc::default(),
    };
    let begin = flow.clone();
    Router::new()
        .route(
            "/api/v1/oidc/login",
            get(
                move |State(app): State<App>, whence, headers, Query(asked)| {
                    let flow = begin.clone();
                    async move { shown(flow.begin(&app, &whence, &headers, &asked).await) }
                },
            ),
        )
        .route(
            CALLBACK,
            get(
                move |State(app): State<App>, whence, headers, Query(back)| {
                    let flow = flow.clone();
                    async move { shown(flow.end(&app, &whence, &headers, &back).await) }
                },
            ),
        )
}

/// What the login may be asked for.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// Where to go on.
    #[serde(default)]
    next: String,
}

/// With what the provider sends people back.
#[derive(Debug, Default, Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
}

/// Somebody who is away at the provider.
struct Away {
    verifier: PkceCodeVerifier,
    nonce: Nonce,
    /// Where they come back to.
    redirect: RedirectUrl,
    next: String,
    since: Timestamp,
}

#[derive(Clone)]
struct Flow {
    settings: SignOn,
    provider: Arc<tokio::sync::Mutex<Option<CoreProviderMetadata>>>,
    away: Arc<Mutex<HashMap<String, Away>>>,
}

/// Why somebody does not come in this way: the cause goes to the log.
fn failed(cause: &dyn std::fmt::Display) -> Problem {
    tracing::warn!(%cause, "single sign-on failed");
    Problem::new(
        Kind::SignOn,
        "单点登录没有成功：请重新登录一次；仍不行时用登录名和密码，并告诉管理员",
        "Single sign-on did not succeed: try again; if it persists use login and password and tell \
         the administrator",
    )
}

/// People come here with their browser: what goes wrong is shown as a page.
fn shown(answer: Result<Response, Problem>) -> Response {
    answer.unwrap_or_else(|problem| problem_page(&problem, Lang::Zh))
}

impl Flow {
    async fn begin(
        &self,
        app: &App,
        whence: &Whence,
        headers: &HeaderMap,
        asked: &Asked,
    ) -> Result<Response, Problem> {
        let now = app.state.clock.now();
        app.logins
            .take(&place(&whence.origin), LOGINS, now)
            .map_err(Problem::too_often)?;
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let base = app.state.site.base(host.unwrap_or_default());
        let redirect =
            RedirectUrl::new(format!("{base}{CALLBACK}")).map_err(|error| failed(&error))?;
        let accounts = &app.state.accounts;
        let verifier = PkceCodeVerifier::new(accounts.secret()?);
        let (state, nonce) = (accounts.secret()?, Nonce::new(accounts.secret()?));
        let client = CoreClient::from_provider_metadata(
            self.discovered(false).await?,
            ClientId::new(self.settings.client_id.clone()),
            None,
        )
        .set_redirect_uri(redirect.clone());
        let (carried, wanted) = (state.clone(), nonce.clone());
        let (address, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(carried),
                move || wanted,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        away.retain(|_, one| now.as_second() - one.since.as_second() < PATIENCE);
        if away.len() >= MOST {
            return Err(Problem::too_often(60));
        }
        away.insert(
            state.clone(),
            Away {
                verifier,
                nonce,
                redirect,
                next: within(&asked.next).to_owned(),
                since: now,
            },
        );
        // Only the browser that went away may come back.
        let cookie = app.state.site.set_away(Some(&state));
        Ok((
            AppendHeaders([(header::SET_COOKIE, cookie)]),
            Redirect::to(address.as_str()),
        )
            .into_response())
    }

    async fn end(
        &self,
        app: &App,
        whence: &Whence,
        headers: &HeaderMap,
        back: &Back,
    ) -> Result<Response, Problem> {
        let site = &app.state.site;
        let carried = session(headers, site.away());
        let away = {
            let mut all = self.away.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&back.state)
        };
        let now = app.state.clock.now();
        let away = away
            .filter(|one| now.as_second() - one.since.as_second() < PATIENCE)
            .filter(|_| carried == Some(back.state.as_str()))
            .ok_or_else(|| failed(&"nobody of that state went away from this browser"))?;
        if !back.error.is_empty() {
            return Err(failed(&back.error));
        }
        let next = away.next.clone();
        let claims = self.proved(app, away, &back.code).await?;
        let subject = claims.subject().as_str();
        let login = match self.settings.login {
            LoginClaim::Subject => Some(subject),
            LoginClaim::Username => claims.preferred_username().map(|name| name.as_str()),
            LoginClaim::Email => claims
                .email()
                .filter(|_| claims.email_verified() == Some(true))
                .map(|email| email.as_str()),
        };
        let login = login.unwrap_or_default().to_lowercase();
        let issuer = &self.settings.issuer;
        let accounts = &app.state.accounts;
        let opened = accounts
            .log_in_by_identity(issuer, subject, &login, &whence.origin, &whence.agent)
            .await?;
        let cookies = [
            (header::SET_COOKIE, site.set_cookie(Some(&opened.secret))),
            (header::SET_COOKIE, site.set_away(None)),
        ];
        Ok((AppendHeaders(cookies), Redirect::to(&next)).into_response())
    }

    /// What the provider says of whoever has come back with a code.
    async fn proved(
        &self,
        app: &App,
        away: Away,
        code: &str,
    ) -> Result<CoreIdTokenClaims, Problem> {
        let metadata = self.discovered(false).await?;
        let settings = &self.settings;
        let client_of = |metadata| {
            CoreClient::from_provider_metadata(
                metadata,
                ClientId::new(settings.client_id.clone()),
                Some(ClientSecret::new(settings.client_secret.clone())),
            )
            .set_redirect_uri(away.redirect.clone())
        };
        let asker = Asker::new().map_err(|error| failed(&error))?;
        let ask = |request| {
            let asker = asker.clone();
            async move { asker.ask(request).await }
        };
        let client = client_of(metadata);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| failed(&error))?
            .set_pkce_verifier(away.verifier)
            .request_async(&ask)
            .await
            .map_err(|error| failed(&error))?;
        let token = answer.id_token().ok_or_else(|| failed(&"no id token"))?;
        let moment = std::time::SystemTime::from(app.state.clock.now());
        let now = move || moment.into();
        let verifier = client.id_token_verifier().set_time_fn(now);
        if let Ok(claims) = token.claims(&verifier, &away.nonce) {
            return Ok(claims.clone());
        }
        // The provider may have begun to sign with a new key.
        let client = client_of(self.discovered(true).await?);
        let verifier = client.id_token_verifier().set_time_fn(now);
        let claims = token.claims(&verifier, &away.nonce);
        claims.cloned().map_err(|error| failed(&error))
    }

    /// The provider's addresses and keys.
    async fn discovered(&self, again: bool) -> Result<CoreProviderMetadata, Problem> {
        let mut kept = self.provider.lock().await;
        if let Some(metadata) = kept.as_ref().filter(|_| !again) {
            return Ok(metadata.clone());
        }
        let issuer =
            IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| failed(&error))?;
        let asker = Asker::new().map_err(|error| failed(&error))?;
        let ask = |request| {
            let asker = asker.clone();
            async move { asker.ask(request).await as Result<_, AskError> }
        };
        let metadata = CoreProviderMetadata::discover_async(issuer, &ask)
            .await
            .map_err(|error| failed(&error))?;
        *kept = Some(metadata.clone());
        Ok(metadata)
    }
}
