//! An indicator's words and units, ready to be looked for.

use crate::{Dimension, Entry, Quantity};

/// An indicator's words as characters.
pub(crate) struct Words {
    /// Groups of alternatives; the first names what is counted.
    pub(crate) all: Vec<Vec<Vec<char>>>,
    /// Words that speak against it.
    pub(crate) none: Vec<Vec<char>>,
    classifiers: Vec<String>,
    dimensions: Vec<Dimension>,
}

impl Words {
    pub(crate) fn new(entry: &Entry) -> Self {
        let chars = |word: &String| word.chars().collect::<Vec<char>>();
        let classifiers: Vec<String> = entry
            .terms
            .units
            .iter()
            .chain([&entry.unit])
            .map(|unit| unit.trim_start_matches(['万', '亿', '千', '百']).to_owned())
            .filter(|unit| !unit.is_empty())
            .collect();
        let dimensions = classifiers
            .iter()
            .filter_map(|word| {
                let word: Vec<char> = word.chars().collect();
                crate::unit::unit_at(&word, 0).map(|(_, dimension, _)| dimension)
            })
            .collect();
        Self {
            all: entry
                .terms
                .all
                .iter()
                .map(|group| group.iter().map(chars).collect())
                .collect(),
            none: entry.terms.none.iter().map(chars).collect(),
            classifiers,
            dimensions,
        }
    }

    /// How well the unit fits, 0 to 1.
    pub(crate) fn fits(&self, quantity: &Quantity) -> f64 {
        let counts = |dimension: &Dimension| {
            !matches!(
                dimension,
                Dimension::Money | Dimension::Percent | Dimension::Other
            )
        };
        if quantity.dimension == Dimension::Unstated {
            // 总投资7.5亿, 岗位3.7万: money is not stated without at least a magnitude.
            let money = self.dimensions.contains(&Dimension::Money) && !quantity.unit.is_empty();
            return if money || self.dimensions.iter().any(counts) {
                0.9
            } else {
                0.0
            };
        }
        if self.classifiers.contains(&quantity.classifier) {
            return 1.0;
        }
        if self.dimensions.contains(&quantity.dimension) && quantity.dimension != Dimension::Other {
            return 0.9;
        }
        // 个 counts nearly everything that is counted in pieces, but never money or person-times.
        let countable = self.dimensions.iter().any(|dimension| {
            matches!(
                dimension,
                Dimension::Pairs | Dimension::Persons | Dimension::Events
            )
        });
        if quantity.classifier == "个" && countable {
            0.8
        } else {
            0.0
        }
    }
}
