//! Indicators (指标口径): versioned definitions of what is counted and how it is printed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Certainty, Expr, Format, Side, Validity};

/// What is done with the rows that an indicator takes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Number of records.
    Count,
    /// Sum of each source's `value`.
    Sum,
    /// Number of distinct somethings.
    Distinct(DistinctOf),
    /// One indicator divided by another, times 100; never typed in, always computed.
    Percent {
        /// Indicator above the line.
        numerator: String,
        /// Indicator below the line.
        denominator: String,
    },
}

/// What distinct counts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DistinctOf {
    /// Supporters with at least one row.
    Supporter,
    /// Recipients with at least one row.
    Recipient,
    /// 结对组: recipients counted as groups with their supporters.
    Group,
    /// 结对关系: supporter–recipient edges.
    Link,
    /// Values of each source's `distinct` field (persons, schools …).
    Key,
}

/// From which day a cumulative figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Since {
    /// 1 January of the period's year (今年以来).
    YearStart,
    /// The mechanism's first day.
    MechanismStart,
    /// A day of its own.
    Day(Date),
}

/// How a figure relates to time (promise 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeType {
    /// What happened within the period.
    Flow,
    /// What happened from a day to the end of the period.
    Cumulative(Since),
    /// What stands at the end of the period: rows begun by then and not yet ended.
    Stock,
    /// The last stated value per recipient up to the end of the period (external statistics,
    /// by month of their date).
    Latest,
}

/// One register from which an indicator takes rows.
#[derive(Debug, Clone)]
pub struct Source {
    /// Register id.
    pub register: String,
    /// Which rows count; all when `None`.
    pub filter: Option<Expr>,
    /// Field index of the day that must lie in the window.
    pub date: usize,
    /// Field index of a second day that must not be later than the end of the period
    /// (a project issued in the window and *started by its end*).
    pub done_by: Option<usize>,
    /// Field index of the day after which a row no longer stands (stock only).
    pub ends: Option<usize>,
    /// What is summed.
    pub value: Option<Expr>,
    /// Field index counted by [`DistinctOf::Key`].
    pub distinct: Option<usize>,
}

/// Only units that carried a flag at the end of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subset {
    /// Which side must carry it.
    pub side: Side,
    /// Flag id.
    pub flag: String,
}

/// How press texts speak of the indicator: the press check binds numbers by these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PressTerms {
    /// Groups of alternatives; every group should be met near the number.
    pub all: Vec<Vec<String>>,
    /// Words that speak against it.
    pub none: Vec<String>,
    /// Classifiers and units after the number (个, 家, 亿元 …).
    pub units: Vec<String>,
}

/// One version of one indicator.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// Id, `PRJ-N-ISSUED`.
    pub id: String,
    /// Version of the definition, from 1.
    pub version: u32,
    /// Periods whose end lies in this span use this version.
    pub valid: Validity,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Theme id; empty for the general ones.
    pub theme: String,
    /// Clause id.
    pub clause: String,
    /// Department that owns the definition.
    pub owner: String,
    /// The same in English.
    pub owner_en: String,
    /// Definition in words (口径).
    pub definition: String,
    /// The same in English.
    pub definition_en: String,
    /// What is open or arguable about it.
    pub remark: String,
    /// The same in English.
    pub remark_en: String,
    /// How sure the definition is.
    pub certainty: Certainty,
    /// Base unit of the value: 元 for money, else the classifier; `%` for percentages.
    pub unit: String,
    /// What is done with the rows.
    pub measure: Measure,
    /// Relation to time.
    pub time: TimeType,
    /// Where the rows come from; several are united.
    pub sources: Vec<Source>,
    /// Only some units.
    pub subset: Option<Subset>,
    /// How it is printed.
    pub format: Format,
    /// How texts speak of it.
    pub press: PressTerms,
}
