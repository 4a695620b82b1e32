//! The board (一盘棋): all figures of a period on one page.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use qipan_figures::{By, Figure};
use qipan_model::{Indicator, Pack, Period};
use serde::Deserialize;

use super::frame::View;
use super::{Lang, coverage, map, show};
use crate::api::{RegisterCoverage, registers_covered};
use crate::asked::{self, Asked};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

/// The indicator by which the map is coloured when none is asked for.
const MAP: &str = "FND-V-ISSUED";

#[derive(Debug, Default, Deserialize)]
pub(crate) struct BoardAsked {
    period: Option<String>,
    as_of: Option<String>,
    by: Option<String>,
    map: Option<String>,
}

/// `GET /board`
pub(crate) async fn page(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Asked(asked): Asked<BoardAsked>,
) -> Result<Html<String>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let by = asked::cut(asked.by.as_deref())?;
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
    let mut engine = snapshot.engine(&pack).await?;
    let figures = engine.figures(period, by).await?;
    let wanted = asked
        .map
        .as_deref()
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .unwrap_or(MAP);
    // A pack without the usual indicator colours by its first one.
    let coloured = match pack.indicator(wanted, period.end()) {
        Some(indicator) => Some(indicator),
        None if wanted == MAP => pack.indicators_on(period.end()).next(),
        None => {
            return Err(qipan_figures::Error::NoIndicator {
                id: wanted.to_owned(),
                period,
            }
            .into());
        }
    };
    let mapped = match coloured {
        Some(indicator) => engine.figure(&indicator.id, period, By::Recipient).await?,
        None => Vec::new(),
    };
    let covered = registers_covered(&pack, &engine.coverage(period).await?);
    let content = html! {
        section.hero {
            div {
                h1 { (view.period_name()) " " (view.say("一盘棋", "at a glance")) }
                p.sub {
                    (period.start()) " – " (period.end())
                    " · " (view.say("截至 ", "as of ")) (show::moment(&view.mark))
                    @if !view.as_of.is_empty() { " " span.mark.past { (view.say("历史时点", "past state")) } }
                }
            }
            (choices(&view, &pack, by, coloured))
        }
        @if figures.is_empty() {
            p.empty { (view.say("这一期没有生效的指标。", "No indicator is in force in this period.")) }
        } @else if figures.iter().all(|figure| figure.value.is_none()) {
            p.empty { (view.say("这一期还没有数据：导入台账后，数字会出现在这里。", "Nothing has been reported for this period yet: figures appear once workbooks are imported.")) }
        }
        div.board.cut[by != By::Whole] {
            div.figures {
                @for (id, name) in themes(&view, &pack) {
                    @let members = members(&pack, &figures, &id, period);
                    @if !members.is_empty() {
                        section.theme aria-labelledby=(format!("theme-{id}")) {
                            h2 id=(format!("theme-{id}")) { (name) }
                            @if by == By::Whole {
                                ul.cards { @for (indicator, parts) in &members { (card(&view, indicator, parts)) } }
                            } @else {
                                (matrix(&view, &pack, by, &name, &members))
                            }
                        }
                    }
                }
            }
            aside.place aria-labelledby="map-title" {
                h2 #map-title {
                    (view.say("结对图", "Map of links"))
                    @if let Some(indicator) = coloured { small { (show::indicator_name(lang, indicator)) } }
                }
                @if let Some(indicator) = coloured { (map::section(&app, &view, &pack, indicator, &mapped)) }
                @if by == By::Whole { (reporting(&view, &pack, &covered)) }
            }
        }
        @if by != By::Whole { (reporting(&view, &pack, &covered)) }
    };
    let title = format!("{} {}", view.period_name(), view.say("一盘棋", "board"));
    Ok(view.page(&title, "/board", "/board", &content))
}

/// Who has reported, and what that means for the figures.
fn reporting(view: &View, pack: &Pack, covered: &[RegisterCoverage]) -> Markup {
    html! {
        section.reporting aria-labelledby="reporting-title" {
            h2 #reporting-title { (view.say("报送情况", "Who has reported")) }
            p.note { (view.say("没有报送不等于零：读数字时请连同覆盖一起看。", "Not reported is not zero: read a figure together with its coverage.")) }
            (coverage::strip(view, pack, covered))
        }
    }
}

/// The word of a cut in addresses.
pub(crate) fn by_word(by: By) -> &'static str {
    asked::CUTS
        .iter()
        .find(|(_, cut)| *cut == by)
        .map_or("whole", |(word, _)| word)
}

/// The name of a cut.
pub(crate) fn by_name(view: &View, by: By) -> &'static str {
    match by {
        By::Whole => view.say("全部", "Whole"),
        By::Group => view.say("按结对组", "By group"),
        By::Link => view.say("按结对关系", "By link"),
        By::Supporter => view.say("按帮扶方", "By supporter"),
        By::Recipient => view.say("按受援方", "By recipient"),
    }
}

fn choices(view: &View, pack: &Pack, by: By, coloured: Option<&Indicator>) -> Markup {
    let period = view.period.to_string();
    let mut periods = periods_around(view.period);
    if !periods.contains(&period) {
        periods.insert(0, period.clone());
    }
    html! {
        form.choices action="/board" method="get" role="search" aria-label=(view.say("选择报送期与口径", "Choose period and cut")) {
            @if view.lang == Lang::En { input type="hidden" name="lang" value="en"; }
            label { span { (view.say("报送期", "Period")) }
                input name="period" list="periods" value=(period) size="12" required;
                datalist #periods { @for known in &periods { option value=(known) {} } }
            }
            label { span { (view.say("切分", "Cut")) }
                select name="by" {
                    @for (word, cut) in asked::CUTS {
                        option value=(word) selected[cut == by] { (by_name(view, cut)) }
                    }
                }
            }
            label { span { (view.say("截至时点", "As of")) }
                input type="text" name="as_of" value=(view.as_of) placeholder=(view.say("最新", "newest")) size="11";
            }
            label.wide { span { (view.say("地图着色", "Map shows")) }
                select name="map" {
                    @for indicator in pack.indicators_on(view.period.end()) {
                        option value=(indicator.id) selected[coloured.is_some_and(|one| one.id == indicator.id)] {
                            (show::indicator_name(view.lang, indicator))
                        }
                    }
                }
            }
            button type="submit" { (view.say("查看", "Show")) }
        }
    }
}

/// Periods that people are likely to want: the year, its halves and quarters, the neighbours.
fn periods_around(period: Period) -> Vec<String> {
    let year = period.end().year();
    (year - 1..=year + 1)
        .flat_map(|year| {
            ["", "H1", "H2", "Q1", "Q2", "Q3", "Q4"].map(|part| format!("{year:04}{part}"))
        })
        .collect()
}

/// Themes in printing order, the general one first: id and name.
pub(crate) fn themes(view: &View, pack: &Pack) -> Vec<(String, String)> {
    let general = (String::new(), view.say("综合", "General").to_owned());
    let named = pack.mechanism.themes.iter().map(|theme| {
        (
            theme.id.clone(),
            view.named(&theme.name, &theme.name_en).to_owned(),
        )
    });
    std::iter::once(general).chain(named).collect()
}

/// A theme's indicators with their figures.
fn members<'a>(
    pack: &'a Pack,
    figures: &'a [Figure],
    theme: &str,
    period: Period,
) -> Vec<(&'a Indicator, Vec<&'a Figure>)> {
    pack.indicators_on(period.end())
        .filter(|indicator| indicator.theme == theme)
        .map(|indicator| {
            let parts = figures
                .iter()
                .filter(|figure| figure.indicator == indicator.id);
            (indicator, parts.collect())
        })
        .collect()
}

fn card(view: &View, indicator: &Indicator, parts: &[&Figure]) -> Markup {
    html! {
        @for figure in parts {
            li.card id=(indicator.id) {
                a href=(view.to(&format!("/figures/{}", indicator.id), &[])) {
                    span.name { (show::indicator_name(view.lang, indicator)) }
                    span.value { (show::figure(view.lang, indicator, figure)) }
                }
                (show::coverage(view.lang, figure.coverage.reported, figure.coverage.due))
                (show::unconfirmed(view.lang, indicator, figure))
                @if indicator.certainty == qipan_model::Certainty::Open {
                    span.mark.doubt { (view.say("口径待确认", "definition to be confirmed")) }
                }
            }
        }
    }
}

/// A theme's figures by the parts of a cut: one row a part.
fn matrix(
    view: &View,
    pack: &Pack,
    by: By,
    caption: &str,
    members: &[(&Indicator, Vec<&Figure>)],
) -> Markup {
    let mut rows: Vec<&Figure> = Vec::new();
    for figure in members.iter().flat_map(|(_, parts)| parts) {
        if !rows.iter().any(|row| row.cut_units == figure.cut_units) {
            rows.push(figure);
        }
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table.matrix {
                caption.sr { (caption) " · " (by_name(view, by)) }
                thead { tr {
                    th scope="col" { (by_name(view, by)) }
                    @for (indicator, _) in members {
                        th scope="col" {
                            a href=(view.to(&format!("/figures/{}", indicator.id), &[("by", by_word(by))])) {
                                (show::indicator_name(view.lang, indicator))
                            }
                        }
                    }
                } }
                tbody {
                    @for row in &rows {
                        tr {
                            th scope="row" { (part_link(view, pack, row)) }
                            @for (indicator, parts) in members {
                                @match parts.iter().find(|figure| figure.cut_units == row.cut_units) {
                                    Some(figure) => td.r {
                                        span.missing[figure.value.is_none()] { (show::part_text(view.lang, indicator, figure)) }
                                        (show::unconfirmed(view.lang, indicator, figure))
                                    },
                                    None => td.r { "—" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The name of a part of a cut, linked to the unit's page.
pub(crate) fn part_link(view: &View, pack: &Pack, figure: &Figure) -> Markup {
    let one = |id: &str| {
        html! { a href=(view.to(&format!("/units/{id}"), &[])) { (show::unit_name(pack, view.lang, id)) } }
    };
    let [supporter, recipient] = &figure.cut_units;
    match (supporter.is_empty(), recipient.is_empty()) {
        (true, true) => html! { (show::cut_name(pack, view.lang, figure)) },
        (false, true) => one(supporter),
        (true, false) => one(recipient),
        (false, false) => html! { (one(supporter)) " → " (one(recipient)) },
    }
}
