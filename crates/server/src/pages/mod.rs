//! The board and its pages: rendered here, without script, printable, in Chinese and English.

mod board;
mod coverage;
mod figure;
mod frame;
mod journal;
mod lang;
mod login;
mod map;
mod press;
mod record;
mod register;
mod show;
mod unit;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::state::App;

pub(crate) use frame::{encoded, problem_page};
pub(crate) use lang::Lang;
pub(crate) use login::Whence;
#[cfg(feature = "oidc")]
pub(crate) use login::within;

/// The pages and their style sheet.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/board", get(board::page))
        .route("/figures/{indicator}", get(figure::page))
        .route("/units/{unit}", get(unit::page))
        .route("/registers/{register}", get(register::page))
        .route("/registers/{register}/records/{record}", get(record::page))
        .route("/journal", get(journal::page))
        .route("/verify", get(journal::verify))
        .route("/login", get(login::form).post(login::log_in))
        .route("/password", get(login::password_form).post(login::change))
        .route("/logout", post(login::log_out))
        .route("/press", get(press::form).post(press::check))
        .route(
            "/assets/board.css",
            get(|| async {
                asset(
                    "text/css; charset=utf-8",
                    include_str!("../assets/board.css"),
                )
            }),
        )
        .route(
            "/assets/icon.svg",
            get(|| async { asset("image/svg+xml", include_str!("../assets/icon.svg")) }),
        )
}

fn asset(kind: &'static str, content: &'static str) -> impl IntoResponse {
    // Checked at each visit, so that a new program is never dressed in old clothes.
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        content,
    )
}
