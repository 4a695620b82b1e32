//! One figure through time: its trend, and the history of its definition.

use axum::Json;
use axum::extract::State;
use qipan_figures::Point;
use qipan_model::Certainty;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::declared::{IndicatorShape, Span};
use super::shapes::PointShape;
use crate::asked::{self, Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// Most periods of a trend.
const MOST_PERIODS: usize = 24;

/// What a trend may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendAsked {
    /// Last period, as for figures; those before it are of the same kind.
    period: Option<String>,
    /// How many periods, 1 to 24; 8 when left out.
    #[param(minimum = 1, maximum = 24)]
    periods: Option<usize>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
    /// Only what this supporter has a part in (unit id).
    supporter: Option<String>,
    /// Only what this recipient has a part in (unit id).
    recipient: Option<String>,
}

/// A figure through periods.
#[derive(Serialize, ToSchema)]
pub(crate) struct Trend {
    /// Indicator id.
    pub indicator: String,
    /// Base unit of the values.
    pub unit: String,
    /// One point for each period, the oldest first.
    #[schema(value_type = Vec<PointShape>)]
    pub points: Vec<Point>,
    /// Moment as of which all were read, RFC 3339 UTC.
    pub as_of: String,
}

/// A figure through periods of the same kind, each by the definition that held in it.
#[utoipa::path(get, path = "/api/v1/figures/{indicator}/trend", tag = "figures",
    params(("indicator" = String, Path, description = "Indicator id"), TrendAsked),
    responses(
        (status = 200, body = Trend), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn trend(
    State(app): State<App>,
    caller: Caller,
    Named(indicator): Named<String>,
    Asked(asked): Asked<TrendAsked>,
) -> Result<Json<Trend>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let part = asked::part(
        &pack,
        asked.supporter.as_deref(),
        asked.recipient.as_deref(),
    )?;
    let as_of = snapshot.mark.clone();
    let mut engine = snapshot.engine(&pack).await?.within(part);
    let count = asked.periods.unwrap_or(8).clamp(1, MOST_PERIODS);
    let points = engine.trend(&indicator, &period.and_before(count)).await?;
    let unit = pack
        .indicators
        .iter()
        .rfind(|known| known.id == indicator)
        .map(|known| known.unit.clone());
    Ok(Json(Trend {
        indicator,
        unit: unit.unwrap_or_default(),
        points,
        as_of,
    }))
}

/// What the history of a definition may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefinitionsAsked {
    /// The period whose version is marked as current.
    period: Option<String>,
    /// The pack of a past moment: a day, or RFC 3339.
    as_of: Option<String>,
}

/// One version of a definition.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionVersion {
    /// Indicator id.
    pub indicator: String,
    /// Version, from 1.
    pub version: u32,
    /// Periods whose end lies in this span use it.
    pub valid: Span,
    /// Whether it is the one of the period asked for.
    pub current: bool,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Definition in words.
    pub definition: String,
    /// The same in English.
    pub definition_en: String,
    /// What is open about it.
    pub remark: String,
    /// The same in English.
    pub remark_en: String,
    /// `attested`, `likely` or `open` (待确认).
    #[schema(value_type = String)]
    pub certainty: Certainty,
    /// Department that owns it.
    pub owner: String,
    /// The same in English.
    pub owner_en: String,
    /// Clause it rests on.
    pub clause: String,
    /// Relation to time, in words.
    pub time: String,
    /// The same in English.
    pub time_en: String,
    /// First and last day of the window in the period asked for; the first is empty when open.
    pub window: [String; 2],
    /// How it is counted: measure, time, sources.
    pub counted: IndicatorShape,
}

/// A register from which a figure takes rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct SourceRegister {
    /// Register id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// The clause that a figure rests on.
#[derive(Serialize, ToSchema)]
pub(crate) struct RestsOn {
    /// Number, `2.3`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Heading in English.
    pub title_en: String,
    /// The provision in the pack's own words.
    pub text: String,
    /// The same in English.
    pub text_en: String,
    /// Where it is known from.
    pub source: String,
}

/// The history of a definition.
#[derive(Serialize, ToSchema)]
pub(crate) struct Definitions {
    /// Indicator id.
    pub indicator: String,
    /// All versions, the oldest first.
    pub versions: Vec<DefinitionVersion>,
    /// The clause that the newest version rests on; `null` when the pack names none.
    pub clause: Option<RestsOn>,
    /// Registers from which any version takes rows, for a percentage those of its parts.
    pub registers: Vec<SourceRegister>,
}

/// Every version of an indicator's definition, with the clause and the registers behind it.
#[utoipa::path(get, path = "/api/v1/figures/{indicator}/definitions", tag = "figures",
    params(("indicator" = String, Path, description = "Indicator id"), DefinitionsAsked),
    responses(
        (status = 200, body = Definitions), (status = 400, body = Body),
        (status = 401, body = Body), (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn definitions(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(asked): Asked<DefinitionsAsked>,
) -> Result<Json<Definitions>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let (pack, reader) = (snapshot.pack, snapshot.reader);
    let absent = || {
        let id = id.clone();
        Problem::from(qipan_figures::Error::NoIndicator { id, period })
    };
    let all: Vec<&qipan_model::Indicator> = pack
        .indicators
        .iter()
        .filter(|known| known.id == id)
        .collect();
    let newest = *all.last().ok_or_else(absent)?;
    if !qipan_figures::exists(&reader, &pack, newest, period.end()) {
        return Err(absent());
    }
    let current = pack
        .indicator(&id, period.end())
        .map(|current| current.version);
    let versions = all.iter().map(|one| {
        let card = qipan_figures::definition(one, &pack.mechanism, period);
        DefinitionVersion {
            indicator: card.indicator,
            clause: card.clause,
            time: card.time,
            time_en: card.time_en,
            window: card.window,
            version: one.version,
            valid: one.valid.into(),
            current: current == Some(one.version),
            name: one.name.clone(),
            name_en: one.name_en.clone(),
            definition: one.definition.clone(),
            definition_en: one.definition_en.clone(),
            remark: one.remark.clone(),
            remark_en: one.remark_en.clone(),
            certainty: one.certainty,
            owner: one.owner.clone(),
            owner_en: one.owner_en.clone(),
            counted: IndicatorShape::of(&pack, one),
        }
    });
    let versions = versions.collect();
    let clause = pack
        .clauses
        .iter()
        .find(|clause| clause.id == newest.clause);
    let behind: std::collections::BTreeSet<&str> = all
        .iter()
        .flat_map(|one| super::tracing::registers_of(&pack, one))
        .collect();
    let registers = pack
        .registers
        .iter()
        .filter(|register| behind.contains(register.id.as_str()))
        .map(|register| SourceRegister {
            id: register.id.clone(),
            name: register.name.clone(),
            name_en: register.name_en.clone(),
        });
    Ok(Json(Definitions {
        indicator: id,
        versions,
        clause: clause.map(|clause| RestsOn {
            id: clause.id.clone(),
            title: clause.title.clone(),
            title_en: clause.title_en.clone(),
            text: clause.text.clone(),
            text_en: clause.text_en.clone(),
            source: clause.source.clone(),
        }),
        registers: registers.collect(),
    }))
}
