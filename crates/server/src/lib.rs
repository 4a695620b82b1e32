//! HTTP: the JSON API under `/api/v1` (OpenAPI 3.1), the desk that is its first client, and the
//! server-rendered pages for print and for browsers without script.
//!
//! Everything is read in one snapshot per request, and only what the caller ([`caller`]) may see.
//! See [`layers`] for what every answer is sent with.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod answers;
mod api;
mod asked;
mod caller;
mod desk;
mod entry;
mod etag;
mod filetype;
mod layers;
mod limits;
mod pages;
mod problem;
mod serve;
mod sign_on;
mod site;
mod state;
mod wanted;
mod work;

use axum::Router;

pub use serve::{ServeError, serve};
pub use sign_on::{LoginClaim, SignOn};
pub use site::{Site, SiteError};
pub use state::{AppState, Mark};
pub use work::Running;

/// All routes with all layers, ready to be served or asked in-process. Long work is taken in and
/// waits: [`start`] does it.
pub fn router(state: AppState) -> Router {
    routes(state::App::new(state))
}

/// The same, with long work done beside it. Needs a runtime.
pub fn start(state: AppState) -> (Router, Running) {
    let app = state::App::new(state);
    (routes(app.clone()), work::start(app))
}

fn routes(app: state::App) -> Router {
    let (api, document) = api::router();
    let app = app.with_document(document);
    let routes = Router::new()
        .merge(pages::router())
        .merge(desk::router())
        .merge(sign_on::router(&app))
        .merge(api)
        .with_state(app.clone());
    layers::around(routes, app)
}
