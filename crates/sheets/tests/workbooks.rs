//! What only workbooks have: hidden and merged things, formulas, several sheets, the old format.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests

mod common;

use common::{findings, only_table, open, read};
use qipan_model::{Severity, Value};
use qipan_sheets::parse::{Keys, TableReader};
use qipan_sheets::read::{Format, Limits, Workbook};
use qipan_sheets::recognise::Finding;
use rust_xlsxwriter::{Formula, Workbook as Writer, Worksheet};

const HEAD: [&str; 6] = [
    "项目编号",
    "项目名称",
    "帮扶区县",
    "受援区县",
    "总投资（万元）",
    "开工日期",
];

fn sheet(writer: &mut Writer) -> &mut Worksheet {
    let sheet = writer.add_worksheet();
    sheet.write_row(0, 0, HEAD).unwrap();
    sheet
}

fn opened(mut writer: Writer) -> Workbook {
    let bytes = writer.save_to_buffer().unwrap();
    Workbook::from_bytes(bytes, "表.xlsx", &Limits::default()).unwrap()
}

#[test]
fn an_excel_97_workbook_reads_like_a_new_one() {
    let mut book = open("x01_excel97.xls").unwrap();
    assert_eq!(book.format(), Format::Xls);
    assert!(book.sheets()[1].hidden);
    let table = only_table(&mut book);
    assert_eq!(table.good().count(), 5, "{:?}", table.errors());
    assert_eq!(table.wan("total_investment").to_string(), "26261.25");
    assert_eq!(table.wan("fund").to_string(), "9200.35");
    assert_eq!(table.skipped.totals, 1);
    let hidden = table
        .found
        .notices
        .iter()
        .filter(|notice| notice.code == "S2007");
    assert_eq!(hidden.count(), 2, "one row and one column are hidden");
}

#[test]
fn hidden_rows_and_columns_are_read_and_said() {
    let mut writer = Writer::new();
    let sheet = sheet(&mut writer);
    sheet
        .write_row(1, 0, ["X-1", "甲", "江津", "开州"])
        .unwrap();
    sheet
        .write_row(2, 0, ["X-2", "乙", "江津", "开州"])
        .unwrap();
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(4).unwrap();
    let table = only_table(&mut opened(writer));
    assert_eq!(table.good().count(), 2);
    let said: Vec<&str> = table
        .found
        .notices
        .iter()
        .filter(|notice| notice.code == "S2007")
        .map(|notice| notice.message.as_str())
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("第 3 行") && said[1].contains("（E）"),
        "{said:?}"
    );
}

#[test]
fn merged_texts_reach_down_but_amounts_count_once() {
    let mut writer = Writer::new();
    let plain = rust_xlsxwriter::Format::new();
    let sheet = sheet(&mut writer);
    for (row, code) in [(1, "X-1"), (2, "X-2"), (3, "X-3")] {
        sheet.write_row(row, 0, [code, "某项目"]).unwrap();
        sheet.write(row, 3, "开州").unwrap();
    }
    sheet.merge_range(1, 2, 3, 2, "江津区", &plain).unwrap();
    sheet.merge_range(1, 4, 2, 4, "", &plain).unwrap();
    sheet.write_with_format(1, 4, 500, &plain).unwrap();
    sheet.write(3, 4, 7).unwrap();
    let table = only_table(&mut opened(writer));
    assert_eq!(table.good().count(), 3, "{:?}", table.errors());
    assert_eq!(table.wan("total_investment").to_string(), "507");
    assert_eq!(
        table.value(&table.rows[2], "supporter"),
        Value::Text("jiangjin".into())
    );
    assert!(
        table.rows[1]
            .problems
            .iter()
            .any(|p| p.code == "S2405" && p.cell == "E3")
    );
}

#[test]
fn formulas_give_their_cached_value_or_a_problem() {
    let mut writer = Writer::new();
    let sheet = sheet(&mut writer);
    sheet
        .write_row(1, 0, ["X-1", "甲", "江津", "开州"])
        .unwrap();
    sheet
        .write(1, 4, Formula::new("=1+2").set_result("3"))
        .unwrap();
    sheet
        .write_row(3, 0, ["X-3", "丙", "江津", "开州"])
        .unwrap();
    sheet
        .write(3, 4, Formula::new("=1/0").set_result("#DIV/0!"))
        .unwrap();
    let table = only_table(&mut opened(writer));
    assert_eq!(table.wan("total_investment").to_string(), "3");
    assert_eq!(table.errors(), ["E4 S2402"]);
}

#[test]
fn long_codes_typed_as_numbers_have_lost_their_end() {
    let mut writer = Writer::new();
    let sheet = sheet(&mut writer);
    sheet.write(1, 0, 500_116_199_001_011_234.0).unwrap();
    sheet.write_row(1, 1, ["甲", "江津", "开州"]).unwrap();
    sheet.write(2, 0, 20_210_001).unwrap();
    sheet.write_row(2, 1, ["乙", "江津", "开州"]).unwrap();
    let table = only_table(&mut opened(writer));
    assert_eq!(table.errors(), ["A2 S2310"]);
    assert_eq!(table.rows[1].key.as_deref(), Some("20210001"));
}

#[test]
fn several_sheets_several_registers() {
    let mut writer = Writer::new();
    sheet(&mut writer)
        .write_row(1, 0, ["X-1", "甲", "江津", "开州"])
        .unwrap();
    let second = writer.add_worksheet();
    second
        .write_row(
            0,
            0,
            ["园区名称", "帮扶区县", "受援区县", "状态", "挂牌日期"],
        )
        .unwrap();
    second
        .write_row(1, 0, ["甲园", "江津", "开州", "运行", "2021-01-05"])
        .unwrap();
    let third = writer.add_worksheet();
    third.set_name("填表说明").unwrap();
    third
        .write(0, 0, "本表由各区县填报，金额以万元计。")
        .unwrap();
    let mut book = opened(writer);
    let found = findings(&mut book, None).unwrap();
    let mut registers = Vec::new();
    for finding in found {
        match finding {
            Finding::Table(table) => {
                let table = read(&mut book, *table).unwrap();
                assert_eq!(table.good().count(), 1, "{:?}", table.errors());
                registers.push(table.found.register);
            }
            Finding::NoFit { problem, .. } => assert_eq!(problem.severity, Severity::Warning),
            other => panic!("{other:#?}"),
        }
    }
    assert_eq!(registers, ["project", "park"]);
}

#[test]
fn two_sheets_cannot_state_the_same_fact() {
    let mut writer = Writer::new();
    for code in ["X-1", "X-1"] {
        sheet(&mut writer)
            .write_row(1, 0, [code, "甲", "江津", "开州"])
            .unwrap();
    }
    let mut book = opened(writer);
    let found = findings(&mut book, None).unwrap();
    let mut keys = Keys::default();
    let mut messages = Vec::new();
    for finding in found {
        let Finding::Table(table) = finding else {
            panic!("{finding:#?}")
        };
        let context = common::context(&book, &table);
        let rows = book.rows(table.sheet).unwrap();
        let mut reader = TableReader::new(rows, &table, context).with_keys(keys);
        while let Some(row) = reader.next_row().unwrap() {
            messages.extend(row.problems.into_iter().map(|problem| problem.message));
        }
        keys = reader.into_keys();
    }
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("“Sheet1”第 2 行"), "{messages:?}");
}

#[test]
fn a_banner_across_the_table_is_a_section() {
    let mut writer = Writer::new();
    let plain = rust_xlsxwriter::Format::new();
    let sheet = sheet(&mut writer);
    sheet.merge_range(1, 0, 1, 5, "产业协同", &plain).unwrap();
    sheet
        .write_row(2, 0, ["X-1", "甲", "江津", "开州"])
        .unwrap();
    let table = only_table(&mut opened(writer));
    assert_eq!(table.rows.len(), 1, "{:?}", table.errors());
    assert_eq!(table.skipped.sections, 1);
}

#[test]
fn a_header_of_three_rows() {
    let mut writer = Writer::new();
    let plain = rust_xlsxwriter::Format::new();
    let sheet = writer.add_worksheet();
    sheet
        .merge_range(0, 0, 0, 6, "2021年上半年项目台账", &plain)
        .unwrap();
    for (column, label) in ["序号", "项目编号", "项目名称"].iter().enumerate() {
        sheet
            .merge_range(1, column as u16, 3, column as u16, label, &plain)
            .unwrap();
    }
    sheet.merge_range(1, 3, 1, 4, "结对关系", &plain).unwrap();
    sheet.merge_range(2, 3, 3, 3, "帮扶方", &plain).unwrap();
    sheet.merge_range(2, 4, 3, 4, "受援方", &plain).unwrap();
    sheet
        .merge_range(1, 5, 1, 7, "资金情况（亿元）", &plain)
        .unwrap();
    sheet.merge_range(2, 5, 3, 5, "总投资", &plain).unwrap();
    sheet.merge_range(2, 6, 2, 7, "其中：", &plain).unwrap();
    sheet.write(3, 6, "对口帮扶资金").unwrap();
    sheet.write(3, 7, "市级资金\n（万元）").unwrap();
    sheet
        .write_row(
            4,
            0,
            ["1", "X-1", "甲", "江津", "开州", "0.5", "0.2", "100"],
        )
        .unwrap();
    let table = only_table(&mut opened(writer));
    assert_eq!(table.found.header_rows, (2, 4));
    assert_eq!(table.rows.len(), 1, "{:?}", table.errors());
    for (field, expect) in [
        ("total_investment", "50000000.00"),
        ("fund", "20000000.00"),
        ("city_fund", "1000000.00"),
    ] {
        assert_eq!(
            table.value(&table.rows[0], field),
            Value::Decimal(expect.parse().unwrap()),
            "{field}"
        );
    }
}
