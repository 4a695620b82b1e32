//! Whether a statement speaks of the period whose figures it is held against: other years, other
//! months, goals, and amounts of change are left alone.

use std::ops::Range;

use jiff::civil::Date;
use qipan_model::Period;

use crate::numeral::{chinese_digit, ends_with, starts_with};
use crate::text::Text;

/// A word or date by which a text says what time its numbers are of.
#[derive(Debug)]
struct Moment {
    range: Range<usize>,
    /// Why numbers after it are not held against the period; `None` when they are.
    other: Option<String>,
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
    pub(crate) fn other(&self, text: &Text, at: usize) -> Option<String> {
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
    pub(crate) fn other_in(&self, places: &[Range<usize>]) -> Option<String> {
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
        // What has been done by now is no goal any more.
        let done = ["已", "目前", "截至", "累计"]
            .iter()
            .any(|word| (clause.clone()).any(|at| starts_with(words, at, word)));
        let goal = clause.clone().rev().find_map(|at| {
            let mut goals = GOALS.iter().chain(plans);
            goals
                .find(|word| starts_with(words, at, word))
                .map(|word| (at, *word))
        });
        if goal.is_some() || done {
            return goal;
        }
    }
    None
}

/// Whether a number is an amount by which something changed (增长12%, 比去年多30个).
pub(crate) fn change(text: &Text, start: usize) -> Option<String> {
    let chars = text.chars();
    let mut end = start;
    while end > 0 && matches!(chars[end - 1], ' ' | '了' | '约' | '近') {
        end -= 1;
    }
    let lead = text.clause(start).start..end;
    if let Some(word) = CHANGE.iter().find(|word| ends_with(chars, end, word)) {
        return Some(format!("“{word}”之后是增减的量，不是期末的数"));
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
        Some(word) => Some(format!("说的是“{word}”，不是期末的数")),
        None if compared && more => Some("说的是比较出来的差，不是期末的数".to_owned()),
        None => None,
    }
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
fn moment(chars: &[char], at: usize, period: Period) -> Option<(usize, Option<String>)> {
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
    let (mut end, mut year) = (at, None);
    if let Some((stated, after)) = stated_year(chars, at) {
        (end, year) = (after, Some(stated));
    } else if let Some(after) = word(NOW) {
        (end, year) = (after, Some(period.end().year()));
        if !part_of_year(chars, end, period.end().year()).is_some_and(|(_, part)| part.is_some()) {
            return Some((end, None));
        }
    }
    let of = year.unwrap_or(period.end().year());
    match part_of_year(chars, end, of) {
        // A day of an event or of the news (8月9日) says nothing of the numbers.
        Some((after, None)) => (after > at)
            .then_some((after, None))
            .filter(|_| year.is_some()),
        Some((after, Some(last))) => {
            let said: String = chars[at..after].iter().collect();
            let fits = last == period.end();
            Some((after, (!fits).then(|| not(&said, period))))
        }
        None => {
            let stated = year?;
            let fits = stated == period.end().year();
            Some((end, (!fits).then(|| not(&format!("{stated}年"), period))))
        }
    }
}

fn not(said: &str, period: Period) -> String {
    format!("说的是{said}，不是{}的数", period.name())
}

/// 2021年, 二〇二一年.
fn stated_year(chars: &[char], at: usize) -> Option<(i16, usize)> {
    let digits: Vec<i64> = chars[at..]
        .iter()
        .take(5)
        .map_while(|c| c.to_digit(10).map(i64::from).or_else(|| chinese_digit(*c)))
        .collect();
    let first = at
        .checked_sub(1)
        .is_some_and(|before| chars[before].is_ascii_digit());
    if first || digits.len() != 4 || chars.get(at + 4) != Some(&'年') {
        return None;
    }
    let year = digits.iter().fold(0, |year, digit| year * 10 + digit);
    Some((
        i16::try_from(year)
            .ok()
            .filter(|year| (1900..2200).contains(year))?,
        at + 5,
    ))
}

/// A part of a year and its last day; no day for a single date.
fn part_of_year(chars: &[char], at: usize, year: i16) -> Option<(usize, Option<Date>)> {
    let month_end = |month: i8| Date::new(year, month, 1).ok().map(Date::last_of_month);
    const PARTS: &[(&str, i8)] = &[
        ("上半年", 6),
        ("下半年", 12),
        ("前三季度", 9),
        ("前三个季度", 9),
        ("前两个季度", 6),
        ("一季度", 3),
        ("第一季度", 3),
        ("1季度", 3),
        ("首季", 3),
        ("二季度", 6),
        ("第二季度", 6),
        ("2季度", 6),
        ("三季度", 9),
        ("第三季度", 9),
        ("3季度", 9),
        ("四季度", 12),
        ("第四季度", 12),
        ("全年", 12),
        ("年底", 12),
        ("年末", 12),
        ("年内", 12),
        ("底", 12),
        ("末", 12),
        ("年终", 12),
    ];
    let begins = at == 0 || chars.get(at.wrapping_sub(1)) != Some(&'第');
    if let Some((word, month)) = PARTS
        .iter()
        .find(|(word, _)| starts_with(chars, at, word))
        .filter(|_| begins)
    {
        // 底 and 末 alone only after a year: 2020年底 is read as 年 + 底.
        let single = word.chars().count() == 1 && chars.get(at.wrapping_sub(1)) != Some(&'年');
        return if single {
            None
        } else {
            Some((at + word.chars().count(), month_end(*month)))
        };
    }
    if starts_with(chars, at, "年底") || starts_with(chars, at, "年末") {
        return Some((at + 2, month_end(12)));
    }
    months(chars, at).and_then(|(end, month, whole)| {
        Some((end, if whole { Some(month_end(month)?) } else { None }))
    })
}

/// 6月底, 6月份, 6月30日, 1至6月, 前6个月: the month, and whether its end is meant.
fn months(chars: &[char], at: usize) -> Option<(usize, i8, bool)> {
    if at > 0 && chars[at - 1].is_ascii_digit() {
        return None;
    }
    let number = |at: usize| {
        let found = crate::numeral::number(chars, at)
            .filter(|n| n.magnitude.is_empty() && n.upper.is_none())?;
        let month: i8 = found.value.try_into().ok()?;
        (1..=31).contains(&month).then_some((found.end, month))
    };
    if chars.get(at) == Some(&'前') {
        let (end, month) = number(at + 1)?;
        return starts_with(chars, end, "个月").then_some((end + 2, month, true));
    }
    let (mut end, mut month) = number(at)?;
    let mut span = false;
    if matches!(chars.get(end), Some('月'))
        && matches!(
            chars.get(end + 1),
            Some('至' | '到' | '—' | '-' | '~' | '–')
        )
    {
        end += 1;
    }
    if matches!(chars.get(end), Some('至' | '到' | '—' | '-' | '~' | '–')) {
        while matches!(chars.get(end), Some('至' | '到' | '—' | '-' | '~' | '–')) {
            end += 1;
        }
        (end, month) = number(end)?;
        span = true;
    }
    if chars.get(end) != Some(&'月') || month > 12 {
        return None;
    }
    end += 1;
    let until = ["截至", "截止", "截止到", "截至到", "到", "至"]
        .iter()
        .any(|word| ends_with(chars, at, word) || ends_with(chars, at.saturating_sub(5), word));
    match chars.get(end) {
        Some('底' | '末' | '份') => Some((end + 1, month, true)),
        _ if span => Some((end, month, true)),
        _ => {
            let day = number(end);
            match day {
                Some((after, day)) if chars.get(after) == Some(&'日') => {
                    Some((after + 1, month, until && day >= 28))
                }
                _ => Some((end, month, until)),
            }
        }
    }
}
