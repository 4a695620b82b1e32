//! A figure opened: definition, SQL, who is missing, its parts, the rows behind it (promise 2).

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use qipan_figures::{By, Explanation, Figure, Row};
use qipan_model::{Indicator, Measure, Pack, Register};
use serde::Deserialize;

use super::board::{by_name, part_link};
use super::frame::View;
use super::{Lang, show};
use crate::asked::{self, Asked, Named};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

/// Rows on a page.
const ROWS: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct FigureAsked {
    period: Option<String>,
    as_of: Option<String>,
    by: Option<String>,
    page: Option<usize>,
}

/// `GET /figures/{indicator}`
pub(crate) async fn page(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Named(id): Named<String>,
    Asked(asked): Asked<FigureAsked>,
) -> Result<Html<String>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let by = match asked::cut(asked.by.as_deref())? {
        By::Whole => By::Group,
        by => by,
    };
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
    let page = asked.page.unwrap_or(1).max(1);
    let first = (page - 1).saturating_mul(ROWS);
    let opened = engine
        .explain(&id, period, first..first.saturating_add(ROWS))
        .await?;
    let parts = engine.figure(&id, period, by).await?;
    let indicator = pack
        .indicator(&id, period.end())
        .ok_or(qipan_figures::Error::NoIndicator {
            id: id.clone(),
            period,
        })?;
    let name = show::indicator_name(lang, indicator);
    let path = format!("/figures/{id}");
    let content = html! {
        p.crumbs { a href=(view.to("/board", &[])) { (view.say("一盘棋", "Board")) } " › " (name) }
        section.opened {
            div.big {
                h1 { (name) }
                p.value { (show::figure(lang, indicator, &opened.figure)) }
                p.sub { (view.period_name()) " · " (view.say("截至 ", "as of ")) (show::moment(&view.mark)) }
                (show::coverage(lang, opened.figure.coverage.reported, opened.figure.coverage.due))
                (show::unconfirmed(lang, indicator, &opened.figure))
            }
            (definition(&view, &pack, &opened))
        }
        @if !opened.parts.is_empty() { (fraction(&view, &pack, &opened)) }
        @if !opened.missing.is_empty() {
            p.absent {
                b { (view.say("未报单位：", "Not reported: ")) }
                (opened.missing.join(view.say("、", ", ")))
            }
        }
        (cut(&view, &pack, indicator, by, &parts, &path))
        @if !matches!(indicator.measure, Measure::Percent { .. }) {
            (rows(&view, &pack, indicator, &opened, page, &path))
        }
        @if !opened.sql.is_empty() {
            details.sql {
                summary { (view.say("计算所用的 SQL", "The SQL behind it")) }
                @for sql in &opened.sql { pre { code { (sql) } } }
            }
        }
        p.note {
            a href=(api_address(&view, &id)) { (view.say("同一内容的 JSON", "The same as JSON")) }
        }
    };
    Ok(view.page(name, "/board", &path, &content))
}

fn api_address(view: &View, id: &str) -> String {
    let period = view.period.to_string();
    let mut address = format!("/api/v1/figures/{id}?period={}", super::encoded(&period));
    if !view.as_of.is_empty() {
        address += &format!("&as_of={}", super::encoded(&view.as_of));
    }
    address
}

fn definition(view: &View, pack: &Pack, opened: &Explanation) -> Markup {
    let card = &opened.definition;
    let clause = pack.clauses.iter().find(|clause| clause.id == card.clause);
    let window = match card.window[0].as_str() {
        "" => format!("{}{}", view.say("截至 ", "up to "), card.window[1]),
        first => format!("{first} – {}", card.window[1]),
    };
    html! {
        dl.card-of {
            dt { (view.say("指标", "Indicator")) } dd { code { (card.indicator) } " v" (card.version) " " (show::certainty(view.lang, card.certainty)) }
            dt { (view.say("口径", "Definition")) } dd { (view.named(&card.definition, &card.definition_en)) }
            @if !card.remark.is_empty() {
                dt { (view.say("说明", "Remark")) } dd { (view.named(&card.remark, &card.remark_en)) }
            }
            dt { (view.say("时间", "Time")) } dd { (view.named(&card.time, &card.time_en)) (view.say("，", ", ")) (window) }
            dt { (view.say("口径单位", "Owner")) } dd { (view.named(&card.owner, &card.owner_en)) }
            dt { (view.say("依据", "Clause")) } dd {
                (card.clause) @if let Some(clause) = clause { " " (view.named(&clause.title, &clause.title_en)) }
            }
        }
    }
}

/// A percentage as its two parts.
fn fraction(view: &View, pack: &Pack, opened: &Explanation) -> Markup {
    html! {
        section {
            h2 { (view.say("由两个数相除得出", "Computed from two figures")) }
            ul.cards {
                @for part in &opened.parts {
                    @if let Some(indicator) = pack.indicator(&part.figure.indicator, view.period.end()) {
                        li.card {
                            a href=(view.to(&format!("/figures/{}", indicator.id), &[])) {
                                span.name { (show::indicator_name(view.lang, indicator)) }
                                span.value { (show::figure(view.lang, indicator, &part.figure)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cut(
    view: &View,
    pack: &Pack,
    indicator: &Indicator,
    by: By,
    parts: &[Figure],
    path: &str,
) -> Markup {
    let most = parts
        .iter()
        .filter_map(|figure| figure.value)
        .max()
        .filter(|most| most.is_sign_positive() && !most.is_zero());
    html! {
        section #cut {
            h2 { (view.say("分布", "Distribution")) }
            p.tabs {
                @for (word, cut) in asked::CUTS.into_iter().filter(|(_, cut)| *cut != By::Whole) {
                    a href=(view.to(path, &[("by", word)])) aria-current=[(cut == by).then_some("true")] { (by_name(view, cut)) }
                }
            }
            div.scroll tabindex="0" role="region" aria-label=(view.say("分布表", "Distribution table")) {
                table.bars {
                    caption { (show::indicator_name(view.lang, indicator)) " · " (by_name(view, by)) }
                    thead { tr {
                        th scope="col" { (by_name(view, by)) }
                        th.r scope="col" { (view.say("数字", "Figure")) }
                        th.bar scope="col" { span.sr { (view.say("条形", "Bar")) } }
                        th scope="col" { (view.say("报送", "Reported")) }
                    } }
                    tbody {
                        @for figure in parts {
                            tr {
                                th scope="row" { (part_link(view, pack, figure)) }
                                td.r {
                                    span.missing[figure.value.is_none()] { (show::part_text(view.lang, indicator, figure)) }
                                    (show::unconfirmed(view.lang, indicator, figure))
                                }
                                td.bar {
                                    @if let (Some(value), Some(most)) = (figure.value, most) {
                                        svg viewBox="0 0 1 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                                            rect.done width=((value / most).round_dp(4)) height="8" {}
                                        }
                                    }
                                }
                                td { (show::coverage(view.lang, figure.coverage.reported, figure.coverage.due)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The fields of a register that decide over a figure: key, sides, days, what is counted.
fn telling(indicator: &Indicator, register: &Register) -> Vec<usize> {
    let mut fields = register.key.clone();
    // What people call the thing: the first text that is not the key itself.
    fields.extend(register.fields.iter().position(|field| field.id == "name"));
    fields.extend(register.supporter);
    fields.extend(register.recipient);
    for source in indicator
        .sources
        .iter()
        .filter(|source| source.register == register.id)
    {
        fields.push(source.date);
        fields.extend(source.done_by);
        fields.extend(source.ends);
        fields.extend(source.distinct);
        for expr in source.value.iter().chain(&source.filter) {
            fields.extend_from_slice(expr.columns());
        }
    }
    let mut seen = Vec::new();
    fields.retain(|field| {
        let new = *field < register.fields.len() && !seen.contains(field);
        seen.push(*field);
        new
    });
    fields
}

fn rows(
    view: &View,
    pack: &Pack,
    indicator: &Indicator,
    opened: &Explanation,
    page: usize,
    path: &str,
) -> Markup {
    let pages = opened.total.div_ceil(ROWS).max(1);
    let page = page.clamp(1, pages);
    let shown: Vec<&Row> = opened.rows.iter().collect();
    let registers = pack
        .registers
        .iter()
        .filter(|register| shown.iter().any(|row| row.register == register.id));
    html! {
        section #rows {
            h2 { (view.say("明细", "Rows")) }
            p.note {
                (view.say("共 ", "")) b { (opened.total) } (view.say(" 条，其中计入 ", " rows, counted "))
                b { (opened.counted) } (view.say(" 条；点编号看记录的全部修订和来源文件。", "; follow a key to the record's revisions and its source file."))
            }
            @if shown.is_empty() { p.empty { (view.say("没有明细。", "No rows.")) } }
            @for register in registers {
                (table(view, pack, indicator, register, shown.iter().copied().filter(|row| row.register == register.id)))
            }
            @if pages > 1 {
                nav.pages aria-label=(view.say("明细翻页", "Pages of rows")) {
                    @if page > 1 { a rel="prev" href=(view.to(path, &[("page", &(page - 1).to_string())]) + "#rows") { (view.say("上一页", "Previous")) } }
                    span { (page) " / " (pages) }
                    @if page < pages { a rel="next" href=(view.to(path, &[("page", &(page + 1).to_string())]) + "#rows") { (view.say("下一页", "Next")) } }
                }
            }
        }
    }
}

fn table<'r>(
    view: &View,
    pack: &Pack,
    indicator: &Indicator,
    register: &Register,
    rows: impl Iterator<Item = &'r Row>,
) -> Markup {
    let fields: Vec<_> = telling(indicator, register)
        .into_iter()
        .map(|index| &register.fields[index])
        .collect();
    let name = view.named(&register.name, &register.name_en);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(name) {
            table.rows {
                caption { a href=(view.to(&format!("/registers/{}", register.id), &[])) { (register.code) " " (name) } }
                thead { tr {
                    @for field in &fields { th scope="col" class=[show::is_number(field).then_some("r")] { (show::label(view.lang, field)) } }
                    th scope="col" { (view.say("修订", "Rev.")) }
                    th scope="col" { (view.say("双方", "Sides")) }
                    th scope="col" { (view.say("来源", "Source")) }
                } }
                tbody {
                    @for row in rows {
                        tr.uncounted[!row.counted] {
                            @for (nth, field) in fields.iter().enumerate() {
                                @let text = show::json_value(pack, view.lang, field, row.values.get(&field.id));
                                @if nth == 0 {
                                    th scope="row" { a href=(record_address(view, row)) { @if text.is_empty() { (row.key) } @else { (text) } } }
                                } @else {
                                    td class=[show::cell_class(field, &text)] { (text) }
                                }
                            }
                            td { (row.rev) }
                            td { (show::confirmation(view.lang, row.confirmation)) @if !row.counted { " " small { (view.say("未计入", "not counted")) } } }
                            td.from { (row.place) }
                        }
                    }
                }
            }
        }
    }
}

fn record_address(view: &View, row: &Row) -> String {
    view.to(
        &format!("/registers/{}/records/{}", row.register, row.record),
        &[],
    ) + &format!("#rev-{}", row.rev)
}
