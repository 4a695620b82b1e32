//! Reading the boundary file (GeoJSON, RFC 7946).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Longitude and latitude in degrees.
pub(super) type Point = (f64, f64);

/// Largest boundary text that is read, in bytes.
const MAX_TEXT: usize = 32 << 20;
/// Most points that are read.
const MAX_POINTS: usize = 1_000_000;

/// Why a boundary file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Larger than the limits.
    #[error("边界文件太大：{found}，最多 {most}")]
    TooLarge {
        /// What was found.
        found: String,
        /// What is allowed.
        most: String,
    },
    /// Not GeoJSON.
    #[error("边界文件不是有效的 GeoJSON：{0}")]
    NotGeoJson(String),
    /// A feature is not usable.
    #[error("边界文件第 {number} 个要素（{code}）：{what}")]
    Feature {
        /// Number, from 1.
        number: usize,
        /// Its code.
        code: String,
        /// What is wrong.
        what: &'static str,
    },
    /// There is nothing to draw.
    #[error("边界文件里没有可画的区域")]
    Empty,
}

/// One area of the boundary file.
#[derive(Debug, Clone)]
pub(super) struct Feature {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) rings: Vec<Vec<Point>>,
    /// How many of the rings belong to each polygon, in their order.
    pub(super) polygons: Vec<usize>,
    pub(super) label: Point,
}

/// The areas of a boundary file, by code.
#[derive(Debug, Clone)]
pub struct Boundaries {
    pub(super) features: BTreeMap<String, Feature>,
    source: String,
}

#[derive(Deserialize)]
struct Collection {
    #[serde(default)]
    source: String,
    features: Vec<RawFeature>,
}

#[derive(Deserialize)]
struct RawFeature {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    coordinates: Value,
}

impl Boundaries {
    /// Reads GeoJSON: a FeatureCollection of Polygon and MultiPolygon features whose `id` (or
    /// `properties.code`) is the unit's code; `source` beside the features says whose it is.
    ///
    /// # Errors
    /// When the text is no such thing or passes a limit.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        if text.len() > MAX_TEXT {
            return Err(MapError::TooLarge {
                found: format!("{} 字节", text.len()),
                most: format!("{MAX_TEXT} 字节"),
            });
        }
        let collection: Collection =
            serde_json::from_str(text).map_err(|error| MapError::NotGeoJson(error.to_string()))?;
        let mut features = BTreeMap::new();
        let mut points = 0;
        for (index, raw) in collection.features.into_iter().enumerate() {
            let code = text_of(&raw.id)
                .or_else(|| raw.properties.get("code").and_then(text_of))
                .unwrap_or_default();
            let wrong = |what| MapError::Feature {
                number: index + 1,
                code: code.clone(),
                what,
            };
            if code.is_empty() {
                return Err(wrong("没有代码（id）"));
            }
            let polygons = polygons(&raw.geometry).ok_or_else(|| {
                wrong("几何应为 Polygon 或 MultiPolygon，坐标应为经度、纬度两个数")
            })?;
            let counts = polygons.iter().map(Vec::len).collect();
            let rings = polygons.concat();
            points += rings.iter().map(Vec::len).sum::<usize>();
            if points > MAX_POINTS {
                return Err(MapError::TooLarge {
                    found: format!("多于 {MAX_POINTS} 个点"),
                    most: format!("{MAX_POINTS} 个点"),
                });
            }
            let label = raw
                .properties
                .get("label_point")
                .and_then(point)
                .or_else(|| middle(&rings))
                .ok_or_else(|| wrong("没有一个点"))?;
            let name = raw.properties.get("name").and_then(text_of);
            features.insert(
                code.clone(),
                Feature {
                    name: name.unwrap_or_else(|| code.clone()),
                    code,
                    rings,
                    polygons: counts,
                    label,
                },
            );
        }
        if features.is_empty() {
            return Err(MapError::Empty);
        }
        Ok(Self {
            features,
            source: collection.source,
        })
    }

    /// Whether the file has an area of this code.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.features.contains_key(code)
    }

    /// Whose the boundaries are, with the caveat that the law asks for.
    #[must_use]
    pub fn attribution(&self) -> String {
        let source = if self.source.is_empty() {
            "未注明"
        } else {
            self.source.as_str()
        };
        format!("边界数据来源：{source}。示意图；公开发布前，审图号须由发布单位核实并标注。")
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn point(value: &Value) -> Option<Point> {
    let pair = value.as_array()?;
    let (lon, lat) = (pair.first()?.as_f64()?, pair.get(1)?.as_f64()?);
    ((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)).then_some((lon, lat))
}

/// The polygons of a geometry, each with its rings.
fn polygons(geometry: &Geometry) -> Option<Vec<Vec<Vec<Point>>>> {
    let polygon = |polygon: &Value| -> Option<Vec<Vec<Point>>> {
        polygon
            .as_array()?
            .iter()
            .map(|ring| {
                let mut ring: Vec<Point> =
                    ring.as_array()?.iter().map(point).collect::<Option<_>>()?;
                if ring.len() > 1 && ring.first() == ring.last() {
                    ring.pop();
                }
                Some(ring)
            })
            .collect()
    };
    match geometry.kind.as_str() {
        "Polygon" => Some(vec![polygon(&geometry.coordinates)?]),
        "MultiPolygon" => geometry
            .coordinates
            .as_array()?
            .iter()
            .map(polygon)
            .collect(),
        _ => None,
    }
}

/// Mean of the points of the longest ring: good enough to hang a label on.
fn middle(rings: &[Vec<Point>]) -> Option<Point> {
    let ring = rings.iter().max_by_key(|ring| ring.len())?;
    let count = ring.len() as f64;
    let (lon, lat) = ring
        .iter()
        .fold((0.0, 0.0), |(a, b), (lon, lat)| (a + lon, b + lat));
    (count > 0.0).then(|| (lon / count, lat / count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let error = Boundaries::parse(text).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn says_what_is_wrong() {
        check("", "GeoJSON");
        check(r#"{"features":[]}"#, "没有可画");
        let feature = |id: &str, kind: &str, coordinates: &str| {
            format!(
                r#"{{"features":[{{"id":{id},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}]}}"#
            )
        };
        check(&feature("\"\"", "Polygon", "[[[1,2]]]"), "没有代码");
        check(&feature("\"1\"", "Point", "[1,2]"), "Polygon");
        check(&feature("\"1\"", "Polygon", "[[[1,\"x\"]]]"), "经度");
        check(&feature("\"1\"", "Polygon", "[[[1,200]]]"), "经度");
        check(&feature("\"1\"", "Polygon", "[]"), "没有一个点");
        let deep = "[".repeat(100_000);
        check(&feature("\"1\"", "Polygon", &deep), "GeoJSON");
    }

    #[test]
    fn reads_both_kinds_and_number_ids() {
        let boundaries = Boundaries::parse(
            r#"{"source":"测绘局","features":[
            {"id":500101,"properties":{"name":"甲"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},
            {"properties":{"code":"2"},"geometry":{"type":"MultiPolygon","coordinates":[[[[2,0],[3,0],[3,1],[2,0]]],[[[5,5],[6,5],[6,6]]]]}}]}"#,
        )
        .unwrap();
        assert_eq!(boundaries.features["500101"].rings[0].len(), 3);
        assert_eq!(boundaries.features["2"].rings.len(), 2);
        assert!(boundaries.attribution().contains("测绘局"));
        assert!(boundaries.attribution().contains("审图号"));
    }
}
