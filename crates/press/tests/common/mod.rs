//! What the tests of whole texts share: the Chongqing pack with the published figures.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs)]

use std::path::{Path, PathBuf};

use qipan_model::Period;
use qipan_pack::Source;
use qipan_press::{Entry, Place};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(file)
}

/// The period of the published article.
pub fn half_year() -> Period {
    "2021H1".parse().unwrap()
}

/// The pack's indicators with the values of the published article (domain §6), and the sample
/// half-year's own figures of a few units.
pub fn ledger() -> Vec<Entry> {
    let pack = qipan_pack::check(&Source::read_dir(&root().join("packs/chongqing")).unwrap());
    let pack = pack.pack.expect("the Chongqing pack checks");
    let published =
        std::fs::read_to_string(root().join("packs/chongqing/samples/2021H1/expected.csv"))
            .unwrap();
    let own = std::fs::read_to_string(data("places.csv")).unwrap();
    pack.indicators_on("2021-06-30".parse().unwrap())
        .map(|indicator| {
            let stated = published
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{},", indicator.id)))
                .unwrap_or_else(|| panic!("{} is not in expected.csv", indicator.id));
            // The article prints two figures rounded; the ledger holds what they were rounded from.
            let value = match stated {
                "7400余万" => "74356200",
                "36.8" => "36.8055555555",
                exact => exact,
            };
            let value = value.parse().unwrap();
            let places = own
                .lines()
                .filter_map(|line| line.strip_prefix(&format!("{},", indicator.id)))
                .map(|line| {
                    let (unit, value) = line.split_once(',').unwrap();
                    let value = value.parse().ok();
                    let known = pack
                        .units
                        .all()
                        .iter()
                        .find(|known| known.name == unit)
                        .unwrap();
                    let mut names = vec![unit.to_owned()];
                    names.extend(known.aliases.iter().map(|(alias, _)| alias.clone()).filter(
                        |alias| alias.chars().count() > 2 && alias.ends_with(['区', '县']),
                    ));
                    Place {
                        names,
                        short: vec![known.short.clone()],
                        value,
                        display: value.map_or_else(String::new, |v| indicator.format.display(v)),
                    }
                })
                .collect();
            Entry {
                indicator: indicator.id.clone(),
                unit: indicator.unit.clone(),
                value: Some(value),
                display: indicator.format.display(value),
                terms: indicator.press.clone(),
                places,
            }
        })
        .collect()
}
