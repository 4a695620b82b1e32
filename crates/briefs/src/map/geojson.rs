//! The boundary file as GeoJSON for a browser: by units, not by codes, with no more points than a
//! screen can show.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use qipan_model::{Pack, Unit, UnitRole};
use serde_json::{Value, json};

use super::boundaries::{Boundaries, Feature, Point};
use super::simplify::simplify;
use crate::parts::codes_of;

/// Half a pixel of a map 2000 pixels wide that shows five degrees.
const TOLERANCE: f64 = 0.00125;
/// Points that are sent at the most; about 14 bytes each, half of that compressed.
const POINT_BUDGET: usize = 15_000;

/// The areas as a GeoJSON FeatureCollection: one feature for each unit that has an area on a day,
/// with the unit's id as `id`, and one for each area that belongs to no unit, with its code.
/// Beside the features, `places` says where each unit lies (zones without an area too) and
/// `attribution` whose the boundaries are.
#[must_use]
pub fn geojson(boundaries: &Boundaries, pack: &Pack, day: Date) -> Value {
    let mut polygons = simplified(boundaries);
    let mut features = Vec::new();
    let mut places = serde_json::Map::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for unit in pack
        .units
        .all()
        .iter()
        .filter(|unit| unit.validity.holds_on(day))
    {
        let codes = codes_of(pack, unit, day);
        let own: Vec<&Feature> = areas(boundaries, &codes);
        let Some(place) = middle(&own).or_else(|| amid(boundaries, pack, unit, day)) else {
            continue;
        };
        places.insert(unit.id.to_string(), position(place));
        let coordinates: Vec<Value> = own
            .iter()
            .filter(|feature| taken.insert(feature.code.clone()))
            .flat_map(|feature| polygons.remove(&feature.code).unwrap_or_default())
            .collect();
        if coordinates.is_empty() {
            continue;
        }
        features.push(json!({
            "type": "Feature",
            "id": unit.id.as_str(),
            "properties": {
                "unit": unit.id.as_str(),
                "code": unit.code_on(day),
                "name": unit.name,
                "short": unit.short,
                "name_en": unit.name_en,
                "role": unit.role,
                "cluster": unit.cluster,
                // Where drawing libraries write the name.
                "cp": position(place),
            },
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
        }));
    }
    for (code, coordinates) in polygons {
        let Some(feature) = boundaries.features.get(&code) else {
            continue;
        };
        features.push(json!({
            "type": "Feature",
            "id": code,
            "properties": {
                "unit": null, "code": code, "name": feature.name, "short": feature.name,
                "name_en": feature.name, "role": UnitRole::None, "cluster": "",
                "cp": position(feature.label),
            },
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
        }));
    }
    json!({
        "type": "FeatureCollection",
        "attribution": boundaries.attribution(),
        "places": places,
        "features": features,
    })
}

/// The polygons of each area, all simplified together so that neighbours still meet.
fn simplified(boundaries: &Boundaries) -> BTreeMap<String, Vec<Value>> {
    let rings: Vec<&Vec<Point>> = boundaries
        .features
        .values()
        .flat_map(|feature| &feature.rings)
        .collect();
    let middle = rings.iter().copied().flatten().map(|point| point.1);
    let (south, north) = middle.fold((f64::MAX, f64::MIN), |(low, high), lat| {
        (low.min(lat), high.max(lat))
    });
    let squeeze = ((south + north) / 2.0).to_radians().cos().max(0.01);
    let project = |(lon, lat): Point| (lon * squeeze, lat);
    let mut tolerance = TOLERANCE;
    let mut simple = simplify(&rings, &project, tolerance);
    while simple.iter().map(Vec::len).sum::<usize>() > POINT_BUDGET && tolerance < 1.0 {
        tolerance *= 2.0;
        simple = simplify(&rings, &project, tolerance);
    }
    let mut next = simple.into_iter();
    boundaries
        .features
        .values()
        .map(|feature| {
            let polygons = feature.polygons.iter().map(|count| {
                let rings: Vec<Value> = next.by_ref().take(*count).filter_map(ring).collect();
                rings
            });
            let polygons = polygons
                .filter(|rings| !rings.is_empty())
                .map(Value::from)
                .collect();
            (feature.code.clone(), polygons)
        })
        .collect()
}

/// A ring closed as GeoJSON wants it; `None` when nothing is left of it.
fn ring(ring: Vec<Point>) -> Option<Value> {
    let mut points: Vec<Point> = ring.into_iter().map(rounded).collect();
    points.dedup();
    if points.len() < 3 {
        return None;
    }
    points.push(points[0]);
    Some(points.into_iter().map(position).collect())
}

/// To the ten-thousandth of a degree, about ten metres.
fn rounded((lon, lat): Point) -> Point {
    let round = |degrees: f64| (degrees * 1e4).round() / 1e4;
    (round(lon), round(lat))
}

fn position(point: Point) -> Value {
    let (lon, lat) = rounded(point);
    json!([lon, lat])
}

fn areas<'b>(boundaries: &'b Boundaries, codes: &[String]) -> Vec<&'b Feature> {
    codes
        .iter()
        .filter_map(|code| boundaries.features.get(code))
        .collect()
}

fn middle(areas: &[&Feature]) -> Option<Point> {
    let count = areas.len() as f64;
    let (lon, lat) = areas.iter().fold((0.0, 0.0), |(a, b), area| {
        (a + area.label.0, b + area.label.1)
    });
    (count > 0.0).then(|| (lon / count, lat / count))
}

/// Where a unit lies that has no area of its own: amid those that it is within.
fn amid(boundaries: &Boundaries, pack: &Pack, unit: &Unit, day: Date) -> Option<Point> {
    let codes: Vec<String> = unit
        .within
        .iter()
        .filter_map(|within| pack.units.get(within.as_str()))
        .flat_map(|within| codes_of(pack, within, day))
        .collect();
    middle(&areas(boundaries, &codes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_closed_and_never_thinner_than_a_triangle() {
        let closed = ring(vec![
            (106.0, 29.0),
            (107.0, 29.0),
            (107.00001, 29.0),
            (107.0, 30.0),
        ]);
        assert_eq!(
            closed.unwrap().to_string(),
            "[[106.0,29.0],[107.0,29.0],[107.0,30.0],[106.0,29.0]]"
        );
        assert_eq!(
            ring(vec![(106.0, 29.0), (106.00001, 29.0), (107.0, 29.0)]),
            None
        );
    }

    #[test]
    fn holes_stay_with_their_polygon() {
        let square = |x: f64, size: f64| {
            format!(
                "[[{x},0],[{},0],[{},{size}],[{x},{size}],[{x},0]]",
                x + size,
                x + size
            )
        };
        let text = format!(
            r#"{{"features":[{{"id":"1","geometry":{{"type":"MultiPolygon","coordinates":[[{},{}],[{}]]}}}}]}}"#,
            square(0.0, 1.0),
            square(0.2, 0.5),
            square(5.0, 1.0)
        );
        let boundaries = Boundaries::parse(&text).unwrap();
        let polygons = &simplified(&boundaries)["1"];
        let counts: Vec<usize> = polygons
            .iter()
            .map(|polygon| polygon.as_array().unwrap().len())
            .collect();
        assert_eq!(counts, [2, 1]);
    }
}
