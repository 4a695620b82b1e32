//! The summary sheet: everything that was found, in one list, each line leading to its cell.

use std::fmt::Write as _;

use super::styles::SummaryLooks;
use super::xml::escaped;
use super::{Ground, Marks, place_of, severity_word};
use crate::a1;
use crate::write::top::lines;

/// Columns of the list and their widths.
pub(super) const HEADS: [(&str, u16); 6] = [
    ("序号", 6),
    ("工作表", 20),
    ("单元格", 10),
    ("级别", 8),
    ("问题与改法", 90),
    ("代码", 10),
];
/// Which column holds the message.
const MESSAGE: usize = 4;
/// Row of the heads, from 1.
pub(super) const HEAD_ROW: u32 = 3;

/// First line.
pub(super) fn title(marks: &Marks<'_>) -> String {
    format!(
        "导入问题汇总：错误 {} 处，提醒 {} 处",
        marks.errors, marks.warnings
    )
}

/// Second line.
pub(super) fn advice(marks: &Marks<'_>) -> String {
    let left = marks.errors + marks.warnings - marks.listed.len();
    let mut text = "有错误的单元格标成红色，提醒标成黄色，批注写明原因和改法。改好后直接导入本工作簿即可，本表不会被当成数据。".to_owned();
    if left > 0 {
        let _ = write!(text, "问题太多，另有 {left} 处没有列出。");
    }
    text
}

/// The cells of one line, after its number.
pub(super) fn line(problem: &crate::Problem) -> [&str; 5] {
    [
        &problem.sheet,
        &problem.cell,
        severity_word(problem.severity),
        &problem.message,
        problem.code,
    ]
}

/// The address of a problem's cell as a link within the workbook.
pub(super) fn link(problem: &crate::Problem) -> Option<String> {
    let (row, column) = place_of(problem)?;
    let sheet = problem.sheet.replace('\'', "''");
    Some(format!("'{sheet}'!{}", a1::address(column, row)))
}

/// The sheet part.
pub(super) fn sheet(marks: &Marks<'_>, looks: &SummaryLooks) -> String {
    let mut xml = concat!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
        "\n",
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
        r#"<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>"#,
        r#"<sheetViews><sheetView workbookViewId="0"><pane ySplit="3" topLeftCell="A4" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>"#
    )
    .to_owned();
    for (nth, (_, width)) in HEADS.iter().enumerate() {
        let nth = nth + 1;
        let _ = write!(
            xml,
            r#"<col min="{nth}" max="{nth}" width="{width}" customWidth="1"/>"#
        );
    }
    xml.push_str("</cols><sheetData>");
    row(&mut xml, 1, &[&title(marks)], |_| looks.title);
    row(&mut xml, 2, &[&advice(marks)], |_| looks.plain);
    row(&mut xml, HEAD_ROW, &HEADS.map(|(head, _)| head), |_| {
        looks.head
    });
    let mut links = String::new();
    for (nth, problem) in (1_u32..).zip(marks.listed) {
        let number = nth.to_string();
        let [sheet, cell, severity, message, code] = line(problem);
        let link = link(problem).filter(|_| marks.sheets.contains_key(problem.sheet.as_str()));
        row(
            &mut xml,
            HEAD_ROW + nth,
            &[&number, sheet, cell, severity, message, code],
            |col| match col {
                2 if link.is_some() => looks.link,
                _ => looks.text,
            },
        );
        if let Some(link) = link {
            let _ = write!(
                links,
                r#"<hyperlink ref="C{}" location="{}"/>"#,
                HEAD_ROW + nth,
                escaped(&link)
            );
        }
    }
    xml.push_str("</sheetData>");
    if !links.is_empty() {
        let _ = write!(xml, "<hyperlinks>{links}</hyperlinks>");
    }
    xml.push_str(
        r#"<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/></worksheet>"#,
    );
    xml
}

fn row(xml: &mut String, row: u32, cells: &[&str], look: impl Fn(usize) -> usize) {
    let widest = cells.get(MESSAGE).map_or("", |message| message);
    let lines = lines(widest, u32::from(HEADS[MESSAGE].1));
    let height = if lines > 1 {
        format!(r#" ht="{}" customHeight="1""#, lines * 15)
    } else {
        String::new()
    };
    let _ = write!(xml, r#"<row r="{row}"{height}>"#);
    for (col, text) in cells.iter().enumerate() {
        let address = a1::address(u32::try_from(col).unwrap_or(u32::MAX), row);
        let _ = write!(
            xml,
            r#"<c r="{address}" s="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
            look(col),
            escaped(text)
        );
    }
    xml.push_str("</row>");
}

/// The colour of a ground, for workbooks written anew.
pub(super) fn ground(ground: Ground) -> u32 {
    match ground {
        Ground::Error => 0xFF_C7CE,
        Ground::Warning => 0xFF_EB9C,
        Ground::Mended => 0xFF_FFFF,
    }
}
