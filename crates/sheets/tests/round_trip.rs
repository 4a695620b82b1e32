//! What is written comes back unchanged: templates, exports and the sample workbooks, for every
//! register of the Chongqing pack.

mod common;

use std::path::PathBuf;

use common::{pack, root};
use jiff::civil::{Date, date};
use qipan_model::{Confirmation, MoneyUnit, Record, Register, Value};
use qipan_sheets::parse::{Context, RowResult, TableReader};
use qipan_sheets::read::{Limits, Workbook};
use qipan_sheets::recognise::{Finding, Options, Recognised, recognise};
use qipan_sheets::write::{
    ExportFormat, ExportOptions, Exporter, TemplateOptions, template, write_sample_workbooks,
};

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
    let pack = pack();
    let options = Options { register };
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
                period: None,
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
fn check(bytes: Vec<u8>, name: &str, register: &Register, expect: &[Record], whole: bool) {
    let mut book = Workbook::from_bytes(bytes, name, &Limits::default()).unwrap();
    let table = tables(&mut book, None).remove(0);
    assert_eq!(table.found.register, register.id);
    assert_eq!(table.rows.len(), expect.len(), "{}", register.id);
    for (row, record) in table.rows.iter().zip(expect) {
        for ((field, found), written) in register.fields.iter().zip(&row.values).zip(&record.values)
        {
            assert_eq!(found, written, "{} {} {}", register.id, row.place, field.id);
        }
        if whole || table.found.columns.iter().any(|c| c.header == "对方确认") {
            let state = row.confirmation.unwrap_or(Confirmation::Agreed);
            assert_eq!(state, record.confirmation, "{} {}", register.id, row.place);
        }
    }
}

#[test]
fn templates_import_back_unchanged() {
    let pack = pack();
    for register in &pack.registers {
        let known = records(register);
        for money in [None, Some(MoneyUnit::Yuan), Some(MoneyUnit::Yi)] {
            let options = TemplateOptions {
                unit: None,
                period: "2021H1".parse().unwrap(),
                money,
                known: &known,
            };
            let bytes = template(pack, register, options).unwrap();
            check(bytes, "a.xlsx", register, &known, false);
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
        check(csv, "a.csv", register, &rows, true);
        let book = exported(register, ExportFormat::Xlsx, &rows);
        check(book, "a.xlsx", register, &rows, false);
    }
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
