//! Dropping points that cannot be seen, without tearing neighbours apart.
//!
//! Douglas–Peucker on whole rings would treat an edge differently in the two areas that share it
//! and leave slivers. So rings are first cut at junctions (points where the neighbourhood
//! changes), and each stretch is simplified in one canonical direction: both areas then keep the
//! same points.

use std::collections::{BTreeMap, BTreeSet};

use super::boundaries::Point;

/// A point as exact integers (1e-7 degrees), so that it can be compared and ordered.
type Key = (i64, i64);

fn key(point: Point) -> Key {
    (
        (point.0 * 1e7).round() as i64,
        (point.1 * 1e7).round() as i64,
    )
}

/// Simplifies all rings together; `project` gives the paper's coordinates, `tolerance` is in them.
pub(super) fn simplify(
    rings: &[&Vec<Point>],
    project: &dyn Fn(Point) -> (f64, f64),
    tolerance: f64,
) -> Vec<Vec<Point>> {
    let mut neighbours: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    for ring in rings {
        for (index, &point) in ring.iter().enumerate() {
            let next = ring[(index + 1) % ring.len()];
            neighbours.entry(key(point)).or_default().insert(key(next));
            neighbours.entry(key(next)).or_default().insert(key(point));
        }
    }
    let junction = |point: Point| neighbours.get(&key(point)).is_none_or(|set| set.len() != 2);
    rings
        .iter()
        .map(|ring| simplify_ring(ring, &junction, project, tolerance))
        .collect()
}

fn simplify_ring(
    ring: &[Point],
    junction: &dyn Fn(Point) -> bool,
    project: &dyn Fn(Point) -> (f64, f64),
    tolerance: f64,
) -> Vec<Point> {
    if ring.len() < 4 {
        return ring.to_vec();
    }
    let mut cuts: Vec<usize> = (0..ring.len()).filter(|&i| junction(ring[i])).collect();
    if cuts.is_empty() {
        // An island (or a hole that one other area fills): cut at a point both would choose,
        // and at the one farthest from it.
        let first = (0..ring.len()).min_by_key(|&i| key(ring[i])).unwrap_or(0);
        cuts.push(first);
    }
    if let [only] = cuts[..] {
        let from = project(ring[only]);
        let far = (0..ring.len())
            .max_by(|&a, &b| {
                let reach = |i: usize| {
                    let (x, y) = project(ring[i]);
                    (x - from.0).hypot(y - from.1)
                };
                reach(a)
                    .total_cmp(&reach(b))
                    .then(key(ring[a]).cmp(&key(ring[b])))
            })
            .unwrap_or(only);
        if far != only {
            cuts.push(far);
            cuts.sort_unstable();
        }
    }
    let mut kept = Vec::new();
    for (nth, &start) in cuts.iter().enumerate() {
        let end = cuts[(nth + 1) % cuts.len()];
        let length = (end + ring.len() - start - 1) % ring.len() + 1;
        let mut stretch: Vec<Point> = (0..=length)
            .map(|step| ring[(start + step) % ring.len()])
            .collect();
        let backwards = stretch
            .iter()
            .map(|&p| key(p))
            .gt(stretch.iter().rev().map(|&p| key(p)));
        if backwards {
            stretch.reverse();
        }
        let mut simple = douglas_peucker(&stretch, project, tolerance);
        if backwards {
            simple.reverse();
        }
        simple.pop();
        kept.extend(simple);
    }
    kept
}

fn douglas_peucker(
    line: &[Point],
    project: &dyn Fn(Point) -> (f64, f64),
    tolerance: f64,
) -> Vec<Point> {
    let on_paper: Vec<(f64, f64)> = line.iter().map(|&point| project(point)).collect();
    let mut keep = vec![false; line.len()];
    keep[0] = true;
    keep[line.len() - 1] = true;
    let mut spans = vec![(0, line.len() - 1)];
    while let Some((first, last)) = spans.pop() {
        let mut farthest = (tolerance, None);
        for index in first + 1..last {
            let away = distance(on_paper[index], on_paper[first], on_paper[last]);
            if away > farthest.0 {
                farthest = (away, Some(index));
            }
        }
        if let (_, Some(index)) = farthest {
            keep[index] = true;
            spans.push((first, index));
            spans.push((index, last));
        }
    }
    line.iter()
        .zip(keep)
        .filter_map(|(&point, keep)| keep.then_some(point))
        .collect()
}

/// Distance of a point from a stretch between two others.
fn distance(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    let along = if square > 0.0 {
        (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two areas side by side whose common edge is a zigzag.
    fn neighbours() -> (Vec<Point>, Vec<Point>) {
        let edge: Vec<Point> = (0..=40)
            .map(|i| {
                let y = f64::from(i) / 40.0;
                (1.0 + 0.01 * f64::from(i % 3), y)
            })
            .collect();
        let mut left = vec![(0.0, 1.0), (0.0, 0.0)];
        left.extend(&edge);
        let mut right: Vec<Point> = edge.into_iter().rev().collect();
        right.extend([(2.0, 0.0), (2.0, 1.0)]);
        (left, right)
    }

    #[test]
    fn both_sides_keep_the_same_points_of_a_common_edge() {
        let (left, right) = neighbours();
        let simple = simplify(&[&left, &right], &|p| p, 0.012);
        assert!(simple[0].len() < left.len());
        let near = |ring: &[Point]| -> BTreeSet<Key> {
            ring.iter()
                .filter(|p| (0.9..1.1).contains(&p.0))
                .map(|&p| key(p))
                .collect()
        };
        assert_eq!(near(&simple[0]), near(&simple[1]));
    }

    #[test]
    fn nothing_moves_farther_than_the_tolerance() {
        let circle: Vec<Point> = (0..360)
            .map(|deg| f64::from(deg).to_radians())
            .map(|angle| (angle.cos(), angle.sin()))
            .collect();
        let simple = &simplify(&[&circle], &|p| p, 0.01)[0];
        assert!(simple.len() > 8 && simple.len() < 60, "{}", simple.len());
        for &point in &circle {
            let away = (0..simple.len())
                .map(|i| distance(point, simple[i], simple[(i + 1) % simple.len()]))
                .fold(f64::MAX, f64::min);
            assert!(away <= 0.0101, "{away}");
        }
    }

    #[test]
    fn odd_rings_do_no_harm() {
        let same = vec![(1.0, 1.0); 9];
        let empty = Vec::new();
        let two = vec![(0.0, 0.0), (1.0, 1.0)];
        let simple = simplify(&[&same, &empty, &two], &|p| p, 0.1);
        assert!(simple[0].len() <= 9);
        assert!(simple[1].is_empty());
        assert_eq!(simple[2], two);
    }
}
