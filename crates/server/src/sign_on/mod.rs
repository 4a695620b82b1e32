//! Single sign-on by OpenID Connect: people prove to another server who they are, and come in as
//! the account of that login. Which accounts there are stays with the security officer: nobody is
//! made here.
//!
//! The flow itself is behind the feature `oidc`, which brings a client for HTTPS and the
//! signatures of tokens.

#[cfg(feature = "oidc")]
mod flow;
#[cfg(feature = "oidc")]
mod http;

use axum::Router;
use serde::Deserialize;

use crate::state::App;

/// Where people prove who they are.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOn {
    /// What it is called on its button.
    pub name: String,
    /// Address of the provider, without `/.well-known/…`.
    pub issuer: String,
    /// As what this server is known there.
    pub client_id: String,
    /// The secret shared with it.
    pub client_secret: String,
    /// What of the provider's words is the login here.
    #[serde(default)]
    pub login: LoginClaim,
}

/// What of the provider's words about a user is their login here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginClaim {
    /// `preferred_username`.
    #[default]
    Username,
    /// `email`.
    Email,
    /// `sub`.
    Subject,
}

impl std::fmt::Debug for SignOn {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignOn")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Whether this program can do it.
pub(crate) const IS_BUILT: bool = cfg!(feature = "oidc");

/// The two routes of the flow, where there is a provider.
#[cfg(feature = "oidc")]
pub(crate) fn router(app: &App) -> Router<App> {
    match &app.state.sign_on {
        Some(settings) => flow::router(settings),
        None => Router::new(),
    }
}

/// No routes: the program was built without.
#[cfg(not(feature = "oidc"))]
pub(crate) fn router(_: &App) -> Router<App> {
    Router::new()
}
