//! One unit: its figures, its links with their evidence, what it has reported.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use qipan_figures::{By, Figure};
use qipan_model::{Link, Pack, Unit, UnitRole};
use serde::Deserialize;

use super::frame::View;
use super::{Lang, board, map, show};
use crate::api::{RegisterCoverage, registers_covered};
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::state::App;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct UnitAsked {
    period: Option<String>,
    as_of: Option<String>,
}

/// `GET /units/{unit}`
pub(crate) async fn page(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Named(id): Named<String>,
    Asked(asked): Asked<UnitAsked>,
) -> Result<Html<String>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let view = View::new(
        &app,
        &caller,
        &snapshot,
        lang,
        period,
        asked.as_of.as_deref(),
    );
    let pack = snapshot.pack.clone();
    let unit = pack.units.get(&id).ok_or_else(|| {
        Problem::new(
            Kind::NoUnit,
            format!("没有单位“{id}”：请从地图或结对表进入"),
            format!("There is no unit “{id}”: enter from the map or the list of links"),
        )
    })?;
    let by = match unit.role {
        UnitRole::Supporter => Some(By::Supporter),
        UnitRole::Recipient => Some(By::Recipient),
        UnitRole::None => None,
    };
    let mut engine = snapshot.engine(&pack).await?;
    let mut figures = match by {
        Some(by) => engine.figures(period, by).await?,
        None => Vec::new(),
    };
    figures.retain(|figure| figure.cut_units.contains(&id));
    let covered = registers_covered(&pack, &engine.coverage(period).await?);
    let links: Vec<&Link> = pack
        .links
        .iter()
        .filter(|link| {
            [&link.supporter, &link.recipient]
                .into_iter()
                .flatten()
                .any(|side| *side == unit.id)
        })
        .filter(|link| link.validity.overlaps(period.start(), period.end()))
        .collect();
    let name = lang.named(&unit.name, &unit.name_en);
    let path = format!("/units/{id}");
    let content = html! {
        p.crumbs { a href=(view.to("/board", &[])) { (view.say("一盘棋", "Board")) } " › " (name) }
        section.hero { div {
            h1 { (name) }
            p.sub {
                (show::role(&view, &pack, unit.role)) " · " (view.period_name())
                " · " (view.say("代码 ", "code ")) (unit.code_on(period.end()))
                @for flag in flags(&view, &pack, unit, period.end()) { " " span.mark.flag { (flag) } }
            }
            @if !unit.note.is_empty() { p.note lang="zh-CN" { (unit.note) } }
        } }
        section {
            h2 { (view.say("结对关系", "Links")) }
            @if links.is_empty() { p.empty { (view.say("本期没有结对关系。", "No links in this period.")) } }
            ul.plain {
                @for link in links { li { (side(&view, &pack, link.supporter.as_ref())) " → " (side(&view, &pack, link.recipient.as_ref())) " " (map::evidence(&view, link)) } }
            }
        }
        @if by.is_some() { (figures_of(&view, &pack, by.unwrap_or(By::Whole), &figures)) }
        (reporting(&view, &pack, unit, &covered))
    };
    Ok(view.page(name, "/board", &path, &content))
}

fn flags<'p>(view: &View, pack: &'p Pack, unit: &Unit, day: jiff::civil::Date) -> Vec<&'p str> {
    let held = pack
        .mechanism
        .flags
        .iter()
        .filter(|flag| unit.has_flag(&flag.id, day));
    held.map(|flag| view.named(&flag.name, &flag.name_en))
        .collect()
}

fn side(view: &View, pack: &Pack, unit: Option<&qipan_model::UnitId>) -> Markup {
    html! {
        @match unit {
            Some(unit) => a href=(view.to(&format!("/units/{unit}"), &[])) { (show::unit_name(pack, view.lang, unit.as_str())) },
            None => span.missing { (view.say("待确认", "to be confirmed")) },
        }
    }
}

fn figures_of(view: &View, pack: &Pack, by: By, figures: &[Figure]) -> Markup {
    html! {
        section {
            h2 { (view.say("数字", "Figures")) }
            @for (id, name) in board::themes(view, pack) {
                @let of_theme: Vec<_> = figures.iter().filter_map(|figure| {
                    let indicator = pack.indicator(&figure.indicator, view.period.end())?;
                    (indicator.theme == id).then_some((indicator, figure))
                }).collect();
                @if !of_theme.is_empty() {
                    h3 { (name) }
                    ul.cards {
                        @for (indicator, figure) in of_theme {
                            li.card {
                                a href=(view.to(&format!("/figures/{}", indicator.id), &[("by", board::by_word(by))])) {
                                    span.name { (show::indicator_name(view.lang, indicator)) }
                                    span.value { (show::part(view.lang, indicator, figure)) }
                                }
                                (show::coverage(view.lang, figure.coverage.reported, figure.coverage.due))
                                (show::unconfirmed(view.lang, indicator, figure))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn reporting(view: &View, pack: &Pack, unit: &Unit, covered: &[RegisterCoverage]) -> Markup {
    let id = unit.id.as_str();
    let filter = match unit.role {
        UnitRole::Supporter => "supporter",
        UnitRole::Recipient => "recipient",
        UnitRole::None => return html! {},
    };
    html! {
        section {
            h2 { (view.say("台账", "Registers")) }
            ul.strip {
                @for one in covered {
                    @if let Some(register) = pack.register(&one.register) {
                        li {
                            a href=(view.to(&format!("/registers/{}", register.id), &[(filter, id)])) {
                                (register.code) " " (view.named(&register.name, &register.name_en))
                            }
                            @if one.reported.iter().any(|unit| unit == id) {
                                span.state.agreed { (view.say("已报", "reported")) }
                            } @else if one.missing.iter().any(|unit| unit == id) {
                                span.state.contested { (view.say("未报", "not reported")) }
                            } @else {
                                span.note { (view.say("不由本单位报", "not due from this unit")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
