//! Coming in, changing the password and going out, as plain forms: they work without script and
//! when the desk does not.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::Lang;
use super::frame::{encoded, logout, whole};
use crate::caller::{Newcomer, agent, origin, session};
use crate::problem::{Kind, Problem};
use crate::state::App;

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    next: String,
}

/// What the login form sends.
#[derive(Deserialize)]
pub(crate) struct LogIn {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// What the password form sends.
#[derive(Deserialize)]
pub(crate) struct Change {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    next: String,
}

/// Where a request comes from, and what its program calls itself.
pub(crate) struct Whence {
    pub origin: String,
    pub agent: String,
}

impl<S: Sync> FromRequestParts<S> for Whence {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            origin: origin(parts),
            agent: agent(&parts.headers).to_owned(),
        })
    }
}

/// A path of this server; anything else leads to the front page, never to another site.
pub(crate) fn within(next: &str) -> &str {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
        && !next.starts_with("/login")
        && !next.starts_with("/logout");
    if plain { next } else { "/" }
}

fn page(app: &App, lang: Lang, title: &str, nav: &Markup, content: &Markup) -> Html<String> {
    let illustrative = app.state.illustrative.as_ref();
    whole(lang, title, "", illustrative, nav, content, &html! {})
}

fn told(problem: &Problem, lang: Lang) -> Markup {
    html! {
        p.refused role="alert" {
            (lang.named(&problem.zh, &problem.en)) " " small { (problem.code()) }
        }
    }
}

fn address(path: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => path.to_owned(),
        Lang::En => format!("{path}?lang=en"),
    }
}

/// The form again, with what was wrong.
fn again(problem: &Problem, page: Html<String>) -> Response {
    let mut response = (problem.status(), page).into_response();
    if let Some(seconds) = problem.retry {
        let seconds = HeaderValue::from(seconds.max(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn malformed(rejection: &FormRejection) -> Problem {
    let why = rejection.body_text();
    Problem::new(
        Kind::BadQuery,
        format!("表单看不懂（{why}）：请从页面提交"),
        format!("The form is not understood ({why}): submit it from the page"),
    )
}

async fn login_page(
    app: &App,
    lang: Lang,
    login: &str,
    next: &str,
    problem: Option<&Problem>,
) -> Result<Html<String>, Problem> {
    let is_bare = app.pack().await?.is_none();
    let other = match lang {
        Lang::Zh => ("&lang=en", "en", "English"),
        Lang::En => ("", "zh-CN", "中文"),
    };
    let nav = html! {
        a.quiet href=(format!("/login?next={}{}", encoded(next), other.0)) lang=(other.1) { (other.2) }
    };
    let title = lang.say("登录", "Log in");
    let content = html! {
        section.enter {
            h1 { (title) }
            @if is_bare { p.note { (lang.say("还没有机制包，也就没有角色和账号：请先在服务器上运行 qipan init --pack 目录", "There is no pack yet, and so no roles and accounts: run qipan init --pack DIR on the server first")) } }
            @if let Some(problem) = problem { (told(problem, lang)) }
            form method="post" action=(address("/login", lang)) {
                input type="hidden" name="next" value=(next);
                label { span { (lang.say("登录名", "Login")) }
                    input name="login" value=(login) autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus[login.is_empty()];
                }
                label { span { (lang.say("密码", "Password")) }
                    input name="password" type="password" autocomplete="current-password" maxlength="256" required autofocus[!login.is_empty()];
                }
                button type="submit" { (title) }
            }
            @if let Some(sign_on) = &app.state.sign_on {
                p { a.button href=(format!("/api/v1/oidc/login?next={}", encoded(next))) { (lang.say("用", "With ")) span lang="zh-CN" { (sign_on.name) } (lang.say("登录", "")) } }
            }
        }
    };
    Ok(page(app, lang, title, &nav, &content))
}

/// `GET /login`
pub(crate) async fn form(
    State(app): State<App>,
    lang: Lang,
    Query(onward): Query<Onward>,
) -> Result<Html<String>, Problem> {
    login_page(&app, lang, "", within(&onward.next), None).await
}

/// `POST /login`
pub(crate) async fn log_in(
    State(app): State<App>,
    lang: Lang,
    whence: Whence,
    sent: Result<Form<LogIn>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(sent) = sent.map_err(|rejection| malformed(&rejection))?;
    let next = within(&sent.next);
    match app.log_in(&sent.login, &sent.password, &whence).await {
        Ok(opened) => {
            let onward = match opened.account.must_change {
                true => format!("/password?next={}", encoded(next)),
                false => next.to_owned(),
            };
            let cookie = app.state.site.set_cookie(Some(&opened.secret));
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&onward)).into_response())
        }
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let page = login_page(&app, lang, &sent.login, next, Some(&problem)).await?;
            Ok(again(&problem, page))
        }
    }
}

/// `POST /logout`
pub(crate) async fn log_out(
    State(app): State<App>,
    lang: Lang,
    headers: HeaderMap,
    caller: Result<Newcomer, Problem>,
) -> Result<Response, Problem> {
    // Whoever is out already is simply shown the way in.
    if let Ok(Newcomer(caller)) = caller
        && session(&headers, app.state.site.cookie()).is_some()
    {
        let number = caller.need_session()?;
        let accounts = &app.state.accounts;
        accounts
            .end_session(caller.account, number, true, &caller.by())
            .await?;
    }
    let cookie = app.state.site.set_cookie(None);
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to(&address("/login", lang)),
    )
        .into_response())
}

async fn password_page(
    app: &App,
    lang: Lang,
    who: &str,
    next: &str,
    must: bool,
    problem: Option<&Problem>,
) -> Result<Html<String>, Problem> {
    use qipan_accounts::Setting;
    let policy = app.state.accounts.policy().await?;
    let (least, classes, history) = (
        policy.get(Setting::MinLength),
        policy.get(Setting::Classes),
        policy.get(Setting::History),
    );
    let title = lang.say("修改密码", "Change password");
    let rules = match lang {
        Lang::Zh => format!(
            "至少 {least} 个字符；小写字母、大写字母、数字、其他字符至少 {classes} 类；不含登录名和姓名；不与最近 {history} 次相同。"
        ),
        Lang::En => format!(
            "At least {least} characters; {classes} of small letters, capitals, digits and others; without login or name; none of the last {history}."
        ),
    };
    let errors = problem.and_then(|problem| problem.more.get("errors"));
    let errors = errors.and_then(serde_json::Value::as_array);
    let word = lang.say("message", "message_en");
    let content = html! {
        section.enter {
            h1 { (title) }
            @if must { p.note { (lang.say("首次登录、密码被重置或用满期限后，须先修改密码。", "The password is new from somebody else, or too old: change it before you go on.")) } }
            @if let Some(problem) = problem { (told(problem, lang)) }
            @if let Some(errors) = errors {
                ul.refused { @for one in errors { li { (one[word].as_str().unwrap_or_default()) } } }
            }
            form method="post" action=(address("/password", lang)) {
                input type="hidden" name="next" value=(next);
                label { span { (lang.say("现在的密码", "Present password")) }
                    input name="old" type="password" autocomplete="current-password" maxlength="256" required autofocus;
                }
                label { span { (lang.say("新密码", "New password")) }
                    input name="new" type="password" autocomplete="new-password" maxlength="256" required aria-describedby="rules";
                }
                p.note #rules { (rules) }
                label { span { (lang.say("再输一次新密码", "New password again")) }
                    input name="again" type="password" autocomplete="new-password" maxlength="256" required;
                }
                button type="submit" { (title) }
            }
        }
    };
    Ok(page(app, lang, title, &logout(lang, who), &content))
}

/// `GET /password`
pub(crate) async fn password_form(
    State(app): State<App>,
    Newcomer(caller): Newcomer,
    lang: Lang,
    Query(onward): Query<Onward>,
) -> Result<Html<String>, Problem> {
    let must = caller.identity.must_change;
    password_page(&app, lang, &caller.name, within(&onward.next), must, None).await
}

/// `POST /password`
pub(crate) async fn change(
    State(app): State<App>,
    Newcomer(caller): Newcomer,
    lang: Lang,
    sent: Result<Form<Change>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(sent) = sent.map_err(|rejection| malformed(&rejection))?;
    let session = caller.need_session()?;
    let next = within(&sent.next);
    let changed = if sent.new == sent.again {
        app.state
            .accounts
            .change_password(
                caller.account,
                Some(session),
                &sent.old,
                &sent.new,
                &caller.by(),
            )
            .await
            .map_err(Problem::from)
    } else {
        Err(Problem::new(
            Kind::WeakPassword,
            "两次输入的新密码不一样：请重新输入",
            "The two new passwords differ: type them again",
        ))
    };
    match changed {
        Ok(()) => Ok(Redirect::to(next).into_response()),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => {
            let must = caller.identity.must_change;
            let page = password_page(&app, lang, &caller.name, next, must, Some(&problem)).await?;
            Ok(again(&problem, page))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn the_way_on_stays_on_this_server() {
        for good in ["/board", "/figures/X?period=2021H1", "/desk/registers"] {
            assert_eq!(within(good), good);
        }
        for bad in [
            "",
            "//evil.cn",
            "/\\evil.cn",
            "https://evil.cn",
            "board",
            "/login?next=/",
            "/a\r\nb",
        ] {
            assert_eq!(within(bad), "/", "{bad}");
        }
    }
}
