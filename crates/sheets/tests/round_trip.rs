//! What is written comes back unchanged: templates, exports and the sample workbooks, for every
//! register of the Chongqing pack.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;

use common::{pack, root};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use qipan_model::{Confirmation, Field, FieldType, MoneyUnit, Pack, Record, Register, Value};
use qipan_sheets::parse::{Context, RowResult, TableReader};
use qipan_sheets::read::{Limits, Workbook};
use qipan_sheets::recognise::{ColumnMap, Finding, Options, Recognised, Target, recognise};
use qipan_sheets::write::{
    ExportFormat, ExportOptions, Exporter, TemplateOptions, template, write_sample_workbooks,
};
use rust_decimal::Decimal;

fn samples() -> PathBuf {
    root().join("packs/chongqing/samples/2021H1")
}

/// The sample reaches into the third quarter.
const TODAY: Date = date(2021, 12, 31);

struct Table {
    found: Recognised,
    rows: Vec<RowResult>,
}

fn tables(book: &mut Workbook, register: Option<&str>) -> Vec<Table> {
    tables_in(pack(), book, register)
}

fn tables_in(pack: &Pack, book: &mut Workbook, register: Option<&str>) -> Vec<Table> {
    let options = Options {
        register,
        ..Options::default()
    };
    let findings = recognise(book, &pack.registers, &pack.units, &options, TODAY).unwrap();
    let tables = findings.into_iter().filter_map(|finding| match finding {
        Finding::Table(table) => Some(*table),
        Finding::Blank { .. } => None,
        other => panic!("{other:#?}"),
    });
    tables
        .map(|found| {
            let context = Context {
                register: pack.register(&found.register).unwrap(),
                units: &pack.units,
                today: TODAY,
                period: found.period,
                unit: None,
                is_1904: book.is_1904(),
            };
            let rows = book.rows(found.sheet).unwrap();
            let mut reader = TableReader::new(rows, &found, context);
            let mut rows = Vec::new();
            while let Some(row) = reader.next_row().unwrap() {
                assert!(row.is_good(), "{} {:#?}", found.register, row.problems);
                rows.push(row);
            }
            Table { found, rows }
        })
        .collect()
}

fn record(number: i64, values: Vec<Value>, confirmation: Confirmation) -> Record {
    Record {
        record: number,
        rev: 1,
        from_seq: 1,
        to_seq: None,
        key: String::new(),
        confirmation,
        retracted: false,
        source: String::new(),
        place: String::new(),
        values,
    }
}

/// The sample rows of a register as records.
fn records(register: &Register) -> Vec<Record> {
    let path = samples().join(format!("{}.csv", register.id));
    let mut book = Workbook::open(&path, &Limits::default()).unwrap();
    let table = tables(&mut book, Some(&register.id)).remove(0);
    (1..)
        .zip(table.rows)
        .map(|(nth, row)| {
            let state = row.confirmation.unwrap_or(Confirmation::Agreed);
            record(nth, row.values, state)
        })
        .collect()
}

/// Reads a file that we wrote and compares it with what was written.
fn check(bytes: Vec<u8>, name: &str, register: &Register, expect: &[Record]) {
    check_in(pack(), bytes, name, register, expect);
}

fn check_in(pack: &Pack, bytes: Vec<u8>, name: &str, register: &Register, expect: &[Record]) {
    let mut book = Workbook::from_bytes(bytes, name, &Limits::default()).unwrap();
    let table = tables_in(pack, &mut book, None).remove(0);
    assert_eq!(table.found.register, register.id);
    assert_eq!(table.rows.len(), expect.len(), "{}", register.id);
    let told = |column: &ColumnMap| column.target == Target::Confirmation;
    let told = table.found.columns.iter().any(told);
    for (row, record) in table.rows.iter().zip(expect) {
        let values = row.values.iter().zip(&record.values);
        for (field, (found, written)) in register.fields.iter().zip(values) {
            assert_eq!(found, written, "{name} {} {}", row.place, field.id);
        }
        if told {
            let state = row.confirmation.unwrap_or(Confirmation::Agreed);
            assert_eq!(state, record.confirmation, "{name} {}", row.place);
        }
    }
}

#[test]
fn templates_import_back_unchanged() {
    let pack = pack();
    for register in &pack.registers {
        let known = records(register);
        for money in [None, Some(MoneyUnit::Yi)] {
            let options = TemplateOptions {
                unit: None,
                period: "2021H1".parse().unwrap(),
                money,
                known: &known,
            };
            let bytes = template(pack, register, options).unwrap();
            check(bytes, "a.xlsx", register, &known);
        }
    }
}

fn exported(register: &Register, format: ExportFormat, rows: &[Record]) -> Vec<u8> {
    let options = ExportOptions {
        period: Some("2021H1".parse().unwrap()),
        day: TODAY,
        personal: true,
    };
    let mut out = Vec::new();
    let mut exporter = Exporter::begin(register, &pack().units, format, options, &mut out).unwrap();
    for row in rows {
        exporter.row(row).unwrap();
    }
    assert_eq!(exporter.finish().unwrap(), rows.len() as u64);
    out
}

#[test]
fn exports_import_back_unchanged() {
    for register in &pack().registers {
        let rows = records(register);
        let csv = exported(register, ExportFormat::Csv, &rows);
        check(csv, "a.csv", register, &rows);
        let book = exported(register, ExportFormat::Xlsx, &rows);
        check(book, "a.xlsx", register, &rows);
    }
}

/// Any value that a field may hold.
fn value(field: &Field, key: bool) -> BoxedStrategy<Value> {
    let some = match &field.ty {
        // The reader folds widths and blanks in keys, trims any text, and takes a dash for nothing.
        FieldType::Text { .. } if key => "[a0甲][a-z0-9甲乙-]{0,11}".prop_map(Value::Text).boxed(),
        FieldType::Text { .. } => "[=+@'＝-]{0,2}[a-z0-9甲乙（），,；;\"“” .%/=-]{0,12}[甲a0]"
            .prop_map(|text| Value::Text(text.trim().to_owned()))
            .boxed(),
        FieldType::Choice { options } => {
            let labels: Vec<String> = options.iter().map(|o| o.label.clone()).collect();
            proptest::sample::select(labels)
                .prop_map(Value::Text)
                .boxed()
        }
        FieldType::Int { min, max } => (min.unwrap_or(0)..=max.unwrap_or(1_000_000_000))
            .prop_map(Value::Int)
            .boxed(),
        FieldType::Decimal { scale, min, max } => {
            let (scale, unit) = (u32::from(*scale), 10_i64.pow(u32::from(*scale)));
            let bound = |d: &Option<Decimal>, or: i64| {
                d.map_or(or, |d| {
                    i64::try_from(d.mantissa()).unwrap() / 10_i64.pow(d.scale())
                })
            };
            (bound(min, 0) * unit..=bound(max, 100) * unit)
                .prop_map(move |n| Value::Decimal(Decimal::new(n, scale)))
                .boxed()
        }
        FieldType::Money { .. } => (0_i64..=99_999_999_999_999)
            .prop_map(|n| Value::Decimal(Decimal::new(n, 2)))
            .boxed(),
        FieldType::Area => (0_i64..=9_999_999_999)
            .prop_map(|n| Value::Decimal(Decimal::new(n, 4)))
            .boxed(),
        FieldType::Date { .. } => (0_i64..=300)
            .prop_map(|n| Value::Date(date(2021, 1, 1).saturating_add(n.days())))
            .boxed(),
        FieldType::Unit { role } => {
            let units = pack().units.all().iter();
            let fit = units.filter(|unit| role.is_none_or(|role| unit.role == role));
            let fit: Vec<String> = fit.map(|unit| unit.id.to_string()).collect();
            proptest::sample::select(fit).prop_map(Value::Text).boxed()
        }
        FieldType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
    };
    if field.required {
        some
    } else {
        prop_oneof![1 => Just(Value::Null), 3 => some].boxed()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the fields hold: rules between them are another matter, so none are kept here.
    #[test]
    fn any_values_come_back(rows in registers_and_rows()) {
        let (register, rows) = rows;
        let mut pack = pack().clone();
        let register = &mut pack.registers[register];
        register.rules.clear();
        for field in &mut register.fields {
            field.derived = None;
        }
        let register = register.clone();
        pack.registers = vec![register.clone()];
        let csv = exported(&register, ExportFormat::Csv, &rows);
        check_in(&pack, csv, "a.csv", &register, &rows);
        let book = exported(&register, ExportFormat::Xlsx, &rows);
        check_in(&pack, book, "a.xlsx", &register, &rows);
    }
}

/// A register and up to eight rows with different keys.
fn registers_and_rows() -> impl Strategy<Value = (usize, Vec<Record>)> {
    (0..pack().registers.len()).prop_flat_map(|index| {
        let register = &pack().registers[index];
        let fields = register.fields.iter().enumerate();
        let values: Vec<_> = fields
            .map(|(nth, field)| value(field, register.key.contains(&nth)))
            .collect();
        let states = [
            Confirmation::Agreed,
            Confirmation::Pending,
            Confirmation::Contested,
        ];
        let row = (values, proptest::sample::select(states.to_vec()));
        proptest::collection::vec(row, 1..8).prop_map(move |rows| {
            let mut keys = BTreeSet::new();
            let fresh = rows.into_iter().filter(|(values, _)| {
                pack().registers[index]
                    .key_of(values)
                    .is_some_and(|key| keys.insert(key))
            });
            let records = (1..).zip(fresh);
            (
                index,
                records
                    .map(|(n, (values, state))| record(n, values, state))
                    .collect(),
            )
        })
    })
}

#[test]
fn sample_workbooks_hold_exactly_the_committed_rows() {
    let pack = pack();
    let folder = tempfile::tempdir().unwrap();
    let paths = write_sample_workbooks(pack, &samples(), folder.path()).unwrap();
    let mut seen = Vec::new();
    for path in &paths {
        let mut book = Workbook::open(path, &Limits::default()).unwrap();
        for table in tables(&mut book, None) {
            let register = pack.register(&table.found.register).unwrap();
            let sort = |rows: &mut Vec<(Vec<Value>, Confirmation)>| {
                rows.sort_by_key(|(values, _)| format!("{values:?}"));
            };
            let state = |state: Option<Confirmation>| state.unwrap_or(Confirmation::Agreed);
            let mut found: Vec<_> = table
                .rows
                .into_iter()
                .map(|row| (row.values, state(row.confirmation)))
                .collect();
            let mut expect: Vec<_> = records(register)
                .into_iter()
                .map(|record| (record.values, record.confirmation))
                .collect();
            sort(&mut found);
            sort(&mut expect);
            assert_eq!(found.len(), expect.len(), "{path:?} {}", register.id);
            for (found, expect) in found.iter().zip(&expect) {
                assert_eq!(found, expect, "{path:?} {}", register.id);
            }
            seen.push(register.id.clone());
        }
    }
    let mut all: Vec<String> = pack.registers.iter().map(|r| r.id.clone()).collect();
    all.sort();
    seen.sort();
    assert_eq!(seen, all);
}

#[test]
#[ignore = "writes files to look at: LOOK=folder cargo test -- --ignored looks"]
fn looks_right() {
    let pack = pack();
    let folder = PathBuf::from(std::env::var("LOOK").unwrap());
    write_sample_workbooks(pack, &samples(), &folder).unwrap();
    let register = pack.register("project").unwrap();
    let known = records(register);
    let options = TemplateOptions {
        unit: pack.units.get("wanzhou"),
        period: "2021H1".parse().unwrap(),
        money: None,
        known: &known,
    };
    std::fs::write(
        folder.join("项目模板.xlsx"),
        template(pack, register, options).unwrap(),
    )
    .unwrap();
}
