//! Notes: the comments part with the words and the drawing part with the boxes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quick_xml::events::Event;
use quick_xml::{Reader, Writer};

use super::xml::{self, Tag, Then, append, attribute, copy, escaped, local, prefix, raw};
use super::{Mark, Place};
use crate::a1;
use crate::write::WriteError;

/// Who signs the notes.
pub(super) const AUTHOR: &str = "棋盘导入检查";
const EMPTY_COMMENTS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    "\n",
    r#"<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors/><commentList/></comments>"#
);
const EMPTY_DRAWING: &str = r##"<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>"##;
/// The shape of a note box; the id is our own so that it meets no other.
const SHAPE_TYPE: &str = r##"<v:shapetype xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" id="_x0000_t202q" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>"##;

/// The cells of a comments part that carry a note of ours, from an earlier copy.
pub(super) fn ours(comments: &str) -> Result<Vec<Place>, WriteError> {
    let authors = author_numbers(comments)?;
    xml::collect(comments, "comment", |tag| {
        let ours = attribute(tag, "authorId").is_some_and(|id| authors.contains(&id));
        let (column, row) = a1::parse(&attribute(tag, "ref")?)?;
        ours.then_some((row, column))
    })
}

/// Under which numbers we are listed as an author.
fn author_numbers(comments: &str) -> Result<Vec<String>, WriteError> {
    let mut numbers = Vec::new();
    let mut reader = Reader::from_str(comments);
    let mut count = 0;
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(numbers),
            Event::Start(tag) if local(tag.name().as_ref()) == "author" => {
                if reader.read_text(tag.name())?.trim() == AUTHOR {
                    numbers.push(count.to_string());
                }
                count += 1;
            }
            Event::Empty(tag) if local(tag.name().as_ref()) == "author" => count += 1,
            _ => {}
        }
    }
}

/// The comments part with a note on each marked cell, and the cells that had none before.
/// A note of the user's own is kept and ours put under it; an earlier one of ours gives way.
pub(super) fn comments(
    before: Option<&str>,
    marks: &BTreeMap<Place, Mark>,
) -> Result<Option<(String, Vec<Place>)>, WriteError> {
    let before = before.unwrap_or(EMPTY_COMMENTS);
    let author = xml::collect(before, "author", |_| Some(()))?.len();
    let place = |address: &str| a1::parse(address).map(|(column, row)| (row, column));
    let noted: Vec<Place> = xml::collect(before, "comment", |tag| place(&attribute(tag, "ref")?))?;
    let fresh: Vec<Place> = marks
        .keys()
        .filter(|cell| !noted.contains(cell))
        .copied()
        .collect();

    let signed = append(before, "authors", None, |p| {
        format!("<{p}author>{AUTHOR}</{p}author>")
    })?;
    let Some(signed) = signed else {
        return Ok(None);
    };
    let mut out = Writer::new(Vec::with_capacity(signed.len()));
    let authors = author_numbers(before)?;
    let mut here: Option<&Mark> = None;
    let mut earlier = false;
    copy(signed.as_bytes(), &mut out, |tag, out| {
        match tag {
            Tag::Open(tag, empty) => match local(tag.name().as_ref()) {
                "comment" => {
                    let cell = attribute(tag, "ref").and_then(|address| place(&address));
                    here = cell.and_then(|cell| marks.get(&cell));
                    earlier = attribute(tag, "authorId").is_some_and(|id| authors.contains(&id));
                }
                "text" if *empty || earlier => {
                    if let Some(mark) = here.take() {
                        out.write_event(Event::Start((**tag).to_owned()))?;
                        raw(out, &run(prefix(tag.name().as_ref()), "", &mark.note))?;
                        out.write_event(Event::End(tag.to_end()))?;
                        return Ok(Then::DoneWithInside);
                    }
                }
                // Readings of characters stand behind all runs.
                "rPh" | "phoneticPr" => {
                    if let Some(mark) = here.take() {
                        raw(out, &run(prefix(tag.name().as_ref()), "\n", &mark.note))?;
                    }
                }
                _ => {}
            },
            Tag::Close(name) if local(name) == "text" => {
                if let Some(mark) = here.take() {
                    raw(out, &run(prefix(name), "\n", &mark.note))?;
                }
            }
            Tag::Close(_) => {}
        }
        Ok(Then::Copy)
    })?;
    let merged = String::from_utf8(out.into_inner()).map_err(|_| WriteError::Text)?;
    let text = append(&merged, "commentList", None, |p| {
        let mut notes = String::new();
        for cell in &fresh {
            let address = a1::address(cell.1, cell.0);
            let run = run(p, "", marks.get(cell).map_or("", |mark| &mark.note));
            let _ = write!(
                notes,
                r#"<{p}comment ref="{address}" authorId="{author}"><{p}text>{run}</{p}text></{p}comment>"#
            );
        }
        notes
    })?;
    Ok(text.map(|text| (text, fresh)))
}

fn run(p: &str, lead: &str, note: &str) -> String {
    format!(
        r#"<{p}r><{p}rPr><{p}sz val="9"/><{p}rFont val="宋体"/></{p}rPr><{p}t xml:space="preserve">{lead}{}</{p}t></{p}r>"#,
        escaped(note)
    )
}

/// The drawing part with a hidden box for each new note; `None` when the part is no drawing.
pub(super) fn drawing(
    before: Option<&str>,
    cells: &[Place],
    marks: &BTreeMap<Place, Mark>,
) -> Option<String> {
    let before = before.unwrap_or(EMPTY_DRAWING);
    // Old drawings are not always well-formed XML, so they are only cut at their last tag.
    let end = before.rfind("</xml>")?;
    let first = shape_number(before);
    let mut boxes = SHAPE_TYPE.to_owned();
    for (number, &(row, column)) in (first..).zip(cells) {
        let note = marks.get(&(row, column)).map_or("", |mark| &mark.note);
        // About 22 characters a line in a box four columns wide.
        let lines: usize = note.lines().map(|line| line.chars().count() / 22 + 1).sum();
        let height = lines.clamp(3, 20);
        let (row, bottom) = (row - 1, row as usize + height);
        let (left, right) = (column + 1, column + 5);
        let _ = write!(
            boxes,
            r##"<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{number}" type="#_x0000_t202q" style="position:absolute;margin-left:80pt;margin-top:2pt;width:240pt;height:{}pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {row}, 2, {right}, 15, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"##,
            height * 15,
        );
    }
    Some(format!("{}{boxes}{}", &before[..end], &before[end..]))
}

/// The first shape number beyond all that are taken.
fn shape_number(drawing: &str) -> u32 {
    drawing
        .split("_x0000_s")
        .skip(1)
        .filter_map(|rest| {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..end].parse::<u32>().ok()
        })
        .max()
        .unwrap_or(1024)
        .saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::marked::Ground;

    fn marks() -> BTreeMap<Place, Mark> {
        let mark = |note: &str| Mark {
            ground: Ground::Error,
            note: note.into(),
        };
        BTreeMap::from([((2, 1), mark("甲<乙")), ((5, 0), mark("丙"))])
    }

    #[test]
    fn own_notes_are_kept_and_ours_put_under_them() {
        let before = r#"<comments><authors><author>张三</author></authors><commentList><comment ref="B2" authorId="0"><text><t>原注</t></text></comment></commentList></comments>"#;
        let (text, fresh) = comments(Some(before), &marks()).unwrap().unwrap();
        assert_eq!(fresh, [(5, 0)]);
        assert!(text.contains("<t>原注</t><r><rPr>"), "{text}");
        assert!(text.contains("\n甲&lt;乙</t></r></text>"), "{text}");
        assert!(
            text.contains(r#"<comment ref="A5" authorId="1">"#),
            "{text}"
        );
        let (text, fresh) = comments(None, &marks()).unwrap().unwrap();
        assert_eq!(fresh.len(), 2);
        assert!(
            text.contains(r#"<comment ref="B2" authorId="0">"#),
            "{text}"
        );
    }

    #[test]
    fn an_earlier_note_of_ours_gives_way() {
        let (first, _) = comments(None, &marks()).unwrap().unwrap();
        assert_eq!(ours(&first).unwrap(), [(2, 1), (5, 0)]);
        let mended = BTreeMap::from([((2, 1), Mark::mended())]);
        let (text, fresh) = comments(Some(&first), &mended).unwrap().unwrap();
        assert!(fresh.is_empty());
        assert!(
            text.contains("已改好") && !text.contains("甲&lt;乙"),
            "{text}"
        );
        assert!(text.contains("丙"), "{text}");
    }

    #[test]
    fn boxes_take_numbers_that_are_free() {
        let before = r##"<xml><v:shape id="_x0000_s1030"><br></v:shape></xml>"##;
        let text = drawing(Some(before), &[(2, 1)], &marks()).unwrap();
        assert!(text.contains(r#"id="_x0000_s1031""#), "{text}");
        assert!(
            text.contains("<x:Row>1</x:Row><x:Column>1</x:Column>"),
            "{text}"
        );
        assert!(text.ends_with("</xml>"));
        assert!(drawing(Some("nothing"), &[], &marks()).is_none());
    }
}
