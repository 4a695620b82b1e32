//! What a brief and the press check need of the figures, asked of an engine: the same for the
//! command line and the server.

use jiff::civil::Date;
use qipan_figures::{By, Engine, Error, Figure};
use qipan_model::{Brief, Pack, Period};
use qipan_press::Entry;

use crate::data::{BriefData, RegisterCoverage, needed_cuts};

/// The figures and coverage that a brief is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// Figures: the whole of every indicator, and the cuts of the brief's charts and maps.
    pub figures: Vec<Figure>,
    /// Coverage of the registers, in printing order.
    pub coverage: Vec<RegisterCoverage>,
    /// Moment as of which they were read, RFC 3339.
    pub as_of: String,
}

/// Asks an engine for all that a brief needs.
///
/// # Errors
/// As [`Engine::figures`].
pub async fn gather(
    engine: &mut Engine<'_>,
    pack: &Pack,
    brief: &Brief,
    period: Period,
) -> Result<Gathered, Error> {
    let mut figures = engine.figures(period, By::Whole).await?;
    for (indicator, by) in needed_cuts(brief) {
        // What this reader may not see, or what is not in force, prints as 未报.
        match engine.figure(&indicator, period, by).await {
            Ok(cut) => figures.extend(cut),
            Err(Error::NoIndicator { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let reported = engine.coverage(period).await?;
    let coverage = pack
        .registers
        .iter()
        .filter_map(|register| {
            let own = reported.get(&register.id)?;
            Some(RegisterCoverage::new(pack, register, &own.due, &own.units))
        })
        .collect();
    Ok(Gathered {
        figures,
        coverage,
        as_of: engine.mark().to_owned(),
    })
}

impl Gathered {
    /// The brief's data; `scope` says what the engine was limited to, if it was.
    #[must_use]
    pub fn data<'a>(
        &'a self,
        pack: &'a Pack,
        period: Period,
        date: Date,
        illustrative: Option<&'a str>,
        scope: Option<&'a str>,
    ) -> BriefData<'a> {
        BriefData {
            pack,
            period,
            figures: &self.figures,
            coverage: &self.coverage,
            as_of: &self.as_of,
            date,
            illustrative,
            scope,
        }
    }
}

/// Asks an engine for the ledger against which a text is held: the whole figures, and those of
/// each supporter and recipient.
///
/// # Errors
/// As [`Engine::figures`].
pub async fn ledger_of(
    engine: &mut Engine<'_>,
    pack: &Pack,
    period: Period,
) -> Result<Vec<Entry>, Error> {
    let mut figures = engine.figures(period, By::Whole).await?;
    figures.extend(engine.figures(period, By::Recipient).await?);
    figures.extend(engine.figures(period, By::Supporter).await?);
    Ok(crate::ledger(pack, period, &figures))
}
