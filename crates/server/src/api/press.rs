//! The press check: a text held against the ledger.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use qipan_briefs::ledger_of;
use qipan_model::{Action, Pack, Period};
use qipan_press::{Claim, Limits, Verdict};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shapes::{exact, json};
use crate::asked::Asked;
use crate::caller::Caller;
use crate::layers::MOST_BODY;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// What a press check may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PressAsked {
    /// Period whose figures the text is held against, as for figures.
    period: Option<String>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
}

/// A checked text.
#[derive(Serialize, ToSchema)]
pub(crate) struct PressAnswer {
    /// The text as it was taken out of the file.
    pub text: String,
    /// Its claims in the order of the text; a statement that is made again stands again.
    pub claims: Vec<PressClaim>,
    /// Different statements that the ledger confirms.
    pub confirmed: usize,
    /// Different statements that the ledger contradicts.
    pub contradicted: usize,
    /// Different statements for which no indicator was found.
    pub unmatched: usize,
    /// Period.
    pub period: String,
    /// Moment as of which the ledger was read, RFC 3339 UTC.
    pub as_of: String,
}

/// What the ledger says to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PressVerdict {
    /// The ledger gives the stated number, at the stated precision.
    Confirmed,
    /// The ledger gives another number.
    Contradicted,
    /// No indicator was found that the number speaks of, or the ledger has no value for it.
    Unmatched,
}

/// One quantity that the text states.
#[derive(Serialize, ToSchema)]
pub(crate) struct PressClaim {
    /// As written, `7400余万元`.
    pub text: String,
    /// Place of its first character in `text`, counted in Unicode characters from 0.
    pub offset: usize,
    /// How many Unicode characters it is long.
    pub length: usize,
    /// The stated number in the base unit, of a range the lower end.
    #[schema(schema_with = exact)]
    pub value: serde_json::Value,
    /// The upper end of a range.
    #[schema(schema_with = exact)]
    pub upto: serde_json::Value,
    /// Unit as written, `万元`.
    pub unit: String,
    /// Id of the indicator it was bound to.
    pub indicator: Option<String>,
    /// The indicator's name.
    pub name: Option<String>,
    /// The indicator's English name.
    pub name_en: Option<String>,
    /// The unit whose own number it states, by name; `null` for the whole.
    pub place: Option<String>,
    /// What the ledger says to it.
    pub verdict: PressVerdict,
    /// The ledger's value in the base unit.
    #[schema(schema_with = exact)]
    pub ledger: serde_json::Value,
    /// The ledger's value as a brief prints it.
    pub display: Option<String>,
    /// Why, in a few words.
    pub reason: String,
    /// The same in English; words of the text stay as they stand in it.
    pub reason_en: String,
    /// Whether the same statement was made before.
    pub repeat: bool,
}

/// Holds a text against the ledger of a period. The body is plain text, HTML or DOCX, told by its
/// content, of at most 1 MB; it is not kept.
#[utoipa::path(post, path = "/api/v1/press-check", tag = "briefs", params(PressAsked),
    request_body(description = "The text", content(
        (String = "text/plain"),
        (String = "text/html"),
        (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    )),
    responses(
        (status = 200, body = PressAnswer), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 413, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn press_check(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<PressAsked>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<PressAnswer>, Problem> {
    caller.need(Action::Check)?;
    let body = body.map_err(|rejection| refused(&rejection))?;
    let period = app.period(asked.period.as_deref())?;
    let as_of = asked.as_of.as_deref();
    let snapshot = app.snapshot_for(&caller, Action::Check, as_of).await?;
    let (pack, as_of) = (snapshot.pack.clone(), snapshot.mark.clone());
    let mut engine = snapshot.engine(&pack).await?;
    let ledger = ledger_of(&mut engine, &pack, period).await?;
    drop(engine);
    // Reading a long text is work for a thread of its own.
    let checked = tokio::task::spawn_blocking(move || {
        let text = qipan_press::extract(&body, &Limits::default())?;
        let claims = qipan_press::check(&text, &ledger, period);
        Ok::<_, qipan_press::ExtractError>((text, claims))
    });
    let (text, claims) = checked
        .await
        .map_err(|error| Problem::internal(&error))?
        .map_err(|error| Problem::new(Kind::Text, error.to_string(), "The text cannot be read"))?;
    let count = |verdict| claims.iter().filter(|one| one.verdict == verdict).count();
    Ok(Json(PressAnswer {
        confirmed: count(Verdict::Confirmed),
        contradicted: count(Verdict::Contradicted),
        unmatched: count(Verdict::Unmatched),
        claims: each(&pack, period, &claims),
        text,
        period: period.to_string(),
        as_of,
    }))
}

fn refused(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(
            Kind::TooLarge,
            format!("文稿太大：最多 {MOST_BODY} 字节，请分段核对，或用 qipan check 文件"),
            format!(
                "The text is too large: at most {MOST_BODY} bytes; check it in parts, or use qipan check FILE"
            ),
        );
    }
    let why = rejection.body_text();
    Problem::new(
        Kind::BadQuery,
        format!("文稿没有收全（{why}）：请重试"),
        format!("The text did not arrive whole ({why}): try again"),
    )
}

/// The claims at each of their places.
fn each(pack: &Pack, period: Period, claims: &[Claim]) -> Vec<PressClaim> {
    let number = |value: Option<Decimal>| {
        value.map_or(serde_json::Value::Null, |value| {
            json(&qipan_model::Value::Decimal(value))
        })
    };
    let mut each: Vec<PressClaim> = Vec::new();
    for claim in claims {
        let indicator = claim
            .indicator
            .as_deref()
            .and_then(|id| pack.indicator(id, period.end()));
        let places = std::iter::once((claim.offset, false))
            .chain(claim.repeats.iter().map(|offset| (*offset, true)));
        for (offset, repeat) in places {
            each.push(PressClaim {
                text: claim.text.clone(),
                offset,
                length: claim.text.chars().count(),
                value: number(claim.value),
                upto: number(claim.upto),
                unit: claim.unit.clone(),
                indicator: claim.indicator.clone(),
                name: indicator.map(|one| one.name.clone()),
                name_en: indicator.map(|one| one.name_en.clone()),
                place: claim.place.clone(),
                verdict: match claim.verdict {
                    Verdict::Confirmed => PressVerdict::Confirmed,
                    Verdict::Contradicted => PressVerdict::Contradicted,
                    Verdict::Unmatched => PressVerdict::Unmatched,
                },
                ledger: number(claim.ledger),
                display: claim.display.clone(),
                reason: claim.reason.clone(),
                reason_en: claim.reason_en.clone(),
                repeat,
            });
        }
    }
    each.sort_by_key(|claim| claim.offset);
    each
}
