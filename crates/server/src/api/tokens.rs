//! The caller's own tokens, for programs.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use qipan_accounts::{NewToken, Token};
use qipan_model::Action;
use qipan_store::written;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::asked::{Named, Sent};
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// A token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenShape {
    /// Number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// The only actions it may be used for; `null` is all of its account's, but for keeping
    /// accounts and the system.
    #[schema(value_type = Option<Vec<String>>)]
    pub actions: Option<Vec<&'static str>>,
    /// Whether it is a program's: it goes on when the password of its account must be changed.
    pub machine: bool,
    /// When it was made, RFC 3339 UTC.
    pub created: String,
    /// When it ends, RFC 3339 UTC.
    pub expires: String,
    /// When it was last used, to a few minutes; `null` for never.
    pub used: Option<String>,
}

impl From<Token> for TokenShape {
    fn from(token: Token) -> Self {
        let words = |actions: BTreeSet<Action>| actions.into_iter().map(Action::word).collect();
        Self {
            id: token.id,
            name: token.name,
            actions: token.actions.map(words),
            machine: token.machine,
            created: written(token.created),
            expires: written(token.expires),
            used: token.used.map(written),
        }
    }
}

/// The caller's tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// The tokens, the newest first.
    pub tokens: Vec<TokenShape>,
}

/// The caller's own tokens that stand.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "session",
    responses((status = 200, body = Tokens)))]
pub(crate) async fn tokens(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Tokens>, Problem> {
    let tokens = app.state.accounts.tokens(caller.account).await?;
    Ok(Json(Tokens {
        tokens: tokens.into_iter().map(TokenShape::from).collect(),
    }))
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenAsked {
    /// What it is for.
    name: String,
    /// The only actions it may be used for; `null` is all of the caller's.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(default)]
    actions: Option<BTreeSet<Action>>,
    /// Days until it ends.
    #[schema(minimum = 1)]
    expires_days: i64,
    /// Whether it is a program's.
    #[serde(default)]
    machine: bool,
}

/// A token that was made, with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// The token.
    #[serde(flatten)]
    pub token: TokenShape,
    /// What is sent as `Authorization: Bearer …`. Nobody can ask for it again.
    pub secret: String,
}

/// Makes a token for the caller's own account.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "session", operation_id = "make_token",
    request_body = TokenAsked,
    responses((status = 201, body = MadeToken), (status = 400, body = Body),
        (status = 422, body = Body)))]
pub(crate) async fn make(
    State(app): State<App>,
    caller: Caller,
    Sent(asked): Sent<TokenAsked>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    caller.need_session()?;
    let new = NewToken {
        name: asked.name,
        actions: asked.actions,
        machine: asked.machine,
        days: asked.expires_days,
    };
    let accounts = &app.state.accounts;
    let may = caller.access.actions();
    let (token, secret) = accounts
        .make_token(caller.account, &may, &new, &caller.by())
        .await?;
    let made = MadeToken {
        token: token.into(),
        secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revokes one of the caller's own tokens.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "session",
    operation_id = "revoke_token",
    params(("id" = i64, Path, description = "Number of the token")),
    responses((status = 204, description = "Revoked"), (status = 404, body = Body)))]
pub(crate) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    caller.need_session()?;
    let accounts = &app.state.accounts;
    accounts
        .revoke_token(caller.account, id, &caller.by())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
