use calamine::{Data, Reader, Xlsx, open_workbook};

use super::*;
use crate::write::testing;

const SOURCE: &str = "code,name,supporter,recipient,total,issued,people,对方确认\n\
    A1,甲,jiangjin,wanzhou,120000.00,2021-03-18,1200,\n\
    A2,乙,jiangjin,kaizhou,0.01,2021-06-30,3,有异议\n";

/// Writes one sheet in a style and gives its cells as text.
fn check(style: &str, expect: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("2021H1");
    std::fs::create_dir(&samples).unwrap();
    std::fs::write(samples.join("project.csv"), SOURCE).unwrap();
    let index = format!(
        "[[workbook]]\nfile = \"甲.xlsx\"\n[[workbook.sheet]]\nregister = \"project\"\nstyle = {style}\n"
    );
    std::fs::write(samples.join(INDEX), index).unwrap();
    let out = folder.path().join("out");
    let paths = write_sample_workbooks(&testing::pack(), &samples, &out).unwrap();
    assert_eq!(paths, [out.join("甲.xlsx")]);
    let mut book: Xlsx<_> = open_workbook(&paths[0]).unwrap();
    let range = book.worksheet_range("项目台账").unwrap();
    let shown = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        Data::Float(number) => format!("#{number}"),
        other => format!("={other}"),
    };
    let rows: Vec<String> = range
        .rows()
        .map(|row| row.iter().map(shown).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(rows, expect);
}

#[test]
fn plain_sheet_has_its_money_unit_in_the_head() {
    check(
        r#"{ money = "元", dates = "iso" }"#,
        &[
            "序号|项目编号|项目名称|帮扶区县|受援区县|总投资（元）|下达日期|受益人数|对方确认",
            "#1|A1|甲|江津区|万州区|#120000|=44273|#1200|",
            "#2|A2|乙|江津区|开州区|#0.01|=44377|#3|有异议",
        ],
    );
}

#[test]
fn dressed_sheet_has_title_sections_total_and_notes() {
    check(
        r#"{ money = "万元", title = true, merged = true, total_row = true, sections_by = "recipient", dates = "chinese", units = "short", texts = true, notes = true }"#,
        &[
            "2021年上半年对口协同项目台账（示例数据）||||||||",
            "填报单位（盖章）：|||||||单位：万元|",
            "序号|项目编号|项目名称|结对关系||资金|下达日期|受益人数|对方确认",
            "|||帮扶区县|受援区县|总投资|||",
            "合计|||||12.000001|||",
            "一、万州区||||||||",
            "#1|A1|甲|江津|万州|12|2021年3月18日|1,200|",
            "二、开州区||||||||",
            "#2|A2|乙|江津|开州|0.000001|2021年6月30日|3|有异议",
            "注：金额保留到分。||||||||",
        ],
    );
}

#[test]
fn serial_dates_are_bare_numbers() {
    check(
        r#"{ dates = "serial", title = false }"#,
        &[
            "序号|项目编号|项目名称|帮扶区县|受援区县|总投资（万元）|下达日期|受益人数|对方确认",
            "#1|A1|甲|江津区|万州区|#12|#44273|#1200|",
            "#2|A2|乙|江津区|开州区|#0.000001|#44377|#3|有异议",
        ],
    );
}

#[test]
fn sources_that_do_not_fit_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("2021H1");
    std::fs::create_dir(&samples).unwrap();
    let index = "[[workbook]]\nfile = \"a.xlsx\"\n[[workbook.sheet]]\nregister = \"project\"\n";
    std::fs::write(samples.join(INDEX), index).unwrap();
    let refused = |source: &str| {
        std::fs::write(samples.join("project.csv"), source).unwrap();
        write_sample_workbooks(&testing::pack(), &samples, folder.path())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("code,total\nA1,七千\n"),
        "示例数据 project.csv 第 2 行 有误：“total”的值“七千”不合它的类型"
    );
    assert_eq!(
        refused("code,nix\n"),
        "示例数据 project.csv 有误：台账没有字段“nix”"
    );
}
