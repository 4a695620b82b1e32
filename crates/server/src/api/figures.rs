//! Figures, opened figures, coverage.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use qipan_figures::{Explanation, Figure, MOST_ROWS};
use qipan_model::{Pack, Value, masked};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shapes::{ExplanationShape, FigureShape, json};
use crate::asked::{self, Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// What figures may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FiguresAsked {
    /// Period: `2021H1`, `2021Q2`, `2021-06`, `2021` or `2021-10-01..2022-09-20`.
    period: Option<String>,
    /// Cut: `whole`, `group`, `link`, `supporter` or `recipient`.
    by: Option<String>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
}

/// All figures of a period.
#[utoipa::path(get, path = "/api/v1/figures", tag = "figures", params(FiguresAsked),
    responses(
        (status = 200, body = Vec<FigureShape>), (status = 400, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn figures(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<FiguresAsked>,
) -> Result<Json<Vec<Figure>>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let by = asked::cut(asked.by.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    Ok(Json(
        snapshot.engine(&pack).await?.figures(period, by).await?,
    ))
}

/// What an opened figure may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainAsked {
    /// Period, as for figures.
    period: Option<String>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
}

/// A figure opened: definition, SQL, coverage, rows with revisions and evidence.
#[utoipa::path(get, path = "/api/v1/figures/{indicator}", tag = "figures",
    params(("indicator" = String, Path, description = "Indicator id"), ExplainAsked),
    responses(
        (status = 200, body = ExplanationShape), (status = 400, body = Body),
        (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn explain(
    State(app): State<App>,
    caller: Caller,
    Named(indicator): Named<String>,
    Asked(asked): Asked<ExplainAsked>,
) -> Result<Json<Explanation>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let mut explanation = snapshot
        .engine(&pack)
        .await?
        .explain(&indicator, period, 0..MOST_ROWS)
        .await?;
    mask(&pack, &mut explanation);
    Ok(Json(explanation))
}

/// Masks personal fields in the rows of an opened figure.
fn mask(pack: &Pack, explanation: &mut Explanation) {
    for row in &mut explanation.rows {
        let Some(register) = pack.register(&row.register) else {
            continue;
        };
        for field in register.fields.iter().filter(|field| field.personal) {
            if let Some(value) = row.values.get_mut(&field.id) {
                let text = value
                    .as_str()
                    .map_or(Value::Null, |text| Value::Text(text.to_owned()));
                *value = json(&masked(&text));
            }
        }
    }
    explanation
        .parts
        .iter_mut()
        .for_each(|part| mask(pack, part));
}

/// What coverage may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoverageAsked {
    /// Period, as for figures.
    period: Option<String>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
}

/// Who has reported one register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterCoverage {
    /// Register id.
    pub register: String,
    /// Its name.
    pub name: String,
    /// Unit ids that have filed, in printing order.
    pub reported: Vec<String>,
    /// Unit ids that have not.
    pub missing: Vec<String>,
    /// Units that were to file.
    pub due: usize,
}

/// Who has reported each register for a period.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "figures", params(CoverageAsked),
    responses(
        (status = 200, body = Vec<RegisterCoverage>), (status = 400, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn coverage(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<CoverageAsked>,
) -> Result<Json<Vec<RegisterCoverage>>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let filed = snapshot.engine(&pack).await?.coverage(period).await?;
    Ok(Json(registers_covered(&pack, &filed)))
}

/// Coverage of the registers in printing order.
pub(crate) fn registers_covered(
    pack: &Pack,
    filed: &BTreeMap<String, qipan_figures::Reported>,
) -> Vec<RegisterCoverage> {
    let covered = |register: &qipan_model::Register| {
        let filed = filed.get(&register.id)?;
        let due = || {
            pack.units
                .all()
                .iter()
                .map(|unit| unit.id.to_string())
                .filter(|id| filed.due.contains(id))
        };
        // The city is a unit of no pack; it is due all the same.
        let (mut reported, mut missing): (Vec<_>, Vec<_>) =
            due().partition(|id| filed.units.contains(id));
        let others = filed.due.iter().filter(|id| pack.units.get(id).is_none());
        for other in others {
            if filed.units.contains(other) {
                &mut reported
            } else {
                &mut missing
            }
            .push(other.clone());
        }
        Some(RegisterCoverage {
            register: register.id.clone(),
            name: register.name.clone(),
            due: reported.len() + missing.len(),
            reported,
            missing,
        })
    };
    pack.registers.iter().filter_map(covered).collect()
}
