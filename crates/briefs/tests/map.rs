//! The map, on a small made-up land and on the real boundary file.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod fixture;

use fixture::{Fixture, unit};
use jiff::civil::date;
use qipan_briefs::map::{Boundaries, MapSpec, Standing, geojson, map_svg};
use qipan_briefs::recipient_map;
use qipan_figures::Figure;
use qipan_model::{Period, UnitId, UnitRole, Units, Validity};

fn spec(fixture: &Fixture, period: &str) -> MapSpec {
    let figures: Vec<&Figure> = fixture.figures.iter().collect();
    let period: Period = period.parse().unwrap();
    recipient_map(&fixture.pack, period, &figures, "PRJ-N-ISSUED", "分布")
}

fn standing<'a>(spec: &'a MapSpec, unit: &str) -> &'a Standing {
    &spec
        .regions
        .iter()
        .find(|r| r.unit == unit)
        .unwrap()
        .standing
}

#[test]
fn units_are_coloured_by_what_they_reported() {
    let fixture = Fixture::new();
    let spec = spec(&fixture, "2021H1");
    assert!(
        matches!(standing(&spec, "wanzhou"), Standing::Value { display, .. } if display == "100个")
    );
    assert!(
        matches!(standing(&spec, "chengkou"), Standing::Value { display, .. } if display == "0个")
    );
    assert_eq!(*standing(&spec, "wuxi"), Standing::Missing);
    assert_eq!(*standing(&spec, "jiangjin"), Standing::Supporter);
    // A link whose supporter is not known yet is not drawn.
    assert_eq!(spec.arcs.len(), 2);
    assert!(spec.arcs[0].attested && !spec.arcs[1].attested);
    assert!(spec.desc.contains("巫溪未报") && spec.desc.contains("城口0个"));
}

#[test]
fn draws_areas_arcs_and_labels() {
    let fixture = Fixture::new();
    let mut spec = spec(&fixture, "2021H1");
    for region in &mut spec.regions {
        region.href = Some(format!("/units/{}", region.unit));
    }
    let boundaries = Boundaries::parse(&fixture.pack.boundaries).unwrap();
    let svg = map_svg(&boundaries, &spec);
    assert!(svg.contains(r#"data-unit="wanzhou""#));
    assert!(svg.contains(r#"<a href="/units/wanzhou">"#));
    assert!(svg.contains("<title>万州区：100个</title>"));
    assert!(svg.contains("<title>巫溪县：未报</title>"));
    // An area that no unit of the pack has is drawn all the same, without a unit.
    assert!(svg.contains("<title>外县</title>"));
    // The zone has no area; its arc starts amid the district it lies in.
    assert!(svg.contains(r#"data-link="liangjiang-zone-wanzhou""#));
    assert!(svg.contains("审图号"));
    insta::assert_snapshot!(svg.replace("><", ">\n<"));
}

#[test]
fn an_ended_unit_lends_its_area_to_its_successor() {
    let mut fixture = Fixture::new();
    let last_day = jiff::civil::date(2026, 1, 24);
    let mut units = fixture.pack.units.all().to_vec();
    let old = units
        .iter_mut()
        .find(|u| u.id.as_str() == "jiangjin")
        .unwrap();
    old.validity = Validity {
        from: None,
        to: Some(last_day),
    };
    old.successor = Some(UnitId::new("new"));
    let mut new = unit("new", "新区", "500157", UnitRole::Supporter);
    new.validity.from = last_day.tomorrow().ok();
    units.push(new);
    fixture.pack.units = Units::new(units);
    let boundaries = Boundaries::parse(&fixture.pack.boundaries).unwrap();
    let before = map_svg(&boundaries, &spec(&fixture, "2025H2"));
    assert!(before.contains(r#"data-unit="jiangjin" data-code="500116""#));
    let after = map_svg(&boundaries, &spec(&fixture, "2026H1"));
    assert!(after.contains(r#"data-unit="new" data-code="500116""#));
}

#[test]
fn the_real_boundaries_stay_small() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../packs/chongqing/boundaries.geojson"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let boundaries = Boundaries::parse(&text).unwrap();
    let fixture = Fixture::new();
    let svg = map_svg(&boundaries, &spec(&fixture, "2021H1"));
    assert!(svg.len() < 200_000, "{} bytes", svg.len());
    assert_eq!(svg.matches("data-code=").count(), 38);
}

#[test]
fn neighbours_meet_without_a_gap() {
    // The edge between two squares appears with the same two ends in both paths.
    let fixture = Fixture::new();
    let boundaries = Boundaries::parse(&fixture.pack.boundaries).unwrap();
    let svg = map_svg(&boundaries, &spec(&fixture, "2021H1"));
    let corners = |code: &str| -> std::collections::BTreeSet<(i64, i64)> {
        let after = svg.split(&format!("data-code=\"{code}\"")).nth(1).unwrap();
        let path = after
            .split(" d=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let mut here = (0, 0);
        let mut all = std::collections::BTreeSet::new();
        for step in path
            .trim_start_matches('M')
            .trim_end_matches('z')
            .split('l')
        {
            let step = step.replace('-', " -");
            let numbers: Vec<i64> = step
                .split_whitespace()
                .map(|n| (n.parse::<f64>().unwrap() * 10.0).round() as i64)
                .collect();
            here = (here.0 + numbers[0], here.1 + numbers[1]);
            all.insert(here);
        }
        all
    };
    let common = corners("500101").intersection(&corners("500154")).count();
    assert_eq!(common, 2);
}

#[test]
fn the_legend_covers_nothing() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../packs/chongqing/boundaries.geojson"
    );
    let real = Boundaries::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let fixture = Fixture::new();
    let spec = spec(&fixture, "2021H1");
    let top = |svg: &str| -> f64 {
        let before = svg.split(">图例").next().unwrap();
        let y = before.rsplit(" y=\"").next().unwrap();
        y.split('"').next().unwrap().parse().unwrap()
    };
    let height = |svg: &str| -> f64 {
        let after = svg.split(" height=\"").nth(1).unwrap();
        after.split('"').next().unwrap().parse().unwrap()
    };
    // The city leaves its north-west corner free; a land that fills its frame does not.
    let svg = map_svg(&real, &spec);
    assert!(top(&svg) < 30.0);
    let full = r#"{"features":[{"id":"1","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}}]}"#;
    let svg = map_svg(&Boundaries::parse(full).unwrap(), &spec);
    assert!(top(&svg) > height(&svg) - 120.0);
}

/// The GeoJSON of the fixture and of the real file: by units, neighbours still meeting.
#[test]
fn boundaries_go_out_by_units() {
    let fixture = Fixture::new();
    let boundaries = Boundaries::parse(&fixture.pack.boundaries).unwrap();
    let drawn = geojson(&boundaries, &fixture.pack, date(2021, 6, 30));
    assert_eq!(drawn["type"], "FeatureCollection");
    assert!(drawn["attribution"].as_str().unwrap().contains("审图号"));
    let features = drawn["features"].as_array().unwrap();
    let mut units = 0;
    for feature in features {
        let properties = &feature["properties"];
        if !properties["unit"].is_null() {
            assert_eq!(feature["id"], properties["unit"]);
            let unit = fixture
                .pack
                .units
                .get(feature["id"].as_str().unwrap())
                .unwrap();
            assert_eq!(properties["name"], unit.name.as_str());
            assert!(drawn["places"][unit.id.as_str()].is_array());
            units += 1;
        }
        for polygon in feature["geometry"]["coordinates"].as_array().unwrap() {
            for ring in polygon.as_array().unwrap() {
                let ring = ring.as_array().unwrap();
                assert!(ring.len() >= 4 && ring.first() == ring.last(), "{feature}");
            }
        }
    }
    assert!(units > 0);
    // A zone has a place amid the units that it lies within, and no area.
    let zones: Vec<&str> = fixture
        .pack
        .units
        .all()
        .iter()
        .filter(|unit| !unit.within.is_empty())
        .map(|unit| unit.id.as_str())
        .collect();
    for zone in zones {
        assert!(features.iter().all(|feature| feature["id"] != zone));
        assert!(drawn["places"][zone].is_array(), "{zone}");
    }
}
