//! Figures as the press check reads them.

use qipan_figures::{By, Figure};
use qipan_model::{Pack, Period, Unit, UnitRole};
use qipan_press::{Entry, Place};

/// The ledger of a period: one entry per whole figure, with the figures of single supporters and
/// recipients where they are among `figures`.
#[must_use]
pub fn ledger(pack: &Pack, period: Period, figures: &[Figure]) -> Vec<Entry> {
    figures
        .iter()
        .filter(|figure| figure.by == By::Whole)
        .filter_map(|figure| {
            let indicator = pack.indicator(&figure.indicator, period.end())?;
            let places = figures
                .iter()
                .filter(|own| own.indicator == figure.indicator)
                .filter_map(|own| place(pack, own))
                .collect();
            Some(Entry {
                indicator: figure.indicator.clone(),
                unit: figure.unit.clone(),
                value: figure.value,
                display: figure.display.clone(),
                terms: indicator.press.clone(),
                places,
            })
        })
        .collect()
}

fn place(pack: &Pack, figure: &Figure) -> Option<Place> {
    let [supporter, recipient] = &figure.cut_units;
    let (id, role) = match figure.by {
        By::Supporter => (supporter, UnitRole::Supporter),
        By::Recipient => (recipient, UnitRole::Recipient),
        By::Whole | By::Group | By::Link => return None,
    };
    let unit = pack.units.get(id).filter(|unit| unit.role == role)?;
    let short = vec![unit.short.clone()];
    Some(Place {
        names: names(unit),
        short,
        value: figure.value,
        display: figure.display.clone(),
    })
}

/// Names that cannot be a part of another word: the full name, and aliases that end like one.
/// Two-character short names also begin the names of parks, schools and roads.
fn names(unit: &Unit) -> Vec<String> {
    let whole = |name: &String| {
        name.chars().count() >= 3 && name.ends_with(['区', '县']) && *name != unit.name
    };
    let mut names = vec![unit.name.clone()];
    names.extend(
        unit.aliases
            .iter()
            .map(|(alias, _)| alias.clone())
            .filter(whole),
    );
    names
}
