use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{Note, Workbook as Output};
use zip::ZipArchive;

use super::*;

fn problem(sheet: &str, cell: &str, severity: Severity, message: &str) -> Problem {
    Problem {
        sheet: sheet.into(),
        cell: cell.into(),
        row: a1::parse(cell).map_or(0, |(_, row)| row),
        field: "total".into(),
        found: String::new(),
        expected: String::new(),
        code: "money-unreadable",
        severity,
        message: message.into(),
        message_en: String::new(),
    }
}

fn problems(sheet: &str) -> Vec<Problem> {
    vec![
        problem(
            sheet,
            "B3",
            Severity::Error,
            "总投资“七千<余>”看不懂：请填数",
        ),
        problem(sheet, "B3", Severity::Warning, "金额偏大"),
        problem(sheet, "D9", Severity::Warning, "缺下达日期：请补填"),
        problem(sheet, "", Severity::Warning, "有隐藏的列"),
    ]
}

/// A workbook with a formula, a picture of sorts, a note of its own and two sheets.
fn original(with_note: bool) -> Arc<[u8]> {
    let mut book = Output::new();
    let sheet = book.add_worksheet();
    sheet.set_name("项目台账").unwrap();
    sheet.write_string(0, 0, "项目").unwrap();
    sheet.write_string(0, 1, "总投资").unwrap();
    let money = rust_xlsxwriter::Format::new()
        .set_num_format("#,##0.00")
        .set_bold();
    sheet.write_number_with_format(1, 1, 12.5, &money).unwrap();
    sheet
        .write_string_with_format(2, 1, "七千<余>", &money)
        .unwrap();
    sheet.write_formula(3, 1, "=SUM(B2:B3)").unwrap();
    if with_note {
        sheet.insert_note(2, 1, &Note::new("原有批注")).unwrap();
        sheet.insert_note(0, 0, &Note::new("另一条")).unwrap();
    }
    book.add_worksheet().set_name("说明").unwrap();
    book.save_to_buffer().unwrap().into()
}

fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut part = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn text(parts: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(parts[name].clone()).unwrap()
}

fn mark_up(file: &Arc<[u8]>, name: &str, problems: &[Problem]) -> Vec<u8> {
    marked(file, name, problems, &Limits::default()).unwrap()
}

#[test]
fn everything_else_of_the_users_workbook_stays() {
    for with_note in [false, true] {
        let file = original(with_note);
        let copy = mark_up(&file, "a.xlsx", &problems("项目台账"));
        let (before, after) = (parts(&file), parts(&copy));
        let changed: Vec<&str> = before
            .iter()
            .filter(|(name, bytes)| after.get(*name) != Some(bytes))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut expect = vec![
            "[Content_Types].xml",
            "xl/_rels/workbook.xml.rels",
            "xl/styles.xml",
            "xl/workbook.xml",
            "xl/worksheets/sheet1.xml",
        ];
        if with_note {
            expect.insert(2, "xl/comments1.xml");
            expect.insert(3, "xl/drawings/vmlDrawing1.vml");
        }
        assert_eq!(changed, expect);

        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(copy)).unwrap();
        assert_eq!(book.sheet_names(), ["项目台账", "说明", SUMMARY_SHEET]);
        let formulas = book.worksheet_formula("项目台账").unwrap();
        assert_eq!(formulas.get_value((3, 1)).unwrap(), "SUM(B2:B3)");
        let cells = book.worksheet_range("项目台账").unwrap();
        assert_eq!(
            cells.get_value((2, 1)),
            Some(&Data::String("七千<余>".into()))
        );
        let list = book.worksheet_range(SUMMARY_SHEET).unwrap();
        let at = |row, col| list.get_value((row, col)).unwrap().to_string();
        assert_eq!(at(0, 0), "导入问题汇总：错误 1 处，提醒 3 处");
        assert_eq!(at(3, 2), "B3");
        assert_eq!(at(3, 4), "总投资“七千<余>”看不懂：请填数");
        assert_eq!(at(6, 4), "有隐藏的列");
    }
}

#[test]
fn bad_cells_keep_their_look_under_the_colour_and_get_a_note() {
    let copy = mark_up(&original(true), "a.xlsx", &problems("项目台账"));
    let parts = parts(&copy);
    let sheet = text(&parts, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains(r#"<c r="B3" t="s" s="7">"#), "{sheet}");
    assert!(
        sheet.contains(r#"<row r="9"><c r="D9" s="8"/></row>"#),
        "{sheet}"
    );
    let styles = text(&parts, "xl/styles.xml");
    assert!(
        styles.contains(r#"<xf numFmtId="164" fontId="1" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" fillId="2" applyFill="1"/>"#),
        "{styles}"
    );
    let notes = text(&parts, "xl/comments1.xml");
    assert!(
        notes.contains("【错误】总投资“七千&lt;余&gt;”看不懂：请填数\n【提醒】金额偏大"),
        "{notes}"
    );
    assert_eq!(notes.matches(r#"ref="B3""#).count(), 1, "{notes}");
    assert!(
        notes.contains("原有批注") && notes.contains("另一条"),
        "{notes}"
    );
    let drawing = text(&parts, "xl/drawings/vmlDrawing1.vml");
    assert_eq!(drawing.matches("<v:shape ").count(), 3, "{drawing}");
}

#[test]
fn a_marked_copy_can_be_mended_and_marked_again() {
    let once: Arc<[u8]> = mark_up(&original(true), "a.xlsx", &problems("项目台账")).into();
    let left = [problem("项目台账", "A2", Severity::Error, "还缺项目名称")];
    let twice = mark_up(&once, "a.xlsx", &left);
    let parts = parts(&twice);
    let notes = text(&parts, "xl/comments1.xml");
    assert_eq!(notes.matches("已改好").count(), 1, "{notes}");
    assert!(notes.contains("原有批注"), "{notes}");
    let styles = text(&parts, "xl/styles.xml");
    assert!(
        styles.contains(r#"fillId="0" applyFill="1"/></cellXfs>"#),
        "{styles}"
    );
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(twice)).unwrap();
    assert_eq!(book.sheet_names(), ["项目台账", "说明", SUMMARY_SHEET]);
    let list = book.worksheet_range(SUMMARY_SHEET).unwrap();
    assert_eq!(list.height(), 4);
    assert_eq!(list.get_value((3, 4)).unwrap().to_string(), "还缺项目名称");
}

#[test]
fn csv_comes_back_as_a_workbook_with_the_same_cells() {
    let csv = "项目,总投资\n甲,12.5\n'=1+1,七千\n,\n";
    let file: Arc<[u8]> = csv.as_bytes().into();
    let copy = mark_up(&file, "台账.csv", &problems("台账"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(copy.clone())).unwrap();
    assert_eq!(book.sheet_names(), ["台账", SUMMARY_SHEET]);
    let cells = book.worksheet_range("台账").unwrap();
    let again: Arc<[u8]> = copy.clone().into();
    let notes = text(&parts(&mark_up(&again, "a.xlsx", &[])), "xl/comments1.xml");
    assert_eq!(notes.matches("已改好").count(), 2, "{notes}");
    assert_eq!(cells.get_value((2, 0)), Some(&Data::String("=1+1".into())));
    assert_eq!(cells.get_value((2, 1)), Some(&Data::String("七千".into())));
    assert_eq!(
        book.worksheet_formula("台账").unwrap().used_cells().count(),
        0
    );
}

#[test]
fn a_file_on_disk_gives_the_same_copy() {
    let folder = tempfile::tempdir().unwrap();
    let found = problems("项目台账");
    for (name, file) in [
        ("项目台账.xlsx", original(true)),
        (
            "项目台账.csv",
            Arc::from("项目,总投资\n甲,七千\n".as_bytes()),
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &file).unwrap();
        let copy = marked_file(&path, name, &found, &Limits::default()).unwrap();
        assert_eq!(
            parts(&copy).keys().collect::<Vec<_>>(),
            parts(&mark_up(&file, name, &found))
                .keys()
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_workbook_too_unusual_to_edit_is_written_anew() {
    // Without its styles part nothing can be given another look in place.
    let before = original(false);
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts(&before) {
        if name != "xl/styles.xml" {
            out.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            std::io::Write::write_all(&mut out, &bytes).unwrap();
        }
    }
    let file: Arc<[u8]> = out.finish().unwrap().into_inner().into();
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(mark_up(&file, "a.xlsx", &problems("项目台账")))).unwrap();
    assert_eq!(book.sheet_names(), ["项目台账", "说明", SUMMARY_SHEET]);
    let cells = book.worksheet_range("项目台账").unwrap();
    assert_eq!(
        cells.get_value((2, 1)),
        Some(&Data::String("七千<余>".into()))
    );
}

#[test]
fn a_mark_within_a_merged_range_is_put_where_people_see_it() {
    let info = SheetInfo {
        name: "表".into(),
        hidden: false,
        hidden_rows: vec![],
        hidden_columns: vec![],
        merges: vec![crate::read::Merge {
            top: 5,
            left: 1,
            bottom: 8,
            right: 1,
        }],
    };
    let found = [problem("表", "B7", Severity::Error, "不认识的单位")];
    let marks = Marks::new(&found, &[info]);
    assert_eq!(marks.sheets["表"].keys().collect::<Vec<_>>(), [&(5, 1)]);
}

#[test]
#[ignore = "writes files to look at: LOOK=folder cargo test -- --ignored looks"]
fn looks_right() {
    let folder = std::env::var("LOOK").unwrap();
    for (name, with_note) in [("marked", false), ("marked-noted", true)] {
        let copy = mark_up(&original(with_note), "a.xlsx", &problems("项目台账"));
        std::fs::write(format!("{folder}/{name}.xlsx"), copy).unwrap();
    }
    if let Ok(path) = std::env::var("LOOK_AT") {
        let file: Arc<[u8]> = std::fs::read(path).unwrap().into();
        let book =
            Workbook::from_bytes(Arc::clone(&file), "look.xlsx", &Limits::default()).unwrap();
        let name = book.sheets()[0].name.clone();
        let copy = mark_up(&file, "look.xlsx", &problems(&name));
        std::fs::write(format!("{folder}/marked-real.xlsx"), copy).unwrap();
    }
}
