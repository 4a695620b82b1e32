//! A register as a list, paged, filtered, sorted.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use qipan_model::{Field, Pack, Record, Register, UnitRole};
use qipan_store::ListQuery;
use serde::Deserialize;

use super::frame::View;
use super::{Lang, show};
use crate::asked::{self, Asked, Named};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct RegisterAsked {
    period: Option<String>,
    as_of: Option<String>,
    after: Option<String>,
    sort: Option<String>,
    #[serde(rename = "where")]
    filter: Option<String>,
    supporter: Option<String>,
    recipient: Option<String>,
}

/// `GET /registers/{register}`
pub(crate) async fn page(
    State(app): State<App>,
    caller: Caller,
    lang: Lang,
    Named(id): Named<String>,
    Asked(asked): Asked<RegisterAsked>,
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
    let given = |text: &'static str, value: &Option<String>| {
        value
            .clone()
            .filter(|value| !value.is_empty())
            .map(|value| (text, value))
    };
    let kept: Vec<(&str, String)> = [
        given("sort", &asked.sort),
        given("where", &asked.filter),
        given("supporter", &asked.supporter),
        given("recipient", &asked.recipient),
    ]
    .into_iter()
    .flatten()
    .collect();
    let of = |name: &str| {
        kept.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    let filter = asked::filter(of("where"), register)?;
    let query = ListQuery {
        filter: filter.as_ref(),
        today: Some(app.today()),
        supporter: of("supporter"),
        recipient: of("recipient"),
        order: asked::order(of("sort"), register)?,
        after: asked.after.as_deref().filter(|mark| !mark.is_empty()),
        as_of: snapshot.seq(),
        ..ListQuery::default()
    };
    let found = snapshot.reader.list(register, &query).await?;
    let name = lang.named(&register.name, &register.name_en);
    let path = format!("/registers/{id}");
    let with = |more: &[(&str, &str)]| {
        let mut pairs: Vec<(&str, &str)> = kept
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name))
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        pairs.extend_from_slice(more);
        view.to(&path, &pairs)
    };
    let content = html! {
        p.crumbs { a href=(view.to("/board", &[])) { (view.say("一盘棋", "Board")) } " › " (name) }
        section.hero {
            div {
                h1 { (register.code) " " (name) }
                p.sub {
                    (view.say("共 ", "")) b { (found.total) } (view.say(" 条记录，全部报送期", " records of all periods"))
                    @for (word, value) in kept.iter().filter(|(name, _)| ["supporter", "recipient"].contains(name)) {
                        " · " (if *word == "supporter" { show::role(&view, &pack, UnitRole::Supporter) } else { show::role(&view, &pack, UnitRole::Recipient) })
                        " " b { (show::unit_name(&pack, lang, value)) }
                    }
                }
            }
            form.choices method="get" action=(path) {
                input type="hidden" name="period" value=(view.period.to_string());
                @if lang == Lang::En { input type="hidden" name="lang" value="en"; }
                @if !view.as_of.is_empty() { input type="hidden" name="as_of" value=(view.as_of); }
                @for (name, value) in kept.iter().filter(|(name, _)| *name != "where") { input type="hidden" name=(name) value=(value); }
                label.wide { span { (view.say("筛选条件", "Filter")) }
                    input name="where" value=(of("where").unwrap_or_default()) placeholder=(example(register)) size="40";
                }
                button type="submit" { (view.say("筛选", "Filter")) }
            }
        }
        @if found.records.is_empty() { p.empty { (view.say("没有记录。", "No records.")) } }
        @else { (list(&view, &pack, register, &found.records, of("sort").unwrap_or_default(), &with)) }
        nav.pages aria-label=(view.say("翻页", "Pages")) {
            @if query.after.is_some() { a rel="first" href=(with(&[])) { (view.say("回到第一页", "First page")) } }
            @if let Some(next) = &found.next { a rel="next" href=(with(&[("after", next)])) { (view.say("下一页", "Next")) } }
        }
    };
    Ok(view.page(name, "/board", &path, &content))
}

/// An example of a filter that works on this register.
fn example(register: &Register) -> String {
    let field = register
        .date
        .or(register.key.first().copied())
        .and_then(|index| register.fields.get(index));
    field
        .map(|field| format!("has({})", field.id))
        .unwrap_or_default()
}

/// Makes the address of this list with some of its choices changed.
type Linker<'a> = dyn Fn(&[(&str, &str)]) -> String + 'a;

fn list(
    view: &View,
    pack: &Pack,
    register: &Register,
    records: &[Record],
    sorted: &str,
    with: &Linker<'_>,
) -> Markup {
    let key = register.key.first().copied().unwrap_or(0);
    // The key first, then the fields as declared.
    let order: Vec<usize> = std::iter::once(key)
        .chain((0..register.fields.len()).filter(|index| *index != key))
        .collect();
    // Columns that are empty on the whole page say nothing.
    let fields: Vec<(usize, &Field)> = order
        .into_iter()
        .filter(|index| {
            let filled = |record: &Record| {
                record
                    .values
                    .get(*index)
                    .is_some_and(|value| !value.is_null())
            };
            *index == key || records.iter().any(filled)
        })
        .map(|index| (index, &register.fields[index]))
        .collect();
    let left_out = register.fields.len() - fields.len();
    let name = view.named(&register.name, &register.name_en);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(name) {
            table.rows {
                caption.sr { (name) }
                thead { tr {
                    @for (_, field) in &fields {
                        @let (down, up) = (sorted == format!("-{}", field.id), sorted == field.id);
                        th scope="col" class=[show::is_number(field).then_some("r")]
                            aria-sort=[if up { Some("ascending") } else if down { Some("descending") } else { None }] {
                            @if field.personal { (show::label(view.lang, field)) }
                            @else {
                                a href=(with(&[("sort", &(if up { format!("-{}", field.id) } else { field.id.clone() }))])) { (show::label(view.lang, field)) }
                                @if up { " ↑" } @else if down { " ↓" }
                            }
                        }
                    }
                    th scope="col" { (view.say("双方", "Sides")) }
                } }
                tbody {
                    @for record in records {
                        tr {
                            @for (nth, (index, field)) in fields.iter().enumerate() {
                                @let text = record.values.get(*index).map(|value| show::value(pack, view.lang, field, value)).unwrap_or_default();
                                @if nth == 0 {
                                    th scope="row" { a href=(view.to(&format!("/registers/{}/records/{}", register.id, record.record), &[])) { @if text.is_empty() { (record.key) } @else { (text) } } }
                                } @else {
                                    td class=[show::cell_class(field, &text)] { (text) }
                                }
                            }
                            td { (show::confirmation(view.lang, record.confirmation)) }
                        }
                    }
                }
            }
        }
        @if left_out > 0 {
            p.note { (view.say("本页全空的 ", "")) (left_out) (view.say(" 列没有列出；点编号看全部字段。", " columns that are empty on this page are left out.")) }
        }
    }
}
