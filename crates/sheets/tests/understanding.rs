//! How cells, heads and rows are understood, case by case, on the project register.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests

mod common;

use common::{Table, csv, findings, only_table, read};
use qipan_model::{Confirmation, MoneyUnit, Severity, Value};
use qipan_sheets::read::{Limits, Workbook};
use qipan_sheets::recognise::{Finding, UnitOrigin};
use rstest::rstest;

const HEAD: &str = "项目编号,项目名称,帮扶区县,受援区县";
const ROW: &str = "X-1,甲项目,江津区,开州区";

/// One record with one more column.
fn with(header: &str, cell: &str) -> Table {
    let quoted = cell.replace('"', "\"\"");
    only_table(&mut csv(&format!("{HEAD},{header}\n{ROW},\"{quoted}\"\n")))
}

/// The value and the codes of all findings about it.
fn value(header: &str, field: &str, cell: &str) -> (String, Vec<&'static str>) {
    let table = with(header, cell);
    let row = &table.rows[0];
    let codes = row.problems.iter().map(|p| p.code).collect();
    let shown = match table.value(row, field) {
        Value::Null => "null".to_owned(),
        Value::Decimal(decimal) => decimal.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Text(text) => text,
        Value::Bool(truth) => truth.to_string(),
    };
    (shown, codes)
}

#[rstest]
// the header's unit, the cell's own unit, the layout's unit
#[case("总投资（万元）", "12000", "120000000.00", &[])]
#[case("总投资(亿元)", "0.15", "15000000.00", &[])]
#[case("总投资（元）", "9607500", "9607500.00", &[])]
#[case("总投资", "12000", "120000000.00", &[])]
#[case("总投资额\n（万元）", "１２，０００．００", "120000000.00", &[])]
#[case("总投资（万元）", "0.15亿元", "15000000.00", &[])]
#[case("总投资（元）", "3200万元", "32000000.00", &[])]
#[case("总投资（万元）", "￥1,200.00", "12000000.00", &["S2109"])]
#[case("总投资（元）", "￥120,000.00", "120000.00", &[])]
#[case("总投资（万元）", "￥120,000.00元", "120000.00", &[])]
#[case("总投资（万元）", "7400余万", "74000000.00", &["S2106"])]
#[case("总投资（万元）", "1亿2000万元", "120000000.00", &[])]
#[case("总投资（万元）", "1 200.5", "12005000.00", &[])]
#[case("总投资（万元）", "—", "null", &[])]
#[case("总投资（万元）", "无", "null", &[])]
#[case("总投资（万元）", "/", "null", &[])]
#[case("总投资（万元）", "  ", "null", &[])]
#[case("总投资（万元）", "-100", "null", &["S2105"])]
#[case("总投资（万元）", "(100)", "null", &["S2105"])]
#[case("总投资（万元）", "#DIV/0!", "null", &["S2402"])]
#[case("总投资（万元）", "三百万", "null", &["S2101"])]
#[case("总投资（万元）", "100-200", "null", &["S2101"])]
#[case("总投资（万元）", "100万美元", "null", &["S2102"])]
#[case("总投资（万元）", "3200.3333333333", "null", &["S2103"])]
#[case("总投资（元）", "12345.678", "null", &["S2103"])]
#[case("总投资（万元）", "0.000001", "0.01", &["S2501"])] // warned of as tiny
#[case("总投资（亿元）", "99999999", "null", &["S2104"])]
fn money(#[case] header: &str, #[case] cell: &str, #[case] expect: &str, #[case] codes: &[&str]) {
    let header = format!("\"{header}\"");
    assert_eq!(
        value(&header, "total_investment", cell),
        (expect.to_owned(), codes.to_vec())
    );
}

#[rstest]
#[case("2021-03-18", "2021-03-18", &[])]
#[case("2021年3月18日", "2021-03-18", &[])]
#[case("2021.5.6", "2021-05-06", &[])]
#[case("44377", "2021-06-30", &[])]
#[case("20210506", "2021-05-06", &[])]
#[case("2021年6月", "null", &["S2202"])]
#[case("2021.6", "null", &["S2202"])]
#[case("尚未", "null", &["S2201"])]
#[case("2099-01-01", "null", &["S2203"])]
#[case("2021-02-30", "null", &["S2201"])]
#[case("1921-05-06", "null", &["S2204"])]
#[case("—", "null", &[])]
fn past_dates(#[case] cell: &str, #[case] expect: &str, #[case] codes: &[&str]) {
    assert_eq!(
        value("开工日期", "start_date", cell),
        (expect.to_owned(), codes.to_vec())
    );
}

#[test]
fn planned_dates_may_lie_ahead() {
    let (found, codes) = value("计划开工", "plan_start", "2022年1月1日");
    assert_eq!((found.as_str(), codes), ("2022-01-01", vec![]));
}

#[rstest]
#[case("120", "120", &[])]
#[case("1.2万人", "12000", &[])]
#[case("５ 人", "5", &[])]
#[case("3.5", "null", &["S2107"])]
#[case("-1", "null", &["S2104"])]
#[case("5公里", "null", &["S2101"])]
fn counts(#[case] cell: &str, #[case] expect: &str, #[case] codes: &[&str]) {
    assert_eq!(
        value("受益人口", "persons", cell),
        (expect.to_owned(), codes.to_vec())
    );
}

#[rstest]
#[case("产业协同", "产业协同", &[])]
#[case(" 产业 协作 ", "产业协同", &[])]
#[case("-", "null", &[])]
#[case("文化", "null", &["S2303"])]
fn choices(#[case] cell: &str, #[case] expect: &str, #[case] codes: &[&str]) {
    assert_eq!(
        value("协同领域", "theme", cell),
        (expect.to_owned(), codes.to_vec())
    );
}

#[rstest]
#[case("江津", "jiangjin")]
#[case("大足县", "dazu")]
#[case(" 璧 山 区 ", "bishan")]
#[case("500116", "jiangjin")]
fn supporters(#[case] cell: &str, #[case] expect: &str) {
    let text = format!("{HEAD}\nX-1,甲,{cell},开州区\n");
    let table = only_table(&mut csv(&text));
    let row = &table.rows[0];
    assert!(row.is_good(), "{:?}", row.problems);
    assert_eq!(
        table.value(row, "supporter"),
        Value::Text(expect.to_owned())
    );
}

#[rstest]
#[case("开州区", "S2306")]
#[case("锦江区", "S2304")]
#[case("", "S2401")]
fn wrong_supporters(#[case] cell: &str, #[case] code: &str) {
    let text = format!("{HEAD}\nX-1,甲,{cell},开州区\n");
    let table = only_table(&mut csv(&text));
    assert_eq!(table.errors(), [format!("C2 {code}")]);
}

#[test]
fn text_is_kept_but_for_what_cannot_be_kept() {
    let note = |cell: &str| value("备注", "note", cell);
    assert_eq!(note("  甲　乙 "), ("甲　乙".to_owned(), vec![]));
    assert_eq!(note("ＡＢＣ"), ("ＡＢＣ".to_owned(), vec![]));
    assert_eq!(note("无"), ("无".to_owned(), vec![]));
    assert_eq!(note("甲\u{1}乙"), ("甲乙".to_owned(), vec!["S2302"]));
    assert_eq!(note("甲\n乙"), ("甲\n乙".to_owned(), vec![]));
    assert_eq!(note(&"字".repeat(501)), ("null".to_owned(), vec!["S2301"]));
    assert_eq!(note(&"字".repeat(500)).1, Vec::<&str>::new());
    // A key in full-width letters is the same key.
    let table = only_table(&mut csv(&format!("{HEAD}\nＸ－１,甲,江津,开州\n")));
    assert_eq!(table.rows[0].key.as_deref(), Some("X-1"));
}

#[test]
fn rules_and_required_fields_name_their_cells() {
    let text = format!("{HEAD},总投资,其中：对口帮扶资金\n,甲,江津区,开州区,100,200\n");
    let table = only_table(&mut csv(&text));
    assert_eq!(table.errors(), ["A2 S2401", "E2 S2501"]);
    let rule = &table.rows[0].problems[1];
    assert_eq!(rule.severity, Severity::Error);
    assert!(rule.message.contains("大于总投资"), "{}", rule.message);
    assert!(rule.expected.starts_with("fund-within-total"));
}

#[test]
fn the_other_sides_answer_is_read() {
    let text = format!(
        "{HEAD},对方确认\n{ROW},已确认\nX-2,乙,江津,开州,有异议\nX-3,丙,江津,开州,\nX-4,丁,江津,开州,也许\n"
    );
    let table = only_table(&mut csv(&text));
    let found: Vec<Option<Confirmation>> = table.rows.iter().map(|row| row.confirmation).collect();
    assert_eq!(
        found,
        [
            Some(Confirmation::Agreed),
            Some(Confirmation::Contested),
            None,
            None
        ]
    );
    assert_eq!(table.errors(), ["E5 S2309"]);
}

#[rstest]
#[case("单位：万元,,,,\n", MoneyUnit::Wan)]
#[case(",,,,单位：元\n", MoneyUnit::Yuan)]
#[case("金额单位：亿元,,,,\n", MoneyUnit::Yi)]
#[case("2021年项目台账（单位：亿元）,,,,\n", MoneyUnit::Yi)]
#[case(",,,,万元\n", MoneyUnit::Wan)]
#[case("填报单位：开州区,,,,\n", MoneyUnit::Wan)]
fn unit_lines(#[case] line: &str, #[case] expect: MoneyUnit) {
    let text = format!("{line}{HEAD},总投资\n{ROW},1\n");
    assert_eq!(only_table(&mut csv(&text)).found.money, expect);
}

#[test]
fn the_sheet_name_may_state_the_unit() {
    let text = format!("{HEAD},总投资\n{ROW},3\n");
    let mut book =
        Workbook::from_bytes(text.into_bytes(), "项目台账（元）.csv", &Limits::default()).unwrap();
    let table = only_table(&mut book);
    assert_eq!(table.found.money_from, UnitOrigin::SheetName);
    assert_eq!(
        table.value(&table.rows[0], "total_investment"),
        Value::Decimal("3.00".parse().unwrap())
    );
}

#[test]
fn columns_in_any_order_and_unknown_ones() {
    let text = "受援方,密级,项目名称,帮扶方,项目代码\n开州,内部,甲,江津,X-1\n";
    let table = only_table(&mut csv(text));
    assert!(table.rows[0].is_good());
    let unknown: Vec<&str> = table
        .found
        .notices
        .iter()
        .filter(|notice| notice.code == "S2005")
        .map(|notice| notice.cell.as_str())
        .collect();
    assert_eq!(unknown, ["B1"]);
}

#[test]
fn rows_between_records_are_passed_over_and_counted() {
    let text = format!(
        "{HEAD},总投资\n1,2,3,4,5\n合 计,,,,300\n一、产业协同,,,,\n{ROW},100\n小计,,,,100\n,其中：区县自筹,,,50\n\n{HEAD},总投资\nX-2,合计划编制,江津,开州,200\n注：含区县自筹,,,,\n填表人：张三,,审核人：李四,,\n"
    );
    let table = only_table(&mut csv(&text));
    let keys: Vec<&str> = table
        .rows
        .iter()
        .filter_map(|row| row.key.as_deref())
        .collect();
    assert_eq!(keys, ["X-1", "X-2"], "{:?}", table.errors());
    assert_eq!(table.skipped.totals, 3);
    assert_eq!(table.skipped.sections, 1);
    assert_eq!(table.skipped.headers, 2);
    assert_eq!(table.skipped.notes, 2);
}

#[test]
fn the_reporting_unit_fills_its_missing_column() {
    let text = "填报单位：开州区发展改革委,,\n项目编号,项目名称,帮扶区县\nX-1,甲,江津\n";
    let table = only_table(&mut csv(text));
    assert_eq!(
        table.found.unit.as_ref().map(|unit| unit.as_str()),
        Some("kaizhou")
    );
    assert!(
        table
            .found
            .notices
            .iter()
            .all(|notice| notice.severity != Severity::Error)
    );
    assert_eq!(
        table.value(&table.rows[0], "recipient"),
        Value::Text("kaizhou".into())
    );
}

#[test]
fn a_missing_required_column_is_one_finding() {
    let mut book = csv("项目编号,项目名称,帮扶区县,总投资\nX-1,甲,江津,5\n");
    let found = findings(&mut book, None).unwrap();
    let [Finding::Table(table)] = &found[..] else {
        panic!("{found:#?}")
    };
    let missing: Vec<_> = table
        .notices
        .iter()
        .filter(|notice| notice.code == "S2003")
        .collect();
    assert_eq!(missing.len(), 1);
    assert!(missing[0].message.contains("受援区县"));
}

#[test]
fn two_columns_alike_are_asked_about() {
    let mut book = csv(&format!("{HEAD},总投资,总投资\n{ROW},1,2\n"));
    let found = findings(&mut book, None).unwrap();
    let [Finding::Table(table)] = &found[..] else {
        panic!("{found:#?}")
    };
    let twice: Vec<_> = table
        .notices
        .iter()
        .filter(|notice| notice.code == "S2004")
        .collect();
    assert_eq!(twice.len(), 1);
    assert_eq!(
        (twice[0].cell.as_str(), twice[0].severity),
        ("F1", Severity::Error)
    );
}

#[test]
fn what_fits_two_registers_is_asked_about() {
    // 文旅活动 and 产销对接 ask for the very same things.
    let text = "活动名称,日期,帮扶区县,受援区县\n甲,2021-01-05,江津,开州\n";
    let mut book =
        Workbook::from_bytes(text.as_bytes().to_vec(), "表.csv", &Limits::default()).unwrap();
    let found = findings(&mut book, None).unwrap();
    let [Finding::Ambiguous { fits, problem, .. }] = &found[..] else {
        panic!("{found:#?}")
    };
    assert!(fits.len() >= 2);
    assert!(
        problem.message.contains("--register"),
        "{}",
        problem.message
    );
    // Saying which settles it.
    let found = findings(&mut book, Some(&fits[1].register)).unwrap();
    let [Finding::Table(table)] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(table.register, fits[1].register);
}

#[test]
fn what_fits_nothing_says_what_comes_near() {
    let mut book = csv("序号,工程名称,施工开始时间\n1,甲,2021-01-01\n");
    let found = findings(&mut book, None).unwrap();
    let [Finding::NoFit { near, problem, .. }] = &found[..] else {
        panic!("{found:#?}")
    };
    assert!(near.iter().any(|miss| miss.cell == "B1"), "{near:#?}");
    assert!(problem.message.contains("B1"), "{}", problem.message);
}

#[test]
fn two_registers_one_below_the_other() {
    let text = format!(
        "项目台账,,,,\n{HEAD},总投资\n{ROW},5\n\n园区台账,,,,\n园区名称,帮扶区县,受援区县,状态,挂牌日期\n甲园,江津,开州,运行,2021-01-05\n"
    );
    let mut book = csv(&text);
    let found = findings(&mut book, None).unwrap();
    let registers: Vec<&str> = found
        .iter()
        .map(|finding| match finding {
            Finding::Table(table) => table.register.as_str(),
            other => panic!("{other:#?}"),
        })
        .collect();
    assert_eq!(registers, ["project", "park"]);
    for finding in found {
        let Finding::Table(table) = finding else {
            continue;
        };
        let table = read(&mut book, *table).unwrap();
        assert_eq!(
            table.rows.len(),
            1,
            "{}: {:?}",
            table.found.register,
            table.errors()
        );
        assert!(table.rows[0].is_good(), "{:?}", table.rows[0].problems);
    }
}

#[test]
fn a_row_of_units_belongs_to_the_header() {
    let text = format!("{HEAD},总投资,受益人口\n,,,,（元）,（人）\n{ROW},5,7\n");
    let table = only_table(&mut csv(&text));
    assert_eq!(table.found.header_rows, (1, 2));
    assert_eq!(table.rows.len(), 1, "{:?}", table.errors());
    assert_eq!(
        table.value(&table.rows[0], "total_investment"),
        Value::Decimal("5.00".parse().unwrap())
    );
    assert_eq!(table.value(&table.rows[0], "persons"), Value::Int(7));
}

#[test]
fn computed_columns_are_only_compared() {
    let text = "年度,帮扶区县,受援区县,工作任务,量化目标值,完成值,完成率\n2021,江津,开州,甲,4,1,25%\n2021,江津,开州,乙,4,1,90%\n";
    let table = only_table(&mut csv(text));
    assert_eq!(table.found.register, "task");
    let codes: Vec<Vec<&str>> = table
        .rows
        .iter()
        .map(|row| row.problems.iter().map(|problem| problem.code).collect())
        .collect();
    assert_eq!(codes, [vec![], vec!["S2504"]], "{:#?}", table.rows);
}

#[test]
fn several_units_in_one_cell_are_told_apart_from_unknown_ones() {
    let table = only_table(&mut csv(&format!("{HEAD}\nX-1,甲,江津区、璧山区,开州\n")));
    assert!(table.rows[0].problems[0].message.contains("一行只填一个"));
}

#[test]
fn what_is_said_to_be_a_register_but_is_not() {
    let mut book = csv("甲,乙\n1,2\n");
    let found = findings(&mut book, Some("project")).unwrap();
    let [Finding::NoFit { problem, .. }] = &found[..] else {
        panic!("{found:#?}")
    };
    assert!(
        problem.message.contains("项目编号") || problem.message.contains("项目台账"),
        "{}",
        problem.message
    );
}

#[test]
fn units_are_understood_on_the_rows_own_day() {
    // 江北区 no longer stands late in 2026; a row of 2021 read then still means it.
    let text = format!(
        "{HEAD},下达日期,开工日期\nX-1,甲,江北区,开州,2021-03-01,\nX-2,乙,江北区,开州,,2021-04-01\nX-3,丙,江北区,开州,,\nX-4,丁,江北区,开州,2026-06-01,\n"
    );
    let mut book = csv(&text);
    let found = findings(&mut book, None).unwrap();
    let Finding::Table(table) = &found[0] else {
        panic!("{found:#?}")
    };
    let context = qipan_sheets::parse::Context {
        today: jiff::civil::date(2026, 11, 22),
        ..common::context(&book, table)
    };
    let mut reader = qipan_sheets::parse::TableReader::new(book.rows(0).unwrap(), table, context);
    let mut codes = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        codes.push(
            row.problems
                .iter()
                .map(|problem| problem.code)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(codes, [vec![], vec![], vec![], vec!["S2307"]]);
}

#[test]
fn a_little_table_beside_the_register_is_left_aside() {
    let mut book = csv(&format!(
        "{HEAD},总投资（元）,,受援区县,个数\n{ROW},5,,开州区,2\n,,,,,,梁平区,1\n\
         X-2,乙项目,江津区,开州区,7,,,\n,,,,,,合计,3\n"
    ));
    let table = only_table(&mut book);
    assert_eq!(table.rows.len(), 2);
    assert!(table.errors().is_empty(), "{:?}", table.errors());
    assert_eq!(table.wan("total_investment"), "0.0012".parse().unwrap());
}

#[test]
fn notes_in_brackets_and_totals_that_say_of_what_are_no_records() {
    let mut book = csv(&format!(
        "序号,{HEAD},开工日期\n1,{ROW},\n,,（以下为续建项目）,,,\n\
         2,X-2,乙项目,江津区,开州区,\n其中：,,道路,,,\n其中,X-3,丙项目,江津区,开州区,\n"
    ));
    let table = only_table(&mut book);
    assert_eq!(table.rows.len(), 3);
    assert!(table.errors().is_empty(), "{:?}", table.errors());
}
