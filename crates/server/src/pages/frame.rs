//! What surrounds every page: head, navigation, the mark of illustrative data, foot.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use qipan_model::{Pack, Period};

use super::Lang;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::{App, Mark, Snapshot};

/// What a page is shown for, and how its links keep it.
pub(crate) struct View {
    pub lang: Lang,
    pub period: Period,
    /// The moment asked for, as it was written; empty is now.
    pub as_of: String,
    /// The moment as of which the page is read.
    pub mark: String,
    illustrative: Option<Mark>,
    mechanism: String,
    pack: String,
    /// Whose page it is.
    who: String,
}

impl View {
    pub(crate) fn new(
        app: &App,
        caller: &Caller,
        snapshot: &Snapshot,
        lang: Lang,
        period: Period,
        as_of: Option<&str>,
    ) -> Self {
        let pack = &snapshot.pack;
        let mechanism = &pack.mechanism;
        Self {
            lang,
            period,
            as_of: as_of.unwrap_or_default().trim().to_owned(),
            mark: snapshot.mark.clone(),
            illustrative: app.state.illustrative.clone(),
            mechanism: lang.named(&mechanism.name, &mechanism.name_en).to_owned(),
            pack: format!("{} {} · {}", mechanism.id, mechanism.version, short(pack)),
            who: caller.name.clone(),
        }
    }

    /// The word in the page's language.
    pub(crate) fn say<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        self.lang.say(zh, en)
    }

    /// A name of the pack's in the page's language.
    pub(crate) fn named<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        self.lang.named(zh, en)
    }

    /// An address that keeps period, moment and language.
    pub(crate) fn to(&self, path: &str, more: &[(&str, &str)]) -> String {
        let period = self.period.to_string();
        let lang = match self.lang {
            Lang::Zh => "",
            Lang::En => "en",
        };
        let kept = [
            ("period", period.as_str()),
            ("as_of", &self.as_of),
            ("lang", lang),
        ];
        let pairs: Vec<String> = kept
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name))
            .chain(more)
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        format!("{path}?{}", pairs.join("&"))
    }

    /// The period's name.
    pub(crate) fn period_name(&self) -> String {
        self.lang
            .named(&self.period.name(), &self.period.to_string())
            .to_owned()
    }

    /// A whole page. `here` is the part of the navigation it belongs to; `path` its own address.
    pub(crate) fn page(
        &self,
        title: &str,
        here: &str,
        path: &str,
        content: &Markup,
    ) -> Html<String> {
        let links = [
            ("/board", self.say("一盘棋", "Board")),
            ("/press", self.say("文稿核对", "Press check")),
            ("/journal", self.say("日志链", "Journal")),
        ];
        let other = match self.lang {
            Lang::Zh => ("en", "English"),
            Lang::En => ("", "中文"),
        };
        let nav = html! {
            @for (href, word) in links {
                a href=(self.to(href, &[])) aria-current=[(href == here).then_some("page")] { (word) }
            }
            a.quiet href="/api/v1/openapi.json" { "API" }
            a.quiet href=(self.to(path, &[("lang", other.0)])) lang=(if other.0.is_empty() { "zh-CN" } else { "en" }) { (other.1) }
            (logout(self.lang, &self.who))
        };
        let foot = html! {
            span { (self.say("数据截至 ", "Data as of ")) (super::show::moment(&self.mark)) }
            span { (self.say("机制包 ", "Pack ")) code { (self.pack) } }
        };
        whole(
            self.lang,
            title,
            &self.mechanism,
            self.illustrative.as_ref(),
            &nav,
            content,
            &foot,
        )
    }
}

/// Who is logged in, and the way out.
pub(super) fn logout(lang: Lang, who: &str) -> Markup {
    html! {
        form.out method="post" action=(if lang == Lang::En { "/logout?lang=en" } else { "/logout" }) {
            span lang="zh-CN" { (who) }
            button.quiet type="submit" { (lang.say("退出", "Log out")) }
        }
    }
}

fn short(pack: &Pack) -> &str {
    pack.digest.get(..8).unwrap_or(&pack.digest)
}

pub(super) fn whole(
    lang: Lang,
    title: &str,
    mechanism: &str,
    illustrative: Option<&Mark>,
    nav: &Markup,
    content: &Markup,
    foot: &Markup,
) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (lang.say("棋盘", "Qipan")) }
                link rel="stylesheet" href="/assets/board.css";
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
            }
            body {
                a.skip href="#main" { (lang.say("跳到正文", "Skip to content")) }
                @if let Some(mark) = illustrative {
                    div.label role="note" { span { (lang.named(&mark.zh, &mark.en)) } }
                }
                div.sheet {
                    header.top {
                        div.brand {
                            a href=(if lang == Lang::En { "/board?lang=en" } else { "/board" }) { b { (lang.say("棋盘", "Qipan")) } }
                            span { (mechanism) }
                        }
                        nav aria-label=(lang.say("主导航", "Main")) { (nav) }
                    }
                    main #main tabindex="-1" { (content) }
                    footer.foot { (foot) }
                }
            }
        }
    };
    Html(page.into_string())
}

/// A problem as a page.
pub(crate) fn problem_page(problem: &Problem, lang: Lang) -> Response {
    let (zh, en) = problem.titles();
    let title = lang.say(zh, en);
    let content = html! {
        section.problem {
            p.code { (problem.code()) }
            h1 { (title) }
            p { (lang.named(&problem.zh, &problem.en)) }
            @if !problem.findings.is_empty() {
                ul { @for finding in &problem.findings { li lang="zh-CN" { code { (finding.code) } " " (finding.message) } } }
            }
            p { a href=(if lang == Lang::En { "/board?lang=en" } else { "/board" }) { (lang.say("回到一盘棋", "Back to the board")) } }
        }
    };
    let status: StatusCode = problem.status();
    (
        status,
        whole(lang, title, "", None, &html! {}, &content, &html! {}),
    )
        .into_response()
}

/// Percent-encodes a value for an address.
pub(crate) fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
