//! From figures to charts and maps; the board page uses these as well.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use qipan_figures::{By, Figure};
use qipan_model::{Certainty, Pack, Period, Unit, UnitRole};
use rust_decimal::Decimal;

use crate::charts::{Bar, BarSpec, MAX_BARS};
use crate::compose::words;
use crate::data::BriefData;
use crate::document::{Align, Column, MISSING, Row, Table};
use crate::map::{Arc, MapSpec, Region, Standing};

/// Bars of one cut of an indicator, greatest first, and the names of those that have not
/// reported. Equal values keep the printing order.
#[must_use]
pub fn cut_bars(
    data: &BriefData<'_>,
    indicator: &str,
    by: By,
    top: usize,
    title: &str,
) -> (BarSpec, Vec<String>) {
    let mut valued: Vec<(Decimal, &Figure)> = Vec::new();
    let mut missing = Vec::new();
    for figure in data
        .figures
        .iter()
        .filter(|figure| figure.by == by && figure.indicator == indicator)
    {
        match figure.value {
            Some(value) => valued.push((value, figure)),
            None => missing.push(cut_name(data.pack, figure)),
        }
    }
    valued.sort_by_key(|(value, _)| std::cmp::Reverse(*value));
    let all = valued.len();
    valued.truncate(if top == 0 {
        MAX_BARS
    } else {
        top.min(MAX_BARS)
    });
    let bars: Vec<Bar> = valued
        .iter()
        .map(|(value, figure)| Bar {
            label: cut_name(data.pack, figure),
            value: Some(*value),
            display: figure.display.clone(),
            href: None,
        })
        .collect();
    let name = data
        .indicator(indicator)
        .map_or(indicator, |known| known.name.as_str());
    let shown = bars
        .iter()
        .map(|bar| format!("{}{}", bar.label, bar.display))
        .collect::<Vec<_>>()
        .join("，");
    let rest = if all > bars.len() {
        format!("（共{all}个，列前{}个）", bars.len())
    } else {
        String::new()
    };
    let spec = BarSpec {
        title: title.to_owned(),
        desc: format!("条形图，{name}{rest}：{shown}。"),
        label_head: match by {
            By::Link => "结对关系".to_owned(),
            By::Supporter => data.pack.mechanism.supporter_word.clone(),
            By::Group => "结对组".to_owned(),
            By::Recipient | By::Whole => data.pack.mechanism.recipient_word.clone(),
        },
        value_head: name.to_owned(),
        bars,
    };
    (spec, missing)
}

/// Short name of the part of a cut: 开州, 江津→开州.
fn cut_name(pack: &Pack, figure: &Figure) -> String {
    let [supporter, recipient] = &figure.cut_units;
    let short = |id: &str| pack.units.get(id).map(|unit| unit.short.as_str());
    match (figure.by, short(supporter), short(recipient)) {
        (By::Link, Some(supporter), Some(recipient)) => format!("{supporter}→{recipient}"),
        (By::Supporter, Some(supporter), _) => supporter.to_owned(),
        (By::Group | By::Recipient, _, Some(recipient)) => recipient.to_owned(),
        _ => figure.cut.clone(),
    }
}

/// The data behind bars.
pub(crate) fn bars_table(spec: &BarSpec) -> Table {
    pairs_table(
        &spec.title,
        &spec.label_head,
        &spec.value_head,
        spec.bars.iter().map(|bar| (&bar.label, &bar.display)),
    )
}

/// The data behind a map.
pub(crate) fn map_table(spec: &MapSpec) -> Table {
    let missing = MISSING.to_owned();
    let pairs = spec
        .regions
        .iter()
        .filter_map(|region| match &region.standing {
            Standing::Value { display, .. } => Some((&region.name, display)),
            Standing::Missing => Some((&region.name, &missing)),
            Standing::Supporter | Standing::Outside => None,
        });
    pairs_table(&spec.title, "区县", &spec.legend, pairs)
}

fn pairs_table<'a>(
    caption: &str,
    label_head: &str,
    value_head: &str,
    pairs: impl Iterator<Item = (&'a String, &'a String)>,
) -> Table {
    Table {
        number: String::new(),
        caption: caption.to_owned(),
        columns: vec![
            Column::new(label_head, Align::Left, 80),
            Column::new(value_head, Align::Right, 76),
        ],
        rows: pairs
            .map(|(label, display)| Row {
                defines: None,
                cells: vec![words(label), words(display)],
            })
            .collect(),
        small: true,
    }
}

/// A map of the recipients' figures with the links in force in the period.
///
/// `figures` may hold anything; the indicator's figures by recipient are taken, or by group when
/// there are none. A recipient without a figure is [`Standing::Missing`]. A unit that has ended
/// lends its area to its successor; a zone without an area of its own lies amid the units it is
/// within. Regions carry no `href`; the board page sets them.
#[must_use]
pub fn recipient_map(
    pack: &Pack,
    period: Period,
    figures: &[&Figure],
    indicator: &str,
    title: &str,
) -> MapSpec {
    let day = period.end();
    let of = |by: By| -> BTreeMap<&str, &Figure> {
        figures
            .iter()
            .filter(|figure| figure.by == by && figure.indicator == indicator)
            .map(|figure| (figure.cut_units[1].as_str(), *figure))
            .collect()
    };
    let mut cut = of(By::Recipient);
    if cut.is_empty() {
        cut = of(By::Group);
    }
    let here = |unit: &&Unit| unit.validity.holds_on(day);
    let regions: Vec<Region> = pack
        .units
        .all()
        .iter()
        .filter(here)
        .map(|unit| {
            let codes = codes_of(pack, unit, day);
            let amid = unit
                .within
                .iter()
                .filter_map(|within| pack.units.get(within.as_str()))
                .flat_map(|within| codes_of(pack, within, day))
                .collect();
            let standing = match (unit.role, cut.get(unit.id.as_str())) {
                (UnitRole::Recipient, Some(figure)) => match figure.value {
                    Some(value) => Standing::Value {
                        value,
                        display: figure.display.clone(),
                    },
                    None => Standing::Missing,
                },
                (UnitRole::Recipient, None) => Standing::Missing,
                (UnitRole::Supporter, _) => Standing::Supporter,
                (UnitRole::None, _) => Standing::Outside,
            };
            Region {
                unit: unit.id.as_str().to_owned(),
                name: unit.name.clone(),
                label: unit.short.clone(),
                codes,
                amid,
                standing,
                href: None,
            }
        })
        .collect();
    let arcs: Vec<Arc> = pack
        .links
        .iter()
        .filter(|link| link.validity.overlaps(period.start(), day))
        .filter_map(|link| {
            Some(Arc {
                from: link.supporter.as_ref()?.as_str().to_owned(),
                to: link.recipient.as_ref()?.as_str().to_owned(),
                attested: link.certainty == Certainty::Attested,
            })
        })
        .collect();
    let name = pack
        .indicator(indicator, day)
        .map_or_else(|| indicator.to_owned(), |known| known.name.clone());
    let said = regions
        .iter()
        .filter_map(|region| match &region.standing {
            Standing::Value { display, .. } => Some(format!("{}{display}", region.label)),
            Standing::Missing => Some(format!("{}{MISSING}", region.label)),
            Standing::Supporter | Standing::Outside => None,
        })
        .collect::<Vec<_>>()
        .join("，");
    MapSpec {
        id: format!("map-{indicator}"),
        title: title.to_owned(),
        desc: format!("地图，{name}：{said}。弧线为{}条结对关系。", arcs.len()),
        legend: name,
        supporter_word: pack.mechanism.supporter_word.clone(),
        regions,
        arcs,
    }
}

/// Codes under which a unit's area may stand in the boundary file: every code of its own, and
/// those of the units that it has succeeded.
pub(crate) fn codes_of(pack: &Pack, unit: &Unit, day: Date) -> Vec<String> {
    let own = |unit: &Unit| unit.codes.iter().map(|(code, _)| code.clone()).collect();
    let mut codes: BTreeSet<String> = own(unit);
    for other in pack.units.all() {
        let ended = !other.validity.holds_on(day);
        if ended && other.successor.as_ref() == Some(&unit.id) {
            codes.extend(own(other));
        }
    }
    codes.into_iter().collect()
}
