//! The whole board (一盘棋) in one answer.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use qipan_figures::{By, Compared, Engine, Part, Reported};
use qipan_model::{Access, Action, Certainty, Filing, Light, Lit, Pack, Period};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::figures::{RegisterCoverage, registers_covered, tag};
use super::shapes::{BoardFigureShape, LightShape, exact};
use crate::asked::{self, Asked};
use crate::caller::Caller;
use crate::etag;
use crate::problem::{Body, Problem};
use crate::state::App;

/// The indicator by which links are drawn wide or narrow when none is asked for.
const WIDTH: &str = "FND-V-ISSUED";

/// What the board may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoardAsked {
    /// Period, as for figures.
    period: Option<String>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
    /// Only what this supporter has a part in (unit id): figures, coverage, links and lights.
    supporter: Option<String>,
    /// Only what this recipient has a part in (unit id).
    recipient: Option<String>,
    /// Indicator whose figures by link tell how wide links are drawn.
    width: Option<String>,
}

/// The board of a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct Board {
    /// Period.
    pub period: String,
    /// The period before, with which figures are compared.
    pub previous: Option<String>,
    /// The same period a year ago.
    pub last_year: Option<String>,
    /// Moment as of which everything was read, RFC 3339 UTC.
    pub as_of: String,
    /// The mark of illustrative data; `null` for real data.
    pub illustrative: Option<String>,
    /// The same in English; `null` too where there is none.
    pub illustrative_en: Option<String>,
    /// Figures by theme, the general ones first.
    pub themes: Vec<BoardTheme>,
    /// Who has reported each register.
    pub coverage: Vec<RegisterCoverage>,
    /// Who has reported anything at all.
    pub filed: Filed,
    /// Indicator by which the links are drawn; `null` when the pack has none.
    pub width: Option<Width>,
    /// Links in force in the period; those with one side 待确认 have no value.
    pub links: Vec<BoardLink>,
    /// A light for each unit that was to file, in printing order.
    pub lights: Vec<UnitLight>,
}

/// The figures of a theme.
#[derive(Serialize, ToSchema)]
pub(crate) struct BoardTheme {
    /// Theme id; empty for the general ones.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Its figures, in printing order.
    #[schema(value_type = Vec<BoardFigureShape>)]
    pub figures: Vec<BoardFigure>,
}

/// A figure with what it was and its light.
#[derive(Serialize)]
pub(crate) struct BoardFigure {
    #[serde(flatten)]
    compared: Compared,
    name_en: String,
    certainty: Certainty,
    light: Light,
    why: String,
    why_en: String,
}

/// Units that have filed at least one register, out of those that were to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Filed {
    /// Units that have filed something.
    pub reported: usize,
    /// Units that were to file.
    pub due: usize,
    /// Unit ids of those that have filed nothing, in printing order.
    pub missing: Vec<String>,
}

/// The indicator by which links are drawn.
#[derive(Serialize, ToSchema)]
pub(crate) struct Width {
    /// Indicator id.
    pub indicator: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Base unit.
    pub unit: String,
}

/// A link.
#[derive(Serialize, ToSchema)]
pub(crate) struct BoardLink {
    /// Unit id of the supporter; `null` while 待确认.
    pub supporter: Option<String>,
    /// Unit id of the recipient; `null` while 待确认.
    pub recipient: Option<String>,
    /// `attested`, `likely` or `open` (待确认).
    #[schema(value_type = String)]
    pub certainty: Certainty,
    /// Value of the width's indicator for the link; `null` when nobody has reported.
    #[schema(schema_with = exact)]
    pub value: serde_json::Value,
    /// As a brief prints it; empty where one side is 待确认.
    pub display: String,
}

/// The light of a unit: registers filed out of those due.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitLight {
    /// Unit id.
    pub unit: String,
    /// Registers filed.
    pub reported: u32,
    /// Registers due.
    pub due: u32,
    /// The light.
    #[schema(value_type = LightShape)]
    pub light: Light,
    /// Why, in Chinese.
    pub why: String,
    /// Why, in English.
    pub why_en: String,
}

/// The board: figures beside what they were, coverage, links, lights.
#[utoipa::path(get, path = "/api/v1/board", tag = "figures", params(BoardAsked),
    responses(
        (status = 200, body = Board), (status = 304, description = "Not changed"),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn board(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Asked(asked): Asked<BoardAsked>,
) -> Result<Response, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let part = asked::part(
        &pack,
        asked.supporter.as_deref(),
        asked.recipient.as_deref(),
    )?;
    let over = period.end() < app.today();
    let question = format!("board {period} {part:?} {:?} {over}", asked.width);
    let tag = tag(&snapshot, &caller, &question);
    if etag::is_known(&headers, &tag) {
        return Ok(etag::unchanged(&tag));
    }
    let as_of = snapshot.mark.clone();
    let mut engine = snapshot.engine(&pack).await?.within(part.clone());
    let figures = engine.compared(period, By::Whole).await?;
    let wanted = asked
        .width
        .as_deref()
        .map(str::trim)
        .filter(|id| !id.is_empty());
    let width = width(&pack, &figures, wanted, period)?;
    let links = links(
        &mut engine,
        &pack,
        &caller.access,
        &part,
        period,
        width.as_ref(),
    )
    .await?;
    let coverage = engine.coverage(period).await?;
    let before = match period.previous().filter(|before| is_of(&pack, *before)) {
        Some(before) => engine.coverage(before).await?,
        None => BTreeMap::new(),
    };
    let filing = |reported, due, silent_before| Filing {
        reported,
        due,
        over,
        silent_before,
    };
    let board = Board {
        period: period.to_string(),
        previous: period.previous().map(|period| period.to_string()),
        last_year: period.year_earlier().map(|period| period.to_string()),
        as_of,
        illustrative: app.mark(),
        illustrative_en: app.mark_en(),
        themes: themes(&pack, figures, &filing),
        coverage: registers_covered(&pack, &coverage),
        filed: filed(&pack, &coverage),
        width,
        links,
        lights: lights(&pack, &coverage, &before, &filing),
    };
    Ok(etag::marked(Json(board).into_response(), &tag))
}

/// Whether something was to be filed for a period: the mechanism was in force.
pub(super) fn is_of(pack: &Pack, period: Period) -> bool {
    let validity = pack.mechanism.validity;
    validity.overlaps(period.start(), period.end())
}

/// What a light goes by: filed, due, silent before.
type Goes<'f> = &'f dyn Fn(u32, u32, bool) -> Filing;

fn themes(pack: &Pack, figures: Vec<Compared>, filing: Goes<'_>) -> Vec<BoardTheme> {
    let theme = |id: &str, name: &str, name_en: &str| BoardTheme {
        id: id.to_owned(),
        name: name.to_owned(),
        name_en: name_en.to_owned(),
        figures: Vec::new(),
    };
    let mut themes = vec![theme("", "综合", "General")];
    themes.extend(
        pack.mechanism
            .themes
            .iter()
            .map(|own| theme(&own.id, &own.name, &own.name_en)),
    );
    for compared in figures {
        let figure = &compared.figure;
        let indicator = pack
            .indicators
            .iter()
            .find(|known| known.id == figure.indicator && known.version == figure.version);
        let Some(indicator) = indicator else { continue };
        let coverage = figure.coverage;
        let silent = compared
            .previous
            .as_ref()
            .is_some_and(|past| past.coverage.due > 0 && past.coverage.reported == 0);
        let Lit { light, why, why_en } =
            filing(coverage.reported, coverage.due, silent).lit(("个单位", "units"));
        let nth = themes.iter().position(|theme| theme.id == indicator.theme);
        themes[nth.unwrap_or(0)].figures.push(BoardFigure {
            compared,
            name_en: indicator.name_en.clone(),
            certainty: indicator.certainty,
            light,
            why,
            why_en,
        });
    }
    themes.retain(|theme| !theme.figures.is_empty());
    themes
}

/// Units in printing order; the city, which is a unit of no pack, last.
fn in_order(pack: &Pack, mut units: BTreeSet<String>) -> Vec<String> {
    let known: Vec<String> = pack
        .units
        .all()
        .iter()
        .filter(|unit| units.remove(unit.id.as_str()))
        .map(|unit| unit.id.to_string())
        .collect();
    known.into_iter().chain(units).collect()
}

fn filed(pack: &Pack, coverage: &BTreeMap<String, Reported>) -> Filed {
    let all = |of: fn(&Reported) -> &BTreeSet<String>| -> BTreeSet<String> {
        coverage.values().flat_map(of).cloned().collect()
    };
    let (due, reported) = (all(|one| &one.due), all(|one| &one.units));
    Filed {
        reported: due.intersection(&reported).count(),
        due: due.len(),
        missing: in_order(pack, due.difference(&reported).cloned().collect()),
    }
}

fn lights(
    pack: &Pack,
    coverage: &BTreeMap<String, Reported>,
    before: &BTreeMap<String, Reported>,
    filing: Goes<'_>,
) -> Vec<UnitLight> {
    let count = |coverage: &BTreeMap<String, Reported>, unit: &str| {
        let due = coverage.values().filter(|one| one.due.contains(unit));
        let reported = due.clone().filter(|one| one.units.contains(unit)).count();
        [reported, due.count()].map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    };
    let due = coverage.values().flat_map(|one| one.due.iter().cloned());
    in_order(pack, due.collect())
        .into_iter()
        .map(|unit| {
            let [reported, due] = count(coverage, &unit);
            let [reported_before, due_before] = count(before, &unit);
            let silent = due_before > 0 && reported_before == 0;
            let Lit { light, why, why_en } =
                filing(reported, due, silent).lit(("本台账", "registers"));
            UnitLight {
                unit,
                reported,
                due,
                light,
                why,
                why_en,
            }
        })
        .collect()
}

/// The indicator asked for; else the usual one, or the pack's first, of those that the caller has.
fn width(
    pack: &Pack,
    figures: &[Compared],
    wanted: Option<&str>,
    period: Period,
) -> Result<Option<Width>, Problem> {
    let has = |id: &str| figures.iter().any(|one| one.figure.indicator == id);
    let id = match wanted {
        Some(id) if has(id) => Some(id),
        Some(id) => {
            let id = id.to_owned();
            return Err(qipan_figures::Error::NoIndicator { id, period }.into());
        }
        None if has(WIDTH) => Some(WIDTH),
        None => figures.first().map(|one| one.figure.indicator.as_str()),
    };
    let indicator = id.and_then(|id| pack.indicator(id, period.end()));
    Ok(indicator.map(|indicator| Width {
        indicator: indicator.id.clone(),
        name: indicator.name.clone(),
        name_en: indicator.name_en.clone(),
        unit: indicator.unit.clone(),
    }))
}

async fn links(
    engine: &mut Engine<'_>,
    pack: &Pack,
    access: &Access,
    part: &Part,
    period: Period,
    width: Option<&Width>,
) -> Result<Vec<BoardLink>, Problem> {
    let figures = match width {
        Some(width) => engine.figure(&width.indicator, period, By::Link).await?,
        None => Vec::new(),
    };
    let mut links: Vec<BoardLink> = Vec::new();
    for link in &pack.links {
        let name = |unit: &Option<qipan_model::UnitId>| unit.as_ref().map(ToString::to_string);
        let (supporter, recipient) = (name(&link.supporter), name(&link.recipient));
        let units = [&supporter, &recipient].map(|unit| unit.clone().unwrap_or_default());
        // An arc of which the caller may see no row would look like one that nobody has reported.
        let is_seen = pack.registers.iter().any(|register| {
            let scope = access.scope(Action::Read, &register.id);
            scope.admits_sides(&units[0], &units[1])
        });
        let is_here = link.validity.overlaps(period.start(), period.end())
            && (part.supporter.is_none() || part.supporter == supporter)
            && (part.recipient.is_none() || part.recipient == recipient);
        // One arc for a link that was renewed within the period.
        let is_drawn = links
            .iter()
            .any(|known| known.supporter == supporter && known.recipient == recipient);
        if !is_seen || !is_here || is_drawn {
            continue;
        }
        let is_known = supporter.is_some() && recipient.is_some();
        let figure = figures
            .iter()
            .find(|figure| is_known && figure.cut_units == units);
        links.push(BoardLink {
            supporter,
            recipient,
            certainty: link.certainty,
            value: figure
                .and_then(|figure| figure.value)
                .map_or(serde_json::Value::Null, |value| {
                    super::shapes::json(&qipan_model::Value::Decimal(value))
                }),
            display: match figure {
                Some(figure) => figure.display.clone(),
                None if is_known => "未报".to_owned(),
                None => String::new(),
            },
        });
    }
    Ok(links)
}
