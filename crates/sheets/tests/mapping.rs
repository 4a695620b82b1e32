//! What a person says of a sheet goes before what is recognised.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeMap;

use common::{TODAY, pack, read};
use qipan_model::{MoneyUnit, Value};
use qipan_sheets::read::{Limits, Workbook};
use qipan_sheets::recognise::{
    CONFIRMATION, Finding, Options, Recognised, SheetMapping, Target, UnitOrigin, recognise,
};

fn book(text: &str) -> Workbook {
    Workbook::from_bytes(text.as_bytes().to_vec(), "表.csv", &Limits::default()).unwrap()
}

fn findings(book: &mut Workbook, mapping: SheetMapping) -> Vec<Finding> {
    let pack = pack();
    let mappings = [mapping];
    let options = Options {
        mappings: &mappings,
        ..Options::default()
    };
    recognise(book, &pack.registers, &pack.units, &options, TODAY).unwrap()
}

#[track_caller]
fn table(book: &mut Workbook, mapping: SheetMapping) -> Recognised {
    let mut found = findings(book, mapping);
    match found.pop() {
        Some(Finding::Table(table)) if found.is_empty() => *table,
        last => panic!("{found:#?} {last:#?}"),
    }
}

fn columns(pairs: &[(u32, Option<&str>)]) -> BTreeMap<u32, Option<String>> {
    pairs
        .iter()
        .map(|(column, field)| (*column, field.map(str::to_owned)))
        .collect()
}

/// Column of a field in a recognised table.
fn column_of(table: &Recognised, field: &str) -> Option<u32> {
    let index = pack().register(&table.register).unwrap().index(field);
    table
        .columns
        .iter()
        .find(|map| Some(map.target) == index.map(Target::Field))
        .map(|map| map.column)
}

/// Headers that no register knows, under a title.
const FOREIGN: &str = "二季度情况\n\
    甲列,乙列,丙列,丁列,戊列,己列,庚列,辛列\n\
    XT-1,道路,江津,开州,500,200,2021-03-18,前期\n\
    XT-2,桥梁,江津,开州,600,300,2021-03-19,已开工\n";

#[test]
fn a_sheet_with_foreign_headers_is_read_once_its_columns_are_named() {
    let mut book = book(FOREIGN);
    assert!(matches!(
        findings(&mut book, SheetMapping::default())[..],
        [Finding::NoFit { sheet: 0, .. }]
    ));
    let mapping = SheetMapping {
        register: Some("project".to_owned()),
        header: Some(2),
        money: Some(MoneyUnit::Wan),
        columns: columns(&[
            (0, Some("code")),
            (1, Some("name")),
            (2, Some("supporter")),
            (3, Some("recipient")),
            (4, Some("total_investment")),
            (5, Some("fund")),
            (6, Some("issued_date")),
            (7, Some("status")),
        ]),
        ..SheetMapping::default()
    };
    assert_eq!(mapping.faulty(pack().register("project").unwrap()), None);
    let found = table(&mut book, mapping);
    assert_eq!(
        (found.register.as_str(), found.header_rows.1),
        ("project", 2)
    );
    assert_eq!(found.money_from, UnitOrigin::Said);
    let read = read(&mut book, found).unwrap();
    assert_eq!(read.rows.len(), 2, "{:?}", read.errors());
    assert!(read.errors().is_empty(), "{:?}", read.errors());
    assert_eq!(read.wan("fund").to_string(), "500");
    assert_eq!(
        read.value(&read.rows[1], "name"),
        Value::Text("桥梁".to_owned())
    );
}

#[test]
fn without_the_header_row_the_first_full_row_is_the_header() {
    let mut book = book(FOREIGN);
    let found = table(
        &mut book,
        SheetMapping {
            register: Some("project".to_owned()),
            columns: columns(&[
                (0, Some("code")),
                (1, Some("name")),
                (2, Some("supporter")),
                (3, Some("recipient")),
                (4, Some("total_investment")),
                (5, Some("fund")),
                (6, Some("issued_date")),
                (7, Some("status")),
            ]),
            ..SheetMapping::default()
        },
    );
    assert_eq!(found.header_rows.1, 2);
    assert_eq!(read(&mut book, found).unwrap().rows.len(), 2);
}

const TWICE: &str = "项目编号,项目名称,帮扶区县,受援区县,总投资,帮扶资金,下达日期,状态,项目名称,备用\n\
    XT-1,道路,江津,开州,500,200,2021-03-18,前期,又名,是\n";

#[test]
fn two_like_columns_are_settled_by_setting_one_aside() {
    let mut book = book(TWICE);
    let asked = table(&mut book, SheetMapping::default());
    assert!(asked.notices.iter().any(|notice| notice.code == "S2004"));
    let settled = table(
        &mut book,
        SheetMapping {
            columns: columns(&[(1, None), (9, Some(CONFIRMATION))]),
            ..SheetMapping::default()
        },
    );
    assert_eq!(column_of(&settled, "name"), Some(8));
    let about: Vec<&str> = settled.notices.iter().map(|notice| notice.code).collect();
    assert!(
        !about.contains(&"S2004") && !about.contains(&"S2005"),
        "{about:?}"
    );
    assert_eq!(settled.columns[9].target, Target::Confirmation);
}

#[test]
fn a_named_column_takes_its_field_from_the_recognised_one() {
    let mut book = book(TWICE);
    let found = table(
        &mut book,
        SheetMapping {
            columns: columns(&[(8, Some("name")), (1, Some("remark"))]),
            ..SheetMapping::default()
        },
    );
    assert_eq!(column_of(&found, "name"), Some(8));
    // Everything that nothing is said of stays as it was.
    assert_eq!(column_of(&found, "code"), Some(0));
    assert_eq!(column_of(&found, "fund"), Some(5));
}

#[test]
fn a_sheet_may_be_set_aside_or_said_to_hold_another_register() {
    let text = "活动名称,日期,帮扶区县,受援区县\n甲,2021-01-05,江津,开州\n";
    let mut book = book(text);
    let found = findings(&mut book, SheetMapping::default());
    let [
        Finding::Ambiguous {
            fits,
            sheet: 0,
            header_rows: (1, 1),
            ..
        },
    ] = &found[..]
    else {
        panic!("{found:#?}")
    };
    let second = fits[1].register.clone();
    let named = SheetMapping {
        register: Some(second.clone()),
        ..SheetMapping::default()
    };
    assert_eq!(table(&mut book, named).register, second);
    let skipped = SheetMapping {
        skip: true,
        ..SheetMapping::default()
    };
    assert!(findings(&mut book, skipped).is_empty());
}

#[test]
fn faulty_mappings_are_told() {
    let register = pack().register("project").unwrap();
    let faulty = |pairs: &[(u32, Option<&str>)]| {
        SheetMapping {
            columns: columns(pairs),
            ..SheetMapping::default()
        }
        .faulty(register)
    };
    assert_eq!(faulty(&[(0, Some("code")), (3, Some("nothing"))]), Some(3));
    assert_eq!(faulty(&[(0, Some("code")), (4, Some("code"))]), Some(4));
    assert_eq!(
        faulty(&[(0, None), (1, None), (2, Some(CONFIRMATION))]),
        None
    );
}
