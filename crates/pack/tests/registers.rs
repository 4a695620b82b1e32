//! The Chongqing registers: each row rule catches its mistake, and the sample half-year breaks none.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use qipan_model::{FieldType, Pack, Register, Value};
use qipan_pack::{Source, check};
use rust_decimal::Decimal;

/// The day on which the rows are taken in.
const TODAY: Date = date(2021, 12, 31);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing")
}

fn pack() -> Pack {
    check(&Source::read_dir(&folder()).unwrap()).pack.unwrap()
}

/// A row from cells by field id, as the plain CSV form writes them; derived fields are computed.
fn row<'a>(
    register: &Register,
    cells: impl IntoIterator<Item = (&'a str, &'a str)>,
    pack: &Pack,
) -> Vec<Value> {
    let mut values = vec![Value::Null; register.fields.len()];
    for (id, cell) in cells {
        if cell.is_empty() || id == "对方确认" {
            continue;
        }
        let index = register
            .index(id)
            .unwrap_or_else(|| panic!("{}: no field {id}", register.id));
        let decimal = |scale| {
            let mut number: Decimal = cell.parse().unwrap();
            assert!(number.normalize().scale() <= scale, "{id}: {cell}");
            number.rescale(scale);
            Value::Decimal(number)
        };
        values[index] = match &register.fields[index].ty {
            FieldType::Int { .. } => Value::Int(cell.parse().unwrap()),
            FieldType::Decimal { scale, .. } => decimal(u32::from(*scale)),
            FieldType::Money { .. } => decimal(2),
            FieldType::Area => decimal(4),
            FieldType::Date { .. } => Value::Date(cell.parse().unwrap()),
            FieldType::Bool => Value::Bool(cell == "是"),
            FieldType::Choice { options } => {
                assert!(options.iter().any(|option| option.label == cell), "{cell}");
                Value::Text(cell.to_owned())
            }
            FieldType::Unit { role } => {
                let unit = pack.units.get(cell).unwrap_or_else(|| panic!("{cell}"));
                assert!(role.is_none_or(|role| role == unit.role), "{id}: {cell}");
                Value::Text(cell.to_owned())
            }
            FieldType::Text { max } => {
                assert!(cell.chars().count() <= *max, "{id}: {cell}");
                Value::Text(cell.to_owned())
            }
        };
    }
    for (index, field) in register.fields.iter().enumerate() {
        if let Some(derived) = &field.derived {
            values[index] = derived.eval(&values).unwrap();
        }
    }
    values
}

#[test]
fn every_rule_catches_its_mistake() {
    let pack = pack();
    let mut caught = BTreeSet::new();
    for line in include_str!("broken_rules.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(3, ' ');
        let (id, rule, cells) = (
            words.next().unwrap(),
            words.next().unwrap(),
            words.next().unwrap(),
        );
        let register = pack.registers.iter().find(|r| r.id == id).unwrap();
        let cells = cells.split(';').map(|cell| cell.split_once('=').unwrap());
        let broken: Vec<&str> = register
            .broken_rules(&row(register, cells, &pack), TODAY)
            .map(|rule| rule.id.as_str())
            .collect();
        assert!(broken.contains(&rule), "{line}: broke only {broken:?}");
        caught.insert((id, rule));
    }
    for register in &pack.registers {
        for rule in &register.rules {
            let pair = (register.id.as_str(), rule.id.as_str());
            assert!(caught.contains(&pair), "{pair:?} has no row that breaks it");
        }
    }
}

#[test]
fn the_sample_half_year_breaks_no_rule() {
    let pack = pack();
    for register in &pack.registers {
        let file = folder().join(format!("samples/2021H1/{}.csv", register.id));
        let mut reader = csv::Reader::from_path(&file).unwrap();
        let head = reader.headers().unwrap().clone();
        let mut keys = BTreeSet::new();
        for record in reader.records() {
            let record = record.unwrap();
            let values = row(register, head.iter().zip(&record), &pack);
            let key = register.key_of(&values).expect("a full key");
            for (field, value) in register.fields.iter().zip(&values) {
                let missing = field.required && *value == Value::Null;
                assert!(!missing, "{} {key}: no {}", register.id, field.id);
            }
            let broken: Vec<&str> = register
                .broken_rules(&values, TODAY)
                .map(|rule| rule.message.as_str())
                .collect();
            assert!(broken.is_empty(), "{} {key}: {broken:?}", register.id);
            assert!(keys.insert(key.clone()), "{} {key} twice", register.id);
        }
        assert!(!keys.is_empty(), "{} has no sample", register.id);
    }
}
