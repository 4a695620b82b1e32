//! What a file from outside must never do: crash, or cost memory before it is refused.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests

mod common;

use std::io::{Cursor, Read, Write};

use common::{data, findings, read};
use proptest::prelude::*;
use qipan_sheets::read::{Limits, ReadError, Row, Workbook};
use qipan_sheets::recognise::Finding;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap()
}

/// A workbook with one member changed.
fn edited(member: &str, edit: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes("s01_clean.xlsx"))).unwrap();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let mut met = false;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        if name == member {
            content = edit(content);
            met = true;
        }
        out.start_file(&*name, SimpleFileOptions::default())
            .unwrap();
        out.write_all(content.as_bytes()).unwrap();
    }
    if !met {
        out.start_file(member, SimpleFileOptions::default())
            .unwrap();
        out.write_all(edit(String::new()).as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// Opens, recognises and reads everything; the first refusal.
fn through(bytes: Vec<u8>, limits: &Limits) -> Result<usize, ReadError> {
    let mut book = Workbook::from_bytes(bytes, "x", limits)?;
    let mut rows = 0;
    let mut row = Row::default();
    for sheet in 0..book.sheets().len() {
        let mut reader = book.rows(sheet)?;
        while reader.next_into(&mut row)? {
            rows += 1;
        }
    }
    for finding in findings(&mut book, None)? {
        if let Finding::Table(table) = finding {
            read(&mut book, *table)?;
        }
    }
    Ok(rows)
}

fn code(bytes: Vec<u8>, limits: &Limits) -> &'static str {
    match through(bytes, limits) {
        Ok(_) => "ok",
        Err(error) => {
            // Every refusal speaks both languages and begins with its number.
            assert!(error.to_string().starts_with(error.code()), "{error}");
            assert!(error.english().starts_with(error.code()), "{error}");
            error.code()
        }
    }
}

#[test]
fn the_untouched_workbook_passes() {
    assert_eq!(code(edited(SHEET, |xml| xml), &Limits::default()), "ok");
}

#[test]
fn a_cell_far_to_the_right_is_refused_without_a_wide_row() {
    let far = edited(SHEET, |xml| {
        xml.replace("r=\"K2\"", "r=\"XFD2\"")
            .replace("<c r=\"A2\"", "<c r=\"XFC2\"")
    });
    assert_eq!(code(far, &Limits::default()), "S1011");
}

#[test]
fn rows_out_of_order_are_refused() {
    let disorder = edited(SHEET, |xml| {
        xml.replace("<row r=\"3\">", "<row r=\"1\">")
            .replace("r=\"A3\"", "r=\"A1\"")
    });
    assert_eq!(code(disorder, &Limits::default()), "S1013");
}

#[test]
fn depth_doctype_and_long_text_are_refused() {
    let deep = edited(SHEET, |xml| {
        xml.replace("<sheetData>", &format!("{}<sheetData>", "<a>".repeat(100)))
    });
    assert_eq!(code(deep, &Limits::default()), "S1014");
    let doctype = edited(SHEET, |xml| format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{xml}"));
    assert_eq!(code(doctype, &Limits::default()), "S1008");
    let long = edited(SHEET, |xml| {
        xml.replace(
            "<sheetData>",
            &format!("{}<sheetData>", "x".repeat(300_000)),
        )
    });
    assert_eq!(code(long, &Limits::default()), "S1015");
}

#[test]
fn promised_strings_must_fit_their_member() {
    let promise = edited("xl/sharedStrings.xml", |_| {
        "<sst uniqueCount=\"99999999999999\"><si><t>a</t></si></sst>".to_owned()
    });
    assert_eq!(code(promise, &Limits::default()), "S1007");
}

#[test]
fn a_directory_that_lies_about_sizes_is_found() {
    let mut lying = edited(SHEET, |xml| xml);
    // Shorten every declared size, in the directory and in the local headers.
    for at in 0..lying.len().saturating_sub(30) {
        if lying[at..].starts_with(b"PK\x01\x02") {
            lying[at + 24..at + 28].copy_from_slice(&10_u32.to_le_bytes());
        } else if lying[at..].starts_with(b"PK\x03\x04") {
            lying[at + 22..at + 26].copy_from_slice(&10_u32.to_le_bytes());
        }
    }
    let found = code(lying, &Limits::default());
    assert!(["S1007", "S1008"].contains(&found), "{found}");
}

#[test]
fn limits_are_kept() {
    let fine = || edited(SHEET, |xml| xml);
    let tight = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    assert_eq!(code(fine(), &tight(|l| l.workbook_bytes = 100)), "S1003");
    assert_eq!(code(fine(), &tight(|l| l.unpacked_bytes = 100)), "S1004");
    assert_eq!(code(fine(), &tight(|l| l.members = 2)), "S1006");
    assert_eq!(code(fine(), &tight(|l| l.cells = 20)), "S1010");
    assert_eq!(code(fine(), &tight(|l| l.columns = 5)), "S1011");
    assert_eq!(code(fine(), &tight(|l| l.sheets = 0)), "S1019");
    assert_eq!(
        code(
            bytes("s02_merged_head_subtotals.xlsx"),
            &tight(|l| l.merges = 3)
        ),
        "S1018"
    );
    assert_eq!(
        code(bytes("c01_gbk.csv"), &tight(|l| l.csv_bytes = 3)),
        "S1003"
    );
    assert_eq!(
        code(b"PK\x03\x04 no zip".to_vec(), &Limits::default()),
        "S1008"
    );
    assert_eq!(
        code(b"\x00\x01binary".to_vec(), &Limits::default()),
        "S1002"
    );
    assert_eq!(code(b"%PDF-1.7".to_vec(), &Limits::default()), "S1002");
}

#[test]
fn days_count_from_1904_when_the_workbook_says_so() {
    let mut book = Workbook::from_bytes(
        edited("xl/workbook.xml", |xml| {
            xml.replace("<workbookPr", "<workbookPr date1904=\"1\"")
        }),
        "x",
        &Limits::default(),
    )
    .unwrap();
    assert!(book.is_1904());
    let table = common::only_table(&mut book);
    // The same serial numbers are four years and a day later, hence in the future.
    assert_eq!(table.errors(), ["I2 S2203", "I3 S2203", "I5 S2203"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_bytes_never_panic(start in 0..4_usize, tail in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let magic: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\xFF\xFE"];
        let _ = through([magic[start], &tail].concat(), &Limits::default());
    }

    #[test]
    fn cut_files_never_panic(nth in 0..4_usize, part in 0.0..1.0_f64) {
        let names = ["s02_merged_head_subtotals.xlsx", "x01_excel97.xls", "c01_gbk.csv", "s03_numbers_dates_disguised.xlsx"];
        let mut cut = bytes(names[nth]);
        cut.truncate((cut.len() as f64 * part) as usize);
        let _ = through(cut, &Limits::default());
    }

    #[test]
    fn flipped_bytes_never_panic(nth in 0..4_usize, flips in proptest::collection::vec((0.0..1.0_f64, any::<u8>()), 1..12)) {
        let names = ["s02_merged_head_subtotals.xlsx", "x01_excel97.xls", "c01_gbk.csv", "s07_injection.xlsx"];
        let mut bent = bytes(names[nth]);
        let length = bent.len() as f64;
        for (at, byte) in flips {
            bent[(length * at) as usize] = byte;
        }
        let _ = through(bent, &Limits::default());
    }

    #[test]
    fn bent_sheets_never_panic(from in 0.0..1.0_f64, length in 0..60_usize, put in "[<>/ a-z0-9\"=&;]{0,12}") {
        let bent = edited(SHEET, |xml| {
            let chars: Vec<char> = xml.chars().collect();
            let from = (chars.len() as f64 * from) as usize;
            let to = (from + length).min(chars.len());
            chars[..from].iter().chain(put.chars().collect::<Vec<_>>().iter()).chain(&chars[to..]).collect()
        });
        let _ = through(bent, &Limits::default());
    }

    #[test]
    fn random_tables_never_panic(cells in proptest::collection::vec("[\\PC]{0,8}|合计|2021年|总投资|项目编号|受援区县|[0-9,.万亿元余%-]{0,8}", 0..120), width in 1..9_usize) {
        let text: String = cells.chunks(width).map(|row| row.join(",") + "\n").collect();
        let _ = through(text.into_bytes(), &Limits::default());
    }
}
