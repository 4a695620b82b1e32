//! Single sign-on against a provider of our own: discovery, authorization code with PKCE, a signed
//! token with a nonce; and everything that must not work.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router, body::Body};
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserUsername, IssuerUrl, JsonWebKeyId, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey, StandardClaims, SubjectIdentifier,
};
use qipan_server::SignOn;
use serde_json::{Value, json};

use crate::fixture::{Answer, Web};

/// A key for tests alone.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICWeYPLxoZKHZlQ6rkBi11E9JwchynXtljATLqym/XS9
-----END PRIVATE KEY-----";

/// What the provider says of whoever comes, and what it was asked.
#[derive(Clone, Default)]
struct Provider {
    base: String,
    says: Arc<Mutex<Says>>,
}

#[derive(Clone, Default)]
struct Says {
    username: String,
    subject: String,
    nonce: String,
    challenge: String,
    /// Audience of the token; the client's id when empty.
    audience: String,
    /// Seconds since 1970 at which it was signed.
    at: i64,
}

impl Provider {
    async fn start(at: i64) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self {
            base,
            says: Arc::default(),
        };
        provider.says.lock().unwrap().at = at;
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    fn key(&self) -> CoreEdDsaPrivateSigningKey {
        let id = JsonWebKeyId::new("k1".to_owned());
        CoreEdDsaPrivateSigningKey::from_ed25519_pem(KEY, Some(id)).unwrap()
    }
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let base = &provider.base;
    Json(json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<CoreJsonWebKeySet> {
    let key = provider.key().as_verification_key();
    Json(CoreJsonWebKeySet::new(vec![key]))
}

async fn token(
    State(provider): State<Provider>,
    Form(asked): Form<std::collections::HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let says = provider.says.lock().unwrap().clone();
    let verifier = PkceCodeVerifier::new(asked["code_verifier"].clone());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    if asked["code"] != "the-code" || challenge.as_str() != says.challenge {
        return Err(StatusCode::BAD_REQUEST);
    }
    let audience = match says.audience.as_str() {
        "" => "qipan",
        other => other,
    };
    let moment = |second: i64| {
        let since = std::time::Duration::from_secs(second.unsigned_abs());
        (std::time::UNIX_EPOCH + since).into()
    };
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(provider.base.clone()).unwrap(),
        vec![Audience::new(audience.to_owned())],
        moment(says.at + 300),
        moment(says.at),
        StandardClaims::<CoreGenderClaim>::new(SubjectIdentifier::new(says.subject.clone()))
            .set_preferred_username(Some(EndUserUsername::new(says.username.clone()))),
        EmptyAdditionalClaims {},
    )
    .set_nonce(Some(Nonce::new(says.nonce.clone())));
    let algorithm = CoreJwsSigningAlgorithm::EdDsa;
    let token = CoreIdToken::new(claims, &provider.key(), algorithm, None, None).unwrap();
    Ok(Json(json!({
        "access_token": "unused", "token_type": "bearer", "id_token": token.to_string(),
    })))
}

/// A server that knows the provider, and the provider.
async fn both() -> (Web, Provider) {
    let web = Web::bare(true).await.nobody();
    let now = qipan_store::Clock::now(&*web.clock).as_second();
    let provider = Provider::start(now).await;
    let sign_on = SignOn {
        name: "统一身份认证".to_owned(),
        issuer: provider.base.clone(),
        client_id: "qipan".to_owned(),
        client_secret: "secret".to_owned(),
        login: qipan_server::LoginClaim::Username,
    };
    (web.with_sign_on(sign_on), provider)
}

/// Goes to the provider; gives the state and the cookie.
async fn away(web: &Web, provider: &Provider, username: &str, subject: &str) -> (String, String) {
    let request = Request::get("/api/v1/oidc/login?next=/journal")
        .header(header::HOST, "127.0.0.1:8080")
        .body(Body::empty());
    let answer = web.ask(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let to = answer.header("location");
    let query: std::collections::HashMap<&str, &str> = to
        .split_once('?')
        .unwrap()
        .1
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    assert!(
        to.starts_with(&format!("{}/authorize?", provider.base)),
        "{to}"
    );
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(query["redirect_uri"].contains("127.0.0.1%3A8080%2Fapi%2Fv1%2Foidc%2Fcallback"));
    let mut says = provider.says.lock().unwrap();
    says.username = username.to_owned();
    says.subject = subject.to_owned();
    says.nonce = query["nonce"].to_owned();
    says.challenge = query["code_challenge"].to_owned();
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    (query["state"].to_owned(), cookie.to_owned())
}

async fn back(web: &Web, state: &str, cookie: &str, code: &str) -> Answer {
    let path = format!("/api/v1/oidc/callback?code={code}&state={state}");
    let request = Request::get(path)
        .header(header::COOKIE, cookie)
        .body(Body::empty());
    web.ask(request.unwrap()).await
}

#[tokio::test]
async fn somebody_known_there_comes_in_here() {
    let (web, provider) = both().await;
    web.ok("/login")
        .await
        .has(&["统一身份认证", "/api/v1/oidc/login?next=%2F"]);
    let server = web.ok("/api/v1/server").await.json();
    assert_eq!(server["oidc"]["name"], "统一身份认证");
    let (state, cookie) = away(&web, &provider, "auditor", "s-1").await;
    let answer = back(&web, &state, &cookie, "the-code").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/journal");
    let entered = answer.headers.get_all("set-cookie").iter().next().unwrap();
    let (_, secret) = entered.to_str().unwrap().split_once('=').unwrap();
    let own = web.with_cookie(secret.split(';').next().unwrap());
    let session = own.ok("/api/v1/session").await.json();
    assert_eq!(session["account"]["login"], "auditor");
    // Once only.
    let again = back(&web, &state, &cookie, "the-code").await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    again.has(&["Q4013", "<main"]);
}

#[tokio::test]
async fn nobody_comes_in_by_what_was_not_meant_for_them() {
    let (web, provider) = both().await;
    let refused = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        assert!(!answer.header("set-cookie").contains("__Host-qipan="));
    };
    // Another browser, another code, a state nobody has.
    let (state, cookie) = away(&web, &provider, "auditor", "s-1").await;
    refused(&back(&web, &state, "__Host-qipan-away=other", "the-code").await);
    let (state, cookie_2) = away(&web, &provider, "auditor", "s-1").await;
    refused(&back(&web, &state, &cookie_2, "another").await);
    refused(&back(&web, "nothing", &cookie, "the-code").await);
    // A token for somebody else's request, or for another program, or of yesterday.
    let spoilt: [fn(&mut Says); 3] = [
        |says| says.nonce = "another".to_owned(),
        |says| says.audience = "another".to_owned(),
        |says| says.at -= 86_400,
    ];
    for spoil in spoilt {
        let (state, cookie) = away(&web, &provider, "auditor", "s-1").await;
        let whole = provider.says.lock().unwrap().clone();
        spoil(&mut provider.says.lock().unwrap());
        refused(&back(&web, &state, &cookie, "the-code").await);
        *provider.says.lock().unwrap() = whole;
    }
    // Somebody whom nobody here knows.
    let (state, cookie) = away(&web, &provider, "stranger", "s-9").await;
    let stranger = back(&web, &state, &cookie, "the-code").await;
    refused(&stranger);
    stranger.has(&["stranger", "没有可用的账号"]);
    // Too late.
    let (state, cookie) = away(&web, &provider, "auditor", "s-1").await;
    web.clock.jump(601);
    refused(&back(&web, &state, &cookie, "the-code").await);
}
