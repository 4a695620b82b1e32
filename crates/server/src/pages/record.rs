//! One record: what stands, and every revision with who, why and from which file.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use qipan_model::{Pack, Record, Register};
use qipan_store::{Entry, written};
use serde::Deserialize;

use super::frame::View;
use super::{Lang, show};
use crate::api::{entry, file_name};
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct RecordAsked {
    period: Option<String>,
    as_of: Option<String>,
}

/// `GET /registers/{register}/records/{record}`
pub(crate) async fn page(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Named((id, record)): Named<(String, String)>,
    Asked(asked): Asked<RecordAsked>,
) -> Result<Html<String>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let mut snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let view = View::new(
        &app,
        &caller,
        &snapshot,
        lang,
        period,
        asked.as_of.as_deref(),
    );
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let number: i64 = record
        .parse()
        .map_err(|_| Problem::no_record(&id, &record))?;
    let mut revisions = snapshot.reader.record_history(register, number).await?;
    // A past state knows nothing of later revisions.
    if let Some(seq) = snapshot.seq() {
        revisions.retain(|revision| revision.from_seq <= seq);
    }
    let Some(last) = revisions.last() else {
        return Err(Problem::no_record(&id, &record));
    };
    let mut told = Vec::with_capacity(revisions.len());
    for (nth, revision) in revisions.iter().enumerate() {
        let entry = entry(&mut snapshot.reader, revision.from_seq).await?;
        told.push((
            nth.checked_sub(1).map(|before| &revisions[before]),
            revision,
            entry,
        ));
    }
    let name = lang.named(&register.name, &register.name_en);
    let title = register.key.first().and_then(|&index| {
        let field = register.fields.get(index)?;
        last.values
            .get(index)
            .map(|value| show::value(&pack, lang, field, value))
    });
    let title = title
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| last.key.clone());
    let path = format!("/registers/{id}/records/{record}");
    let content = html! {
        p.crumbs {
            a href=(view.to("/board", &[])) { (view.say("一盘棋", "Board")) } " › "
            a href=(view.to(&format!("/registers/{id}"), &[])) { (name) } " › " (title)
        }
        section.hero { div {
            h1 { (title) }
            p.sub {
                (name) " · " (view.say("第 ", "record ")) (number) (view.say(" 号记录", ""))
                " · " (show::confirmation(lang, last.confirmation))
                @if last.retracted { " " span.state.contested { (view.say("已撤回", "retracted")) } }
            }
        } }
        section {
            h2 { (view.say("现在的内容", "As it stands")) }
            (values(&view, &pack, register, last))
        }
        section {
            h2 { (view.say("全部修订", "All revisions")) " (" (revisions.len()) ")" }
            ol.revisions reversed {
                @for (before, revision, entry) in told.iter().rev() {
                    (revision_card(&view, &pack, register, *before, revision, entry.as_ref()))
                }
            }
        }
    };
    Ok(view.page(&title, "/board", &path, &content))
}

fn values(view: &View, pack: &Pack, register: &Register, record: &Record) -> Markup {
    html! {
        dl.values {
            @for (field, value) in register.fields.iter().zip(&record.values) {
                @let text = show::value(pack, view.lang, field, value);
                @if !text.is_empty() {
                    div {
                        dt { (show::label(view.lang, field)) @if field.personal { " " small { (view.say("已遮蔽", "masked")) } } }
                        dd { (text) }
                    }
                }
            }
        }
    }
}

fn revision_card(
    view: &View,
    pack: &Pack,
    register: &Register,
    before: Option<&Record>,
    revision: &Record,
    entry: Option<&Entry>,
) -> Markup {
    html! {
        li id=(format!("rev-{}", revision.rev)) value=(revision.rev) {
            h3 {
                (view.say("第 ", "Revision ")) (revision.rev) (view.say(" 次", "")) " "
                (show::confirmation(view.lang, revision.confirmation))
                @if revision.retracted { " " span.state.contested { (view.say("撤回", "retraction")) } }
            }
            dl.line {
                @if let Some(entry) = entry {
                    div { dt { (view.say("时间", "When")) } dd { (show::moment(&written(entry.at))) } }
                    div { dt { (view.say("谁", "Who")) } dd { (entry.actor) } }
                    div { dt { (view.say("事由", "Why")) } dd { (entry.reason) } }
                }
                div { dt { (view.say("日志", "Journal")) } dd {
                    a href=(view.to("/journal", &[("last", &revision.from_seq.to_string())]) + &format!("#e-{}", revision.from_seq)) { "#" (revision.from_seq) }
                } }
                @if !revision.source.is_empty() {
                    div { dt { (view.say("来源文件", "Source file")) } dd {
                        a href=(format!("/api/v1/files/{}?entry={}", revision.source, revision.from_seq)) download {
                            @match entry.map(file_name).filter(|name| !name.is_empty()) {
                                Some(name) => (name),
                                None => { (view.say("原件", "original")) " " (revision.source.get(..12).unwrap_or_default()) },
                            }
                        }
                    } }
                }
                @if !revision.place.is_empty() {
                    div { dt { (view.say("位置", "Place")) } dd { (revision.place) } }
                }
            }
            @match before {
                None => p.note { (view.say("首次登记。", "First entered.")) },
                Some(before) => (differences(view, pack, register, before, revision)),
            }
        }
    }
}

fn differences(
    view: &View,
    pack: &Pack,
    register: &Register,
    before: &Record,
    after: &Record,
) -> Markup {
    let changed: Vec<_> = register
        .fields
        .iter()
        .enumerate()
        .filter_map(|(index, field)| {
            let (old, new) = (before.values.get(index)?, after.values.get(index)?);
            (old != new).then(|| {
                (
                    field,
                    show::value(pack, view.lang, field, old),
                    show::value(pack, view.lang, field, new),
                )
            })
        })
        .collect();
    let nothing = view.say("空", "empty");
    let shown = |text: &str| {
        if text.is_empty() {
            nothing.to_owned()
        } else {
            text.to_owned()
        }
    };
    html! {
        @if changed.is_empty() { p.note { (view.say("字段未变，只改了双方状态或来源。", "No field changed; only the sides' state or the source did.")) } }
        @else {
            table.diff {
                caption { (view.say("改动", "Changes")) }
                thead { tr {
                    th scope="col" { (view.say("字段", "Field")) }
                    th scope="col" { (view.say("改前", "Before")) }
                    th scope="col" { (view.say("改后", "After")) }
                } }
                tbody {
                    @for (field, old, new) in changed {
                        tr { th scope="row" { (show::label(view.lang, field)) } td { del { (shown(&old)) } } td { ins { (shown(&new)) } } }
                    }
                }
            }
        }
    }
}
