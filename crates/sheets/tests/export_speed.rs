//! How fast 100,000 rows of 18 columns are written. By hand, in release:
//! `cargo test --release -p qipan-sheets --test export_speed -- --ignored --nocapture`.

#![allow(clippy::print_stdout)] // the figures are what it is run for
#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use std::time::Instant;

use common::pack;
use jiff::civil::date;
use qipan_model::{Confirmation, FieldType, Record, Register, Value};
use qipan_sheets::write::{ExportFormat, ExportOptions, Exporter};
use rust_decimal::Decimal;

const ROWS: i64 = 100_000;
const COLUMNS: usize = 18;

/// A register of exactly 18 fields: the first ones of 项目台账.
fn register() -> Register {
    let mut register = pack().register("project").unwrap().clone();
    register.fields.truncate(COLUMNS);
    register.date = None;
    register
}

fn record(register: &Register, nth: i64) -> Record {
    let value = |field: &qipan_model::Field| match &field.ty {
        FieldType::Text { .. } => Value::Text(format!("万州物流港口作业区道路{nth}")),
        FieldType::Choice { options } => Value::Text(options[0].label.clone()),
        FieldType::Int { .. } => Value::Int(nth),
        FieldType::Date { .. } => Value::Date(date(2021, 6, 30)),
        FieldType::Unit { .. } => Value::Text("wanzhou".into()),
        FieldType::Bool => Value::Bool(true),
        _ => Value::Decimal(Decimal::new(nth * 12_345, 2)),
    };
    Record {
        record: nth,
        rev: 1,
        from_seq: 1,
        to_seq: None,
        key: nth.to_string(),
        confirmation: Confirmation::Agreed,
        retracted: false,
        source: String::new(),
        place: String::new(),
        values: register.fields.iter().map(value).collect(),
    }
}

#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_rows() {
    let register = register();
    let records: Vec<Record> = (0..ROWS).map(|nth| record(&register, nth)).collect();
    for format in [ExportFormat::Csv, ExportFormat::Json, ExportFormat::Xlsx] {
        let options = ExportOptions {
            period: None,
            day: date(2021, 6, 30),
            personal: true,
        };
        let start = Instant::now();
        let out = tempfile::tempfile().unwrap();
        let mut exporter = Exporter::begin(&register, &pack().units, format, options, out).unwrap();
        for record in &records {
            exporter.row(record).unwrap();
        }
        exporter.finish().unwrap();
        println!("{format:?}: {:.2} s", start.elapsed().as_secs_f64());
    }
}
