//! HTTP: the read-only JSON API under `/api/v1` (OpenAPI 3.1) and the server-rendered board page.
//!
//! Everything is read in one snapshot per request. Nothing here writes to the store, and no page
//! carries a script; see [`layers`] for what every answer is sent with.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod api;
mod asked;
mod etag;
mod layers;
mod pages;
mod problem;
mod serve;
mod state;

use axum::Router;

pub use serve::{ServeError, serve};
pub use state::AppState;

/// All routes with all layers, ready to be served or asked in-process.
pub fn router(state: AppState) -> Router {
    let app = state::App::new(state);
    let (api, document) = api::router();
    let routes = Router::new()
        .merge(pages::router())
        .merge(api)
        .with_state(app.with_document(document));
    layers::around(routes)
}
