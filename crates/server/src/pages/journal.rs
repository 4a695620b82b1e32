//! The journal, newest entries first, and its verification.

use axum::extract::State;
use axum::response::Html;
use maud::html;
use qipan_model::Action;
use qipan_store::written;
use serde::Deserialize;

use super::frame::View;
use super::{Lang, show};
use crate::api::file_name;
use crate::asked::Asked;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

/// Entries on a page.
const ENTRIES: i64 = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct JournalAsked {
    period: Option<String>,
    as_of: Option<String>,
    last: Option<i64>,
}

/// `GET /journal`
pub(crate) async fn page(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Asked(asked): Asked<JournalAsked>,
) -> Result<Html<String>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let mut snapshot = app
        .snapshot_for(&caller, Action::Journal, asked.as_of.as_deref())
        .await?;
    let view = View::new(
        &app,
        &caller,
        &snapshot,
        lang,
        period,
        asked.as_of.as_deref(),
    );
    let pack = snapshot.pack.clone();
    let head = snapshot.reader.head().clone();
    let last = asked.last.unwrap_or(head.seq).clamp(0, head.seq);
    let first = last.saturating_sub(ENTRIES - 1).max(1);
    let mut entries = snapshot.reader.journal(first, last).await?;
    entries.reverse();
    let content = html! {
        section.hero { div {
            h1 { (view.say("日志链", "Journal")) }
            p.sub {
                (view.say("共 ", "")) b { (head.seq) } (view.say(" 条；每条都含前一条的哈希，只增不改。末条 ", " entries; each carries the hash of the one before and none is ever changed. Head "))
                code { (head.hash.get(..16).unwrap_or(&head.hash)) }
            }
            p { a.button href=(view.to("/verify", &[])) { (view.say("现在校验", "Verify now")) } }
        } }
        @if entries.is_empty() { p.empty { (view.say("还没有日志。", "The journal is empty.")) } }
        div.scroll tabindex="0" role="region" aria-label=(view.say("日志", "Journal")) {
            table.rows {
                caption.sr { (view.say("日志", "Journal")) }
                thead { tr {
                    th.r scope="col" { (view.say("序号", "No.")) }
                    th scope="col" { (view.say("时间", "When")) }
                    th scope="col" { (view.say("谁", "Who")) }
                    th scope="col" { (view.say("动作", "Action")) }
                    th scope="col" { (view.say("台账", "Register")) }
                    th.r scope="col" { (view.say("行数", "Rows")) }
                    th scope="col" { (view.say("事由与文件", "Why, and the file")) }
                    th scope="col" { (view.say("哈希", "Hash")) }
                } }
                tbody {
                    @for entry in &entries {
                        tr id=(format!("e-{}", entry.seq)) {
                            th.r scope="row" { (entry.seq) }
                            td.when { (show::moment(&written(entry.at))) }
                            td { (entry.actor) }
                            td { (action(&view, &entry.action)) }
                            td {
                                @if let Some(register) = pack.register(&entry.register) {
                                    a href=(view.to(&format!("/registers/{}", register.id), &[])) { (view.named(&register.name, &register.name_en)) }
                                }
                            }
                            td.r { (entry.rows) }
                            td.why { (entry.reason) @let file = file_name(entry); @if !file.is_empty() { " " small { (file) } } }
                            td { code title=(entry.hash) { (entry.hash.get(..12).unwrap_or(&entry.hash)) } }
                        }
                    }
                }
            }
        }
        nav.pages aria-label=(view.say("翻页", "Pages")) {
            @if last < head.seq { a rel="prev" href=(view.to("/journal", &[("last", &last.saturating_add(ENTRIES).min(head.seq).to_string())])) { (view.say("较新", "Newer")) } }
            @if first > 1 { a rel="next" href=(view.to("/journal", &[("last", &(first - 1).to_string())])) { (view.say("较早", "Older")) } }
        }
    };
    Ok(view.page(
        view.say("日志链", "Journal"),
        "/journal",
        "/journal",
        &content,
    ))
}

fn action<'a>(view: &View, action: &'a str) -> &'a str {
    match action {
        "import" => view.lang.say("导入", "import"),
        "pack" => view.lang.say("机制包", "pack"),
        "return" => view.lang.say("报送", "return"),
        "edit" => view.lang.say("修改", "edit"),
        "retract" => view.lang.say("撤回", "retract"),
        "login" => view.lang.say("登录", "login"),
        "login-failed" => view.lang.say("登录失败", "failed login"),
        "login-paused" => view.lang.say("暂停登录", "login paused"),
        "logout" => view.lang.say("退出", "logout"),
        "refused" => view.lang.say("拒绝", "refused"),
        "export" => view.lang.say("导出", "export"),
        "download" => view.lang.say("下载", "download"),
        "account" => view.lang.say("账号", "account"),
        "password" => view.lang.say("改密码", "password"),
        "session" => view.lang.say("会话", "session"),
        "token" => view.lang.say("令牌", "token"),
        "setting" => view.lang.say("设置", "setting"),
        other => other,
    }
}

/// `GET /verify`
pub(crate) async fn verify(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Asked(asked): Asked<JournalAsked>,
) -> Result<Html<String>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot_for(&caller, Action::Verify, None).await?;
    let view = View::new(
        &app,
        &caller,
        &snapshot,
        lang,
        period,
        asked.as_of.as_deref(),
    );
    drop(snapshot);
    let report = app.state.store.verify().await?;
    let content = html! {
        p.crumbs { a href=(view.to("/journal", &[])) { (view.say("日志链", "Journal")) } " › " (view.say("校验", "Verification")) }
        section.hero { div {
            h1 {
                @if report.ok { (view.say("日志链完好", "The journal is intact")) }
                @else { (view.say("日志链不符", "The journal does not fit")) }
            }
            p.sub { (view.say("已读 ", "Read ")) b { (report.entries) } (view.say(" 条；末条 ", " entries; head ")) code { (report.head) } }
        } }
        @if !report.broken.is_empty() {
            ol.broken { @for broken in &report.broken { li { "#" (broken.seq) " " (broken.register) " " (view.say(&broken.what, &broken.what_en)) } } }
        }
    };
    Ok(view.page(
        view.say("校验", "Verification"),
        "/journal",
        "/verify",
        &content,
    ))
}
