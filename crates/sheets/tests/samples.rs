//! Every sample file does what its `expected.json` says.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests

mod common;

use common::{data, findings, only_table, open};
use qipan_model::Value;
use qipan_sheets::read::ReadError;
use qipan_sheets::recognise::Finding;
use serde_json::Value as Json;

fn expected() -> Json {
    let text = std::fs::read_to_string(data("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Counts, sums and dates as far as the entry states them.
fn check(name: &str) {
    let all = expected();
    let expect = &all[name];
    let table = only_table(&mut open(name).unwrap());
    assert_eq!(table.found.register, "project");
    if let Some(good) = expect["good_rows"].as_u64() {
        assert_eq!(table.good().count() as u64, good);
        let bad = table.rows.len() as u64 - good;
        assert_eq!(bad, expect["bad_rows"].as_u64().unwrap());
    }
    let report = || format!("{name}: {:#?}\n{:#?}", table.errors(), table.found);
    assert_eq!(
        table.good().count() as u64,
        expect["projects"].as_u64().unwrap(),
        "{}",
        report()
    );
    if let Some(total) = expect["total_investment_wan"].as_str() {
        assert_eq!(table.wan("total_investment").to_string(), total);
        assert_eq!(
            table.wan("fund").to_string(),
            expect["fund_wan"].as_str().unwrap()
        );
    }
    if let Some(started) = expect["started"].as_u64() {
        let found = table
            .good()
            .filter(|row| !table.value(row, "start_date").is_null())
            .count();
        assert_eq!(found as u64, started);
    }
    if let Some(dates) = expect["dates"].as_object() {
        for (code, day) in dates {
            let row = table
                .good()
                .find(|row| table.value(row, "code") == Value::Text(code.clone()))
                .unwrap_or_else(|| panic!("{code} is missing"));
            assert_eq!(
                table.value(row, "start_date"),
                Value::Date(day.as_str().unwrap().parse().unwrap())
            );
        }
    }
}

#[rstest::rstest]
#[case("s01_clean.xlsx")]
#[case("s02_merged_head_subtotals.xlsx")]
#[case("s03_numbers_dates_disguised.xlsx")]
#[case("s06_bad_rows.xlsx")]
#[case("s07_injection.xlsx")]
#[case("h04_huge_dimension.xlsx")]
#[case("c01_gbk.csv")]
fn does_what_is_expected(#[case] name: &str) {
    check(name);
}

#[test]
fn merged_head_is_understood_and_the_rest_passed_over() {
    let table = only_table(&mut open("s02_merged_head_subtotals.xlsx").unwrap());
    assert_eq!(table.found.header_rows, (3, 4));
    assert_eq!(table.found.money, qipan_model::MoneyUnit::Wan);
    assert_eq!(table.found.period.unwrap().to_string(), "2021");
    assert_eq!(table.skipped.totals, 1);
    assert_eq!(table.skipped.sections, 3);
    assert_eq!(table.skipped.notes, 2);
}

#[test]
fn each_bad_row_is_named_with_its_reason() {
    let table = only_table(&mut open("s06_bad_rows.xlsx").unwrap());
    assert_eq!(
        table.errors(),
        [
            "B7 S2502",
            "B8 S2401",
            "G8 S2501",
            "D9 S2304",
            "D10 S2306",
            "G11 S2105",
            "G12 S2402",
            "H12 S2402",
            "I13 S2203"
        ]
    );
}

#[test]
fn text_that_looks_like_a_formula_stays_text() {
    let table = only_table(&mut open("s07_injection.xlsx").unwrap());
    let names: Vec<String> = table
        .rows
        .iter()
        .map(|row| table.value(row, "name").as_text().unwrap().to_owned())
        .collect();
    assert_eq!(names[0], "=HYPERLINK(\"http://127.0.0.1:9/\",\"点我\")");
    assert_eq!(names[1], "=cmd|' /C calc'!A0");
    assert_eq!(names[2], "+1+1");
    assert_eq!(names[5], "=1+1");
    assert_eq!(names[10], "'; DROP TABLE project;--");
    // Formulas without a value were kept, and that is said.
    let noticed = table.rows[0].problems.iter().any(|p| p.code == "S2404");
    assert!(noticed, "{:#?}", table.rows[0].problems);
}

#[test]
fn hostile_files_are_refused_before_they_cost_anything() {
    assert!(matches!(open("h09_empty.xlsx"), Err(ReadError::Empty)));
    assert!(matches!(
        open("h03_zip_bomb_200MB.xlsx"),
        Err(ReadError::Bomb { .. })
    ));
}

/// The two real workbooks may not stand in the tree; they are tried where they lie beside it.
#[rstest::rstest]
#[case("cq-counties-2008.xlsx")]
#[case("tongrong-expressway-ledger.xlsx")]
fn real_workbooks_fit_no_register_and_say_why(#[case] name: &str) {
    let path = common::root().join("../shared/data/xlsx").join(name);
    if !path.exists() {
        return;
    }
    let mut book =
        qipan_sheets::read::Workbook::open(&path, &qipan_sheets::read::Limits::default()).unwrap();
    let found = findings(&mut book, None).unwrap();
    let mut refused = 0;
    for finding in &found {
        match finding {
            Finding::NoFit { problem, .. } => {
                refused += 1;
                println!("{}", problem.message);
            }
            Finding::Blank { .. } => {}
            other => panic!("{other:#?}"),
        }
    }
    assert!(refused > 0);
}
