//! Editing an .xlsx package: which parts change, and writing the copy.

use std::collections::BTreeMap;
use std::io::{BufReader, Cursor, Write};
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::package::{Package, REL, Relation, free_id, relations_of, with_relations};
use super::styles::Styles;
use super::xml::{append, attribute, collect, local};
use super::{Mark, Marks, Place, SUMMARY_SHEET, notes, sheet, summary};
use crate::write::WriteError;

const WORKBOOK: &str = "xl/workbook.xml";
const TYPES: &str = "[Content_Types].xml";
const SHEET_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
const COMMENTS_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
const DRAWING_TYPE: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";

/// A sheet that gets marks.
struct Target {
    marks: BTreeMap<Place, Mark>,
    /// Relation of the notes' drawing, when the sheet must be pointed at it.
    drawing: Option<String>,
}

/// The marked copy; `None` when the workbook is built too unusually to be edited.
pub(super) fn edited(file: &Arc<[u8]>, marks: &Marks<'_>) -> Result<Option<Vec<u8>>, WriteError> {
    let mut package = Package::open(file)?;
    let (Some(workbook), Some(types)) = (package.text(WORKBOOK)?, package.text(TYPES)?) else {
        return Ok(None);
    };
    // A workbook with macros may not be called .xlsx; the strict format has other namespaces.
    if types.contains("macroEnabled") || workbook.contains("purl.oclc.org") {
        return Ok(None);
    }
    let relations = package.relations(WORKBOOK)?;
    let styles_part = relations.iter().find(|relation| relation.kind == "styles");
    let Some(styles_part) = styles_part.map(|relation| relation.target.clone()) else {
        return Ok(None);
    };
    let Some(styles_text) = package.text(&styles_part)? else {
        return Ok(None);
    };
    let Some(mut styles) = Styles::read(&styles_text)? else {
        return Ok(None);
    };
    let sheets = collect(&workbook, "sheet", |tag| {
        let id = attribute(tag, "id")?;
        let part = relations.iter().find(|relation| relation.id == id)?;
        let number: u32 = attribute(tag, "sheetId")?.parse().ok()?;
        Some((attribute(tag, "name")?, part.target.clone(), number))
    })?;

    let mut parts = BTreeMap::new();
    let mut overrides = Vec::new();
    let mut targets = BTreeMap::new();
    for (name, part, _) in &sheets {
        let mut marks = marks.sheets.get(name.as_str()).cloned().unwrap_or_default();
        for cell in marked_before(&mut package, part)? {
            marks.entry(cell).or_insert_with(Mark::mended);
        }
        if marks.is_empty() {
            continue;
        }
        match annotate(&mut package, part, &marks, &mut parts, &mut overrides)? {
            Some(drawing) => targets.insert(part.clone(), Target { marks, drawing }),
            None => return Ok(None),
        };
    }

    // A summary of an earlier copy gives way to the new one.
    let earlier = sheets.iter().find(|(name, ..)| name == SUMMARY_SHEET);
    let summary_part = match earlier {
        Some((_, part, _)) => part.clone(),
        None => {
            let part = package.free_name("xl/worksheets/problems", ".xml", &parts);
            overrides.push((part.clone(), SHEET_TYPE));
            let added = Relation {
                id: free_id(&relations),
                kind: "worksheet".to_owned(),
                target: part.clone(),
            };
            let number = sheets
                .iter()
                .map(|(.., number)| number + 1)
                .max()
                .unwrap_or(1);
            let listed = append(&workbook, "sheets", None, |p| {
                format!(
                    r#"<{p}sheet xmlns:r="{REL}" name="{SUMMARY_SHEET}" sheetId="{number}" r:id="{}"/>"#,
                    added.id
                )
            })?;
            let before = package.text(&relations_of(WORKBOOK))?;
            let related = with_relations(before.as_deref(), std::slice::from_ref(&added))?;
            let (Some(listed), Some(related)) = (listed, related) else {
                return Ok(None);
            };
            parts.insert(WORKBOOK.to_owned(), listed);
            parts.insert(relations_of(WORKBOOK), related);
            part
        }
    };
    let typed = append(&types, "Types", None, |p| {
        content_types(&types, &overrides, p)
    })?;
    let Some(typed) = typed else {
        return Ok(None);
    };
    parts.insert(TYPES.to_owned(), typed);
    parts.insert(summary_part, summary::sheet(marks, &styles.summary()));

    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for index in 0..package.archive.len() {
        let name = package.archive.by_index_raw(index)?.name()?.into_owned();
        if name == styles_part {
            continue;
        }
        if let Some(target) = targets.get(&name) {
            out.start_file(&name, options)?;
            let input = BufReader::new(package.archive.by_index(index)?);
            let drawing = target.drawing.as_deref();
            sheet::mark(input, &mut out, &target.marks, drawing, &mut styles)?;
        } else if let Some(text) = parts.remove(&name) {
            out.start_file(&name, options)?;
            out.write_all(text.as_bytes())?;
        } else {
            out.raw_copy_file(package.archive.by_index_raw(index)?)?;
        }
    }
    // Only now is it known which looks the sheets ask for.
    let Some(styles_text) = styles.write(&styles_text)? else {
        return Ok(None);
    };
    parts.insert(styles_part, styles_text);
    for (name, text) in parts {
        out.start_file(name, options)?;
        out.write_all(text.as_bytes())?;
    }
    Ok(Some(out.finish()?.into_inner()))
}

/// The cells of a sheet that an earlier copy marked.
fn marked_before(package: &mut Package, part: &str) -> Result<Vec<Place>, WriteError> {
    let relations = package.relations(part)?;
    let comments = relations
        .iter()
        .find(|relation| relation.kind == "comments");
    match comments
        .map(|relation| package.text(&relation.target))
        .transpose()?
    {
        Some(Some(text)) => notes::ours(&text),
        _ => Ok(Vec::new()),
    }
}

/// Prepares the parts with a sheet's notes. Gives the relation that the sheet part must be
/// pointed at, none when it points at a drawing already; `None` when that cannot be done.
#[expect(
    clippy::option_option,
    reason = "no drawing needed is not the same as not possible"
)]
fn annotate(
    package: &mut Package,
    part: &str,
    marks: &BTreeMap<Place, Mark>,
    parts: &mut BTreeMap<String, String>,
    overrides: &mut Vec<(String, &'static str)>,
) -> Result<Option<Option<String>>, WriteError> {
    let mut relations = package.relations(part)?;
    let known = relations.len();
    let comments = relations
        .iter()
        .find(|relation| relation.kind == "comments");
    let comments_part = comments.map(|relation| relation.target.clone());
    let before = match &comments_part {
        Some(name) => package.text(name)?,
        None => None,
    };
    let Some((text, fresh)) = notes::comments(before.as_deref(), marks)? else {
        return Ok(None);
    };
    let comments_part = comments_part.unwrap_or_else(|| {
        let name = package.free_name("xl/comments", ".xml", parts);
        relations.push(Relation {
            id: free_id(&relations),
            kind: "comments".to_owned(),
            target: name.clone(),
        });
        overrides.push((name.clone(), COMMENTS_TYPE));
        name
    });
    parts.insert(comments_part, text);

    let pointed = if relations
        .iter()
        .any(|relation| relation.kind == "vmlDrawing")
    {
        drawing_of(package, part)?
    } else {
        None
    };
    let drawing = relations
        .iter()
        .find(|relation| pointed.as_ref() == Some(&relation.id));
    let (drawing_part, point_at) = match drawing {
        Some(relation) => (relation.target.clone(), None),
        None => {
            let id = free_id(&relations);
            let name = package.free_name("xl/drawings/problems", ".vml", parts);
            relations.push(Relation {
                id: id.clone(),
                kind: "vmlDrawing".to_owned(),
                target: name.clone(),
            });
            (name, Some(id))
        }
    };
    let before = match point_at {
        Some(_) => None,
        None => package.text(&drawing_part)?,
    };
    let Some(text) = notes::drawing(before.as_deref(), &fresh, marks) else {
        return Ok(None);
    };
    parts.insert(drawing_part, text);

    if relations.len() > known {
        let before = package.text(&relations_of(part))?;
        let Some(text) = with_relations(before.as_deref(), &relations[known..])? else {
            return Ok(None);
        };
        parts.insert(relations_of(part), text);
    }
    Ok(Some(point_at))
}

/// The relation of the drawing that a sheet part points at.
fn drawing_of(package: &mut Package, part: &str) -> Result<Option<String>, WriteError> {
    let Some(index) = package.archive.index_for_name(part) else {
        return Ok(None);
    };
    let input = BufReader::new(package.archive.by_index(index)?);
    let mut reader = Reader::from_reader(input);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => return Ok(None),
            Event::Start(tag) | Event::Empty(tag)
                if local(tag.name().as_ref()) == "legacyDrawing" =>
            {
                return Ok(attribute(&tag, "id"));
            }
            _ => buffer.clear(),
        }
    }
}

fn content_types(types: &str, overrides: &[(String, &'static str)], p: &str) -> String {
    let mut text = String::new();
    if !types.contains(r#"Extension="vml""#) {
        text.push_str(&format!(
            r#"<{p}Default Extension="vml" ContentType="{DRAWING_TYPE}"/>"#
        ));
    }
    for (part, kind) in overrides {
        text.push_str(&format!(
            r#"<{p}Override PartName="/{part}" ContentType="{kind}"/>"#
        ));
    }
    text
}
