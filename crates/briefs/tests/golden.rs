//! Golden documents: the same brief in three formats.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod fixture;

use fixture::{Fixture, brief};
use qipan_briefs::{compose, to_docx, to_html, to_markdown};
use qipan_raster::Rasteriser;

/// The content of one part of a DOCX; parts are stored unpacked, so plain reading will do.
pub fn part<'a>(docx: &'a [u8], name: &str) -> &'a str {
    let mut at = 0;
    while docx[at..].starts_with(b"PK\x03\x04") {
        let u16 = |o: usize| usize::from(u16::from_le_bytes([docx[at + o], docx[at + o + 1]]));
        let size = u32::from_le_bytes(docx[at + 18..at + 22].try_into().unwrap()) as usize;
        let (name_len, extra) = (u16(26), u16(28));
        let found = &docx[at + 30..at + 30 + name_len];
        let start = at + 30 + name_len + extra;
        assert_eq!(u16(8), 0, "stored, not deflated");
        // Time and date of the entry: the zip epoch, no clock.
        assert_eq!((u16(10), u16(12)), (0, 33), "{name}");
        if found == name.as_bytes() {
            return std::str::from_utf8(&docx[start..start + size]).unwrap();
        }
        at = start + size;
    }
    panic!("no part {name}");
}

#[test]
fn markdown() {
    let fixture = Fixture::new();
    let document = compose(&brief(), &fixture.data()).unwrap();
    insta::assert_snapshot!(to_markdown(&document));
}

#[test]
fn html() {
    let fixture = Fixture::new();
    let document = compose(&brief(), &fixture.data()).unwrap();
    let html = to_html(&document);
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    // The style sheet is a file of its own; the golden text is what is said with it.
    insta::assert_snapshot!(
        format!("{head}{body}")
            .replace("><path", ">\n<path")
            .replace("><text", ">\n<text")
    );
}

#[test]
fn docx() {
    let fixture = Fixture::new();
    let document = compose(&brief(), &fixture.data()).unwrap();
    let docx = to_docx(&document, &Rasteriser::new(Vec::new())).unwrap();
    let lines = |name: &str| part(&docx, name).replace("><", ">\n<");
    insta::assert_snapshot!(
        "docx-document",
        lines("word/document.xml").replace("<w:p ", "\n<w:p ")
    );
    insta::assert_snapshot!("docx-styles", lines("word/styles.xml"));
    insta::assert_snapshot!("docx-header", lines("word/header1.xml"));
    insta::assert_snapshot!("docx-footer", lines("word/footer1.xml"));
    insta::assert_snapshot!("docx-core", lines("docProps/core.xml"));
}
