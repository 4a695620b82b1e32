//! Drawing the map.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::boundaries::{Feature, Point};
use super::classes::{Class, classes};
use super::legend;
use super::simplify::simplify;
use super::{Boundaries, MapSpec, Region, Standing};
use crate::svg::{Canvas, FAINT, INK, ems, escape, num, safe_href, wrap};

pub(super) const WIDTH: f64 = 640.0;
pub(super) const PAD: f64 = 8.0;
const MOST_HEIGHT: f64 = 860.0;
/// Points that are allowed on paper; about 8 bytes each keeps a picture under 200 kB.
const POINT_BUDGET: usize = 15_000;
/// A quarter of a pixel cannot be seen.
const TOLERANCE: f64 = 0.25;
const OUTSIDE: &str = "#eceff1";
/// Vermilion of the Okabe–Ito palette, apart from the blues for every kind of eye.
pub(super) const ARC: &str = "#d55e00";

/// Draws a map. Equirectangular with the middle latitude true to scale: right for a province.
#[must_use]
pub fn map_svg(boundaries: &Boundaries, spec: &MapSpec) -> String {
    let frame = Frame::around(boundaries);
    let by_code: BTreeMap<&str, &Region> = spec
        .regions
        .iter()
        .flat_map(|region| region.codes.iter().map(move |code| (code.as_str(), region)))
        .collect();
    let values: Vec<_> = spec
        .regions
        .iter()
        .filter_map(|region| match &region.standing {
            Standing::Value { value, display } => Some((*value, display.clone())),
            _ => None,
        })
        .collect();
    let classes = classes(&values);
    let hatch = format!("{}-hatch", escape(&spec.id));

    let mut canvas = Canvas::new(WIDTH);
    canvas.raw(&format!(
        concat!(
            r##"<defs><pattern id="{0}" width="6" height="6" patternUnits="userSpaceOnUse">"##,
            r##"<rect width="6" height="6" fill="#fffaf0"/>"##,
            r##"<path d="M0 6L6 0" stroke="#e3cb9b" stroke-width="0.9"/></pattern></defs>"##
        ),
        hatch
    ));
    canvas.raw(r##"<g stroke="#6e7781" stroke-width="0.6" stroke-linejoin="round">"##);
    for (feature, path) in boundaries.features.values().zip(frame.paths(boundaries)) {
        area(
            &mut canvas,
            feature,
            &path,
            by_code.get(feature.code.as_str()),
            &classes,
            &hatch,
        );
    }
    canvas.raw("</g>");
    let curves = curves(boundaries, spec, &frame);
    arcs(&mut canvas, &curves);
    labels(&mut canvas, boundaries, spec, &frame, &classes);
    let taken = Taken {
        boundaries,
        frame: &frame,
        curves,
    };
    let entries = legend::entries(spec, &classes, &hatch);
    let mut bottom = match legend::corner(&entries, spec, &taken) {
        Some(corner) => {
            legend::stacked(&mut canvas, &entries, spec, corner);
            frame.height + 12.0
        }
        None => legend::in_rows(&mut canvas, &entries, spec, frame.height + 16.0),
    };
    for line in wrap(&boundaries.attribution(), (WIDTH - 2.0 * PAD) / 10.5) {
        canvas.text(PAD, bottom, 10.5, FAINT, "", &line);
        bottom += 14.0;
    }
    canvas.finish(bottom, &spec.title, &spec.desc)
}

/// From degrees to paper.
struct Frame {
    west: f64,
    north: f64,
    squeeze: f64,
    scale: f64,
    height: f64,
}

impl Frame {
    fn around(boundaries: &Boundaries) -> Self {
        let points = || {
            boundaries
                .features
                .values()
                .flat_map(|feature| feature.rings.iter().flatten().chain([&feature.label]))
        };
        let west = points().map(|p| p.0).fold(f64::MAX, f64::min);
        let east = points().map(|p| p.0).fold(f64::MIN, f64::max);
        let south = points().map(|p| p.1).fold(f64::MAX, f64::min);
        let north = points().map(|p| p.1).fold(f64::MIN, f64::max);
        let squeeze = ((south + north) / 2.0).to_radians().cos().max(0.01);
        let wide = ((east - west) * squeeze).max(1e-6);
        let high = (north - south).max(1e-6);
        let scale = ((WIDTH - 2.0 * PAD) / wide).min((MOST_HEIGHT - 2.0 * PAD) / high);
        Self {
            west,
            north,
            squeeze,
            scale,
            height: high * scale + 2.0 * PAD,
        }
    }

    fn place(&self, point: Point) -> (f64, f64) {
        (
            PAD + (point.0 - self.west) * self.squeeze * self.scale,
            PAD + (self.north - point.1) * self.scale,
        )
    }

    /// The areas' path data, in the features' order.
    fn paths(&self, boundaries: &Boundaries) -> Vec<String> {
        let rings: Vec<&Vec<Point>> = boundaries
            .features
            .values()
            .flat_map(|feature| &feature.rings)
            .collect();
        let project = |point| self.place(point);
        let mut tolerance = TOLERANCE;
        let mut simple = simplify(&rings, &project, tolerance);
        while simple.iter().map(Vec::len).sum::<usize>() > POINT_BUDGET && tolerance < 64.0 {
            tolerance *= 2.0;
            simple = simplify(&rings, &project, tolerance);
        }
        let mut next = simple.into_iter();
        boundaries
            .features
            .values()
            .map(|feature| {
                let mut path = String::new();
                for ring in next.by_ref().take(feature.rings.len()) {
                    self.ring(&ring, &mut path);
                }
                path
            })
            .collect()
    }

    /// One ring in whole tenths of a pixel, relative, so that neighbours meet exactly.
    fn ring(&self, ring: &[Point], path: &mut String) {
        if ring.len() < 3 {
            return;
        }
        let mut last: Option<(i64, i64)> = None;
        for &point in ring {
            let (x, y) = self.place(point);
            let here = ((x * 10.0).round() as i64, (y * 10.0).round() as i64);
            let tenths = |n: i64| num(n as f64 / 10.0);
            match last {
                None => {
                    let _ = write!(path, "M{} {}", tenths(here.0), tenths(here.1));
                }
                Some(last) if last == here => continue,
                Some(last) => {
                    let (dx, dy) = (here.0 - last.0, here.1 - last.1);
                    let gap = if dy < 0 { "" } else { " " };
                    let _ = write!(path, "l{}{gap}{}", tenths(dx), tenths(dy));
                }
            }
            last = Some(here);
        }
        path.push('z');
    }
}

fn area(
    canvas: &mut Canvas,
    feature: &Feature,
    path: &str,
    region: Option<&&Region>,
    classes: &[Class],
    hatch: &str,
) {
    let (fill, extra, words) = match region.map(|region| &region.standing) {
        Some(Standing::Value { value, display }) => {
            let class = classes.iter().find(|class| class.holds(*value));
            let fill = class.map_or(OUTSIDE, |class| class.fill).to_owned();
            (fill, "", format!("：{display}"))
        }
        Some(Standing::Missing) => (
            "#fff".to_owned(),
            r#" stroke-dasharray="3 2""#,
            "：未报".to_owned(),
        ),
        Some(Standing::Supporter) => (format!("url(#{hatch})"), "", String::new()),
        Some(Standing::Outside) | None => (OUTSIDE.to_owned(), "", String::new()),
    };
    let name = region.map_or(&feature.name, |region| &region.name);
    let href = region.and_then(|region| region.href.as_deref().and_then(safe_href));
    if let Some(href) = href {
        canvas.raw(&format!(r#"<a href="{}">"#, escape(href)));
    }
    let unit = region.map_or(String::new(), |region| {
        format!(r#" data-unit="{}""#, escape(&region.unit))
    });
    canvas.raw(&format!(
        r#"<path{unit} data-code="{}" fill="{fill}" fill-rule="evenodd"{extra} d="{path}"><title>{}{}</title></path>"#,
        escape(&feature.code),
        escape(name),
        escape(&words)
    ));
    if href.is_some() {
        canvas.raw("</a>");
    }
}

/// Where a unit lies on paper: on its own area, else amid the features it lies in.
fn place_of(boundaries: &Boundaries, region: &Region, frame: &Frame) -> Option<(f64, f64)> {
    let mean = |codes: &[String]| {
        let places: Vec<(f64, f64)> = codes
            .iter()
            .filter_map(|code| boundaries.features.get(code))
            .map(|feature| frame.place(feature.label))
            .collect();
        let count = places.len() as f64;
        let (x, y) = places
            .iter()
            .fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        (count > 0.0).then(|| (x / count, y / count))
    };
    mean(&region.codes).or_else(|| mean(&region.amid))
}

/// An arc on paper: start, the point that bends it, end.
struct Curve<'a> {
    from: &'a Region,
    to: &'a Region,
    attested: bool,
    points: [(f64, f64); 3],
}

impl Curve<'_> {
    /// The point a part of the way along.
    fn at(&self, t: f64) -> (f64, f64) {
        let [a, b, c] = self.points;
        let mix = |a: f64, b: f64, c: f64| {
            (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c
        };
        (mix(a.0, b.0, c.0), mix(a.1, b.1, c.1))
    }
}

/// The links whose two sides have a place.
fn curves<'a>(boundaries: &Boundaries, spec: &'a MapSpec, frame: &Frame) -> Vec<Curve<'a>> {
    let find = |unit: &str| {
        let region = spec.regions.iter().find(|region| region.unit == unit)?;
        Some((region, place_of(boundaries, region, frame)?))
    };
    spec.arcs
        .iter()
        .filter_map(|arc| {
            let ((from, start), (to, end)) = (find(&arc.from)?, find(&arc.to)?);
            let (dx, dy) = (end.0 - start.0, end.1 - start.1);
            // Bends upwards by a sixth of the way.
            let side = if dx >= 0.0 { 1.0 } else { -1.0 };
            let bend = (
                (start.0 + end.0) / 2.0 + side * dy / 6.0,
                (start.1 + end.1) / 2.0 - side * dx / 6.0,
            );
            Some(Curve {
                from,
                to,
                attested: arc.attested,
                points: [start, bend, end],
            })
        })
        .collect()
}

fn arcs(canvas: &mut Canvas, curves: &[Curve<'_>]) {
    canvas.raw(&format!(
        r#"<g fill="none" stroke="{ARC}" stroke-width="1.6" stroke-opacity="0.85">"#
    ));
    for curve in curves {
        let dash = if curve.attested {
            ""
        } else {
            r#" stroke-dasharray="5 3""#
        };
        let [start, bend, end] = curve.points.map(|(x, y)| format!("{} {}", num(x), num(y)));
        canvas.raw(&format!(
            r#"<path data-link="{}-{}"{dash} d="M{start}Q{bend} {end}"><title>{}→{}</title></path><circle cx="{}" cy="{}" r="2.4" fill="{ARC}" stroke="none"/>"#,
            escape(&curve.from.unit),
            escape(&curve.to.unit),
            escape(&curve.from.name),
            escape(&curve.to.name),
            num(curve.points[2].0),
            num(curve.points[2].1),
        ));
    }
    canvas.raw("</g>");
}

/// What is drawn already, so that the legend finds a free corner.
pub(super) struct Taken<'a> {
    boundaries: &'a Boundaries,
    frame: &'a Frame,
    curves: Vec<Curve<'a>>,
}

impl Taken<'_> {
    /// Height of the map on paper.
    pub(super) fn height(&self) -> f64 {
        self.frame.height
    }

    /// Whether nothing is drawn within a box (left, top, right, bottom).
    pub(super) fn free(&self, within: Box4) -> bool {
        let inside =
            |(x, y): (f64, f64)| within[0] < x && x < within[2] && within[1] < y && y < within[3];
        let middle = ((within[0] + within[2]) / 2.0, (within[1] + within[3]) / 2.0);
        let crossed = self
            .curves
            .iter()
            .any(|curve| (0..=40).any(|step| inside(curve.at(f64::from(step) / 40.0))));
        !crossed
            && self
                .boundaries
                .features
                .values()
                .flat_map(|f| &f.rings)
                .all(|ring| {
                    let mut around = false;
                    for (index, &point) in ring.iter().enumerate() {
                        let a = self.frame.place(point);
                        let b = self.frame.place(ring[(index + 1) % ring.len()]);
                        // Sampled finely enough for a box of this size.
                        let steps = ((a.0 - b.0).hypot(a.1 - b.1) / 8.0)
                            .ceil()
                            .clamp(1.0, 200.0);
                        for step in 0..steps as u32 {
                            let t = f64::from(step) / steps;
                            if inside((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)) {
                                return false;
                            }
                        }
                        let crosses = (a.1 > middle.1) != (b.1 > middle.1);
                        if crosses && middle.0 < (b.0 - a.0) * (middle.1 - a.1) / (b.1 - a.1) + a.0
                        {
                            around = !around;
                        }
                    }
                    !around
                })
    }
}

/// A label's box: left, top, right, bottom.
pub(super) type Box4 = [f64; 4];

fn labels(
    canvas: &mut Canvas,
    boundaries: &Boundaries,
    spec: &MapSpec,
    frame: &Frame,
    classes: &[Class],
) {
    let mut taken: Vec<Box4> = Vec::new();
    let linked = |unit: &str| {
        spec.arcs
            .iter()
            .any(|arc| arc.from == unit || arc.to == unit)
    };
    // Those with values first: they must not lose their place to a neighbour.
    let valued =
        |region: &&Region| matches!(region.standing, Standing::Value { .. } | Standing::Missing);
    let order = spec.regions.iter().filter(valued).chain(
        spec.regions
            .iter()
            .filter(|r| !valued(r) && linked(&r.unit)),
    );
    for region in order {
        let Some((x, y)) = place_of(boundaries, region, frame) else {
            continue;
        };
        if region.label.is_empty() {
            continue;
        }
        let (value, dark) = match &region.standing {
            Standing::Value { value, display } => {
                let dark = classes
                    .iter()
                    .any(|class| class.dark && class.holds(*value));
                (Some(display.as_str()), dark)
            }
            Standing::Missing => (Some("未报"), false),
            Standing::Supporter | Standing::Outside => (None, false),
        };
        let size = if value.is_some() { 13.0 } else { 11.0 };
        let (wide, high) = (
            ems(&region.label).max(value.map_or(0.0, ems) * 0.83) * size,
            if value.is_some() {
                size * 2.1
            } else {
                size * 1.1
            },
        );
        // On the spot, else a little below, above, right or left of it.
        let spots = [
            (0.0, 0.0),
            (0.0, high * 0.8),
            (0.0, -high * 0.8),
            (wide * 0.6, 0.0),
            (-wide * 0.6, 0.0),
        ];
        let free = spots.iter().find_map(|(dx, dy)| {
            let middle = (x + dx, y + dy);
            let mine = [
                middle.0 - wide / 2.0,
                middle.1 - high / 2.0,
                middle.0 + wide / 2.0,
                middle.1 + high / 2.0,
            ];
            let clear = taken.iter().all(|other| {
                mine[2] <= other[0]
                    || other[2] <= mine[0]
                    || mine[3] <= other[1]
                    || other[3] <= mine[1]
            });
            clear.then_some((middle, mine))
        });
        let Some((middle, mine)) = free else {
            continue;
        };
        taken.push(mine);
        let (ink, halo) = if dark {
            ("#fff", "#0b4f93")
        } else {
            (INK, "#fff")
        };
        let style = format!(
            r#" text-anchor="middle" paint-order="stroke" stroke="{halo}" stroke-width="2.4" stroke-opacity="0.75" stroke-linejoin="round""#
        );
        let top = middle.1 - high / 2.0 + size * 0.92;
        canvas.text(middle.0, top, size, ink, &style, &region.label);
        if let Some(value) = value {
            canvas.text(middle.0, top + size * 1.02, size * 0.83, ink, &style, value);
        }
    }
}
