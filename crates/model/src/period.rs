//! Periods (报送期): month, quarter, half, year or a custom window.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// A span of days with both ends inclusive, written `2021H1`, `2021Q2`, `2021-06`, `2021` or
/// `2021-10-01..2022-09-20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    start: Date,
    end: Date,
}

/// Why a text is not a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodError {
    written: String,
}

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "报送期“{}”看不懂：请写成 2021H1、2021Q2、2021-06、2021 或 2021-10-01..2022-09-20",
            self.written
        )
    }
}

impl std::error::Error for PeriodError {}

impl Period {
    /// A span of days; `None` when it ends before it starts.
    #[must_use]
    pub fn new(start: Date, end: Date) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// First day.
    #[must_use]
    pub fn start(self) -> Date {
        self.start
    }

    /// Last day.
    #[must_use]
    pub fn end(self) -> Date {
        self.end
    }

    /// Whether it consists of whole months, so that monthly rollups serve it.
    #[must_use]
    pub fn is_whole_months(self) -> bool {
        self.start.day() == 1 && self.end == self.end.last_of_month()
    }

    /// The name people read: 2021年上半年.
    #[must_use]
    pub fn name(self) -> String {
        let year = self.start.year();
        match self.kind() {
            Kind::Year => format!("{year}年"),
            Kind::Half(1) => format!("{year}年上半年"),
            Kind::Half(_) => format!("{year}年下半年"),
            Kind::Quarter(q) => {
                format!("{year}年第{}季度", ["一", "二", "三", "四"][q as usize - 1])
            }
            Kind::Month(m) => format!("{year}年{m}月"),
            Kind::Custom => {
                let day = |d: Date| format!("{}年{}月{}日", d.year(), d.month(), d.day());
                format!("{}至{}", day(self.start), day(self.end))
            }
        }
    }

    /// The period of the same kind just before: 2020H2 before 2021H1, 2021-05 before 2021-06. A
    /// window of whole months goes back by as many months, any other by as many days. `None` where
    /// the calendar ends.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        if self.is_whole_months() {
            return self.months_earlier(self.months());
        }
        let days = i64::from(self.start.until(self.end).ok()?.get_days()) + 1;
        let days = Span::new().try_days(days).ok()?;
        Self::new(
            self.start.checked_sub(days).ok()?,
            self.end.checked_sub(days).ok()?,
        )
    }

    /// The same period a year earlier: 2020H1 for 2021H1. `None` where the calendar ends.
    #[must_use]
    pub fn year_earlier(self) -> Option<Self> {
        if self.is_whole_months() {
            // Not day by day: February ends on another day each leap year.
            return self.months_earlier(12);
        }
        Self::new(
            self.start.checked_sub(1.year()).ok()?,
            self.end.checked_sub(1.year()).ok()?,
        )
    }

    /// This period and those before it, as many as asked for where the calendar has them; the
    /// oldest first.
    #[must_use]
    pub fn and_before(self, count: usize) -> Vec<Self> {
        let mut periods: Vec<Self> = std::iter::successors(Some(self), |period| period.previous())
            .take(count)
            .collect();
        periods.reverse();
        periods
    }

    /// Months of a period of whole months.
    fn months(self) -> i32 {
        let years = i32::from(self.end.year()) - i32::from(self.start.year());
        years * 12 + i32::from(self.end.month()) - i32::from(self.start.month()) + 1
    }

    fn months_earlier(self, months: i32) -> Option<Self> {
        let months = Span::new().try_months(months).ok()?;
        let back = |first: Date| first.checked_sub(months).ok();
        Self::new(
            back(self.start)?,
            back(self.end.first_of_month())?.last_of_month(),
        )
    }

    fn kind(self) -> Kind {
        if self.start.year() != self.end.year() || !self.is_whole_months() {
            return Kind::Custom;
        }
        match (self.start.month(), self.end.month()) {
            (1, 12) => Kind::Year,
            (1, 6) => Kind::Half(1),
            (7, 12) => Kind::Half(2),
            (first, last) if last == first + 2 && first % 3 == 1 => Kind::Quarter(first / 3 + 1),
            (first, last) if first == last => Kind::Month(first),
            _ => Kind::Custom,
        }
    }
}

enum Kind {
    Year,
    Half(i8),
    Quarter(i8),
    Month(i8),
    Custom,
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.start.year();
        match self.kind() {
            Kind::Year => write!(f, "{year}"),
            Kind::Half(half) => write!(f, "{year}H{half}"),
            Kind::Quarter(quarter) => write!(f, "{year}Q{quarter}"),
            Kind::Month(month) => write!(f, "{year}-{month:02}"),
            Kind::Custom => write!(f, "{}..{}", self.start, self.end),
        }
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        parse(text.trim()).ok_or_else(|| PeriodError {
            written: text.to_owned(),
        })
    }
}

fn parse(text: &str) -> Option<Period> {
    if let Some((start, end)) = text.split_once("..") {
        return Period::new(start.parse().ok()?, end.parse().ok()?);
    }
    let months = |year: &str, first: i8, count: i8| {
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let year = year.parse().ok()?;
        let start = Date::new(year, first, 1).ok()?;
        Period::new(
            start,
            Date::new(year, first + count - 1, 1).ok()?.last_of_month(),
        )
    };
    if let Some((year, half)) = text.split_once(['H', 'h']) {
        return match half {
            "1" => months(year, 1, 6),
            "2" => months(year, 7, 6),
            _ => None,
        };
    }
    if let Some((year, quarter)) = text.split_once(['Q', 'q']) {
        let quarter: i8 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
        return months(year, quarter * 3 - 2, 3);
    }
    if let Some((year, month)) = text.split_once('-') {
        let month: i8 = (month.len() == 2).then(|| month.parse().ok())??;
        return months(year, month, 1);
    }
    months(text, 1, 12)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2021H1", "2021-01-01", "2021-06-30", "2021年上半年")]
    #[case("2021H2", "2021-07-01", "2021-12-31", "2021年下半年")]
    #[case("2021Q2", "2021-04-01", "2021-06-30", "2021年第二季度")]
    #[case("2020-02", "2020-02-01", "2020-02-29", "2020年2月")]
    #[case("2021", "2021-01-01", "2021-12-31", "2021年")]
    #[case(
        "2021-10-01..2022-09-20",
        "2021-10-01",
        "2022-09-20",
        "2021年10月1日至2022年9月20日"
    )]
    fn reads_and_writes(
        #[case] text: &str,
        #[case] start: &str,
        #[case] end: &str,
        #[case] name: &str,
    ) {
        let period: Period = text.parse().unwrap();
        assert_eq!(period.start().to_string(), start);
        assert_eq!(period.end().to_string(), end);
        assert_eq!(period.name(), name);
        assert_eq!(period.to_string(), text);
    }

    #[rstest]
    #[case("2021H1", "2020H2", "2020H1")]
    #[case("2021H2", "2021H1", "2020H2")]
    #[case("2021Q1", "2020Q4", "2020Q1")]
    #[case("2021", "2020", "2020")]
    #[case("2021-01", "2020-12", "2020-01")]
    #[case("2021-03", "2021-02", "2020-03")]
    // February is told by its months, not by its days.
    #[case("2021-02", "2021-01", "2020-02")]
    #[case("2020-02", "2020-01", "2019-02")]
    // Eleven whole months go back by eleven months.
    #[case(
        "2021-02-01..2021-12-31",
        "2020-03-01..2021-01-31",
        "2020-02-01..2020-12-31"
    )]
    // Ten days go back by ten days.
    #[case(
        "2021-10-11..2021-10-20",
        "2021-10-01..2021-10-10",
        "2020-10-11..2020-10-20"
    )]
    // There is no 29 February 2019.
    #[case(
        "2020-02-20..2020-02-29",
        "2020-02-10..2020-02-19",
        "2019-02-20..2019-02-28"
    )]
    fn goes_back(#[case] period: &str, #[case] previous: &str, #[case] year_earlier: &str) {
        let period: Period = period.parse().unwrap();
        assert_eq!(period.previous().unwrap().to_string(), previous);
        assert_eq!(period.year_earlier().unwrap().to_string(), year_earlier);
    }

    #[test]
    fn lists_itself_and_those_before() {
        let quarter: Period = "2021Q2".parse().unwrap();
        let all: Vec<String> = quarter
            .and_before(4)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(all, ["2020Q3", "2020Q4", "2021Q1", "2021Q2"]);
        assert!(quarter.and_before(0).is_empty());
        let first: Period = "0001".parse().unwrap();
        assert!(first.and_before(20_000).len() < 20_000, "the calendar ends");
        for longest in ["-009999-01-01..9999-12-31", "-009999-01-02..9999-12-30"] {
            let longest: Period = longest.parse().unwrap();
            assert_eq!((longest.previous(), longest.year_earlier()), (None, None));
        }
    }

    #[rstest]
    #[case("")]
    #[case("2021H3")]
    #[case("2021Q5")]
    #[case("2021-13")]
    #[case("2021-6")]
    #[case("21")]
    #[case("2021-06-30..2021-01-01")]
    fn refuses(#[case] text: &str) {
        assert!(text.parse::<Period>().is_err());
    }
}
