//! Boundaries of the units, for the map.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use qipan_briefs::map::geojson;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::asked::Asked;
use crate::caller::Caller;
use crate::etag;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// What boundaries may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoundariesAsked {
    /// Period at whose end the units are drawn, as for figures.
    period: Option<String>,
}

/// The areas as GeoJSON (RFC 7946).
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes qipan_briefs::map::geojson as it is sent"
)]
pub(crate) struct Boundaries {
    /// `FeatureCollection`.
    #[schema(rename = "type")]
    kind: String,
    /// Whose the boundaries are, with the caveat that the law asks for; to be shown with the map.
    attribution: String,
    /// Longitude and latitude of each unit by its id, zones without an area too.
    places: BTreeMap<String, Vec<f64>>,
    /// The areas.
    features: Vec<Area>,
}

/// The area of a unit, or one that belongs to none.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes qipan_briefs::map::geojson as it is sent"
)]
pub(crate) struct Area {
    /// `Feature`.
    #[schema(rename = "type")]
    kind: String,
    /// Unit id; of an area that belongs to no unit its code.
    id: String,
    /// What it is.
    properties: AreaProperties,
    /// Where it is.
    geometry: AreaGeometry,
}

/// What an area is.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes qipan_briefs::map::geojson as it is sent"
)]
pub(crate) struct AreaProperties {
    /// Unit id; `null` for an area that belongs to no unit.
    unit: Option<String>,
    /// Code on the day.
    code: String,
    /// Full name.
    name: String,
    /// Short name.
    short: String,
    /// English name.
    name_en: String,
    /// `supporter`, `recipient` or `none`.
    role: String,
    /// Cluster id.
    cluster: String,
    /// Longitude and latitude at which its name is written.
    cp: Vec<f64>,
}

/// Where an area is.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes qipan_briefs::map::geojson as it is sent"
)]
pub(crate) struct AreaGeometry {
    /// `MultiPolygon`.
    #[schema(rename = "type")]
    kind: String,
    /// Polygons, their rings, the rings' points: longitude and latitude.
    coordinates: Vec<Vec<Vec<Vec<f64>>>>,
}

/// Boundaries of the units as GeoJSON, simplified for a screen.
#[utoipa::path(get, path = "/api/v1/boundaries", tag = "pack", params(BoundariesAsked),
    responses(
        (status = 200, body = Boundaries), (status = 304, description = "Not changed"),
        (status = 400, body = Body), (status = 401, body = Body), (status = 404, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn boundaries(
    State(app): State<App>,
    _: Caller,
    headers: HeaderMap,
    Asked(asked): Asked<BoundariesAsked>,
) -> Result<Response, Problem> {
    let day = app.period(asked.period.as_deref())?.end();
    let pack = app.declared().await?;
    let tag = etag::of(&["boundaries", &pack.digest, &day.to_string()]);
    if etag::is_known(&headers, &tag) {
        return Ok(etag::unchanged(&tag));
    }
    let boundaries = app.boundaries(&pack).ok_or_else(|| {
        Problem::new(
            Kind::NoFile,
            "机制包没有可画的边界文件：请在机制包里放 boundaries.geojson",
            "The pack has no boundaries that can be drawn: put boundaries.geojson into it",
        )
    })?;
    // Simplifying takes longer than a request should hold up others.
    let drawn = tokio::task::spawn_blocking(move || geojson(&boundaries, &pack, day));
    let drawn = drawn.await.map_err(|error| Problem::internal(&error))?;
    Ok(etag::marked(Json(drawn).into_response(), &tag))
}
