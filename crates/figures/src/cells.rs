//! Indicators to cells: from the monthly rollup, or by SQL over the register tables.

use std::collections::BTreeMap;

use jiff::civil::Date;
use qipan_model::{
    DistinctOf, Indicator, Measure, Pack, Period, Register, Side, Source, TimeType, Type, Value,
};
use qipan_sql::Dialect;
use qipan_store::{Kept, Reader};
use rust_decimal::Decimal;
use sea_query::{Alias, Cond, Condition, ExprTrait, Query, SelectStatement};

use crate::assemble::{Amount, Cell, CutUnits, Number};
use crate::tables::{column, field, standing, sum};
use crate::{AsOf, Error, Window};

/// The cells of each indicator, in the order given; none for those that `kept` has numbers of.
pub(crate) async fn load(
    reader: &mut Reader,
    pack: &Pack,
    indicators: &[&Indicator],
    kept: &[Option<BTreeMap<CutUnits, Number>>],
    period: Period,
    as_of: Option<AsOf>,
) -> Result<Vec<Vec<Cell>>, Error> {
    let mut tally = Tally::new(indicators);
    // One select for each sort of rollup read, not one for each indicator.
    let mut rolled: BTreeMap<(Window, Sort), Vec<usize>> = BTreeMap::new();
    for (nth, indicator) in indicators.iter().enumerate() {
        if kept[nth].is_some() {
            continue;
        }
        let window = Window::of(indicator, &pack.mechanism, period);
        if as_of.is_none() && window.is_whole_months() {
            rolled
                .entry((window, Sort::of(indicator)))
                .or_default()
                .push(nth);
        } else {
            for source in &indicator.sources {
                from_rows(reader, pack, &mut tally, nth, source, window, as_of).await?;
            }
        }
    }
    for ((window, sort), members) in rolled {
        from_rollup(reader, &mut tally, &members, window, sort).await?;
    }
    Ok(tally.finish())
}

/// How the rollup of an indicator is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    /// Months summed up.
    Plain,
    /// Months summed up for each key.
    Keyed,
    /// Months kept apart, to find the last one.
    Latest,
}

impl Sort {
    fn of(indicator: &Indicator) -> Self {
        if indicator.time == TimeType::Latest {
            Self::Latest
        } else if is_keyed(indicator) {
            Self::Keyed
        } else {
            Self::Plain
        }
    }
}

/// Amounts as they come in, before they are cells.
struct Tally<'a> {
    indicators: &'a [&'a Indicator],
    amounts: Vec<BTreeMap<Place, [Amount; 2]>>,
}

/// Where rows count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    recipient: String,
    supporter: String,
    /// Filled for [`TimeType::Latest`] only: month as 202106.
    month: i64,
}

impl<'a> Tally<'a> {
    fn new(indicators: &'a [&'a Indicator]) -> Self {
        Self {
            indicators,
            amounts: vec![BTreeMap::new(); indicators.len()],
        }
    }

    fn add(
        &mut self,
        nth: usize,
        place: Place,
        counts: bool,
        rows: i64,
        sum: i64,
        key: Option<String>,
    ) {
        // A fact that began and ended within the window nets to nothing.
        if rows == 0 {
            return;
        }
        let scale = value_scale(self.indicators[nth]);
        let amount = &mut self.amounts[nth].entry(place).or_default()[usize::from(!counts)];
        amount.rows += rows;
        amount.sum += Decimal::new(sum, scale);
        amount.keys.extend(key);
    }

    fn finish(self) -> Vec<Vec<Cell>> {
        self.indicators
            .iter()
            .zip(self.amounts)
            .map(|(indicator, amounts)| {
                let cells = |amounts: BTreeMap<Place, [Amount; 2]>| {
                    amounts
                        .into_iter()
                        .map(|(place, [agreed, open])| Cell {
                            supporter: place.supporter,
                            recipient: place.recipient,
                            agreed,
                            open,
                        })
                        .collect()
                };
                if indicator.time == TimeType::Latest {
                    cells(newest(amounts))
                } else {
                    cells(amounts)
                }
            })
            .collect()
    }
}

/// Of each recipient only the last month for which anything counts; what is still open beside it
/// is of that month or a later one.
fn newest(amounts: BTreeMap<Place, [Amount; 2]>) -> BTreeMap<Place, [Amount; 2]> {
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for (place, [agreed, _]) in &amounts {
        if agreed.rows > 0 {
            let month = last.entry(place.recipient.clone()).or_default();
            *month = Ord::max(*month, place.month);
        }
    }
    let kept = |place: &Place| {
        last.get(&place.recipient)
            .is_none_or(|last| place.month >= *last)
    };
    amounts
        .into_iter()
        .filter(|(place, _)| kept(place))
        .collect()
}

/// Places after the point of what the indicator sums.
fn value_scale(indicator: &Indicator) -> u32 {
    indicator
        .sources
        .iter()
        .filter_map(|source| source.value.as_ref())
        .fold(0, |scale, value| match value.ty() {
            Type::Decimal { scale: own } => Ord::max(scale, u32::from(own)),
            _ => scale,
        })
}

fn is_keyed(indicator: &Indicator) -> bool {
    indicator.measure == Measure::Distinct(DistinctOf::Key)
}

/// `YYYY-MM` as the rollups write it, 202106; the empty text is before every month.
pub(crate) fn month_number(month: &str) -> i64 {
    month.replace('-', "").parse().unwrap_or(0)
}

async fn from_rollup(
    reader: &mut Reader,
    tally: &mut Tally<'_>,
    members: &[usize],
    window: Window,
    sort: Sort,
) -> Result<(), Error> {
    let wanted: BTreeMap<(&str, i64), usize> = members
        .iter()
        .map(|&nth| {
            let indicator = tally.indicators[nth];
            ((indicator.id.as_str(), i64::from(indicator.version)), nth)
        })
        .collect();
    let ids: Vec<&str> = wanted.keys().map(|(id, _)| *id).collect();
    let (kept, statement, types) = rollup_select(&ids, window, sort);
    let statement = reader.of_kept(kept, statement);
    for row in reader.select(&statement, &types).await? {
        let mut row = Row::new(row);
        let (id, version) = (row.text()?, row.int()?);
        let Some(&nth) = wanted.get(&(id.as_str(), version)) else {
            continue;
        };
        let _source = row.int()?;
        let key = if sort == Sort::Keyed {
            Some(row.text()?)
        } else {
            None
        };
        let mut place = Place {
            recipient: row.text()?,
            supporter: row.text()?,
            month: 0,
        };
        if sort == Sort::Latest {
            place.month = row.int()?;
        }
        let (n, n_open) = (row.int()?, row.int()?);
        let (sum, sum_open) = if sort == Sort::Keyed {
            (0, 0)
        } else {
            (row.int()?, row.int()?)
        };
        tally.add(nth, place.clone(), true, n, sum, key.clone());
        tally.add(nth, place, false, n_open, sum_open, key);
    }
    Ok(())
}

fn rollup_select(ids: &[&str], window: Window, sort: Sort) -> (Kept, SelectStatement, Vec<Type>) {
    // Sources are kept apart, so that the groups stand in the order of the primary key and nothing
    // has to be sorted.
    let mut group = vec!["indicator", "version", "source"];
    let mut types = vec![Type::Text, Type::Int, Type::Int];
    if sort == Sort::Keyed {
        group.push("key");
        types.push(Type::Text);
    }
    group.extend(["recipient", "supporter"]);
    types.extend([Type::Text, Type::Text]);
    if sort == Sort::Latest {
        group.push("month");
        types.push(Type::Int);
    }
    let keyed = sort == Sort::Keyed;
    let sums: &[&str] = if keyed {
        &["n", "n_open"]
    } else {
        &["n", "n_open", "sum", "sum_open"]
    };
    types.extend(sums.iter().map(|_| Type::Int));
    let mut select = Query::select();
    select
        .columns(group.iter().map(|name| Alias::new(*name)))
        .exprs(sums.iter().map(|name| sum(column(name))))
        .and_where(column("indicator").is_in(ids.iter().copied()))
        .and_where(column("month").gte(month_number(&window.first_month())))
        .and_where(column("month").lte(month_number(&window.last_month())))
        .and_where(column("done_month").lte(month_number(&window.last_month())))
        .group_by_columns(group.iter().map(|name| Alias::new(*name)));
    let kept = if keyed { Kept::Keys } else { Kept::Amounts };
    (kept, select, types)
}

async fn from_rows(
    reader: &mut Reader,
    pack: &Pack,
    tally: &mut Tally<'_>,
    nth: usize,
    source: &Source,
    window: Window,
    as_of: Option<AsOf>,
) -> Result<(), Error> {
    let indicator = tally.indicators[nth];
    let register = register_of(pack, indicator, source)?;
    let dialect = reader.dialect();
    let (statement, types) = rows_select(pack, indicator, register, source, window, as_of, dialect);
    let statement = reader.of_register(register, statement)?;
    for row in reader.select(&statement, &types).await? {
        let mut row = Row::new(row);
        let mut place = Place {
            recipient: row.text()?,
            supporter: row.text()?,
            month: 0,
        };
        let counts = matches!(row.text()?.as_str(), "agreed" | "arbitrated");
        if indicator.time == TimeType::Latest {
            place.month = month_number(&row.text()?);
        }
        let key = if is_keyed(indicator) {
            Some(row.text()?)
        } else {
            None
        };
        let rows = row.int()?;
        let sum = if source.value.is_some() {
            row.int()?
        } else {
            0
        };
        tally.add(nth, place, counts, rows, sum, key);
    }
    Ok(())
}

/// The register of a source.
pub(crate) fn register_of<'p>(
    pack: &'p Pack,
    indicator: &Indicator,
    source: &Source,
) -> Result<&'p Register, Error> {
    pack.register(&source.register)
        .ok_or_else(|| Error::NoRegister {
            indicator: indicator.id.clone(),
            register: source.register.clone(),
        })
}

/// The definition of one source as SQL: rows grouped by recipient, supporter and confirmation. The
/// reader says `FROM`.
pub(crate) fn rows_select(
    pack: &Pack,
    indicator: &Indicator,
    register: &Register,
    source: &Source,
    window: Window,
    as_of: Option<AsOf>,
    dialect: Dialect,
) -> (SelectStatement, Vec<Type>) {
    let mut select = Query::select();
    let mut types = Vec::new();
    for side in [register.recipient, register.supporter] {
        // An empty side reads as null and means no unit. It stays a plain column: PostgreSQL
        // takes an expression with a bound value for another one when it is grouped by.
        match side {
            Some(index) => {
                select.expr(field(register, index));
                select.add_group_by([field(register, index)]);
            }
            None => {
                select.expr(sea_query::Expr::val(""));
            }
        }
        types.push(Type::Text);
    }
    let mut group = |expr: sea_query::Expr, types: &mut Vec<Type>| {
        select.expr(expr.clone());
        select.add_group_by([expr]);
        types.push(Type::Text);
    };
    group(column("_state"), &mut types);
    if indicator.time == TimeType::Latest {
        group(
            qipan_sql::month_of(field(register, source.date), dialect),
            &mut types,
        );
    }
    if let Some(distinct) = source.distinct.filter(|_| is_keyed(indicator)) {
        let key = match register.fields[distinct].ty.value_type() {
            Type::Text => field(register, distinct),
            Type::Date => qipan_sql::cast_date_text(field(register, distinct), dialect),
            _ => field(register, distinct).cast_as(Alias::new("TEXT")),
        };
        group(key, &mut types);
    }
    select.expr(column("_rid").count().cast_as(Alias::new("BIGINT")));
    types.push(Type::Int);
    if let Some(value) = &source.value {
        select.expr(sum(qipan_sql::compile(value, dialect, &|index| {
            parameter(register, index)
        })));
        types.push(Type::Int);
    }
    select.cond_where(takes(
        pack, indicator, register, source, window, as_of, dialect,
    ));
    (select, types)
}

/// Which rows of a register a source takes in: the same condition for the figure and for the
/// rows that are shown behind it.
pub(crate) fn takes(
    pack: &Pack,
    indicator: &Indicator,
    register: &Register,
    source: &Source,
    window: Window,
    as_of: Option<AsOf>,
    dialect: Dialect,
) -> Condition {
    let day = |day: Date| qipan_sql::date(day, dialect);
    let mut condition = Cond::all()
        .add(standing(as_of, dialect))
        .add(field(register, source.date).lte(day(window.end)));
    if let Some(start) = window.start {
        condition = condition.add(field(register, source.date).gte(day(start)));
    }
    if let Some(done_by) = source.done_by {
        condition = condition.add(field(register, done_by).lte(day(window.end)));
    }
    if let Some(ends) = source.ends.filter(|_| indicator.time == TimeType::Stock) {
        let ends = field(register, ends);
        condition = condition.add(ends.clone().is_null().or(ends.gt(day(window.end))));
    }
    if let Some(distinct) = source.distinct.filter(|_| is_keyed(indicator)) {
        condition = condition.add(field(register, distinct).is_not_null());
    }
    if let Some(value) = &source.value {
        let value = qipan_sql::compile(value, dialect, &|index| parameter(register, index));
        condition = condition.add(value.is_not_null());
    }
    if let Some(subset) = &indicator.subset {
        let side = match subset.side {
            Side::Supporter => register.supporter,
            Side::Recipient => register.recipient,
            Side::City => None,
        };
        if let Some(side) = side {
            let flagged = pack
                .units
                .all()
                .iter()
                .filter(|unit| unit.has_flag(&subset.flag, window.end));
            condition =
                condition.add(field(register, side).is_in(flagged.map(|unit| unit.id.to_string())));
        }
    }
    if let Some(filter) = &source.filter {
        condition = condition.add(qipan_sql::condition(filter, dialect, &|index| {
            parameter(register, index)
        }));
    }
    condition
}

/// A column of an expression; `today` is null, for what a figure says may not depend on the day
/// on which it is read.
fn parameter(register: &Register, index: usize) -> sea_query::Expr {
    if index < register.fields.len() {
        field(register, index)
    } else {
        sea_query::Expr::val(Option::<String>::None)
    }
}

/// Reads the columns of a row one after the other.
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    pub(crate) fn text(&mut self) -> Result<String, Error> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(text),
            Some(Value::Null) => Ok(String::new()),
            _ => Err(Error::Value("text")),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, Error> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(number),
            Some(Value::Null) => Ok(0),
            _ => Err(Error::Value("integer")),
        }
    }
}
