//! Who has reported (promise 4): missing is not zero.

use std::collections::BTreeSet;

use qipan_model::{Pack, Period, Register, Side, Type, UnitRole};
use qipan_sql::{Dialect, date_text};
use qipan_store::Reader;
use sea_query::{Alias, Expr, ExprTrait, Query};

use crate::Error;
use crate::engine::AsOf;
use crate::tables::{self, Column};

/// The units that were to file a register for a period, and those that did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// Which side files.
    pub side: Side,
    /// Unit ids that have filed a return or stand in rows dated within the period.
    pub units: BTreeSet<String>,
    /// Unit ids that were to file, whether they did or not.
    pub due: BTreeSet<String>,
}

/// Finds out who has reported a register for a period.
pub(crate) async fn reported(
    reader: &mut Reader,
    pack: &Pack,
    register: &Register,
    period: Period,
    as_of: Option<AsOf>,
) -> Result<Reported, Error> {
    let (role, field) = match register.reporter {
        Side::Supporter => (UnitRole::Supporter, register.supporter),
        Side::Recipient => (UnitRole::Recipient, register.recipient),
        // The city files for itself: one return, named by nobody in the rows.
        Side::City => (UnitRole::None, None),
    };
    let mut units: BTreeSet<String> = reader
        .returns(&register.id, period, as_of.map(|as_of| as_of.seq))
        .await?
        .into_iter()
        .map(|filed| filed.unit)
        .collect();
    if register.reporter == Side::City {
        let filed = !units.is_empty() || any_row(reader, register, period, as_of).await?;
        let city = BTreeSet::from(["city".to_owned()]);
        let units = if filed { city.clone() } else { BTreeSet::new() };
        return Ok(Reported { side: Side::City, units, due: city });
    }
    if let Some(field) = field {
        units.extend(units_in_rows(reader, register, field, period, as_of).await?);
    }
    let due = pack
        .units
        .with_role(role, period.start(), period.end())
        .map(|unit| unit.id.to_string())
        .collect::<BTreeSet<_>>();
    units.retain(|unit| due.contains(unit));
    Ok(Reported { side: register.reporter, units, due })
}
