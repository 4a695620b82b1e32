//! Figures, opened figures, coverage.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use qipan_figures::{Explanation, Part};
use qipan_model::{Pack, Value, masked};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shapes::{ComparedShape, ExplanationShape, json};
use crate::asked::{self, Asked, Flag, Named};
use crate::caller::Caller;
use crate::etag;
use crate::problem::{Body, Kind, Problem};
use crate::state::{App, Snapshot};

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
    /// Only what this supporter has a part in (unit id).
    supporter: Option<String>,
    /// Only what this recipient has a part in (unit id).
    recipient: Option<String>,
    /// `1` puts the period before and the same period a year ago beside each figure.
    #[param(inline)]
    compare: Option<Flag>,
}

/// All figures of a period.
#[utoipa::path(get, path = "/api/v1/figures", tag = "figures", params(FiguresAsked),
    responses(
        (status = 200, body = Vec<ComparedShape>), (status = 304, description = "Not changed"),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn figures(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Asked(asked): Asked<FiguresAsked>,
) -> Result<Response, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let by = asked::cut(asked.by.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let part = asked::part(
        &pack,
        asked.supporter.as_deref(),
        asked.recipient.as_deref(),
    )?;
    let compare = asked.compare == Some(Flag::Yes);
    let question = format!("figures {period} {by:?} {compare} {part:?}");
    let tag = tag(&snapshot, &caller, &question);
    if etag::is_known(&headers, &tag) {
        return Ok(etag::unchanged(&tag));
    }
    let computed = async {
        let mut engine = snapshot.engine(&pack).await?.within(part);
        let written = if compare {
            serde_json::to_vec(&engine.compared(period, by).await?)
        } else {
            serde_json::to_vec(&engine.figures(period, by).await?)
        };
        written.map_err(|error| Problem::internal(&error))
    };
    let answer = app.answers.of(&tag, computed).await?;
    let json = (header::CONTENT_TYPE, "application/json");
    Ok(etag::marked(([json], answer).into_response(), &tag))
}

/// The mark of an answer that is read from a snapshot for a caller.
pub(super) fn tag(snapshot: &Snapshot, caller: &Caller, question: &str) -> String {
    let head = match snapshot.seq() {
        // The past stays as it was; the pack in force still names its columns.
        Some(seq) => format!("{seq} {}", snapshot.mark),
        None => snapshot.reader.head().hash.clone(),
    };
    let scope = format!("{:?}", caller.access);
    etag::of(&[&head, &snapshot.pack.digest, &scope, question])
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
    /// The cut to which the part belongs; the part alone tells what is opened.
    by: Option<String>,
    /// One part of a cut: supporter's and recipient's unit id with a comma between; either may be
    /// empty (`jiangjin,`).
    cut: Option<String>,
    /// First row shown, from 0.
    from: Option<usize>,
    /// Most rows shown, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A figure opened: definition, SQL, coverage, rows with revisions and evidence.
#[utoipa::path(get, path = "/api/v1/figures/{indicator}", tag = "figures",
    params(("indicator" = String, Path, description = "Indicator id"), ExplainAsked),
    responses(
        (status = 200, body = ExplanationShape), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn explain(
    State(app): State<App>,
    caller: Caller,
    Named(indicator): Named<String>,
    Asked(asked): Asked<ExplainAsked>,
) -> Result<Json<Explanation>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    asked::cut(asked.by.as_deref())?;
    let snapshot = app.snapshot(&caller, asked.as_of.as_deref()).await?;
    let pack = snapshot.pack.clone();
    let part = match asked.cut.as_deref().map(str::trim).unwrap_or_default() {
        "" => Part::default(),
        cut => cut_of(&pack, cut)?,
    };
    let from = asked.from.unwrap_or(0);
    let limit = asked.limit.unwrap_or(100).clamp(1, 1000);
    let mut engine = snapshot.engine(&pack).await?.within(part);
    let shown = from..from.saturating_add(limit);
    let mut explanation = engine.explain(&indicator, period, shown).await?;
    mask(&pack, &mut explanation);
    Ok(Json(explanation))
}

fn cut_of(pack: &Pack, cut: &str) -> Result<Part, Problem> {
    let Some((supporter, recipient)) = cut.split_once(',') else {
        return Err(Problem::new(
            Kind::Cut,
            format!("切分“{cut}”看不懂：请写成 帮扶方,受援方，如 jiangjin,kaizhou 或 jiangjin,"),
            format!(
                "The cut “{cut}” is not understood: write SUPPORTER,RECIPIENT, as in jiangjin,kaizhou or jiangjin,"
            ),
        ));
    };
    asked::part(pack, Some(supporter), Some(recipient))
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
#[derive(Debug, Clone, Serialize, ToSchema)]
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
        (status = 401, body = Body), (status = 403, body = Body), (status = 422, body = Body),
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
