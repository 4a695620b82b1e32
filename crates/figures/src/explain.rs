//! A figure opened: definition, SQL, coverage, rows with their revisions and evidence (promise 2).

use std::collections::BTreeMap;

use std::ops::Range;

use qipan_model::{
    Confirmation, Indicator, Measure, Mechanism, Period, Record, Register, TimeType, Type,
};
use sea_query::{Alias, Condition, ExprTrait, Query};
use serde::Serialize;

use crate::cells::{Row as Columns, register_of, rows_select, takes};
use crate::tables::{column, field};
use crate::{By, Engine, Error, Figure, Window};

/// Most rows one explanation carries; `total` tells how many there are.
pub const MOST_ROWS: usize = 100_000;

/// The definition card of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// Indicator id.
    pub indicator: String,
    /// Version in force at the period's end.
    pub version: u32,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Definition in words.
    pub definition: String,
    /// The same in English.
    pub definition_en: String,
    /// What is open about it.
    pub remark: String,
    /// The same in English.
    pub remark_en: String,
    /// `attested`, `likely` or `open` (待确认).
    pub certainty: qipan_model::Certainty,
    /// Department that owns it.
    pub owner: String,
    /// The same in English.
    pub owner_en: String,
    /// Clause it rests on.
    pub clause: String,
    /// Relation to time, in words.
    pub time: String,
    /// The same in English.
    pub time_en: String,
    /// First and last day of the window, ISO 8601; the first is empty when open.
    pub window: [String; 2],
}

/// One row behind a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Register id.
    pub register: String,
    /// Record number within the register.
    pub record: i64,
    /// Revision that stood.
    pub rev: i64,
    /// Natural key.
    pub key: String,
    /// Where it stands between the sides; only `agreed` and `arbitrated` are counted.
    pub confirmation: qipan_model::Confirmation,
    /// Whether the figure counts it.
    pub counted: bool,
    /// Journal entry that wrote the revision.
    pub entry: i64,
    /// Digest of the file it came from, hex; empty when entered by hand.
    pub source: String,
    /// Place within that file.
    pub place: String,
    /// Values by field id; empty fields are left out.
    pub values: serde_json::Map<String, serde_json::Value>,
}

/// A figure opened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The figure.
    pub figure: Figure,
    /// Its definition.
    pub definition: Definition,
    /// The SQL of each source, with its values written in.
    pub sql: Vec<String>,
    /// Names of the units that have not reported.
    pub missing: Vec<String>,
    /// Rows in all.
    pub total: usize,
    /// Rows of them that are counted; the others are still open between the sides.
    pub counted: usize,
    /// The rows asked for, counted ones and open ones, in the order of entry.
    pub rows: Vec<Row>,
    /// For a percentage: its parts, opened likewise.
    pub parts: Vec<Explanation>,
}

impl Engine<'_> {
    /// Opens a figure; of its rows those in `shown` (positions from 0, at most [`MOST_ROWS`]).
    ///
    /// # Errors
    /// As [`Engine::figure`].
    pub async fn explain(
        &mut self,
        id: &str,
        period: Period,
        shown: Range<usize>,
    ) -> Result<Explanation, Error> {
        let indicator = self.indicator(id, period)?;
        let mut explanation = self.explain_one(indicator, period, &shown).await?;
        if let Measure::Percent {
            numerator,
            denominator,
        } = &indicator.measure
        {
            for part in [numerator, denominator] {
                let part = self.indicator(part, period)?;
                explanation
                    .parts
                    .push(self.explain_one(part, period, &shown).await?);
            }
        }
        Ok(explanation)
    }

    /// The SQL over the register tables that a figure stands for, one statement for each source;
    /// a percentage has none of its own.
    ///
    /// # Errors
    /// When no such indicator is in force at the period's end.
    pub fn statements(&self, id: &str, period: Period) -> Result<Vec<String>, Error> {
        let indicator = self.indicator(id, period)?;
        let window = Window::of(indicator, &self.pack.mechanism, period);
        let dialect = self.reader.dialect();
        indicator
            .sources
            .iter()
            .map(|source| {
                let register = register_of(self.pack, indicator, source)?;
                let (mut statement, _) = rows_select(
                    self.pack, indicator, register, source, window, self.as_of, dialect,
                );
                if let Some(narrower) = self.part.condition(register) {
                    statement.cond_where(narrower);
                }
                let statement = self.reader.of_register(register, statement)?;
                Ok(self.reader.explain(&statement))
            })
            .collect()
    }

    async fn explain_one(
        &mut self,
        indicator: &Indicator,
        period: Period,
        shown: &Range<usize>,
    ) -> Result<Explanation, Error> {
        let window = Window::of(indicator, &self.pack.mechanism, period);
        let figure = self
            .figure(&indicator.id, period, By::Whole)
            .await?
            .pop()
            .ok_or_else(|| Error::NoIndicator {
                id: indicator.id.clone(),
                period,
            })?;
        let mut sql = Vec::new();
        let mut conditions = Vec::new();
        let dialect = self.reader.dialect();
        for source in &indicator.sources {
            let register = register_of(self.pack, indicator, source)?;
            let (mut statement, _) = rows_select(
                self.pack, indicator, register, source, window, self.as_of, dialect,
            );
            if let Some(narrower) = self.part.condition(register) {
                statement.cond_where(narrower);
            }
            let statement = self.reader.of_register(register, statement)?;
            sql.push(self.reader.explain(&statement));
            conditions.push(takes(
                self.pack, indicator, register, source, window, self.as_of, dialect,
            ));
        }
        let found = if indicator.time == TimeType::Latest {
            self.newest_rows(indicator, &conditions, shown).await?
        } else {
            self.rows(indicator, &conditions, shown).await?
        };
        let mut rows = Vec::new();
        for (source, rids) in indicator.sources.iter().zip(&found.shown) {
            let register = register_of(self.pack, indicator, source)?;
            let records = self.reader.rows_by_rid(register, rids).await?;
            rows.extend(records.into_iter().map(|record| row(register, record)));
        }
        let missing = self.missing(indicator, period).await?;
        Ok(Explanation {
            figure,
            definition: definition(indicator, &self.pack.mechanism, period),
            sql,
            missing,
            total: found.total,
            counted: found.counted,
            rows,
            parts: Vec::new(),
        })
    }

    /// Counts the rows behind a figure and names those shown: the database turns the pages.
    async fn rows(
        &mut self,
        indicator: &Indicator,
        conditions: &[Condition],
        shown: &Range<usize>,
    ) -> Result<Found, Error> {
        let mut found = Found::default();
        let last = shown.end.min(shown.start.saturating_add(MOST_ROWS));
        for (source, condition) in indicator.sources.iter().zip(conditions) {
            let register = register_of(self.pack, indicator, source)?;
            let mut condition = condition.clone();
            if let Some(narrower) = self.part.condition(register) {
                condition = condition.add(narrower);
            }
            let mut count = Query::select();
            count
                .expr(column("_state"))
                .expr(column("_rid").count().cast_as(Alias::new("BIGINT")))
                .cond_where(condition.clone())
                .add_group_by([column("_state")]);
            let before = found.total;
            let count = self.reader.of_register(register, count)?;
            for row in self.reader.select(&count, &[Type::Text, Type::Int]).await? {
                let mut row = Columns::new(row);
                let counts = counts(&row.text()?);
                let rows = usize::try_from(row.int()?).unwrap_or(0);
                found.total += rows;
                found.counted += if counts { rows } else { 0 };
            }
            let mut rids = Vec::new();
            if last > before && shown.start < found.total {
                let first = shown.start.saturating_sub(before);
                let mut select = Query::select();
                select
                    .expr(column("_rid"))
                    .cond_where(condition)
                    .order_by(Alias::new("_rid"), sea_query::Order::Asc)
                    .limit((last - before - first) as u64)
                    .offset(first as u64);
                let select = self.reader.of_register(register, select)?;
                for row in self.reader.select(&select, &[Type::Int]).await? {
                    rids.push(Columns::new(row).int()?);
                }
            }
            found.shown.push(rids);
        }
        Ok(found)
    }

    /// The same for figures of each recipient's last month: which month that is, all rows tell.
    async fn newest_rows(
        &mut self,
        indicator: &Indicator,
        conditions: &[Condition],
        shown: &Range<usize>,
    ) -> Result<Found, Error> {
        let dialect = self.reader.dialect();
        let mut rows: Vec<Dated> = Vec::new();
        for (nth, (source, condition)) in indicator.sources.iter().zip(conditions).enumerate() {
            let register = register_of(self.pack, indicator, source)?;
            let side = |side: Option<usize>| match side {
                Some(side) => field(register, side),
                None => sea_query::Expr::val(""),
            };
            let mut select = Query::select();
            select
                .expr(column("_rid"))
                .expr(side(register.supporter))
                .expr(side(register.recipient))
                .expr(column("_state"))
                .expr(qipan_sql::month_of(field(register, source.date), dialect))
                .cond_where(condition.clone())
                .order_by(Alias::new("_rid"), sea_query::Order::Asc);
            let types = [Type::Int, Type::Text, Type::Text, Type::Text, Type::Text];
            let select = self.reader.of_register(register, select)?;
            for row in self.reader.select(&select, &types).await? {
                let mut row = Columns::new(row);
                rows.push(Dated {
                    source: nth,
                    rid: row.int()?,
                    supporter: row.text()?,
                    recipient: row.text()?,
                    counts: counts(&row.text()?),
                    month: row.text()?,
                });
            }
        }
        keep_newest(&mut rows);
        // The last month is the recipient's, whoever supported it; only then the part is taken.
        rows.retain(|row| self.part.holds(&row.supporter, &row.recipient));
        let total = rows.len();
        let from = shown.start.min(total);
        let to = shown.end.clamp(from, total).min(from + MOST_ROWS);
        let mut found = Found {
            total,
            counted: rows.iter().filter(|row| row.counts).count(),
            shown: vec![Vec::new(); conditions.len()],
        };
        for row in &rows[from..to] {
            found.shown[row.source].push(row.rid);
        }
        Ok(found)
    }
}

fn counts(state: &str) -> bool {
    Confirmation::parse(state).is_some_and(Confirmation::counts)
}

/// The rows behind a figure.
#[derive(Default)]
struct Found {
    total: usize,
    counted: usize,
    /// Row numbers of those shown, for each source.
    shown: Vec<Vec<i64>>,
}

/// A row behind a figure, before it is read in full.
struct Dated {
    /// Number of the indicator's source that takes it in.
    source: usize,
    rid: i64,
    supporter: String,
    recipient: String,
    counts: bool,
    /// `2021-06`.
    month: String,
}

/// Of each recipient only the rows of the last month for which anything counts, and what is still
/// open of that month or later: the rows from which the figure is made.
fn keep_newest(found: &mut Vec<Dated>) {
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for row in found.iter().filter(|row| row.counts) {
        let month = last.entry(row.recipient.clone()).or_default();
        if row.month > *month {
            month.clone_from(&row.month);
        }
    }
    found.retain(|row| {
        last.get(&row.recipient)
            .is_none_or(|last| row.month >= *last)
    });
}

/// The definition card of an indicator for a period.
#[must_use]
pub fn definition(indicator: &Indicator, mechanism: &Mechanism, period: Period) -> Definition {
    let window = Window::of(indicator, mechanism, period);
    let (time, time_en) = match indicator.time {
        TimeType::Flow => ("期内发生", "within the period"),
        TimeType::Cumulative(_) => ("自起始日累计至期末", "cumulative to the end of the period"),
        TimeType::Stock => ("期末存量", "standing at the end of the period"),
        TimeType::Latest => ("截至期末最近一期", "latest stated by the end of the period"),
    };
    Definition {
        indicator: indicator.id.clone(),
        version: indicator.version,
        name: indicator.name.clone(),
        name_en: indicator.name_en.clone(),
        definition: indicator.definition.clone(),
        definition_en: indicator.definition_en.clone(),
        remark: indicator.remark.clone(),
        remark_en: indicator.remark_en.clone(),
        certainty: indicator.certainty,
        owner: indicator.owner.clone(),
        owner_en: indicator.owner_en.clone(),
        clause: indicator.clause.clone(),
        time: time.to_owned(),
        time_en: time_en.to_owned(),
        window: [
            window.start.map(|day| day.to_string()).unwrap_or_default(),
            window.end.to_string(),
        ],
    }
}

fn row(register: &Register, record: Record) -> Row {
    let values = register
        .fields
        .iter()
        .zip(&record.values)
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| (field.id.clone(), crate::figure::json(value)))
        .collect();
    Row {
        register: register.id.clone(),
        record: record.record,
        rev: record.rev,
        key: record.key,
        confirmation: record.confirmation,
        counted: record.confirmation.counts(),
        entry: record.from_seq,
        source: record.source,
        place: record.place,
        values,
    }
}
