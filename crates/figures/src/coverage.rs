//! Who has reported (promise 4): missing is not zero.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{Pack, Period, Register, Side, Type, UnitRole};
use qipan_store::{Kept, Reader};
use sea_query::{Alias, ExprTrait, Query};

use crate::cells::Row;
use crate::scope::visible;
use crate::tables::{column, field, standing, sum};
use crate::window::month;
use crate::{AsOf, Error};

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

/// Id of the unit that files for the whole city.
const CITY: &str = "city";

/// Finds out who has reported the registers for a period: whoever filed a return, and whoever
/// stands in a row dated within the period, confirmed or not.
pub(crate) async fn load(
    reader: &mut Reader,
    pack: &Pack,
    registers: &[&Register],
    period: Period,
    as_of: Option<AsOf>,
) -> Result<BTreeMap<String, Reported>, Error> {
    let registers = visible(reader, registers);
    let units = |role| {
        let playing = pack.units.with_role(role, period.start(), period.end());
        playing
            .map(|unit| unit.id.to_string())
            .collect::<BTreeSet<_>>()
    };
    let (supporters, recipients) = (units(UnitRole::Supporter), units(UnitRole::Recipient));
    let mut found: BTreeMap<String, Reported> = registers
        .iter()
        .map(|register| {
            let mut due = match register.reporter {
                Side::Supporter => supporters.clone(),
                Side::Recipient => recipients.clone(),
                Side::City => BTreeSet::from([CITY.to_owned()]),
            };
            let scope = reader.scope(&register.id);
            due.retain(|unit| scope.knows_return(register, unit));
            let units = BTreeSet::new();
            (
                register.id.clone(),
                Reported {
                    side: register.reporter,
                    units,
                    due,
                },
            )
        })
        .collect();
    for (register, unit) in filed(reader, period, as_of).await? {
        if let Some(reported) = found.get_mut(&register) {
            reported.take(&unit);
        }
    }
    if as_of.is_none() && period.is_whole_months() {
        for (register, supporter, recipient) in present(reader, period).await? {
            if let Some(reported) = found.get_mut(&register) {
                reported.take(reported.side.of(&supporter, &recipient));
            }
        }
    } else {
        for register in registers {
            let units = in_rows(reader, register, period, as_of).await?;
            if let Some(reported) = found.get_mut(&register.id) {
                units.iter().for_each(|unit| reported.take(unit));
            }
        }
    }
    Ok(found)
}

impl Reported {
    fn take(&mut self, unit: &str) {
        let unit = if self.side == Side::City { CITY } else { unit };
        if self.due.contains(unit) {
            self.units.insert(unit.to_owned());
        }
    }
}

/// Picks the reporting side's unit of a row.
trait OfSide {
    fn of<'u>(self, supporter: &'u str, recipient: &'u str) -> &'u str;
}

impl OfSide for Side {
    fn of<'u>(self, supporter: &'u str, recipient: &'u str) -> &'u str {
        match self {
            Self::Supporter => supporter,
            Self::Recipient => recipient,
            Self::City => CITY,
        }
    }
}

/// Returns filed for the period: register and unit.
async fn filed(
    reader: &mut Reader,
    period: Period,
    as_of: Option<AsOf>,
) -> Result<Vec<(String, String)>, Error> {
    let mut select = Query::select();
    select
        .distinct()
        .columns(["register", "unit"].map(Alias::new))
        .and_where(column("period").eq(period.to_string()));
    if let Some(as_of) = as_of {
        select.and_where(column("_from").lte(as_of.seq));
    }
    let select = reader.of_kept(Kept::Returns, select);
    let rows = reader.select(&select, &[Type::Text, Type::Text]).await?;
    rows.into_iter()
        .map(|row| {
            let mut row = Row::new(row);
            Ok((row.text()?, row.text()?))
        })
        .collect()
}

/// Register, supporter and recipient of whatever stands in the months of the period.
async fn present(
    reader: &mut Reader,
    period: Period,
) -> Result<Vec<(String, String, String)>, Error> {
    let number = |day| month(day).replace('-', "").parse::<i64>().unwrap_or(0);
    let mut select = Query::select();
    select
        .distinct()
        .columns(["register", "supporter", "recipient"].map(Alias::new))
        .and_where(column("month").gte(number(period.start())))
        .and_where(column("month").lte(number(period.end())))
        .and_where(column("n").add(column("n_open")).gt(0));
    let select = reader.of_kept(Kept::Presence, select);
    let rows = reader.select(&select, &[Type::Text; 3]).await?;
    rows.into_iter()
        .map(|row| {
            let mut row = Row::new(row);
            Ok((row.text()?, row.text()?, row.text()?))
        })
        .collect()
}

/// Rows that are still open between the sides, by register: those that the reader shows.
pub(crate) async fn open_rows(reader: &mut Reader) -> Result<BTreeMap<String, u64>, Error> {
    let mut select = Query::select();
    select
        .column(Alias::new("register"))
        .expr(sum(column("n_open")))
        .group_by_col(Alias::new("register"));
    let select = reader.of_kept(Kept::Presence, select);
    let rows = reader.select(&select, &[Type::Text, Type::Int]).await?;
    rows.into_iter()
        .map(|row| {
            let mut row = Row::new(row);
            Ok((row.text()?, u64::try_from(row.int()?).unwrap_or(0)))
        })
        .collect()
}

/// Units of the reporting side in a register's rows dated within the period.
async fn in_rows(
    reader: &mut Reader,
    register: &Register,
    period: Period,
    as_of: Option<AsOf>,
) -> Result<Vec<String>, Error> {
    let dialect = reader.dialect();
    let Some(date) = register.date else {
        return Ok(Vec::new());
    };
    let unit = match register.reporter {
        Side::Supporter => register.supporter,
        Side::Recipient => register.recipient,
        Side::City => None,
    };
    let unit = unit.map_or_else(|| sea_query::Expr::val(CITY), |unit| field(register, unit));
    let mut select = Query::select();
    select
        .distinct()
        .expr(unit)
        .cond_where(standing(as_of, dialect))
        .and_where(field(register, date).gte(qipan_sql::date(period.start(), dialect)))
        .and_where(field(register, date).lte(qipan_sql::date(period.end(), dialect)));
    let select = reader.of_register(register, select)?;
    let rows = reader.select(&select, &[Type::Text]).await?;
    rows.into_iter().map(|row| Row::new(row).text()).collect()
}
