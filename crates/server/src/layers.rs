//! What every answer is sent with: a strict content security policy, no caching of data, a request
//! number, limits on time and size; and who may ask: hosts and origins that the [`Site`] knows.
//! What is refused to somebody known is told to the journal.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use qipan_store::Event;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::caller::{Asker, Origin, bearer, session};
use crate::pages;
use crate::problem::{Kind, Problem};
use crate::site::Site;
use crate::state::App;

/// Most bytes of a request's body: a text to be checked, percent-encoded.
pub(crate) const MOST_BODY: usize = 1 << 20;
/// Longest time for one answer.
const MOST_TIME: Duration = Duration::from_secs(60);
/// The same for a workbook on a slow line.
const MOST_UPLOAD_TIME: Duration = Duration::from_secs(30 * 60);

/// Pages: no script at all.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// The desk: its own scripts and nobody else's, nothing inline, nothing evaluated.
const DESK_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                           img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; \
                           worker-src 'self'; frame-src 'self'; form-action 'self'; \
                           base-uri 'none'; \
                           frame-ancestors 'none'";
/// Browsers are to come over HTTPS for a year.
const STRICT_TRANSPORT: &str = "max-age=31536000";
/// The header without which no script changes anything: a form of another site cannot send it.
static SCRIPT: HeaderName = HeaderName::from_static("x-qipan");

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around the routes, the outermost last.
pub(crate) fn around(routes: Router, app: App) -> Router {
    let site = Arc::new(app.state.site.clone());
    routes
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(&site), from_own_pages))
        .layer(middleware::from_fn_with_state(Arc::clone(&site), to_known_host))
        .layer(middleware::from_fn_with_state(app, refusals_told))
        .layer(middleware::from_fn_with_state(Arc::clone(&site), dressed))
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
        .layer(middleware::from_fn_with_state(site, placed))
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
        format!("这个网址不支持 {method}：各网址可用的方法见 /api/v1/openapi.json"),
        format!("{method} is not allowed here: /api/v1/openapi.json tells what each address takes"),
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
    let uploads = request.method() == Method::POST && request.uri().path() == "/api/v1/imports";
    let most = if uploads { MOST_UPLOAD_TIME } else { MOST_TIME };
    let answer = tokio::time::timeout(most, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let seconds = most.as_secs();
        Problem::new(
            Kind::Slow,
            format!("这次请求超过 {seconds} 秒，已停止：请缩小范围后重试"),
            format!("This took more than {seconds} seconds and was stopped: ask for less"),
        )
        .into_response()
    })
}

/// Notes where the request comes from: the peer, or whom a proxy on this machine names.
async fn placed(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let origin = whence(&site, &request);
    request.extensions_mut().insert(Origin(origin));
    next.run(request).await
}

fn whence(site: &Site, request: &Request) -> String {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let forwarded = || {
        let values = request.headers().get_all("x-forwarded-for");
        let value = values.iter().next_back()?.to_str().ok()?;
        let last = value.rsplit(',').next()?.trim();
        last.parse::<std::net::IpAddr>().ok()
    };
    match peer {
        Some(peer) if site.trusts(peer) => forwarded().unwrap_or(peer).to_string(),
        Some(peer) => peer.to_string(),
        None => "-".to_owned(),
    }
}

/// Host that a request is for.
fn host(request: &Request) -> &str {
    let named = request.headers().get(header::HOST);
    let named = named.map(|host| host.to_str().unwrap_or_default());
    named
        .or_else(|| {
            request
                .uri()
                .authority()
                .map(|authority| authority.as_str())
        })
        .unwrap_or_default()
}

/// Refuses hosts that are not this server's.
async fn to_known_host(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .map(|host| host.to_str().unwrap_or_default());
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    if [host, authority]
        .into_iter()
        .flatten()
        .all(|host| site.knows_host(host))
    {
        return next.run(request).await;
    }
    Problem::new(
        Kind::Host,
        "这不是本服务器的主机名：请用部署时公布的网址打开，在本机则用 http://127.0.0.1",
        "This is not a host name of this server: open the address that was announced, or \
         http://127.0.0.1 on this machine",
    )
    .into_response()
}

/// Refuses changes that another site has had a browser send (CSRF). A request that changes
/// something and says where it comes from must come from here; one of a script carries a header
/// that no foreign form can; one of a page at least says that it is no other site's. Tokens need
/// none of that: no browser sends them by itself.
async fn from_own_pages(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || bearer(request.headers()).is_some() || is_own(&site, &request) {
        return next.run(request).await;
    }
    Problem::new(
        Kind::Foreign,
        "这个请求不是从本系统的页面发出的，已拒绝：请从本系统的页面操作（程序调用请用令牌）",
        "This request does not come from a page of this server and was refused: use its pages, or \
         a token",
    )
    .into_response()
}

fn is_own(site: &Site, request: &Request) -> bool {
    let headers: &HeaderMap = request.headers();
    let text = |name: &HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("null"))
    };
    let origin = text(&header::ORIGIN);
    if let Some(origin) = origin
        && !site.is_own(origin, host(request))
    {
        return false;
    }
    if session(headers, site.cookie()).is_none() {
        return true;
    }
    if request.uri().path().starts_with("/api/") {
        return text(&SCRIPT) == Some("1");
    }
    let fetch_site = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok());
    origin.is_some() || matches!(fetch_site, Some("same-origin" | "none"))
}

/// Tells the journal what somebody known was refused, so often as is bearable.
async fn refusals_told(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let refused = response
        .extensions()
        .get::<Problem>()
        .filter(|problem| problem.kind == Kind::Forbidden || problem.hidden);
    if let (Some(problem), Some((login, origin))) = (refused, asker.known()) {
        let key = format!("{login} {}", problem.code());
        if let Some(left_out) = app.refusals.admit(&key, app.state.clock.now()) {
            let mut path = path;
            path.truncate(path.floor_char_boundary(200));
            let mut payload = json!({
                "code": problem.code(), "method": method.as_str(), "path": path,
            });
            if left_out > 0 {
                payload["left_out"] = left_out.into();
            }
            let event = Event {
                action: "refused".to_owned(),
                actor: login,
                origin,
                reason: problem.titles().0.to_owned(),
                register: String::new(),
                payload,
            };
            // Beside the answer, which need not wait for whoever is writing.
            let store = app.state.store.clone();
            tokio::spawn(async move {
                if let Err(error) = store.log(event).await {
                    tracing::error!(%error, "a refusal is not in the journal");
                }
            });
        }
    }
    response
}

/// Shows problems of pages as pages, and sets the headers.
async fn dressed(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let is_get = request.method() == Method::GET;
    let mut response = next.run(request).await;
    if !uri.path().starts_with("/api/")
        && let Some(problem) = response.extensions_mut().remove::<Problem>()
    {
        let next = uri.path_and_query().map_or("/", |path| path.as_str());
        response = match problem.kind {
            Kind::NotSignedIn if is_get => to_form("/login", next),
            Kind::MustChange if is_get => to_form("/password", next),
            _ => {
                let allow = response.headers_mut().remove(header::ALLOW);
                let retry = response.headers_mut().remove(header::RETRY_AFTER);
                let mut page = pages::problem_page(&problem, pages::Lang::of(&uri));
                let headers = page.headers_mut();
                headers.extend(allow.map(|allow| (header::ALLOW, allow)));
                headers.extend(retry.map(|retry| (header::RETRY_AFTER, retry)));
                page
            }
        };
    }
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not "no-referrer": under it browsers hide the origin of our own forms as well.
        (header::REFERRER_POLICY, "same-origin"),
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
        // A handler may say otherwise, as for files that are shown in a frame of the desk.
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if site.is_https() {
        let value = HeaderValue::from_static(STRICT_TRANSPORT);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    let policy = if uri.path().starts_with("/desk") {
        DESK_POLICY
    } else {
        POLICY
    };
    // A handler may say otherwise, as for files and briefs that are shown in place.
    headers
        .entry(header::X_FRAME_OPTIONS)
        .or_insert(HeaderValue::from_static("DENY"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(policy));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn to_form(form: &str, next: &str) -> Response {
    let lang = if next.contains("lang=en") {
        "&lang=en"
    } else {
        ""
    };
    Redirect::to(&format!("{form}?next={}{lang}", pages::encoded(next))).into_response()
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
