//! What the reading tests share: the Chongqing pack, and a file read from end to end.
#![allow(dead_code)] // each test file uses its own part

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::civil::{Date, date};
use qipan_model::{Pack, Value};
use qipan_sheets::parse::{Context, RowResult, Skipped, TableReader};
use qipan_sheets::read::{Limits, ReadError, Workbook};
use qipan_sheets::recognise::{Finding, Options, Recognised, recognise};
use rust_decimal::Decimal;

pub const TODAY: Date = date(2021, 7, 10);

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| {
        let source = qipan_pack::Source::read_dir(&root().join("packs/chongqing")).unwrap();
        let checked = qipan_pack::check(&source);
        let errors: Vec<String> = checked.errors().map(|error| format!("{error:?}")).collect();
        checked
            .pack
            .unwrap_or_else(|| panic!("the pack has errors: {errors:#?}"))
    })
}

pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// One table read to its end.
pub struct Table {
    pub found: Recognised,
    pub rows: Vec<RowResult>,
    pub skipped: Skipped,
}

impl Table {
    pub fn good(&self) -> impl Iterator<Item = &RowResult> {
        self.rows.iter().filter(|row| row.is_good())
    }

    pub fn value(&self, row: &RowResult, field: &str) -> Value {
        let register = pack().register(&self.found.register).unwrap();
        row.values[register.index(field).unwrap()].clone()
    }

    /// Sum of a money field over the good rows, in 万元.
    pub fn wan(&self, field: &str) -> Decimal {
        let sum: Decimal = self
            .good()
            .filter_map(|row| self.value(row, field).as_decimal())
            .sum();
        (sum / Decimal::from(10_000)).normalize()
    }

    /// Errors as `cell code`.
    pub fn errors(&self) -> Vec<String> {
        self.rows
            .iter()
            .flat_map(|row| &row.problems)
            .filter(|problem| problem.severity == qipan_model::Severity::Error)
            .map(|problem| format!("{} {}", problem.cell, problem.code))
            .collect()
    }
}

pub fn findings(book: &mut Workbook, register: Option<&str>) -> Result<Vec<Finding>, ReadError> {
    let pack = pack();
    recognise(
        book,
        &pack.registers,
        &pack.units,
        &Options {
            register,
            ..Options::default()
        },
        TODAY,
    )
}

pub fn context(book: &Workbook, found: &Recognised) -> Context<'static> {
    let pack = pack();
    Context {
        register: pack.register(&found.register).unwrap(),
        units: &pack.units,
        today: TODAY,
        period: None,
        unit: None,
        is_1904: book.is_1904(),
    }
}

pub fn read(book: &mut Workbook, found: Recognised) -> Result<Table, ReadError> {
    let context = context(book, &found);
    let mut reader = TableReader::new(book.rows(found.sheet)?, &found, context);
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        rows.push(row);
    }
    let skipped = reader.skipped();
    Ok(Table {
        found,
        rows,
        skipped,
    })
}

/// The only table of a file.
pub fn only_table(book: &mut Workbook) -> Table {
    let findings = findings(book, None).unwrap();
    let mut tables: Vec<Recognised> = findings
        .iter()
        .filter_map(|finding| match finding {
            Finding::Table(table) => Some((**table).clone()),
            _ => None,
        })
        .collect();
    assert_eq!(tables.len(), 1, "{findings:#?}");
    read(book, tables.remove(0)).unwrap()
}

pub fn open(name: &str) -> Result<Workbook, ReadError> {
    Workbook::open(&data(name), &Limits::default())
}

/// A CSV text as a file.
pub fn csv(text: &str) -> Workbook {
    Workbook::from_bytes(text.as_bytes().to_vec(), "项目台账.csv", &Limits::default()).unwrap()
}
