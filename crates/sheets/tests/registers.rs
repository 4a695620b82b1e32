//! Every register of the Chongqing pack is recognised by its own layout, by its labels alone and
//! by its field ids, with every column mapped and nothing to ask.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests

mod common;

use common::{findings, pack};
use qipan_model::Register;
use qipan_sheets::read::{Limits, Workbook};
use qipan_sheets::recognise::{Finding, Recognised, Target, UnitOrigin};

/// The only table; the header must be understood without a question.
fn recognised(book: &mut Workbook, register: &Register, what: &str) -> Recognised {
    let found = findings(book, None).unwrap();
    let [Finding::Table(table)] = &found[..] else {
        panic!("{} by {what}: {found:#?}", register.id);
    };
    assert_eq!(table.register, register.id, "by {what}");
    let worrying: Vec<_> = table
        .notices
        .iter()
        .filter(|notice| notice.code != "S2008")
        .collect();
    assert!(
        worrying.is_empty(),
        "{} by {what}: {worrying:#?}",
        register.id
    );
    (**table).clone()
}

fn assert_in_order(table: &Recognised, expect: &[usize], what: &str) {
    let found: Vec<usize> = table
        .columns
        .iter()
        .filter_map(|column| match column.target {
            Target::Field(field) => Some(field),
            _ => None,
        })
        .collect();
    assert_eq!(found, expect, "{} by {what}", table.register);
}

fn laid_out(register: &Register) -> Vec<usize> {
    register
        .layout
        .columns
        .iter()
        .map(|column| register.index(&column.field).unwrap())
        .collect()
}

#[test]
fn by_labels_alone() {
    for register in &pack().registers {
        let order = laid_out(register);
        let labels: Vec<&str> = order
            .iter()
            .map(|&field| register.fields[field].label.as_str())
            .collect();
        let text = format!("序号,{}\n", labels.join(","));
        let mut book =
            Workbook::from_bytes(text.into_bytes(), "表.csv", &Limits::default()).unwrap();
        let table = recognised(&mut book, register, "labels");
        assert_in_order(&table, &order, "labels");
    }
}

#[test]
fn by_field_ids_in_yuan() {
    for register in &pack().registers {
        let order = laid_out(register);
        let ids: Vec<&str> = order
            .iter()
            .map(|&field| register.fields[field].id.as_str())
            .collect();
        let text = ids.join(",") + "\n";
        let mut book =
            Workbook::from_bytes(text.into_bytes(), "export.csv", &Limits::default()).unwrap();
        let table = recognised(&mut book, register, "ids");
        assert_in_order(&table, &order, "ids");
        assert_eq!(table.money_from, UnitOrigin::FieldIds);
    }
}

#[test]
fn by_layout_with_heads() {
    for register in &pack().registers {
        let order = laid_out(register);
        let depth = register
            .layout
            .columns
            .iter()
            .map(|column| column.heads.len())
            .max()
            .unwrap_or(0) as u32;
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Sheet1").unwrap();
        let plain = rust_xlsxwriter::Format::new();
        let width = register.layout.columns.len() as u16;
        sheet
            .merge_range(0, 0, 0, width, "2021年上半年台账", &plain)
            .unwrap();
        sheet.write(1, 0, "填报单位：开州区").unwrap();
        sheet.write(1, width - 1, "单位：万元、个、人").unwrap();
        let top = 2;
        sheet.write(top, 0, "序号").unwrap();
        let columns = &register.layout.columns;
        for (nth, column) in columns.iter().enumerate() {
            let at = nth as u16 + 1;
            let label = &register.fields[order[nth]].label;
            for level in 0..depth {
                let Some(head) = column.heads.get(level as usize) else {
                    continue;
                };
                let same = |other: usize| {
                    columns[other].heads.get(..=level as usize)
                        == column.heads.get(..=level as usize)
                };
                let first = (0..=nth)
                    .rev()
                    .take_while(|&other| same(other))
                    .last()
                    .unwrap_or(nth);
                let last = (nth..columns.len())
                    .take_while(|&other| same(other))
                    .last()
                    .unwrap_or(nth);
                if first == nth && last > nth {
                    sheet
                        .merge_range(top + level, at, top + level, last as u16 + 1, head, &plain)
                        .unwrap();
                } else if first == nth {
                    sheet.write(top + level, at, head.as_str()).unwrap();
                }
            }
            let own = column.heads.len() as u32;
            if own < depth {
                sheet
                    .merge_range(top + own, at, top + depth, at, label, &plain)
                    .unwrap();
            } else {
                sheet.write(top + depth, at, label.as_str()).unwrap();
            }
        }
        let bytes = book.save_to_buffer().unwrap();
        let mut book = Workbook::from_bytes(bytes, "表.xlsx", &Limits::default()).unwrap();
        let table = recognised(&mut book, register, "layout");
        assert_in_order(&table, &order, "layout");
        assert_eq!(table.header_rows.1, top + depth + 1, "{}", register.id);
        assert_eq!(
            table.unit.as_ref().map(|unit| unit.as_str()),
            Some("kaizhou")
        );
        assert_eq!(table.period.unwrap().to_string(), "2021H1");
    }
}
