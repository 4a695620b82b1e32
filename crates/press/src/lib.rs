//! The press check: reads a Chinese text, finds every quantity, binds it to an indicator by the
//! words around it, and holds it against the ledger.
//!
//! Pure: the text and the figures come in, claims go out. Nothing here knows any article; what
//! words speak of which indicator is the pack's business ([`qipan_model::PressTerms`]).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod bind;
mod calendar;
mod cell;
mod clean;
mod extract;
mod lexicon;
mod list;
mod numeral;
mod place;
mod quantity;
mod reason;
mod share;
mod text;
mod unit;
mod verdict;
mod when;

use qipan_model::{Period, PressTerms};
use rust_decimal::Decimal;
use serde::Serialize;

pub use extract::{ExtractError, Limits, extract};
pub use quantity::{Approx, Quantity, find_quantities};
pub use unit::Dimension;
pub use verdict::Verdict;

/// What the ledger says about one indicator.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// Indicator id.
    pub indicator: String,
    /// Base unit: 元, %, or a classifier.
    pub unit: String,
    /// Value in the base unit; `None` when nobody has reported.
    pub value: Option<Decimal>,
    /// As a brief prints it.
    pub display: String,
    /// Words by which texts speak of it.
    pub terms: PressTerms,
    /// The same for single units, when known.
    pub places: Vec<Place>,
}

/// What the ledger says about one indicator for one unit.
#[derive(Debug, Clone)]
pub struct Place {
    /// The unit's names that are safe to look for in running text (万州区, not 万州).
    pub names: Vec<String>,
    /// Its short names (万州), which count only where a phrase begins with them.
    pub short: Vec<String>,
    /// Value in the base unit; `None` when it has not reported.
    pub value: Option<Decimal>,
    /// As a brief prints it.
    pub display: String,
}

/// One statement of the text that carries a quantity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// The quantity as written, `7400余万元`.
    pub text: String,
    /// Position of its first character in the extracted text, counted in characters from 0.
    pub offset: usize,
    /// The stated number in the base unit (元, %, or pieces), of a range the lower end; a JSON
    /// number.
    #[serde(serialize_with = "as_number")]
    pub value: Option<Decimal>,
    /// The upper end of a range (30至40个).
    #[serde(serialize_with = "as_number")]
    pub upto: Option<Decimal>,
    /// Unit as written, `万元`, `个`.
    pub unit: String,
    /// The indicator it was bound to.
    pub indicator: Option<String>,
    /// The unit whose own number it states; `None` for the whole.
    pub place: Option<String>,
    /// What the ledger says to it.
    pub verdict: Verdict,
    /// The ledger's value in the base unit; a JSON number.
    #[serde(serialize_with = "as_number")]
    pub ledger: Option<Decimal>,
    /// The ledger's value as a brief prints it.
    pub display: Option<String>,
    /// The sentence around it.
    pub sentence: String,
    /// Why, in a few words, for people.
    pub reason: String,
    /// The same in English.
    pub reason_en: String,
    /// Offsets at which the same statement stands again.
    pub repeats: Vec<usize>,
}

/// Finds the claims of an extracted text and judges them. `period` is the one whose figures
/// `ledger` holds: statements about another time are not held against it.
#[must_use]
pub fn check(text: &str, ledger: &[Entry], period: Period) -> Vec<Claim> {
    let text = text::Text::new(text);
    let mut quantities = find_quantities(text.chars());
    let times = when::Times::new(&text, period);
    let bound = bind::bind(&text, &mut quantities, ledger, &times);
    let mut claims: Vec<(String, usize, Claim)> = Vec::new();
    for (quantity, binding) in quantities.iter().zip(bound) {
        let entry = binding.entry.map(|index| &ledger[index]);
        if entry.is_none() && is_bare(&text, quantity) {
            continue;
        }
        let sentence = text.sentence(quantity.start);
        let against = entry.map(|entry| place::against(entry, &binding.scope));
        let (verdict, reason) = match &against {
            None => (
                Verdict::Unmatched,
                binding.reason.unwrap_or_else(reason::Reason::no_indicator),
            ),
            Some(Err(reason)) => (Verdict::Unmatched, reason.clone()),
            Some(Ok(ledger)) => verdict::judge(quantity, ledger),
        };
        let ledger = against.and_then(Result::ok);
        let claim = Claim {
            text: text.written(quantity.start, quantity.end),
            offset: text.original(quantity.start),
            value: Some(quantity.value),
            upto: match quantity.approx {
                Approx::Between(upper) => Some(upper),
                _ => None,
            },
            unit: quantity.unit.clone(),
            indicator: entry.map(|entry| entry.indicator.clone()),
            place: ledger.as_ref().and_then(|ledger| ledger.place.clone()),
            verdict,
            ledger: ledger.as_ref().and_then(|ledger| ledger.value),
            display: ledger.map(|ledger| ledger.display.to_owned()),
            sentence: text.written(sentence.start, sentence.end).trim().to_owned(),
            reason: reason.zh,
            reason_en: reason.en,
            repeats: Vec::new(),
        };
        // The same words with other numbers are the same sentence, but only the same number in
        // it is the same statement: a changed copy must stand out as a claim of its own.
        let key = format!(
            "{}\u{1f}{}\u{1f}{}",
            claim.indicator.as_deref().unwrap_or(""),
            claim.text,
            text::without_digits(&claim.sentence),
        );
        match claims
            .iter_mut()
            .find(|(known, start, _)| *known == key && *start != sentence.start)
        {
            Some((_, _, first)) => first.repeats.push(claim.offset),
            None => claims.push((key, sentence.start, claim)),
        }
    }
    claims.into_iter().map(|(_, _, claim)| claim).collect()
}

/// A number with no unit beside it is a claim only where words bind it: others are years, codes
/// and the numbers of rows.
fn is_bare(text: &text::Text, quantity: &Quantity) -> bool {
    let last = quantity.end.checked_sub(1).map(|last| text.chars()[last]);
    quantity.dimension == Dimension::Unstated || last.is_some_and(|c| c.is_ascii_digit())
}

/// Writes a decimal as a JSON number without passing through a float.
fn as_number<S: serde::Serializer>(value: &Option<Decimal>, out: S) -> Result<S::Ok, S::Error> {
    match value.map(|decimal| {
        decimal
            .normalize()
            .to_string()
            .parse::<serde_json::Number>()
    }) {
        Some(Ok(number)) => number.serialize(out),
        _ => out.serialize_none(),
    }
}
