//! Figures beside their own past: the period before, the same period a year ago, a row of periods.

use std::collections::BTreeMap;

use qipan_model::{Format, Period};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::assemble::CutUnits;
use crate::figure::as_number;
use crate::{By, Coverage, Engine, Error, Figure};

/// The unit of a difference between two percentages: 36.8% after 30% is 6.8 points more, not 6.8%.
const POINTS: &str = "个百分点";

/// A figure beside what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The figure.
    #[serde(flatten)]
    pub figure: Figure,
    /// What it was the period before; `None` where no definition was in force then.
    pub previous: Option<Past>,
    /// What it was the same period a year ago.
    pub last_year: Option<Past>,
    /// Value less that of the period before, exact; `None` when either has none.
    #[serde(serialize_with = "as_number")]
    pub change: Option<Decimal>,
    /// As a brief prints it, `+0.24亿元`, `-1.5个百分点`; empty when there is none.
    pub change_display: String,
    /// Value less that of a year ago, exact.
    #[serde(serialize_with = "as_number")]
    pub change_year: Option<Decimal>,
    /// As a brief prints it.
    pub change_year_display: String,
    /// Unit of both changes: the figure's base unit, of percentages 个百分点.
    pub change_unit: String,
}

/// A figure of another period, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Past {
    /// Period.
    pub period: String,
    /// Version of its definition: another one than today's counts otherwise.
    pub version: u32,
    /// Value in the base unit; `None` when nobody had reported.
    #[serde(serialize_with = "as_number")]
    pub value: Option<Decimal>,
    /// As a brief prints it.
    pub display: String,
    /// Who had reported.
    pub coverage: Coverage,
}

impl From<Figure> for Past {
    fn from(figure: Figure) -> Self {
        Self {
            period: figure.period,
            version: figure.version,
            value: figure.value,
            display: figure.display,
            coverage: figure.coverage,
        }
    }
}

/// One period of a trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Period.
    pub period: String,
    /// Version of the definition; `None` where none was in force.
    pub version: Option<u32>,
    /// Value in the base unit; `None` when nobody has reported or no definition was in force.
    #[serde(serialize_with = "as_number")]
    pub value: Option<Decimal>,
    /// As a brief prints it; `—` where no definition was in force.
    pub display: String,
    /// Who has reported; `None` where no definition was in force.
    pub coverage: Option<Coverage>,
}

impl Engine<'_> {
    /// All figures of a period, each beside that of the period before and of a year ago.
    ///
    /// # Errors
    /// As [`Engine::figures`].
    pub async fn compared(&mut self, period: Period, by: By) -> Result<Vec<Compared>, Error> {
        let figures = self.figures(period, by).await?;
        let mut previous = self.past(period.previous(), by).await?;
        // A year's previous period is the one of a year ago.
        let mut last_year = if period.previous() == period.year_earlier() {
            previous.clone()
        } else {
            self.past(period.year_earlier(), by).await?
        };
        let compared = figures.into_iter().map(|figure| {
            let place = (figure.indicator.clone(), figure.cut_units.clone());
            let (previous, last_year) = (previous.remove(&place), last_year.remove(&place));
            self.beside(figure, previous, last_year)
        });
        Ok(compared.collect())
    }

    async fn past(
        &mut self,
        period: Option<Period>,
        by: By,
    ) -> Result<BTreeMap<(String, CutUnits), Past>, Error> {
        let Some(period) = period else {
            return Ok(BTreeMap::new());
        };
        let figures = self.figures(period, by).await?;
        let placed = figures.into_iter().map(|figure| {
            let place = (figure.indicator.clone(), figure.cut_units.clone());
            (place, figure.into())
        });
        Ok(placed.collect())
    }

    fn beside(&self, figure: Figure, previous: Option<Past>, last_year: Option<Past>) -> Compared {
        let format = self
            .pack
            .indicators
            .iter()
            .find(|known| known.id == figure.indicator && known.version == figure.version)
            .map(|known| known.format.clone());
        let is_percent = figure.unit == "%";
        let less = |past: &Option<Past>| Some(figure.value? - past.as_ref()?.value?);
        let display = |change: Option<Decimal>| match (change, &format) {
            (Some(change), Some(format)) => written(format, change, is_percent),
            _ => String::new(),
        };
        let (change, change_year) = (less(&previous), less(&last_year));
        Compared {
            change_display: display(change),
            change_year_display: display(change_year),
            change_unit: if is_percent { POINTS } else { &figure.unit }.to_owned(),
            figure,
            previous,
            last_year,
            change,
            change_year,
        }
    }

    /// One indicator through periods.
    ///
    /// # Errors
    /// As [`Engine::figure`], when no version of the indicator is in force in any of them.
    pub async fn trend(&mut self, id: &str, periods: &[Period]) -> Result<Vec<Point>, Error> {
        let mut points = Vec::with_capacity(periods.len());
        let mut refused = None;
        for &period in periods {
            points.push(match self.figure(id, period, By::Whole).await {
                Ok(figures) => figures.into_iter().next().map(Point::from),
                Err(error @ Error::NoIndicator { .. }) => {
                    refused = Some(error);
                    None
                }
                Err(error) => return Err(error),
            });
        }
        if let Some(refused) = refused.filter(|_| points.iter().all(Option::is_none)) {
            return Err(refused);
        }
        let points = points.into_iter().zip(periods);
        Ok(points
            .map(|(point, period)| {
                point.unwrap_or_else(|| Point {
                    period: period.to_string(),
                    version: None,
                    value: None,
                    display: "—".to_owned(),
                    coverage: None,
                })
            })
            .collect())
    }
}

impl From<Figure> for Point {
    fn from(figure: Figure) -> Self {
        Self {
            period: figure.period,
            version: Some(figure.version),
            value: figure.value,
            display: figure.display,
            coverage: Some(figure.coverage),
        }
    }
}

/// A change with its sign: never floored to 余, for what is small against the whole matters here.
fn written(format: &Format, change: Decimal, is_percent: bool) -> String {
    let format = Format {
        floor_to: None,
        ..format.clone()
    };
    let number = format.number(change);
    // What is rounded away is no change, and has no sign.
    let is_nothing = number
        .trim_start_matches('-')
        .parse::<Decimal>()
        .is_ok_and(|number| number.is_zero());
    let number = match is_nothing {
        true => number.trim_start_matches('-').to_owned(),
        false if change.is_sign_positive() => format!("+{number}"),
        false => number,
    };
    format!("{number}{}", if is_percent { POINTS } else { &format.unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(unit: &str, per: i64, decimals: u32, change: &str, expect: &str) {
        let format = Format {
            unit: unit.to_owned(),
            per: per.into(),
            decimals,
            trim: true,
            floor_to: Some(Decimal::ONE_HUNDRED),
        };
        let written = written(&format, change.parse().unwrap(), unit == "%");
        assert_eq!(written, expect);
    }

    #[test]
    fn changes_are_printed_with_their_sign() {
        check("个", 1, 0, "3", "+3个");
        check("个", 1, 0, "-3", "-3个");
        check("个", 1, 0, "0", "0个");
        check("亿元", 100_000_000, 2, "24000000", "+0.24亿元");
        check("万元", 10_000, 0, "356200", "+36万元");
        check("亿元", 100_000_000, 2, "-1", "0亿元");
        check("%", 1, 1, "6.84", "+6.8个百分点");
        check("%", 1, 1, "-0.04", "0个百分点");
    }
}
