//! Binds quantities to indicators by the words around them.
//!
//! Three things decide: the kind of unit (never crossed), how near the indicator's words stand
//! (the number's own clause before its sentence before the sentence before), and who owns a word:
//! in 13个主城协同区联合10个“两群”区县 the words right after a number belong to that number. The
//! stated value plays no part, so a wrong number binds like a right one and is contradicted.

use std::collections::BTreeSet;
use std::ops::Range;

use pathfinding::prelude::{Matrix, kuhn_munkres};

use crate::cell::Cell;
use crate::clean::is_pictograph;
use crate::lexicon::Words;
use crate::list;
use crate::numeral::starts_with;
use crate::place::{Mentions, Scope};
use crate::reason::Reason;
use crate::text::Text;
use crate::when::{self, Times};
use crate::{Dimension, Entry, Quantity};

/// Below this nothing is bound.
const THRESHOLD: f64 = 0.5;
/// The same for a number without a unit, of whose words one must touch it.
const UNSTATED_THRESHOLD: f64 = 0.55;
/// What is left of a word's weight when another number of the same kind owns it.
const OWNED_BY_OTHER: f64 = 0.35;
/// The same when the owner is of another kind (52场次就业培训，2171人次).
const OWNED_BY_OTHER_KIND: f64 = 0.75;
/// What a word that speaks against an indicator takes away.
const AGAINST: f64 = 0.3;
/// A word of the sentence before.
const SENTENCE_BEFORE: f64 = 0.35;
/// The same when the number's own clause names nothing (其总数为144个).
const TAKEN_UP: f64 = 0.65;
/// A word of the heading that the line stands under.
const HEADING: f64 = 0.5;
/// A word of a table's caption.
const CAPTION: f64 = 0.5;

/// Where a quantity was bound.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// Index of the ledger entry.
    pub(crate) entry: Option<usize>,
    /// Why it was not bound; `None` when it was.
    pub(crate) reason: Option<Reason>,
    /// Whose number it is.
    pub(crate) scope: Scope,
}

/// What is known of a number before its words are weighed.
struct Known {
    cell: Option<Cell>,
    scope: Scope,
    /// Why it is no number of the period.
    other: Option<Reason>,
    /// The item of a list with 分别 that is its alone.
    own: Option<Range<usize>>,
}

/// Binds each quantity; of one sentence or row no indicator is bound twice for the same unit.
pub(crate) fn bind(
    text: &Text,
    quantities: &mut [Quantity],
    ledger: &[Entry],
    times: &Times,
) -> Vec<Binding> {
    let lexicon: Vec<Words> = ledger.iter().map(Words::new).collect();
    let mentions = Mentions::new(text, ledger);
    let items = list::items(text, quantities);
    let mut known: Vec<Known> = Vec::with_capacity(quantities.len());
    for (nth, own) in items.into_iter().enumerate() {
        let cell = Cell::of(text, &quantities[nth]);
        if let Some(cell) = &cell {
            cell.measure(text, &mut quantities[nth]);
        }
        let quantity = &quantities[nth];
        let previous = nth
            .checked_sub(1)
            .map(|last| (&quantities[last], &known[last].scope));
        known.push(Known {
            scope: mentions.scope(text, quantity, own.as_ref(), cell.as_ref(), previous),
            other: other(text, quantity, cell.as_ref(), times),
            cell,
            own,
        });
    }
    let mut bindings: Vec<Binding> = known
        .iter()
        .map(|known| Binding {
            entry: None,
            reason: known.other.clone(),
            scope: known.scope.clone(),
        })
        .collect();
    let mut bound_before: BTreeSet<(usize, Scope)> = BTreeSet::new();
    let mut first = 0;
    while first < quantities.len() {
        let sentence = text.sentence(quantities[first].start);
        let last = first
            + quantities[first..]
                .iter()
                .take_while(|quantity| quantity.start < sentence.end)
                .count()
                .max(1);
        let reading = Reading {
            text,
            siblings: &quantities[first..last],
            known: &known[first..last],
            lexicon: &lexicon,
        };
        let bound = reading.assign(&bound_before, &mut bindings[first..last]);
        if !bound.is_empty() {
            bound_before = bound;
        }
        first = last;
    }
    bindings
}

/// Why a number is not of the period.
fn other(text: &Text, quantity: &Quantity, cell: Option<&Cell>, times: &Times) -> Option<Reason> {
    let (start, end) = (quantity.start, quantity.end);
    match cell {
        Some(cell) => times.other_in(&cell.places()),
        None => when::change(text, start)
            .or_else(|| {
                when::before_a_change(text, start, end).then(|| {
                    Reason::new("说的是变动之前的数", "it is what stood before the change")
                })
            })
            .or_else(|| when::average(text, start))
            .or_else(|| when::condition(text, quantity))
            .or_else(|| times.other(text, start)),
    }
}

/// The numbers of one sentence.
struct Reading<'a> {
    text: &'a Text,
    siblings: &'a [Quantity],
    known: &'a [Known],
    lexicon: &'a [Words],
}

impl Reading<'_> {
    /// All numbers of the sentence together: the assignment with the greatest sum of scores.
    fn assign(
        &self,
        before: &BTreeSet<(usize, Scope)>,
        bindings: &mut [Binding],
    ) -> BTreeSet<(usize, Scope)> {
        let mut bound = BTreeSet::new();
        let scopes: BTreeSet<&Scope> = self.known.iter().map(|known| &known.scope).collect();
        for scope in scopes {
            let members: Vec<usize> = (0..self.siblings.len())
                .filter(|nth| self.known[*nth].scope == *scope && self.known[*nth].other.is_none())
                // X（Y） says the same number twice.
                .filter(|nth| self.restates(*nth).is_none())
                .collect();
            if members.is_empty() {
                continue;
            }
            let columns = self.lexicon.len() + members.len();
            let weights = Matrix::from_fn(members.len(), columns, |(row, column)| {
                // The columns after the indicators stand for "none".
                let Some(words) = self.lexicon.get(column) else {
                    return 0;
                };
                let nth = members[row];
                let repeated = before.contains(&(column, scope.clone()));
                if repeated && self.is_part_of_a_whole(nth) {
                    return 0;
                }
                (self.score(nth, words) * 10_000.0) as i64
            });
            let (_, chosen) = kuhn_munkres(&weights);
            for (row, column) in chosen.into_iter().enumerate() {
                let binding = &mut bindings[members[row]];
                if weights[(row, column)] > 0 {
                    binding.entry = Some(column);
                    binding.reason = None;
                    bound.insert((column, scope.clone()));
                } else if let Some((_, word)) =
                    when::goal(self.text, self.siblings[members[row]].start)
                {
                    binding.reason = Some(Reason::not_the_end(word));
                }
            }
        }
        for nth in 0..self.siblings.len() {
            if bindings[nth].entry.is_none()
                && let Some(twin) = self.restates(nth).or_else(|| self.twin(nth, bindings))
            {
                bindings[nth] = bindings[twin].clone();
            }
        }
        bound
    }

    /// The number right before the bracket that a number stands in: 百分之三十六点八（36.8%）.
    fn restates(&self, nth: usize) -> Option<usize> {
        let before = nth.checked_sub(1)?;
        let (first, second) = (&self.siblings[before], &self.siblings[nth]);
        let between = self.text.slice(first.end.min(second.start)..second.start);
        let within = matches!(between.trim_start_matches(' '), "（" | "(" | "（即" | "(即");
        let closed = matches!(self.text.chars().get(second.end), Some('）' | ')'));
        (within && closed && first.dimension == second.dimension).then_some(before)
    }

    /// A bound number of the sentence that says the same, so that 144个 may be said twice.
    fn twin(&self, nth: usize, bindings: &[Binding]) -> Option<usize> {
        let own = &self.siblings[nth];
        (0..self.siblings.len()).find(|&other| {
            let sibling = &self.siblings[other];
            bindings[other].entry.is_some_and(|entry| {
                sibling.value == own.value
                    && sibling.classifier == own.classifier
                    && self.known[other].scope == self.known[nth].scope
                    && self.known[nth].other.is_none()
                    && self.score(nth, &self.lexicon[entry]) > 0.0
            })
        })
    }

    /// 其中: what follows is a part of what was just counted.
    fn is_part_of_a_whole(&self, nth: usize) -> bool {
        let start = self.siblings[nth].start;
        (self.text.sentence(start).start..start)
            .any(|at| starts_with(self.text.chars(), at, "其中"))
    }

    /// How well a number speaks of an indicator, 0 or at least the threshold.
    fn score(&self, nth: usize, words: &Words) -> f64 {
        let quantity = &self.siblings[nth];
        let says_nothing = self.known[nth]
            .cell
            .as_ref()
            .is_some_and(|cell| cell.numbers_rows || cell.in_company);
        if says_nothing && quantity.dimension == Dimension::Unstated {
            return 0.0;
        }
        let fit = words.fits(quantity);
        if fit == 0.0 || words.all.is_empty() || !self.goal_is_its_own(nth, words) {
            return 0.0;
        }
        let weigh = |group: &Vec<Vec<char>>| {
            group
                .iter()
                .map(|word| self.weight(nth, word, words))
                .fold(0.0, f64::max)
        };
        let groups: Vec<f64> = words.all.iter().map(weigh).collect();
        // The first group names what is counted: without it nothing is.
        if groups.first().is_none_or(|first| *first < 0.2) {
            return 0.0;
        }
        let near = groups.iter().sum::<f64>() / groups.len() as f64;
        let score = (near
            - if self.speaks_against(nth, words) {
                AGAINST
            } else {
                0.0
            })
            * fit;
        let unstated = quantity.dimension == Dimension::Unstated && self.known[nth].cell.is_none();
        if unstated && !self.touches(nth, words) {
            return 0.0;
        }
        let threshold = if unstated {
            UNSTATED_THRESHOLD
        } else {
            THRESHOLD
        };
        if score < threshold { 0.0 } else { score }
    }

    /// Whether a goal word before the number, if there is one, is a word of the indicator itself
    /// (计划建设园区 is what it counts).
    fn goal_is_its_own(&self, nth: usize, words: &Words) -> bool {
        if self.known[nth].cell.is_some() {
            return true;
        }
        let Some((at, goal)) = when::goal(self.text, self.siblings[nth].start) else {
            return true;
        };
        let goal: Vec<char> = goal.chars().collect();
        let owns = |words: &Words| {
            words.all.iter().flatten().any(|word| {
                let inside = word
                    .windows(goal.len())
                    .position(|part| part == goal.as_slice());
                inside.is_some_and(|inside| {
                    at >= inside && self.text.chars()[at - inside..].starts_with(word)
                })
            })
        };
        // 计划建设园区16个、挂牌6个: the word is spent on the number before.
        let spent = (0..nth)
            .find(|other| self.siblings[*other].start > at)
            .is_some_and(|first| {
                let clause = self.text.clause(self.siblings[first].start);
                self.lexicon.iter().any(|other| {
                    let named = |word: &Vec<char>| {
                        self.text.occurrences(word, clause.clone()).next().is_some()
                    };
                    other.fits(&self.siblings[first]) > 0.0
                        && owns(other)
                        && other
                            .all
                            .first()
                            .is_some_and(|group| group.iter().any(named))
                })
            });
        spent || owns(words)
    }

    fn speaks_against(&self, nth: usize, words: &Words) -> bool {
        let clause = self.text.clause(self.siblings[nth].start);
        words.none.iter().any(|word| match &self.known[nth].cell {
            Some(cell) => cell
                .places()
                .iter()
                .any(|place| self.text.occurrences(word, place.clone()).next().is_some()),
            None => self.text.occurrences(word, clause.clone()).any(|at| {
                self.owner(at, word.len())
                    .or_else(|| self.nearest(at, word.len()))
                    == Some(nth)
            }),
        })
    }

    /// The number nearest to a word, if one is; 、 keeps what it parts at a distance.
    fn nearest(&self, at: usize, length: usize) -> Option<usize> {
        let distance = |quantity: &Quantity| {
            let between = if at >= quantity.end {
                quantity.end..at
            } else {
                (at + length).min(quantity.start)..quantity.start
            };
            let parted = self.text.chars()[between.clone()]
                .iter()
                .filter(|c| matches!(c, '、' | '，' | ',' | '；'))
                .count();
            between.len() + 10 * parted
        };
        let distances: Vec<usize> = self.siblings.iter().map(distance).collect();
        let least = distances.iter().min()?;
        let mut nearest = (0..distances.len()).filter(|nth| distances[*nth] == *least);
        nearest.next().filter(|_| nearest.next().is_none())
    }

    /// Whether a word of the indicator stands right beside the number.
    fn touches(&self, nth: usize, words: &Words) -> bool {
        let quantity = &self.siblings[nth];
        let chars = self.text.chars();
        let mut before = quantity.start;
        while before > 0
            && matches!(
                chars[before - 1],
                ':' | '：' | '为' | '达' | '是' | '共' | '到' | ' '
            )
        {
            before -= 1;
        }
        words.all.iter().flatten().any(|word| {
            before
                .checked_sub(word.len())
                .is_some_and(|at| chars[at..].starts_with(word))
                || chars[quantity.end..].starts_with(word)
        })
    }

    /// How strongly a word speaks for a number, 0 to 1, by its best occurrence.
    fn weight(&self, nth: usize, word: &[char], words: &Words) -> f64 {
        let text = self.text;
        let quantity = &self.siblings[nth];
        let met = |range: Range<usize>| text.occurrences(word, range).next().is_some();
        if let Some(cell) = &self.known[nth].cell {
            return match cell.places().into_iter().any(met) {
                true => 1.0,
                false if cell.caption.clone().is_some_and(met) => CAPTION,
                false => 0.0,
            };
        }
        let clause = text.clause(quantity.start);
        let sentence = text.sentence(quantity.start);
        let mut best: f64 = 0.0;
        for at in text.occurrences(word, sentence) {
            let gap = if at >= quantity.end {
                at - quantity.end
            } else {
                quantity.start.saturating_sub(at + word.len())
            };
            // Other numbers in between: the word more likely speaks of them.
            let between = self
                .siblings
                .iter()
                .filter(|other| {
                    (at < other.start && other.start < quantity.start)
                        || (quantity.start < other.start && other.start < at)
                })
                .count();
            let base = if clause.contains(&at) {
                1.0 - 0.01 * gap.min(25) as f64
            } else if at < quantity.start || self.leads(nth) {
                0.75 - 0.004 * gap.min(50) as f64
            } else {
                0.6 - 0.004 * gap.min(50) as f64
            };
            let crossed = base - 0.05 * between.min(4) as f64;
            let owned = match self.owner(at, word.len()) {
                Some(owner) if owner == nth => crossed + 0.05,
                Some(owner) if words.fits(&self.siblings[owner]) == 0.0 => {
                    crossed * OWNED_BY_OTHER_KIND
                }
                Some(_) => crossed * OWNED_BY_OTHER,
                None => crossed,
            };
            best = best.max(owned);
        }
        if let Some(before) = text.previous_sentence(quantity.start)
            && met(before)
        {
            best = best.max(if self.takes_up(nth) {
                TAKEN_UP
            } else {
                SENTENCE_BEFORE
            });
        }
        if best == 0.0 && text.heading(quantity.start).is_some_and(met) {
            best = HEADING;
        }
        best
    }

    /// Whether the number is the first clause of its sentence all by itself: 126名，是互派人员的总数.
    fn leads(&self, nth: usize) -> bool {
        let quantity = &self.siblings[nth];
        let sentence = self.text.sentence(quantity.start);
        let clause = self.text.clause(quantity.start);
        clause.start == sentence.start
            && quantity.end + 1 >= clause.end
            && self
                .text
                .slice(clause.start..quantity.start)
                .trim()
                .is_empty()
    }

    /// Whether the number's clause names nothing itself: 其总数已有144个, 数量为36891个.
    fn takes_up(&self, nth: usize) -> bool {
        const FUNCTION: &[&str] = &[
            "其中", "其", "该", "此", "这些", "这", "它们", "它", "他们", "的", "总数", "总量",
            "总额", "总计", "总", "数量", "数额", "金额", "规模", "人数", "个数", "合计", "共计",
            "共", "已经", "已", "有", "达到", "达", "为", "是", "约", "目前", "现", "则", "就",
            "到", "了", "累计", "，", " ",
        ];
        let quantity = &self.siblings[nth];
        let clause = self.text.clause(quantity.start);
        let mut lead = self.text.slice(clause.start..quantity.start);
        for word in FUNCTION {
            lead = lead.replace(word, "");
        }
        let after = self.text.slice(quantity.end.min(clause.end)..clause.end);
        let taken = quantity.start > clause.start && lead.is_empty();
        taken && after.chars().filter(|c| c.is_alphanumeric()).count() == 0
    }

    /// The number that owns a word: the one whose item of a list it stands in (学校、医院分别为21所、
    /// 11家), or whose unit ends right before it, with at most a quotation mark or a short attribute
    /// in between (6个产业协作园区, 14个“两群”脱贫区县).
    fn owner(&self, at: usize, length: usize) -> Option<usize> {
        const REACH: usize = 4;
        const PARTING: &str = "、，,和与及联帮为在开的（(";
        let chars = self.text.chars();
        let own = |known: &Known| known.own.as_ref().is_some_and(|own| own.contains(&at));
        self.known.iter().position(own).or_else(|| {
            self.siblings.iter().enumerate().position(|(nth, quantity)| {
                quantity.dimension != Dimension::Unstated
                    && (quantity.end..quantity.end + REACH + 1).contains(&at)
                    && !chars[quantity.end..at].iter().any(|c| PARTING.contains(*c) || is_pictograph(*c))
                    // 规划16个挂牌6个: a word between two numbers may be either's.
                    && self.siblings.get(nth + 1).is_none_or(|next| next.start > at + length)
            })
        })
    }
}
