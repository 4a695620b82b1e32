//! Whether a statement speaks of the period whose figures it is held against: other years, other
//! months, goals, and amounts of change are left alone.

use std::ops::Range;

use qipan_model::Period;

use crate::calendar::{Said, part_of_year, stated_year};
use crate::numeral::{ends_with, starts_with};
use crate::reason::Reason;
use crate::text::Text;
use crate::{Approx, Dimension, Quantity};

/// A word or date by which a text says what time its numbers are of.
#[derive(Debug)]
struct Moment {
    range: Range<usize>,
    /// Why numbers after it are not held against the period; `None` when they are.
    other: Option<Reason>,
    /// Said of one clause only: 比去年同期, 由上年的.
    aside: bool,
}

/// The times that a text speaks of, in order.
pub(crate) struct Times {
    moments: Vec<Moment>,
}

/// Words that stand for the present.
const NOW: &[&str] = &[
    "目前",
    "截至目前",
    "现已",
    "迄今",
    "至今",
    "今年以来",
    "今年",
    "本年",
    "当前",
    "已累计",
];
/// Words that stand for another time than any period reported on.
const OTHER: &[&str] = &[
    "去年",
    "上年",
    "上一年",
    "前年",
    "往年",
    "历年",
    "明年",
    "后年",
    "来年",
    "近三年",
    "近年来",
    "“十三五”",
    "十三五",
    "“十四五”期间",
    "“十四五”时期",
    "“十四五”末",
    "十四五期间",
    "十四五末",
];
/// Words of goals: what follows in the sentence is not yet so.
const GOALS: &[&str] = &["目标", "力争", "预计", "预期", "有望", "打算", "预算"];
/// The same for their own clause only. An indicator that counts plans may own the word.
const PLANS: &[&str] = &["计划", "任务"];
/// Amounts of change.
const CHANGE: &[&str] = &[
    "增长",
    "增加",
    "提高",
    "上升",
    "提升",
    "下降",
    "减少",
    "降低",
    "回落",
    "增幅",
    "降幅",
    "涨幅",
    "增速",
    "增长率",
    "增长了",
    "增加了",
    "提高了",
    "上升了",
    "下降了",
    "减少了",
    "降低了",
    "增幅达",
    "增幅为",
    "增速达",
    "增速为",
];
/// After these the number is a level again.
const BECAME: &[&str] = &[
    "增加到",
    "增至",
    "增长到",
    "增长至",
    "增加至",
    "升至",
    "提高到",
    "提高至",
    "上升到",
    "上升至",
    "扩大到",
    "扩大至",
    "减少到",
    "减少至",
    "降至",
    "下降到",
    "下降至",
    "降到",
    "变为",
    "发展到",
];

impl Times {
    /// Finds what times a text speaks of, seen from a period.
    pub(crate) fn new(text: &Text, period: Period) -> Self {
        let chars = text.chars();
        let mut moments: Vec<Moment> = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let Some((end, other)) = moment(chars, at, period) else {
                at += 1;
                continue;
            };
            let compared = ["比", "较", "由", "从", "自", "同", "于", "比上", "与"]
                .iter()
                .any(|word| ends_with(chars, at, word));
            // 2021年 上半年, 去年 6月底: one time in two words; the other one of them decides.
            match moments.last_mut() {
                Some(last) if last.range.end == at && (last.other.is_some() || other.is_none()) => {
                    last.range.end = end;
                }
                _ => moments.push(Moment {
                    range: at..end,
                    other,
                    aside: compared,
                }),
            }
            at = end;
        }
        Self { moments }
    }

    /// Why a number is not of the period, from the time said before it in its own words (`own`),
    /// or earlier in the sentence.
    pub(crate) fn other(&self, text: &Text, at: usize) -> Option<Reason> {
        let clause = text.clause(at);
        let sentence = text.sentence(at);
        let nearest = self
            .moments
            .iter()
            .rev()
            .filter(|moment| moment.range.end <= at && moment.range.start >= sentence.start)
            .find(|moment| !moment.aside || moment.range.start >= clause.start)?;
        let became = BECAME.iter().any(|word| {
            text.occurrences(&word.chars().collect::<Vec<_>>(), nearest.range.end..at)
                .next()
                .is_some()
        });
        if became && nearest.range.start >= clause.start {
            None
        } else {
            nearest.other.clone()
        }
    }

    /// The same for a number in a table: its column's head and its row's words decide.
    pub(crate) fn other_in(&self, places: &[Range<usize>]) -> Option<Reason> {
        places.iter().find_map(|place| {
            self.moments
                .iter()
                .rev()
                .find(|moment| place.contains(&moment.range.start))
                .and_then(|moment| moment.other.clone())
        })
    }
}

/// The goal word before a number in its clause, if any: where it stands and what it is.
pub(crate) fn goal(text: &Text, at: usize) -> Option<(usize, &'static str)> {
    let sentence = text.sentence(at);
    let near =
        std::iter::once(text.clause(at).start..at).chain(text.clauses_before(at, sentence.start));
    for (nth, clause) in near.enumerate() {
        let plans = if nth == 0 { PLANS } else { &[] };
        let words = text.chars();
        let last = |sought: &[&'static str]| {
            clause.clone().rev().find_map(|at| {
                sought
                    .iter()
                    .find(|word| starts_with(words, at, word))
                    .map(|word| (at, *word))
            })
        };
        let goal = last(&[GOALS, plans].concat());
        // What has been done by now is no goal any more.
        match (goal, last(&["已", "目前", "截至", "累计"])) {
            (Some((goal, _)), Some((done, _))) if done > goal => return None,
            (Some(goal), _) => return Some(goal),
            (None, Some(_)) => return None,
            (None, None) => {}
        }
    }
    None
}

/// Whether a number is an amount by which something changed (增长12%, 比去年多30个).
pub(crate) fn change(text: &Text, start: usize) -> Option<Reason> {
    let chars = text.chars();
    let mut end = start;
    while end > 0 && matches!(chars[end - 1], ' ' | '了' | '约' | '近') {
        end -= 1;
    }
    let lead = text.clause(start).start..end;
    if let Some(word) = CHANGE.iter().find(|word| ends_with(chars, end, word)) {
        return Some(Reason::new(
            format!("“{word}”之后是增减的量，不是期末的数"),
            format!("after “{word}” stands an amount of change, not what stood at the end"),
        ));
    }
    let compared = lead.clone().any(|at| {
        ["比", "较", "同比", "环比"]
            .iter()
            .any(|word| starts_with(chars, at, word))
    });
    let more = [
        "多", "少", "增", "降", "多了", "少了", "高", "低", "高出", "多出",
    ]
    .iter()
    .any(|word| ends_with(chars, end, word) && !ends_with(chars, end, "新增"));
    let same = ["同比", "环比"]
        .iter()
        .find(|word| lead.clone().any(|at| starts_with(chars, at, word)));
    match same {
        Some(word) => Some(Reason::not_the_end(word)),
        None if compared && more => Some(Reason::new(
            "说的是比较出来的差，不是期末的数",
            "it is a difference of two numbers, not what stood at the end",
        )),
        None => None,
    }
}

/// The word that makes a number an average or a share of each (平均8.5个, 每个区县3所).
pub(crate) fn average(text: &Text, start: usize) -> Option<Reason> {
    const EACH: &[&str] = &[
        "平均",
        "人均",
        "户均",
        "每个",
        "每名",
        "每对",
        "每家",
        "每所",
        "每年",
        "每月",
        "每季度",
        "每场",
        "每户",
    ];
    let chars = text.chars();
    let word = (text.clause(start).start..start)
        .find_map(|at| EACH.iter().find(|word| starts_with(chars, at, word)))?;
    Some(Reason::new(
        format!("说的是“{word}”的数，不是总数"),
        format!("it speaks of “{word}”, not of the whole"),
    ))
}

/// Whether a number is a condition that others are held to (开工率低于30%的区县).
pub(crate) fn condition(text: &Text, quantity: &Quantity) -> Option<Reason> {
    let chars = text.chars();
    let bound = !matches!(quantity.approx, Approx::Exact | Approx::About);
    let is_condition = quantity.dimension == Dimension::Percent
        && bound
        && ends_with(chars, quantity.start, "率")
        && chars.get(quantity.end) == Some(&'的');
    is_condition.then(|| {
        Reason::new(
            "说的是条件，不是期末的数",
            "it is a condition that others are held to, not what stood at the end",
        )
    })
}

/// Whether a number is what something was before it changed (由40个增加到53个).
pub(crate) fn before_a_change(text: &Text, start: usize, end: usize) -> bool {
    let clause = text.clause(start);
    let chars = text.chars();
    let from = (clause.start..start)
        .any(|at| ["由", "从"].iter().any(|word| starts_with(chars, at, word)));
    let became = (end..clause.end.min(end + 6))
        .any(|at| BECAME.iter().any(|word| starts_with(chars, at, word)));
    from && became
}

/// A time said at a place: where it ends, and why it is another than the period's.
fn moment(chars: &[char], at: usize, period: Period) -> Option<(usize, Option<Reason>)> {
    let word = |words: &[&str]| {
        words
            .iter()
            .filter(|word| starts_with(chars, at, word))
            .map(|word| word.chars().count())
            .max()
            .map(|length| at + length)
    };
    if let Some(end) = word(OTHER) {
        let said: String = chars[at..end].iter().collect();
        return Some((end, Some(not(&format!("“{said}”"), period))));
    }
    let now = period.end().year();
    let (end, year) = match (stated_year(chars, at), word(NOW)) {
        (Some((year, end)), _) => (end, Some(year)),
        (None, Some(end)) => (end, Some(now)),
        (None, None) => (at, None),
    };
    let (after, part) = match part_of_year(chars, end, year.unwrap_or(now)) {
        Some((after, part)) => (after, Some(part)),
        None => (end, None),
    };
    // A date without a year says nothing, not even that what was said before is over.
    if after == at || (year.is_none() && part == Some(Said::Event)) {
        return None;
    }
    let fits = year.is_none_or(|year| year == now) && part.is_none_or(|part| part.fits(period));
    let said: String = chars[at..after].iter().collect();
    Some((after, (!fits).then(|| not(&said, period))))
}

fn not(said: &str, period: Period) -> Reason {
    Reason::new(
        format!("说的是{said}，不是{}的数", period.name()),
        format!(
            "it speaks of “{}”, not of {period}",
            said.trim_matches(['“', '”'])
        ),
    )
}
