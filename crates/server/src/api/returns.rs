//! Returns (报送): a unit says what it has to say about a register and a period.

use axum::extract::State;
use axum::http::StatusCode;
use qipan_model::{Action, Scope};
use qipan_store::ReturnKind;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::asked::{self, Sent};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// A return to be filed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReturn {
    /// Register id.
    pub register: String,
    /// Period, `2021H1`, `2021Q2`, `2021-06`, `2021`.
    pub period: String,
    /// Unit id; the caller's own when left out.
    pub unit: Option<String>,
    /// `filed` (已报), `no-change` (无变化) or `nil` (零报告).
    pub kind: String,
    /// Why, for the journal.
    pub reason: Option<String>,
}

/// Files a unit's return of a register for a period. Filing otherwise replaces the earlier one;
/// both stay in the journal.
#[utoipa::path(post, path = "/api/v1/returns", tag = "registers", operation_id = "file_return",
    request_body = NewReturn,
    responses((status = 204, description = "Filed"), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 413, body = Body), (status = 422, body = Body), (status = 429, body = Body),
        (status = 503, body = Body)))]
pub(crate) async fn file(
    State(app): State<App>,
    caller: Caller,
    Sent(sent): Sent<NewReturn>,
) -> Result<StatusCode, Problem> {
    caller.need(Action::Return)?;
    let pack = app.declared().await?;
    let register = caller.register(&pack, &sent.register)?;
    let period = asked::period(&sent.period)?;
    let kind = ReturnKind::parse(&sent.kind).ok_or_else(|| {
        Problem::new(
            Kind::Values,
            format!("kind“{}”看不懂：请填 filed、no-change 或 nil", sent.kind),
            format!(
                "The kind “{}” is not understood: filed, no-change or nil",
                sent.kind
            ),
        )
    })?;
    let asked_unit = sent.unit.as_deref().or(caller.unit.as_deref());
    let unit = asked_unit
        .and_then(|unit| pack.units.get(unit))
        .ok_or_else(|| {
            let unit = asked_unit.unwrap_or_default();
            Problem::new(
                Kind::NoUnit,
                format!("没有单位“{unit}”：全部单位见 /api/v1/units"),
                format!("There is no unit “{unit}”: /api/v1/units lists them all"),
            )
        })?;
    let theirs = match caller.access.scope(Action::Return, &register.id) {
        Scope::All => true,
        Scope::Nothing => false,
        // One files for oneself, not for the other side of a link.
        Scope::Links { units, .. } => units.contains(unit.id.as_str()),
    };
    if !theirs {
        return Err(Problem::new(
            Kind::Forbidden,
            format!(
                "不能替“{}”报送“{}”：请由本单位报送",
                unit.name, register.name
            ),
            format!(
                "You may not file “{}” for {}",
                register.name_en, unit.name_en
            ),
        ));
    }
    if !unit.validity.overlaps(period.start(), period.end()) {
        return Err(Problem::new(
            Kind::Values,
            format!(
                "“{}”在{}并不存在（尚未设立或已撤并）",
                unit.name,
                period.name()
            ),
            format!("{} did not exist in {period}", unit.name_en),
        ));
    }
    let reason = sent.reason.as_deref().unwrap_or_default().trim();
    let mut writer = app
        .state
        .store
        .begin(caller.change("return", reason))
        .await?;
    writer
        .file_return(register, period, unit.id.as_str(), kind)
        .await?;
    writer.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
