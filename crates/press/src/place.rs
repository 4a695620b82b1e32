//! Whether a statement speaks of the whole or of one unit: 开州区获得帮扶资金0.38亿元 is held against
//! 开州区's own figure, not against the whole.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::text::Text;
use crate::{Entry, Quantity};

/// The number that a statement is held against.
pub(crate) struct Ledger<'a> {
    pub(crate) place: Option<String>,
    pub(crate) value: Option<Decimal>,
    pub(crate) display: &'a str,
    pub(crate) unit: &'a str,
}

/// All names of units that any entry knows, each with its first name, longest first.
pub(crate) fn names(ledger: &[Entry]) -> Vec<(Vec<char>, String)> {
    let all: BTreeSet<(&str, &str)> = ledger
        .iter()
        .flat_map(|entry| &entry.places)
        .filter_map(|place| Some((place, place.names.first()?)))
        .flat_map(|(place, first)| {
            place
                .names
                .iter()
                .map(move |name| (name.as_str(), first.as_str()))
        })
        .collect();
    let mut names: Vec<(Vec<char>, String)> = all
        .into_iter()
        .map(|(name, first)| (name.chars().collect(), first.to_owned()))
        .collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    names
}

/// The units named in the number's clause before it, outside quotation marks (the name of a park
/// names no unit).
pub(crate) fn spoken_of(
    text: &Text,
    quantity: &Quantity,
    names: &[(Vec<char>, String)],
) -> BTreeSet<String> {
    let clause = text.clause(quantity.start);
    let mut quoted = false;
    let mut found = BTreeSet::new();
    let mut at = clause.start;
    while at < quantity.start {
        match text.chars()[at] {
            '“' | '《' | '「' => quoted = true,
            '”' | '》' | '」' => quoted = false,
            _ => {}
        }
        let here = names.iter().find(|(name, _)| {
            at + name.len() <= quantity.start && text.chars()[at..].starts_with(name)
        });
        at += match here {
            Some((name, first)) if !quoted => {
                found.insert(first.clone());
                name.len()
            }
            _ => 1,
        };
    }
    found
}

/// The number of an entry that a statement about these units is held against.
pub(crate) fn against<'a>(
    entry: &'a Entry,
    spoken_of: &BTreeSet<String>,
) -> Result<Ledger<'a>, String> {
    let mut units = spoken_of.iter();
    match (units.next(), units.next()) {
        (None, _) => Ok(Ledger {
            place: None,
            value: entry.value,
            display: &entry.display,
            unit: &entry.unit,
        }),
        (Some(one), None) => entry
            .places
            .iter()
            .find(|place| place.names.first() == Some(one))
            .map(|place| Ledger {
                place: Some(one.clone()),
                value: place.value,
                display: &place.display,
                unit: &entry.unit,
            })
            .ok_or_else(|| format!("说的是{one}的数，台账没有按它分列")),
        (Some(_), Some(_)) => {
            let all: Vec<&str> = spoken_of.iter().map(String::as_str).collect();
            Err(format!(
                "说的是{}等单位的数，不与全部的数比对",
                all.join("、")
            ))
        }
    }
}
