//! What every answer is sent with: a strict content security policy (no script at all), no caching
//! of data, a request number, limits on time and size; and who may ask: only this machine.

use std::any::Any;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::pages;
use crate::problem::{Kind, Problem};

/// Most bytes of a request's body: a text to be checked, percent-encoded.
pub(crate) const MOST_BODY: usize = 1 << 20;
/// Longest time for one answer.
const MOST_TIME: Duration = Duration::from_secs(60);

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes, the outermost last.
pub(crate) fn around(routes: Router) -> Router {
    routes
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(from_here))
        .layer(middleware::from_fn(dressed))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(|request: &Request| {
                    let id = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok());
                    // The path only: a query may hold what people search for.
                    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
                })
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
        )
        .layer(middleware::from_fn(numbered))
}

/// Pages and JSON; original files mostly are compressed already.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/octet-stream"))
}

async fn nowhere(uri: Uri) -> Problem {
    let path = uri.path();
    Problem::new(
        Kind::NoPage,
        format!("没有“{path}”：页面从 /board 进入，接口见 /api/v1/openapi.json"),
        format!(
            "There is no “{path}”: pages start at /board, the API is described at /api/v1/openapi.json"
        ),
    )
}

async fn wrong_method(request: Request) -> Problem {
    let method = request.method();
    Problem::new(
        Kind::Method,
        format!("这个网址不支持 {method}：本接口只读，请用 GET（/press 可用 POST）"),
        format!("{method} is not allowed here: the API is read-only, use GET (/press takes POST)"),
    )
}

fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("panic");
    Problem::internal(&words).into_response()
}

async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(MOST_TIME, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        Problem::new(
            Kind::Slow,
            "这次查询超过 60 秒，已停止：请缩小范围后重试",
            "This took more than 60 seconds and was stopped: ask for less",
        )
        .into_response()
    })
}

/// Refuses host names other than this machine's: a page elsewhere could otherwise point its own
/// name at 127.0.0.1 and read along (DNS rebinding).
async fn from_here(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .map(|host| host.to_str().unwrap_or_default());
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    if [host, authority].into_iter().flatten().all(is_local) {
        return next.run(request).await;
    }
    Problem::new(
        Kind::Host,
        "只接受对本机（127.0.0.1 或 localhost）的访问：请用 http://127.0.0.1 打开",
        "Only requests to this machine (127.0.0.1 or localhost) are answered: open http://127.0.0.1",
    )
    .into_response()
}

fn is_local(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<axum::http::uri::Authority>() else {
        return false;
    };
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Shows problems of pages as pages, and sets the headers.
async fn dressed(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    if !uri.path().starts_with("/api/")
        && let Some(problem) = response.extensions_mut().remove::<Problem>()
    {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = pages::problem_page(&problem, pages::Lang::of(&uri));
        response
            .headers_mut()
            .extend(allow.map(|allow| (header::ALLOW, allow)));
    }
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Gives each request a number, or keeps the one it came with.
async fn numbered(mut request: Request, next: Next) -> Response {
    static NTH: AtomicU64 = AtomicU64::new(1);
    let given = request.headers().get(&REQUEST_ID).filter(|id| {
        let bytes = id.as_bytes();
        (1..=64).contains(&bytes.len())
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    });
    let id = given.cloned().unwrap_or_else(|| {
        // Digits are always a valid header.
        HeaderValue::from(NTH.fetch_add(1, Ordering::Relaxed))
    });
    request.headers_mut().insert(&REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(&REQUEST_ID, id);
    response
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_this_machine_is_local() {
        for local in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "localhost:80",
            "LOCALHOST",
            "[::1]:8080",
            "127.8.8.8",
        ] {
            assert!(is_local(local), "{local}");
        }
        for other in [
            "example.com",
            "127.0.0.1.example.com",
            "10.0.0.1:80",
            "",
            "localhost.example.com",
            "[::2]",
        ] {
            assert!(!is_local(other), "{other}");
        }
    }
}
