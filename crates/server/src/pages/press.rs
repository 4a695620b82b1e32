//! The press check: a text held against the ledger, each number marked in its place.

use std::collections::BTreeMap;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Html;
use maud::{Markup, html};
use qipan_model::Action;
use qipan_press::{Claim, Limits, Verdict};
use serde::Deserialize;

use super::frame::View;
use super::{Lang, show};
use crate::asked::Asked;
use crate::caller::Caller;
use crate::layers::MOST_BODY;
use crate::problem::{Kind, Problem};
use crate::state::App;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct PressAsked {
    period: Option<String>,
    as_of: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Submitted {
    #[serde(default)]
    text: String,
    period: Option<String>,
    as_of: Option<String>,
}

/// `GET /press`
pub(crate) async fn form(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Asked(asked): Asked<PressAsked>,
) -> Result<Html<String>, Problem> {
    caller.need(Action::Check)?;
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app
        .snapshot_for(&caller, Action::Check, asked.as_of.as_deref())
        .await?;
    let view = View::new(
        &app,
        &caller,
        &snapshot,
        lang,
        period,
        asked.as_of.as_deref(),
    );
    let content = html! {
        section.hero { div {
            h1 { (view.say("文稿核对", "Press check")) }
            p.sub { (view.say("贴入文稿，逐个核对其中的数字：哪些与台账相符，哪些不符，哪些对不上指标。文稿不会保存。", "Paste a text: each number is held against the ledger. The text is not kept.")) }
        } }
        (entry_form(&view, ""))
    };
    Ok(view.page(
        view.say("文稿核对", "Press check"),
        "/press",
        "/press",
        &content,
    ))
}

/// `POST /press`
pub(crate) async fn check(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    submitted: Result<Form<Submitted>, FormRejection>,
) -> Result<Html<String>, Problem> {
    caller.need(Action::Check)?;
    let Form(submitted) = submitted.map_err(|rejection| refused(&rejection))?;
    let period = app.period(submitted.period.as_deref())?;
    let snapshot = app
        .snapshot_for(&caller, Action::Check, submitted.as_of.as_deref())
        .await?;
    let view = View::new(
        &app,
        &caller,
        &snapshot,
        lang,
        period,
        submitted.as_of.as_deref(),
    );
    let pack = snapshot.pack.clone();
    let mut engine = snapshot.engine(&pack).await?;
    let ledger = qipan_briefs::ledger_of(&mut engine, &pack, period).await?;
    // Reading a long text is work for a thread of its own.
    let checked = tokio::task::spawn_blocking(move || {
        let text = qipan_press::extract(submitted.text.as_bytes(), &Limits::default())?;
        let claims = qipan_press::check(&text, &ledger, period);
        Ok::<_, qipan_press::ExtractError>((text, claims))
    });
    let (text, claims) = checked
        .await
        .map_err(|error| Problem::internal(&error))?
        .map_err(|error| Problem::new(Kind::Text, error.to_string(), "The text cannot be read"))?;
    let count = |verdict| {
        claims
            .iter()
            .filter(|claim| claim.verdict == verdict)
            .count()
    };
    let content = html! {
        section.hero { div {
            h1 { (view.say("核对结果", "Result")) }
            p.tally {
                @for verdict in [Verdict::Confirmed, Verdict::Contradicted, Verdict::Unmatched] {
                    span.verdict.(class(verdict)) { (word(&view, verdict)) " " b { (count(verdict)) } } " "
                }
            }
            p.sub { (view.period_name()) " · " (view.say("截至 ", "as of ")) (show::moment(&view.mark)) }
        } }
        @if claims.is_empty() { p.empty { (view.say("文稿里没有找到数字。", "No number was found in the text.")) } }
        @else {
            section {
                h2 { (view.say("文稿", "Text")) }
                div.text lang="zh-CN" { (marked(&view, &text, &claims)) }
            }
            (table(&view, &pack, &claims))
        }
        section {
            h2 { (view.say("再核一篇", "Check again")) }
            (entry_form(&view, &text))
        }
    };
    Ok(view.page(
        view.say("核对结果", "Press check"),
        "/press",
        "/press",
        &content,
    ))
}

fn refused(rejection: &FormRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(
            Kind::TooLarge,
            format!(
                "文稿太大：编码后最多 {MOST_BODY} 字节（约十一万字），请分段核对，或用 qipan check 文件"
            ),
            format!(
                "The text is too large: at most {MOST_BODY} bytes encoded; check it in parts, or use qipan check FILE"
            ),
        );
    }
    let why = rejection.body_text();
    Problem::new(
        Kind::BadQuery,
        format!("表单看不懂（{why}）：请从 /press 页面提交"),
        format!("The form is not understood ({why}): submit it from /press"),
    )
}

fn entry_form(view: &View, text: &str) -> Markup {
    let action = if view.lang == Lang::En {
        "/press?lang=en"
    } else {
        "/press"
    };
    html! {
        form.press method="post" action=(action) {
            label { span { (view.say("报送期", "Period")) } input name="period" value=(view.period.to_string()) size="12" required; }
            @if !view.as_of.is_empty() { input type="hidden" name="as_of" value=(view.as_of); }
            label.wide { span { (view.say("文稿（纯文本或 HTML）", "Text (plain or HTML)")) }
                textarea name="text" rows="12" required lang="zh-CN" { "\n" (text) }
            }
            button type="submit" { (view.say("核对", "Check")) }
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::Contradicted => "contradicted",
        Verdict::Unmatched => "unmatched",
    }
}

fn word(view: &View, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => view.say("相符", "confirmed"),
        Verdict::Contradicted => view.say("不符", "contradicted"),
        Verdict::Unmatched => view.say("未对上", "unmatched"),
    }
}

/// The text with its claims marked; each leads to the figure.
fn marked(view: &View, text: &str, claims: &[Claim]) -> Markup {
    let mut places: BTreeMap<usize, &Claim> = BTreeMap::new();
    for claim in claims {
        for offset in std::iter::once(&claim.offset).chain(&claim.repeats) {
            places.insert(*offset, claim);
        }
    }
    let chars: Vec<char> = text.chars().collect();
    let slice = |from: usize, to: usize| -> String {
        chars
            .get(from..to.min(chars.len()))
            .map(|part| part.iter().collect())
            .unwrap_or_default()
    };
    let mut done = 0;
    let mut pieces: Vec<(String, Option<(String, &Claim)>)> = Vec::new();
    for (offset, claim) in places {
        if offset < done {
            continue;
        }
        let end = offset + claim.text.chars().count();
        pieces.push((slice(done, offset), Some((slice(offset, end), claim))));
        done = end;
    }
    pieces.push((slice(done, chars.len()), None));
    html! {
        @for (plain, claim) in pieces {
            (plain)
            @if let Some((stated, claim)) = claim {
                mark.(class(claim.verdict)) title=(format!("{}：{}", word(view, claim.verdict), view.named(&claim.reason, &claim.reason_en))) {
                    @match &claim.indicator {
                        Some(indicator) => a href=(view.to(&format!("/figures/{indicator}"), &[])) { (stated) },
                        None => (stated),
                    }
                }
            }
        }
    }
}

fn table(view: &View, pack: &qipan_model::Pack, claims: &[Claim]) -> Markup {
    html! {
        section {
            h2 { (view.say("逐条结论", "Number by number")) }
            div.scroll tabindex="0" role="region" aria-label=(view.say("逐条结论", "Number by number")) {
                table.rows.claims {
                    caption.sr { (view.say("逐条结论", "Number by number")) }
                    thead { tr {
                        th scope="col" { (view.say("文中写法", "As written")) }
                        th scope="col" { (view.say("结论", "Verdict")) }
                        th.r scope="col" { (view.say("台账", "Ledger")) }
                        th scope="col" { (view.say("指标", "Indicator")) }
                        th scope="col" { (view.say("说明", "Reason")) }
                    } }
                    tbody {
                        @for claim in claims {
                            tr {
                                th scope="row" { (claim.text) @if !claim.repeats.is_empty() { " " small { "×" (claim.repeats.len() + 1) } } }
                                td { span.verdict.(class(claim.verdict)) { (word(view, claim.verdict)) } }
                                td.r { (claim.display.as_deref().unwrap_or_default()) }
                                td {
                                    @if let Some(indicator) = claim.indicator.as_deref().and_then(|id| pack.indicator(id, view.period.end())) {
                                        a href=(view.to(&format!("/figures/{}", indicator.id), &[])) { (show::indicator_name(view.lang, indicator)) }
                                    }
                                }
                                td.why { (view.named(&claim.reason, &claim.reason_en)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
