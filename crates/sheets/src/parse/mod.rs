//! Parsing: cells of a recognised table → typed values of a record.
//!
//! One [`TableReader`] walks the rows of one table: it passes over what is no record (totals,
//! section rows, footnotes), converts each cell by its field's type, fills derived fields, applies
//! the register's rules and refuses a key that the file states twice. Every finding names its
//! cell.

mod amount;
mod around;
pub(crate) mod date;
mod entered;
mod field;
mod finding;
mod line;
pub(crate) mod number;
mod seen;
mod units;

use jiff::civil::Date;
use qipan_model::{Confirmation, FieldType, Period, Register, Severity, Side, Units, Value};

pub use entered::{Given, Misfit, enter, value};
pub use line::Skipped;

use crate::Problem;
use crate::a1;
use crate::read::{Cell, ReadError, Row, Rows};
use crate::recognise::{Recognised, Target};
use around::Surroundings;
use field::Converter;
use finding::Finding;
use line::{Line, Lines};
pub use seen::Keys;
use units::UnitCache;

/// What rows are understood against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The register that the table holds.
    pub register: &'a Register,
    /// The mechanism's units.
    pub units: &'a Units,
    /// The day of import: later days are refused unless the field allows them.
    pub today: Date,
    /// The period that is reported, when known: unit names are understood on its last day when
    /// the row has no day of its own.
    pub period: Option<Period>,
    /// The unit that reports (id), used for a row's missing side; the table's own 填报单位 wins.
    pub unit: Option<&'a str>,
    /// Whether the workbook counts serial days from 1904.
    pub is_1904: bool,
}

/// One row of the table, converted.
#[derive(Debug, Clone, PartialEq)]
pub struct RowResult {
    /// Row number as people count, from 1.
    pub row: u32,
    /// Where it stands: `项目台账!A5`.
    pub place: String,
    /// Values in the order of the register's fields; what could not be read is null.
    pub values: Vec<Value>,
    /// The register's key of the row; `None` when a key field is missing.
    pub key: Option<String>,
    /// 对方确认, when the table has that column and the cell says something.
    pub confirmation: Option<Confirmation>,
    /// Findings; errors refuse the row, warnings only tell.
    pub problems: Vec<Problem>,
}

impl RowResult {
    /// Whether the row may be taken.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.problems
            .iter()
            .all(|problem| problem.severity != Severity::Error)
    }
}

/// A column of the plan.
struct Planned {
    column: u32,
    field: usize,
    converter: Converter,
}

/// Reads the records of one recognised table.
pub struct TableReader<'a> {
    rows: Rows<'a>,
    row: Row,
    context: Context<'a>,
    sheet: String,
    header_end: u32,
    last_row: Option<u32>,
    plan: Vec<Planned>,
    confirmation: Option<u32>,
    /// The field that the reporting unit fills when its column is missing, and the unit.
    supplied: Option<(usize, Value)>,
    lines: Lines,
    units: UnitCache,
    keys: Keys,
    done: bool,
}

impl<'a> TableReader<'a> {
    /// Begins at the first row of the sheet; `rows` are those of the table's sheet.
    #[must_use]
    pub fn new(rows: Rows<'a>, table: &Recognised, context: Context<'a>) -> Self {
        let register = context.register;
        let mut plan: Vec<Planned> = table
            .columns
            .iter()
            .filter_map(|map| match map.target {
                Target::Field(field) => Some(Planned {
                    column: map.column,
                    field,
                    converter: Converter::new(
                        &register.fields[field],
                        register.key.contains(&field),
                        map.money.unwrap_or(table.money),
                        map.area.or(table.area),
                    ),
                }),
                _ => None,
            })
            .collect();
        // Days first, the row's own before all: unit names are understood on it.
        plan.sort_by_key(|planned| {
            let is_date = matches!(register.fields[planned.field].ty, FieldType::Date { .. });
            (
                Some(planned.field) != register.date,
                !is_date,
                planned.column,
            )
        });
        let reporter = match register.reporter {
            Side::Supporter => register.supporter,
            Side::Recipient => register.recipient,
            Side::City => None,
        };
        let unit = table
            .unit
            .as_ref()
            .map(|unit| unit.as_str())
            .or(context.unit);
        let supplied = reporter
            .filter(|field| table.absent.contains(field))
            .zip(unit)
            .map(|(field, unit)| (field, Value::Text(unit.to_owned())));
        let mut keys = Keys::default();
        keys.begin(&table.sheet_name);
        let column_of = |wanted: Target| {
            table
                .columns
                .iter()
                .find(|map| map.target == wanted)
                .map(|map| map.column)
        };
        Self {
            rows,
            row: Row::default(),
            sheet: table.sheet_name.clone(),
            header_end: table.header_rows.1,
            last_row: table.last_row,
            plan,
            confirmation: column_of(Target::Confirmation),
            supplied,
            lines: Lines::new(table, register),
            units: UnitCache::default(),
            keys,
            done: false,
            context,
        }
    }

    /// Goes on with the keys that earlier tables of the same register in the file have stated.
    #[must_use]
    pub fn with_keys(mut self, mut keys: Keys) -> Self {
        keys.begin(&self.sheet);
        self.keys = keys;
        self
    }

    /// The keys stated so far, for the next table of the same register.
    #[must_use]
    pub fn into_keys(self) -> Keys {
        self.keys
    }

    /// How many rows of each sort were passed over so far.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.lines.skipped
    }

    /// The next record; `None` at the end of the table.
    ///
    /// # Errors
    /// [`ReadError`] when the sheet cannot be read on.
    pub fn next_row(&mut self) -> Result<Option<RowResult>, ReadError> {
        while !self.done {
            if !self.rows.next_into(&mut self.row)? {
                self.done = true;
                break;
            }
            let number = self.row.number();
            if number <= self.header_end {
                continue;
            }
            if self.last_row.is_some_and(|last| number > last) {
                self.done = true;
                break;
            }
            let is_banner = || self.rows.is_banner(number);
            if self.lines.classify(&self.row, is_banner) == Line::Record {
                return Ok(Some(self.convert()));
            }
        }
        Ok(None)
    }

    fn convert(&mut self) -> RowResult {
        let register = self.context.register;
        let number = self.row.number();
        let mut findings: Vec<Finding> = Vec::new();
        // Room for the place of `today`, which expressions see behind the fields.
        let mut values = Vec::with_capacity(register.fields.len() + 1);
        values.resize(register.fields.len(), Value::Null);
        let mut day = self.context.period.map(Period::end);
        let mut is_hint = false;
        for planned in &self.plan {
            let field = &register.fields[planned.field];
            if field.derived.is_some() {
                continue; // computed below
            }
            let value = planned.converter.convert(
                self.row.cell(planned.column),
                self.row.is_filled(planned.column),
                &mut Surroundings {
                    field,
                    column: planned.column,
                    context: &self.context,
                    day,
                    units: &mut self.units,
                    findings: &mut findings,
                },
            );
            if let Value::Date(date) = value {
                if Some(planned.field) == register.date {
                    day = Some(date);
                } else if day.is_none_or(|_| is_hint) && date <= self.context.today {
                    // Any other past day of the row is a better hint than today.
                    is_hint = true;
                    day = day.max(Some(date));
                }
            }
            values[planned.field] = value;
        }
        if let Some((field, unit)) = &self.supplied {
            values[*field] = unit.clone();
        }
        let confirmation = self.confirmation(&mut findings);
        self.check(&mut values, &mut findings);
        let key = register.key_of(&values);
        if let Some(key) = &key
            && let Some(first) = self.keys.insert(key, number)
        {
            let column = self
                .plan
                .iter()
                .find(|planned| register.key.contains(&planned.field))
                .map_or(0, |planned| planned.column);
            let (sheet, row) = first;
            let first = match sheet == self.sheet {
                true => (format!("第 {row} 行"), format!("row {row}")),
                false => (
                    format!("“{sheet}”第 {row} 行"),
                    format!("{sheet} row {row}"),
                ),
            };
            findings.push(Finding::duplicate(column, key, &first));
        }
        RowResult {
            row: number,
            place: format!("{}!{}", self.sheet, a1::address(0, number)),
            values,
            key,
            confirmation,
            problems: findings
                .into_iter()
                .map(|finding| finding.place(&self.sheet, number, register))
                .collect(),
        }
    }

    /// What people typed for a computed field is only compared: the computed value stands.
    fn compare(&self, index: usize, computed: &Value, findings: &mut Vec<Finding>) {
        let Some(planned) = self.plan.iter().find(|planned| planned.field == index) else {
            return;
        };
        let cell = self.row.cell(planned.column);
        let typed = match cell {
            Cell::Number(number) => number::decimal_of(number),
            Cell::Text(text) => number::number(text).map(|found| match found.suffix.as_str() {
                "%" if self.context.register.fields[index].measure != "%" => {
                    found.value / rust_decimal::Decimal::ONE_HUNDRED
                }
                _ => found.value,
            }),
            _ => None,
        };
        let (Some(typed), Some(computed)) = (typed, computed.as_decimal()) else {
            return;
        };
        // Typed numbers are rounded, and money is typed in its own unit.
        let near = |factor: rust_decimal::Decimal| {
            typed.checked_mul(factor).is_some_and(|typed| {
                (typed - computed).abs()
                    <= factor * rust_decimal::Decimal::new(1, typed.scale().min(6))
            })
        };
        if !planned.converter.factors().into_iter().any(near) {
            findings.push(Finding::recomputed(
                index,
                planned.column,
                shown(cell),
                computed,
            ));
        }
    }

    fn confirmation(&self, findings: &mut Vec<Finding>) -> Option<Confirmation> {
        let column = self.confirmation?;
        let cell = self.row.cell(column);
        if cell.is_blank() {
            return None;
        }
        let shown = crate::fold::tight(&cell.shown());
        let found = Confirmation::parse(&shown);
        if found.is_none() && !around::is_dash(&shown) {
            findings.push(Finding::confirmation(column, &cell.shown()));
        }
        found
    }

    /// Derived fields, required fields, row rules.
    fn check(&self, values: &mut Vec<Value>, findings: &mut Vec<Finding>) {
        let register = self.context.register;
        let column = |field: usize| {
            let planned = self.plan.iter().find(|planned| planned.field == field);
            planned.map(|planned| planned.column)
        };
        let failed = register.derive(values, self.context.today);
        for (index, field) in register.fields.iter().enumerate() {
            if field.derived.is_none() {
                continue;
            }
            if failed.contains(&index) {
                findings.push(Finding::derived(index));
            } else {
                self.compare(index, &values[index], findings);
            }
        }
        finding::lacking(register, values, findings, &column);
        values.push(Value::Date(self.context.today));
        finding::rules(register, values, findings, &column);
        values.truncate(register.fields.len());
    }
}

/// A value for a message.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "空".to_owned(),
        Value::Bool(truth) => if *truth { "是" } else { "否" }.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::Date(date) => date.to_string(),
        Value::Text(text) => shorten(text),
    }
}

/// The text of a cell as a person wrote it, shortened for messages.
fn shorten(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars()
        .take(MOST)
        .chain(std::iter::once('…'))
        .collect()
}

/// Shown form of a cell for messages.
fn shown(cell: Cell<'_>) -> String {
    shorten(&cell.shown())
}
