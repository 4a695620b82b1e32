//! The span of days whose rows an indicator takes in for a period (promise 8).

use jiff::civil::Date;
use qipan_model::{Indicator, Mechanism, Period, Since, TimeType};

/// Days from `start` (open when `None`) to `end`, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First day; `None` reaches back without end.
    pub start: Option<Date>,
    /// Last day.
    pub end: Date,
}

impl Window {
    /// The window of an indicator for a period.
    #[must_use]
    pub fn of(indicator: &Indicator, mechanism: &Mechanism, period: Period) -> Self {
        let end = period.end();
        let start = match indicator.time {
            TimeType::Flow => Some(period.start()),
            TimeType::Cumulative(Since::YearStart) => Some(end.first_of_year()),
            TimeType::Cumulative(Since::MechanismStart) => Some(mechanism.start),
            TimeType::Cumulative(Since::Day(day)) => Some(day),
            TimeType::Stock | TimeType::Latest => None,
        };
        Self { start, end }
    }

    /// Whether whole months make it up, so that the monthly rollup serves it.
    #[must_use]
    pub fn is_whole_months(self) -> bool {
        self.start.is_none_or(|start| start.day() == 1) && self.end == self.end.last_of_month()
    }

    /// First month, `YYYY-MM`; empty (before every month) when open.
    #[must_use]
    pub fn first_month(self) -> String {
        self.start.map(month).unwrap_or_default()
    }

    /// Last month, `YYYY-MM`.
    #[must_use]
    pub fn last_month(self) -> String {
        month(self.end)
    }
}

/// `YYYY-MM` of a day.
#[must_use]
pub fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}
