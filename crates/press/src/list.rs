//! 分别: a list of things and a list of numbers, in the same order.

use std::ops::Range;

use crate::Quantity;
use crate::numeral::starts_with;
use crate::text::Text;

/// For each quantity the item of a list that is its alone (学校、医院分别达21所、11所), if any.
pub(crate) fn items(text: &Text, quantities: &[Quantity]) -> Vec<Option<Range<usize>>> {
    let mut items = vec![None; quantities.len()];
    let mut nth = 0;
    while nth < quantities.len() {
        let run = run(text, quantities, nth);
        let start = quantities[nth].start;
        let clause = text.clause(start);
        let word = (clause.start..start)
            .rev()
            .find(|at| starts_with(text.chars(), *at, "分别"));
        if run > 1
            && let Some(at) = word
        {
            let listed = if at - clause.start >= 2 {
                Some(clause.start..at)
            } else {
                text.clauses_before(start, text.sentence(start).start)
                    .next()
            };
            let parts = listed.map_or_else(Vec::new, |listed| split(text, listed));
            if parts.len() == run {
                for (offset, part) in parts.into_iter().enumerate() {
                    items[nth + offset] = Some(part);
                }
            }
        }
        nth += run;
    }
    items
}

/// How many quantities from one on stand side by side, with nothing but 、 or 和 in between.
fn run(text: &Text, quantities: &[Quantity], first: usize) -> usize {
    1 + quantities[first..]
        .windows(2)
        .take_while(|pair| {
            let between = pair[0].end..pair[1].start.max(pair[0].end);
            let words = text.slice(between);
            matches!(
                words.trim(),
                "、" | "和" | "与" | "及" | "，" | "," | "以及"
            )
        })
        .count()
}

fn split(text: &Text, range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    for at in range.clone() {
        if matches!(text.chars()[at], '、' | '和' | '与' | '及') {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..range.end);
    parts.retain(|part| !part.is_empty());
    parts
}
