//! How fast rows are read and converted. Run by hand:
//! `cargo test --release -p qipan-sheets --test speed -- --ignored --nocapture`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // measures and prints

mod common;

use std::fmt::Write as _;
use std::time::Instant;

use common::{TODAY, pack};
use qipan_sheets::parse::{Context, TableReader};
use qipan_sheets::read::{Limits, Workbook};
use qipan_sheets::recognise::Finding;

const HEAD: [&str; 18] = [
    "序号",
    "项目编号",
    "项目名称",
    "帮扶区县",
    "受援区县",
    "协同领域",
    "类别",
    "建设地点",
    "总投资（万元）",
    "其中：对口帮扶资金（万元）",
    "市级资金（万元）",
    "下达文号",
    "下达日期",
    "开工日期",
    "受益户",
    "受益人口",
    "状态",
    "备注",
];

fn cells(n: usize) -> [String; 18] {
    let supporters = ["江津区", "璧山区", "永川区", "大足区"];
    let recipients = ["开州区", "梁平区", "忠县", "云阳县", "酉阳县"];
    [
        n.to_string(),
        format!("XT2021-{n:07}"),
        format!("产业合作示范园标准厂房第{n}期"),
        supporters[n % 4].to_owned(),
        recipients[n % 5].to_owned(),
        "产业协同".to_owned(),
        "基础设施".to_owned(),
        "某镇某村".to_owned(),
        format!("{}.{:02}", 1000 + n % 900, n % 100),
        format!("{}", n % 900),
        "12.5".to_owned(),
        format!("渝发改〔2021〕{}号", n % 300),
        format!("2021-{:02}-{:02}", n % 3 + 1, n % 28 + 1),
        format!("2021-{:02}-{:02}", n % 3 + 4, n % 28 + 1),
        (n % 500).to_string(),
        (n % 5000).to_string(),
        "已开工".to_owned(),
        String::new(),
    ]
}

fn run(mut book: Workbook, what: &str, rows: usize) {
    let pack = pack();
    let start = Instant::now();
    let found = common::findings(&mut book, None).unwrap();
    let Finding::Table(table) = &found[0] else {
        panic!("{found:#?}");
    };
    let context = Context {
        register: pack.register(&table.register).unwrap(),
        units: &pack.units,
        today: TODAY,
        period: None,
        unit: None,
        is_1904: book.is_1904(),
    };
    let mut reader = TableReader::new(book.rows(0).unwrap(), table, context);
    let (mut good, mut bad) = (0, 0);
    while let Some(row) = reader.next_row().unwrap() {
        if row.is_good() {
            good += 1;
        } else {
            bad += 1;
        }
    }
    let took = start.elapsed();
    assert_eq!((good, bad), (rows, 0));
    println!(
        "{what}: {rows} rows in {took:?}, {:.0} rows/s",
        rows as f64 / took.as_secs_f64()
    );
}

#[test]
#[ignore = "measures; run by hand in release"]
fn csv() {
    let rows = 300_000;
    let mut text = HEAD.join(",") + "\n";
    for n in 0..rows {
        writeln!(text, "{}", cells(n).join(",")).unwrap();
    }
    let start = Instant::now();
    let book = Workbook::from_bytes(text.into_bytes(), "项目台账.csv", &Limits::default()).unwrap();
    println!("csv opened in {:?}", start.elapsed());
    run(book, "csv", rows);
}

#[test]
#[ignore = "measures; run by hand in release"]
fn xlsx() {
    let rows = 100_000;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    for (column, head) in HEAD.iter().enumerate() {
        sheet.write(0, column as u16, *head).unwrap();
    }
    for n in 0..rows {
        for (column, cell) in cells(n).iter().enumerate() {
            let (row, column) = (n as u32 + 1, column as u16);
            match cell.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).unwrap(),
                Err(_) if cell.is_empty() => continue,
                Err(_) => sheet.write(row, column, cell.as_str()).unwrap(),
            };
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let start = Instant::now();
    let book = Workbook::from_bytes(bytes, "项目台账.xlsx", &Limits::default()).unwrap();
    println!("xlsx opened in {:?}", start.elapsed());
    run(book, "xlsx", rows);
}
