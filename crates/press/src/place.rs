//! Whether a statement speaks of the whole or of one unit: 开州区获得帮扶资金0.38亿元 is held against
//! 开州区's own figure, not against the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rust_decimal::Decimal;

use crate::cell::Cell;
use crate::numeral::{ends_with, starts_with};
use crate::reason::Reason;
use crate::text::Text;
use crate::{Entry, Quantity};

/// The number that a statement is held against.
pub(crate) struct Ledger<'a> {
    pub(crate) place: Option<String>,
    pub(crate) value: Option<Decimal>,
    pub(crate) display: &'a str,
    pub(crate) unit: &'a str,
}

/// Whose number a statement gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Scope {
    /// The units by their first names; none for the whole.
    pub(crate) units: BTreeSet<String>,
    /// 我区 in a text that does not say which unit it is.
    pub(crate) unknown: Option<&'static str>,
}

/// Words that speak of the whole.
const WHOLE: &[&str] = &[
    "全市",
    "各区县",
    "各地",
    "合计",
    "总计",
    "全机制",
    "各结对",
    "全部区县",
    "重庆市共",
    "全重庆",
];
/// Words that speak of the whole where they begin a new sentence.
const SIDES: &[&str] = &["两群", "协同区", "结对区县", "主城"];
/// Words by which a unit speaks of itself.
const OURSELVES: &[&str] = &["我区", "我县", "本区", "本县", "全区", "全县"];
/// Words for a unit named elsewhere: which one is not for us to guess.
const UNNAMED: &[&str] = &["该区", "该县", "这个区", "这个县"];
/// What follows a unit's short name when it is a part of another name.
const NAMED_AFTER: &[&str] = &[
    "园", "示范", "大道", "大桥", "小学", "中学", "医院", "学校", "公路", "江景", "老人", "机场",
];

/// A mention of a unit, of the whole, or of the writer's own unit.
struct Mention {
    range: Range<usize>,
    whom: Whom,
}

#[derive(Clone, PartialEq)]
enum Whom {
    Unit(String),
    Whole,
    Sides,
    Ourselves(&'static str),
    Unnamed(&'static str),
}

/// All mentions of a text, and whose report it is.
pub(crate) struct Mentions {
    all: Vec<Mention>,
    author: Option<String>,
}

impl Mentions {
    /// Finds them.
    pub(crate) fn new(text: &Text, ledger: &[Entry]) -> Self {
        let names = names(ledger);
        let chars = text.chars();
        let mut all = Vec::new();
        let mut quoted = false;
        let mut at = 0;
        while at < chars.len() {
            match chars[at] {
                '“' | '《' | '「' => quoted = true,
                '”' | '》' | '」' | '\n' => quoted = false,
                _ => {}
            }
            let word = |words: &[&'static str]| {
                words
                    .iter()
                    .find(|word| starts_with(chars, at, word))
                    .copied()
            };
            let unit = names
                .iter()
                .find(|name| !quoted && name.stands_at(chars, at));
            let (whom, length) = if let Some(name) = unit {
                (Whom::Unit(name.first.clone()), name.chars.len())
            } else if let Some(word) = word(WHOLE) {
                (Whom::Whole, word.chars().count())
            } else if let Some(word) = word(OURSELVES) {
                (Whom::Ourselves(word), word.chars().count())
            } else if let Some(word) = word(UNNAMED) {
                (Whom::Unnamed(word), word.chars().count())
            } else if let Some(word) = word(SIDES) {
                (Whom::Sides, word.chars().count())
            } else {
                at += 1;
                continue;
            };
            all.push(Mention {
                range: at..at + length,
                whom,
            });
            at += length;
        }
        let author = author(text, &all);
        Self { all, author }
    }

    fn within(&self, range: Range<usize>) -> &[Mention] {
        let first = self
            .all
            .partition_point(|mention| mention.range.start < range.start);
        let last = self
            .all
            .partition_point(|mention| mention.range.start < range.end);
        self.all.get(first..last).unwrap_or_default()
    }

    /// Whose number this is. `own` are the words that speak of this number alone (an item of a
    /// list with 分别), `previous` the number before it and whose that was.
    pub(crate) fn scope(
        &self,
        text: &Text,
        quantity: &Quantity,
        own: Option<&Range<usize>>,
        cell: Option<&Cell>,
        previous: Option<(&Quantity, &Scope)>,
    ) -> Scope {
        if let Some(cell) = cell {
            let places = cell.places();
            let scope = places
                .iter()
                .find_map(|place| self.read(text, self.within(place.clone()), quantity));
            return scope.unwrap_or_else(|| self.default_scope());
        }
        if let Some(scope) = own.and_then(|own| self.read(text, self.within(own.clone()), quantity))
        {
            return scope;
        }
        let clause = text.clause(quantity.start);
        if let Some(scope) = self.read(text, self.within(clause.start..quantity.start), quantity) {
            return scope;
        }
        // 22个主城协同区 counts districts: no topic said before makes it one unit's.
        if counts_sides(text, quantity) {
            return self.default_scope();
        }
        // The topic of the clauses before in the sentence goes on, …
        let sentence = text.sentence(quantity.start);
        for clause in text.clauses_before(quantity.start, sentence.start) {
            let mentions = self.within(clause.clone());
            let leads = mentions
                .iter()
                .find(|mention| mention.whom != Whom::Sides)
                .is_some_and(|first| {
                    first.range.start - clause.start <= 4 || first.whom == Whom::Whole
                });
            if leads && let Some(scope) = self.read(text, mentions, quantity) {
                return scope;
            }
        }
        // … and so does that of the number in the sentence before, unless the sides are named.
        let sides = self.within(sentence.start..quantity.start);
        let before = text.previous_sentence(sentence.start);
        match (before, previous) {
            (Some(before), Some((last, scope)))
                if before.contains(&last.start)
                    && !sides.iter().any(|mention| mention.whom == Whom::Sides) =>
            {
                scope.clone()
            }
            // The same sentence, whose topic the number before has taken over already.
            (_, Some((last, scope))) if sentence.contains(&last.start) && sides.is_empty() => {
                scope.clone()
            }
            _ => self.default_scope(),
        }
    }

    fn default_scope(&self) -> Scope {
        Scope {
            units: self.author.iter().cloned().collect(),
            unknown: None,
        }
    }

    /// What mentions say, the last word about the whole first; `None` when they say nothing.
    fn read(&self, text: &Text, mentions: &[Mention], quantity: &Quantity) -> Option<Scope> {
        let mut scope: Option<Scope> = None;
        for mention in mentions {
            if is_example(text, mention, quantity) {
                continue;
            }
            match &mention.whom {
                Whom::Sides => {}
                Whom::Whole => scope = Some(Scope::default()),
                Whom::Unit(name) => {
                    scope.get_or_insert_default().units.insert(name.clone());
                }
                Whom::Unnamed(word) => scope.get_or_insert_default().unknown = Some(word),
                Whom::Ourselves(word) => {
                    let scope = scope.get_or_insert_default();
                    match &self.author {
                        Some(author) => {
                            scope.units.insert(author.clone());
                        }
                        None => scope.unknown = Some(word),
                    }
                }
            }
        }
        scope
    }
}

/// Whether what a number counts is districts of one side.
fn counts_sides(text: &Text, quantity: &Quantity) -> bool {
    const REACH: usize = 4;
    let chars = text.chars();
    let after = &chars[quantity.end..chars.len().min(quantity.end + REACH)];
    (0..after.len()).any(|at| SIDES.iter().any(|word| starts_with(after, at, word)))
}

/// 万州区、开州区等6个区县: the units named are examples of the number, not its owners; nor of a
/// number in the clause that counts districts itself (与13个主城协同区).
fn is_example(text: &Text, mention: &Mention, quantity: &Quantity) -> bool {
    const REACH: usize = 4;
    let clause = text.clause(quantity.start);
    if mention.range.end > quantity.start || mention.range.start < clause.start {
        return false;
    }
    let first = if counts_sides(text, quantity) {
        mention.range.end
    } else {
        quantity.start.saturating_sub(REACH)
    };
    (first.max(mention.range.end)..quantity.start).any(|at| text.chars()[at] == '等')
}

/// The unit that a text is the report of: it says 我区, and its first line names one unit.
fn author(text: &Text, all: &[Mention]) -> Option<String> {
    let speaks = all
        .iter()
        .any(|mention| matches!(mention.whom, Whom::Ourselves(_)));
    let chars = text.chars();
    let start = chars.iter().position(|c| !c.is_whitespace())?;
    let end = chars[start..]
        .iter()
        .position(|c| *c == '\n')
        .map_or(chars.len(), |at| start + at);
    let titled: BTreeSet<&String> = all
        .iter()
        .filter(|mention| mention.range.start >= start && mention.range.end <= end)
        .filter_map(|mention| match &mention.whom {
            Whom::Unit(name) => Some(name),
            _ => None,
        })
        .collect();
    match titled.first() {
        Some(one) if speaks && titled.len() == 1 => Some((*one).clone()),
        _ => None,
    }
}

struct Name {
    chars: Vec<char>,
    first: String,
    short: bool,
}

impl Name {
    /// Whether the name stands here as the name of the unit. A short name may be a part of
    /// another word, so it counts only at the beginning of a phrase and not before 产业园 and such.
    fn stands_at(&self, chars: &[char], at: usize) -> bool {
        if !chars[at..].starts_with(&self.chars) {
            return false;
        }
        let end = at + self.chars.len();
        let begins = || {
            at == 0
                || ["其中", "和", "与", "及"]
                    .iter()
                    .any(|word| ends_with(chars, at, word))
                || !chars[at - 1].is_alphanumeric() && !matches!(chars[at - 1], '•' | '·' | '“')
        };
        let phrase: String = chars[end..]
            .iter()
            .take(10)
            .take_while(|c| !matches!(c, '，' | '。' | '、' | '；' | '\n'))
            .collect();
        !self.short || (begins() && !NAMED_AFTER.iter().any(|word| phrase.contains(word)))
    }
}

/// All names of units that any entry knows, each with its first name, longest first.
fn names(ledger: &[Entry]) -> Vec<Name> {
    let mut all: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for place in ledger.iter().flat_map(|entry| &entry.places) {
        let Some(first) = place.names.first() else {
            continue;
        };
        for name in &place.names {
            all.insert((name, first), false);
        }
        for name in &place.short {
            all.entry((name, first)).or_insert(true);
        }
    }
    let mut names: Vec<Name> = all
        .into_iter()
        .map(|((name, first), short)| Name {
            chars: name.chars().collect(),
            first: first.to_owned(),
            short,
        })
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.chars.len()));
    names
}

/// The number of an entry that a statement of this scope is held against.
pub(crate) fn against<'a>(entry: &'a Entry, scope: &Scope) -> Result<Ledger<'a>, Reason> {
    if let Some(word) = scope.unknown {
        return Err(Reason::new(
            format!("说的是“{word}”的数，文中看不出是哪个区县"),
            format!("it speaks of “{word}”; the text does not tell which unit that is"),
        ));
    }
    let mut units = scope.units.iter();
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
            .ok_or_else(|| {
                Reason::new(
                    format!("说的是{one}的数，台账没有按它分列"),
                    format!(
                        "it speaks of “{one}”, by which the registers do not tell numbers apart"
                    ),
                )
            }),
        (Some(_), Some(_)) => {
            let all: Vec<&str> = scope.units.iter().map(String::as_str).collect();
            Err(Reason::new(
                format!("说的是{}等单位的数，不与全部的数比对", all.join("、")),
                format!(
                    "it speaks of “{}”, which is not the whole",
                    all.join("”, “")
                ),
            ))
        }
    }
}
