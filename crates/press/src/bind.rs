//! Binds quantities to indicators by the words around them.
//!
//! Three things decide: the kind of unit (never crossed), how near the indicator's words stand
//! (the number's own clause before its sentence before the sentence before), and who owns a word:
//! in 13个主城协同区联合10个“两群”区县 the words right after a number belong to that number. The
//! stated value plays no part, so a wrong number binds like a right one and is contradicted.

use std::ops::Range;

use pathfinding::prelude::{Matrix, kuhn_munkres};

use crate::text::Text;
use crate::{Dimension, Entry, Quantity};

/// Below this nothing is bound.
const THRESHOLD: f64 = 0.5;
/// What is left of a word's weight when another number owns it.
const OWNED_BY_OTHER: f64 = 0.35;
/// What a word that speaks against an indicator takes away.
const AGAINST: f64 = 0.3;

/// Where a quantity was bound.
pub(crate) struct Binding {
    /// Index of the ledger entry.
    pub(crate) entry: Option<usize>,
    /// Why it was not bound.
    pub(crate) reason: String,
}

/// Binds each quantity; within a sentence no indicator is bound twice.
pub(crate) fn bind(
    text: &Text,
    quantities: &[Quantity],
    ledger: &[Entry],
    year: i16,
) -> Vec<Binding> {
    let lexicon: Vec<Words> = ledger.iter().map(Words::new).collect();
    let mut bindings: Vec<Binding> = quantities
        .iter()
        .map(|_| Binding {
            entry: None,
            reason: "附近的词语对不上任何指标".to_owned(),
        })
        .collect();
    let mut first = 0;
    while first < quantities.len() {
        let sentence = text.sentence(quantities[first].start);
        let last = quantities[first..]
            .iter()
            .take_while(|quantity| quantity.start < sentence.end)
            .count()
            .max(1)
            + first;
        let siblings = &quantities[first..last];
        let weights = Matrix::from_fn(
            siblings.len(),
            lexicon.len() + siblings.len(),
            |(nth, index)| {
                // The columns after the indicators stand for "none".
                let Some(words) = lexicon.get(index) else {
                    return 0;
                };
                if other_year(text, &siblings[nth], &sentence, year).is_some() {
                    return 0;
                }
                let score = score(text, siblings, nth, words);
                if score < THRESHOLD {
                    0
                } else {
                    (score * 10_000.0) as i64
                }
            },
        );
        // All numbers of a sentence together: the assignment with the greatest sum of scores.
        let (_, columns) = kuhn_munkres(&weights);
        for (nth, column) in columns.into_iter().enumerate() {
            let binding = &mut bindings[first + nth];
            if weights[(nth, column)] > 0 {
                binding.entry = Some(column);
                binding.reason.clear();
            } else if let Some(other) = other_year(text, &siblings[nth], &sentence, year) {
                binding.reason = other;
            }
        }
        first = last;
    }
    bindings
}

/// An indicator's words as characters.
struct Words {
    all: Vec<Vec<Vec<char>>>,
    none: Vec<Vec<char>>,
    classifiers: Vec<String>,
    dimensions: Vec<Dimension>,
}

impl Words {
    fn new(entry: &Entry) -> Self {
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
                let probe: Vec<char> = "2".chars().chain(word.chars()).collect();
                crate::find_quantities(&probe)
                    .first()
                    .map(|quantity| quantity.dimension)
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
    fn fits(&self, quantity: &Quantity) -> f64 {
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

fn score(text: &Text, siblings: &[Quantity], nth: usize, words: &Words) -> f64 {
    let quantity = &siblings[nth];
    let fit = words.fits(quantity);
    if fit == 0.0 || words.all.is_empty() {
        return 0.0;
    }
    let clause = text.clause(quantity.start);
    let sentence = text.sentence(quantity.start);
    let near: f64 = words
        .all
        .iter()
        .map(|group| {
            group
                .iter()
                .map(|word| weight(text, siblings, nth, word, &clause, &sentence))
                .fold(0.0, f64::max)
        })
        .sum::<f64>()
        / words.all.len() as f64;
    let against = words.none.iter().any(|word| {
        text.occurrences(word, clause.clone())
            .any(|at| owner(text, siblings, at).is_none_or(|owner| owner == nth))
    });
    (near - if against { AGAINST } else { 0.0 }) * fit
}

/// How strongly a word speaks for a number, 0 to 1, by its best occurrence.
fn weight(
    text: &Text,
    siblings: &[Quantity],
    nth: usize,
    word: &[char],
    clause: &Range<usize>,
    sentence: &Range<usize>,
) -> f64 {
    let quantity = &siblings[nth];
    let mut best: f64 = 0.0;
    for at in text.occurrences(word, sentence.clone()) {
        let gap = if at >= quantity.end {
            at - quantity.end
        } else {
            quantity.start.saturating_sub(at + word.len())
        };
        // Other numbers in between: the word more likely speaks of them.
        let between = siblings
            .iter()
            .filter(|other| {
                (at < other.start && other.start < quantity.start)
                    || (quantity.start < other.start && other.start < at)
            })
            .count();
        let base = if clause.contains(&at) {
            1.0 - 0.01 * gap.min(25) as f64
        } else if at < quantity.start {
            0.75 - 0.004 * gap.min(50) as f64
        } else {
            0.6 - 0.004 * gap.min(50) as f64
        };
        let crossed = base - 0.05 * between.min(4) as f64;
        let owned = match owner(text, siblings, at) {
            Some(owner) if owner == nth => crossed + 0.05,
            Some(_) => crossed * OWNED_BY_OTHER,
            None => crossed,
        };
        best = best.max(owned);
    }
    if best == 0.0
        && let Some(before) = text.previous_sentence(quantity.start)
        && text.occurrences(word, before).next().is_some()
    {
        best = 0.35;
    }
    best
}

/// The number that owns a word: the one whose unit ends right before it, with at most a quotation
/// mark or a short attribute in between (6个产业协作园区, 14个“两群”脱贫区县).
fn owner(text: &Text, siblings: &[Quantity], at: usize) -> Option<usize> {
    const REACH: usize = 4;
    siblings.iter().position(|quantity| {
        quantity.end <= at
            && at - quantity.end <= REACH
            && !text.chars()[quantity.end..at].iter().any(|c| {
                matches!(
                    c,
                    '、' | '，'
                        | ','
                        | '和'
                        | '与'
                        | '及'
                        | '联'
                        | '帮'
                        | '为'
                        | '在'
                        | '开'
                        | '的'
                )
            })
    })
}

/// Whether the sentence speaks of another year than the one whose figures are held against it.
fn other_year(
    text: &Text,
    quantity: &Quantity,
    sentence: &Range<usize>,
    year: i16,
) -> Option<String> {
    let before: String = text.slice(sentence.start, quantity.start);
    let stated = before.rmatch_indices('年').find_map(|(at, _)| {
        let digits: String = before[..at]
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_digit())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        (digits.len() == 4)
            .then(|| digits.parse::<i16>().ok())
            .flatten()
    });
    if let Some(stated) = stated.filter(|stated| *stated != year) {
        return Some(format!("说的是{stated}年，不是{year}年的数"));
    }
    let clause = text.clause(quantity.start);
    let lead: String = text.slice(clause.start, quantity.start);
    ["去年", "上年", "上一年", "同比"]
        .iter()
        .find(|word| lead.contains(*word))
        .map(|word| format!("说的是“{word}”，不是{year}年的数"))
}
