//! The sheet part: gives cells another look, adds the cells that are not there, and points at
//! the drawing of the notes. Streamed, so that a big sheet costs no memory.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::iter::Peekable;

use quick_xml::Writer;
use quick_xml::events::{BytesStart, Event};

use super::package::REL;
use super::styles::Styles;
use super::xml::{Tag, Then, attribute, copy, local, prefix, raw, with_attribute};
use super::{Mark, Place};
use crate::a1;
use crate::write::WriteError;

/// What stands behind `legacyDrawing` in a sheet part.
const AFTER_DRAWING: [&str; 10] = [
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    "AlternateContent",
    "worksheet",
];

/// Writes the sheet part with the marks. `drawing` is the relation of a drawing to point at when
/// the sheet has none yet.
pub(super) fn mark<R: BufRead, W: Write>(
    input: R,
    out: W,
    marks: &BTreeMap<Place, Mark>,
    drawing: Option<&str>,
    styles: &mut Styles,
) -> Result<(), WriteError> {
    let mut walk = Walk {
        left: marks.iter().peekable(),
        styles,
        columns: Vec::new(),
        row: None,
        last: (0, 0),
        inside: false,
        passed: false,
    };
    let mut drawing = drawing;
    copy(input, &mut Writer::new(out), |tag, out| {
        let name = match tag {
            Tag::Open(tag, _) => tag.name().as_ref().to_owned(),
            Tag::Close(name) => (*name).to_owned(),
        };
        let starts = matches!(tag, Tag::Open(..));
        if walk.passed
            && AFTER_DRAWING.contains(&local(&name))
            && (starts || local(&name) == "worksheet")
            && let Some(id) = drawing.take()
        {
            let p = prefix(&name);
            raw(
                out,
                &format!(r#"<{p}legacyDrawing xmlns:r="{REL}" r:id="{id}"/>"#),
            )?;
        }
        match tag {
            Tag::Open(tag, empty) => walk.open(tag, *empty, out),
            Tag::Close(name) => walk.close(name, out),
        }
    })
}

/// Where we are in the sheet.
struct Walk<'a, I: Iterator<Item = (&'a Place, &'a Mark)>> {
    /// Marks not yet made, by row and column.
    left: Peekable<I>,
    styles: &'a mut Styles,
    /// First and last column (from 1) and the look of their empty cells.
    columns: Vec<(u32, u32, usize)>,
    /// The open row and the look of its empty cells.
    row: Option<(u32, Option<usize>)>,
    /// Last row and, within it, column from 1: what cells without an address follow.
    last: (u32, u32),
    inside: bool,
    passed: bool,
}

impl<'a, I: Iterator<Item = (&'a Place, &'a Mark)>> Walk<'a, I> {
    fn open<W: Write>(
        &mut self,
        tag: &BytesStart<'_>,
        empty: bool,
        out: &mut Writer<W>,
    ) -> Result<Then, WriteError> {
        let number = |key: &str| attribute(tag, key).and_then(|text| text.parse::<u32>().ok());
        let name = tag.name();
        let p = prefix(name.as_ref());
        match local(name.as_ref()) {
            "col" if !self.passed => {
                if let (Some(first), Some(last), Some(look)) =
                    (number("min"), number("max"), number("style"))
                {
                    self.columns.push((first, last, look as usize));
                }
                Ok(Then::Copy)
            }
            "sheetData" => {
                self.inside = !empty;
                self.passed = empty;
                if empty {
                    out.write_event(Event::Start(tag.to_owned()))?;
                    self.add_rows(u32::MAX, p, out)?;
                    out.write_event(Event::End(tag.to_end()))?;
                }
                Ok(if empty { Then::Done } else { Then::Copy })
            }
            "row" if self.inside => {
                let row = number("r").unwrap_or(self.last.0 + 1);
                self.add_rows(row, p, out)?;
                self.last = (row, 0);
                let look = number("s").map(|look| look as usize);
                self.row = Some((row, look));
                if self
                    .left
                    .peek()
                    .is_none_or(|((marked, _), _)| *marked != row)
                {
                    return Ok(Then::Copy);
                }
                // `spans` is only a hint, and cells that we add may lie outside of it.
                let tag = with_attribute(tag, "spans", None);
                out.write_event(Event::Start(tag.borrow()))?;
                if empty {
                    self.add_cells(u32::MAX, p, out)?;
                    out.write_event(Event::End(tag.to_end()))?;
                }
                Ok(Then::Done)
            }
            "c" if self.inside => {
                let address = attribute(tag, "r").and_then(|text| a1::parse(&text));
                let column = address.map_or(self.last.1 + 1, |(column, _)| column + 1);
                self.last.1 = column;
                self.add_cells(column, p, out)?;
                let here = (self.last.0, column - 1);
                let Some((_, mark)) = self.left.next_if(|(place, _)| **place == here) else {
                    return Ok(Then::Copy);
                };
                let look = number("s").unwrap_or(0) as usize;
                let look = self.styles.marked(look, mark.ground);
                let tag = with_attribute(tag, "s", Some(&look.to_string()));
                out.write_event(if empty {
                    Event::Empty(tag)
                } else {
                    Event::Start(tag)
                })?;
                Ok(Then::Done)
            }
            _ => Ok(Then::Copy),
        }
    }

    fn close<W: Write>(&mut self, name: &str, out: &mut Writer<W>) -> Result<Then, WriteError> {
        match local(name) {
            "row" if self.inside => self.add_cells(u32::MAX, prefix(name), out)?,
            "sheetData" => {
                self.add_rows(u32::MAX, prefix(name), out)?;
                self.inside = false;
                self.passed = true;
            }
            _ => {}
        }
        Ok(Then::Copy)
    }

    /// Adds the marked rows before a row.
    fn add_rows<W: Write>(
        &mut self,
        before: u32,
        p: &str,
        out: &mut Writer<W>,
    ) -> Result<(), WriteError> {
        while let Some(&((row, _), _)) = self.left.peek() {
            let row = *row;
            if row >= before {
                break;
            }
            self.row = Some((row, None));
            raw(out, &format!(r#"<{p}row r="{row}">"#))?;
            self.add_cells(u32::MAX, p, out)?;
            raw(out, &format!("</{p}row>"))?;
        }
        Ok(())
    }

    /// Adds the marked cells of the open row before a column (from 1).
    fn add_cells<W: Write>(
        &mut self,
        before: u32,
        p: &str,
        out: &mut Writer<W>,
    ) -> Result<(), WriteError> {
        let Some((row, look)) = self.row else {
            return Ok(());
        };
        while let Some((&(_, column), mark)) = self
            .left
            .next_if(|((marked, column), _)| *marked == row && column + 1 < before)
        {
            let of_column = self
                .columns
                .iter()
                .find(|(first, last, _)| (*first..=*last).contains(&(column + 1)));
            let look = look.or(of_column.map(|(_, _, look)| *look)).unwrap_or(0);
            let look = self.styles.marked(look, mark.ground);
            let address = a1::address(column, row);
            raw(out, &format!(r#"<{p}c r="{address}" s="{look}"/>"#))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::marked::Ground;

    const STYLES: &str =
        r#"<styleSheet><fonts/><fills/><cellXfs><xf/><xf/><xf/></cellXfs></styleSheet>"#;

    fn check(cells: &[&str], sheet: &str, expect: &str) {
        let marks = cells
            .iter()
            .map(|cell| {
                let (column, row) = a1::parse(cell).unwrap();
                let mark = Mark {
                    ground: Ground::Error,
                    note: String::new(),
                };
                ((row, column), mark)
            })
            .collect();
        let mut styles = Styles::read(STYLES).unwrap().unwrap();
        let mut out = Vec::new();
        mark(
            sheet.as_bytes(),
            &mut out,
            &marks,
            Some("rId9"),
            &mut styles,
        )
        .unwrap();
        let drawing = format!(r#"<legacyDrawing xmlns:r="{REL}" r:id="rId9"/>"#);
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out.replace(&drawing, "<D/>")
                .replace(&drawing.replace("<legacy", "<x:legacy"), "<x:D/>"),
            expect
        );
    }

    #[test]
    fn changes_looks_and_nothing_else() {
        check(
            &["B2"],
            r#"<worksheet><sheetData><row r="2" ht="20"><c r="A2" s="1"/><c r="B2" s="2" t="s"><v>3</v></c></row></sheetData><drawing/><tableParts/></worksheet>"#,
            r#"<worksheet><sheetData><row r="2" ht="20"><c r="A2" s="1"/><c r="B2" t="s" s="8"><v>3</v></c></row></sheetData><drawing/><D/><tableParts/></worksheet>"#,
        );
    }

    #[test]
    fn adds_cells_and_rows_that_are_missing_in_their_order() {
        check(
            &["A1", "A3", "C3", "E3", "B4", "A9"],
            r#"<x:worksheet><x:cols><x:col min="5" max="9" style="2"/></x:cols><x:sheetData><x:row r="3" spans="2:2"><x:c r="B3"/></x:row><x:row r="4"/></x:sheetData></x:worksheet>"#,
            r#"<x:worksheet><x:cols><x:col min="5" max="9" style="2"/></x:cols><x:sheetData><x:row r="1"><x:c r="A1" s="8"/></x:row><x:row r="3"><x:c r="A3" s="8"/><x:c r="B3"/><x:c r="C3" s="8"/><x:c r="E3" s="9"/></x:row><x:row r="4"><x:c r="B4" s="8"/></x:row><x:row r="9"><x:c r="A9" s="8"/></x:row></x:sheetData><x:D/></x:worksheet>"#,
        );
    }

    #[test]
    fn understands_rows_and_cells_without_addresses() {
        check(
            &["B2"],
            "<worksheet><sheetData><row><c/></row><row><c/><c/></row></sheetData></worksheet>",
            r#"<worksheet><sheetData><row><c/></row><row><c/><c s="8"/></row></sheetData><D/></worksheet>"#,
        );
        check(
            &["A1"],
            "<worksheet><sheetData/></worksheet>",
            r#"<worksheet><sheetData><row r="1"><c r="A1" s="8"/></row></sheetData><D/></worksheet>"#,
        );
    }
}
