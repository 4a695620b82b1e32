//! The desk: the application in the browser, built by `npm run build` in `web/` and carried in the
//! binary. A debug build reads it from the disk, so that it can be built again without this crate.

use std::borrow::Cow;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::state::App;

/// Kept for a year: the name of such a file changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for at each visit.
const EACH_TIME: &str = "no-cache";

/// The desk under `/desk/`, and the way there.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(front))
        .route("/desk", get(|| async { Redirect::permanent("/desk/") }))
        .route("/desk/", get(|| async { index() }))
        .route(
            "/desk/{*path}",
            get(|Path(path): Path<String>| async move { file(&path) }),
        )
}

/// Whoever comes without a path goes to the desk, or to the pages where it was not built.
async fn front() -> Redirect {
    Redirect::temporary(if content("index.html").is_some() {
        "/desk/"
    } else {
        "/board"
    })
}

fn index() -> Response {
    match content("index.html") {
        Some(page) => sent("index.html", page, EACH_TIME),
        None => (
            StatusCode::NOT_FOUND,
            [(header::CACHE_CONTROL, EACH_TIME)],
            Html(MISSING),
        )
            .into_response(),
    }
}

/// A file of the desk; any other path is a place within the desk, which its script knows.
fn file(path: &str) -> Response {
    if !is_plain(path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match content(path) {
        Some(file) if path.starts_with("assets/") => sent(path, file, FOR_EVER),
        Some(file) => sent(path, file, EACH_TIME),
        // A missing script must not be answered with a page.
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => index(),
    }
}

fn is_plain(path: &str) -> bool {
    path.split('/')
        .all(|part| !part.is_empty() && part != "." && part != "..")
        && !path.contains(['\\', '\0'])
}

fn sent(path: &str, content: Cow<'static, [u8]>, cache: &'static str) -> Response {
    let ending = path.rsplit('.').next().unwrap_or_default();
    let kind = match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
    (headers, content.into_owned()).into_response()
}

#[cfg(not(debug_assertions))]
fn content(path: &str) -> Option<Cow<'static, [u8]>> {
    #[derive(rust_embed::RustEmbed)]
    #[folder = "../../web/dist"]
    #[allow_missing = true]
    struct Built;
    Built::get(path).map(|file| file.data)
}

#[cfg(debug_assertions)]
fn content(path: &str) -> Option<Cow<'static, [u8]>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist");
    let path = std::path::Path::new(folder).join(path);
    path.is_file()
        .then(|| std::fs::read(path).ok().map(Cow::Owned))
        .flatten()
}

/// Where the desk was not built. Plain, so that the policy of the desk need make no exception.
const MISSING: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
<title>棋盘</title></head><body><h1>页面程序还没有构建</h1>\
<p>请在源码目录运行 <code>make web</code>，再重新构建 qipan；在此之前请用 \
<a href=\"/board\">无脚本页面</a>。</p>\
<p lang=\"en\">The desk has not been built: run <code>make web</code> and build qipan again, or use \
the <a href=\"/board\">pages without script</a>.</p></body></html>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for good in ["index.html", "assets/index-abc.js", "registers/project"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "../Cargo.toml",
            "assets/../../x",
            "/etc/passwd",
            "a//b",
            "a\\b",
            ".",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
