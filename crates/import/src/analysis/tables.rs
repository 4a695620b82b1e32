//! The tables of a file as people are shown them: which register, which column is which field.

use qipan_model::{AreaUnit, FieldType, Pack, Register};
use qipan_sheets::a1;
use qipan_sheets::recognise::{CONFIRMATION, ColumnMap, Finding, Recognised, Target};
use serde::{Deserialize, Serialize};

use crate::Options;

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnFound {
    /// Its letters.
    pub col: String,
    /// Header as written.
    pub header: String,
    /// Field id, or `_state` for 对方确认; `None` for what is not read.
    pub field: Option<String>,
    /// `field`, `serial`, `confirmation` or `unknown`.
    pub target: String,
    /// Unit in which its numbers are read.
    pub measure: String,
}

/// A register that would fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitFound {
    /// Register id.
    pub register: String,
    /// Its name.
    pub name: String,
}

/// A table, or a place that fits several registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFound {
    /// Number of the finding in the file, from 0.
    pub nth: usize,
    /// Register id; `None` where several fit.
    pub register: Option<String>,
    /// Its name; empty where several fit.
    pub register_name: String,
    /// Number of the sheet, from 0.
    pub sheet: usize,
    /// Name of the sheet.
    pub sheet_name: String,
    /// First and last header row, from 1.
    pub header_rows: (u32, u32),
    /// Unit on whose behalf it is filed.
    pub unit: Option<String>,
    /// Period that it reports.
    pub period: Option<String>,
    /// Unit of the money columns that do not state their own.
    pub money: String,
    /// Columns from left to right.
    pub columns: Vec<ColumnFound>,
    /// The registers that fit, where there are several.
    pub fits: Vec<FitFound>,
}

impl TableFound {
    /// `None` for a sheet that holds no table.
    pub(crate) fn of(
        pack: &Pack,
        options: &Options,
        nth: usize,
        finding: &Finding,
    ) -> Option<Self> {
        match finding {
            Finding::Table(table) => {
                let register = pack.register(&table.register)?;
                Some(Self::table(register, options, nth, table))
            }
            Finding::Ambiguous {
                sheet,
                header_rows,
                fits,
                problem,
            } => Some(Self {
                nth,
                register: None,
                register_name: String::new(),
                sheet: *sheet,
                sheet_name: problem.sheet.clone(),
                header_rows: *header_rows,
                unit: None,
                period: None,
                money: String::new(),
                columns: Vec::new(),
                fits: fits
                    .iter()
                    .map(|fit| FitFound {
                        register: fit.register.clone(),
                        name: fit.name.clone(),
                    })
                    .collect(),
            }),
            Finding::NoFit { .. } | Finding::Blank { .. } => None,
        }
    }

    fn table(register: &Register, options: &Options, nth: usize, table: &Recognised) -> Self {
        let unit = table.unit.as_ref().or(options.unit.as_ref());
        Self {
            nth,
            register: Some(register.id.clone()),
            register_name: register.name.clone(),
            sheet: table.sheet,
            sheet_name: table.sheet_name.clone(),
            header_rows: table.header_rows,
            unit: unit.map(|unit| unit.as_str().to_owned()),
            period: options
                .period
                .or(table.period)
                .map(|period| period.to_string()),
            money: table.money.word().to_owned(),
            columns: table
                .columns
                .iter()
                .map(|map| ColumnFound::of(register, table, map))
                .collect(),
            fits: Vec::new(),
        }
    }
}

impl ColumnFound {
    fn of(register: &Register, table: &Recognised, map: &ColumnMap) -> Self {
        let field = match map.target {
            Target::Field(index) => register.fields.get(index),
            _ => None,
        };
        let measure = field.map_or_else(String::new, |field| match field.ty {
            FieldType::Money { .. } => map.money.unwrap_or(table.money).word().to_owned(),
            FieldType::Area => match map.area.or(table.area) {
                None => field.measure.clone(),
                Some(AreaUnit::Mu) => "亩".to_owned(),
                Some(AreaUnit::Hectare) => "公顷".to_owned(),
                Some(AreaUnit::SquareMetre) => "㎡".to_owned(),
            },
            _ => field.measure.clone(),
        });
        Self {
            col: a1::column_name(map.column),
            header: map.header.clone(),
            field: match map.target {
                Target::Confirmation => Some(CONFIRMATION.to_owned()),
                _ => field.map(|field| field.id.clone()),
            },
            target: match map.target {
                Target::Field(_) => "field",
                Target::Serial => "serial",
                Target::Confirmation => "confirmation",
                Target::Unknown => "unknown",
            }
            .to_owned(),
            measure,
        }
    }
}
