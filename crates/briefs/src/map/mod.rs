//! The map: units coloured by a figure, links as arcs, drawn from the pack's boundary file.

mod boundaries;
mod classes;
mod draw;
mod geojson;
mod legend;
mod simplify;

use rust_decimal::Decimal;

pub use boundaries::{Boundaries, MapError};
pub use draw::map_svg;
pub use geojson::geojson;

/// What a unit's area shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A value and how it is printed; coloured by class.
    Value {
        /// The value.
        value: Decimal,
        /// As printed.
        display: String,
    },
    /// Should have a value, but nobody has reported: drawn white and dashed, never as zero.
    Missing,
    /// A supporter: hatched.
    Supporter,
    /// Takes no part.
    Outside,
}

/// One unit on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Unit id; written as `data-unit`.
    pub unit: String,
    /// Full name.
    pub name: String,
    /// The name written on the map; empty for none.
    pub label: String,
    /// Codes of the boundary features that it fills, if the file has them.
    pub codes: Vec<String>,
    /// Codes of the features amid which it lies when it has no area of its own (zones).
    pub amid: Vec<String>,
    /// What it shows.
    pub standing: Standing,
    /// Where a click leads; only own paths, fragments and http(s) are written.
    pub href: Option<String>,
}

/// One link, drawn as an arc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arc {
    /// Unit id of the supporter.
    pub from: String,
    /// Unit id of the recipient.
    pub to: String,
    /// Whether evidence was found; the others are dashed.
    pub attested: bool,
}

/// What a map shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapSpec {
    /// Prefix of the ids within the picture; different for each picture on a page.
    pub id: String,
    /// Title, for those who hear the page.
    pub title: String,
    /// What it shows, in words.
    pub desc: String,
    /// What the colours stand for, the indicator's name.
    pub legend: String,
    /// What supporters are called.
    pub supporter_word: String,
    /// Units in printing order.
    pub regions: Vec<Region>,
    /// Links.
    pub arcs: Vec<Arc>,
}
