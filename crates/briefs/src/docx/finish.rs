//! The last touches on the parts, and the container.
//!
//! The library cannot say some things that the layout wants (header rows that repeat, an indent
//! in characters, a picture's alternative text, the title among the properties). They are put
//! into the finished XML at places that only this writer produces.

use std::io::Cursor;

use docx_rs::{Docx, XMLDocx};

use crate::svg::escape;

/// Builds the parts, mends them, and zips them. The zip carries no clock.
pub(super) fn pack(
    docx: Docx,
    title: &str,
    creator: &str,
    alts: &[String],
) -> Result<Vec<u8>, String> {
    let mut parts = docx.build();
    mend(&mut parts, title, creator, alts)?;
    let mut out = Cursor::new(Vec::new());
    parts.pack(&mut out).map_err(|error| error.to_string())?;
    Ok(out.into_inner())
}

fn mend(parts: &mut XMLDocx, title: &str, creator: &str, alts: &[String]) -> Result<(), String> {
    edit(&mut parts.document, |document| {
        let document = document
            .replace("<w:cantSplit />", "<w:cantSplit /><w:tblHeader />")
            .replace("<w:trPr />", "<w:trPr><w:cantSplit /></w:trPr>")
            // The schema wants the style first; an empty rPr says nothing anyway.
            .replace("<w:pPr><w:rPr />", "<w:pPr>");
        section(&pictures(&document, alts))
    })?;
    edit(&mut parts.styles, |styles| {
        styles.replace(
            r#"w:firstLine="640""#,
            r#"w:firstLineChars="200" w:firstLine="640""#,
        )
    })?;
    let (title, creator) = (escape(title), escape(creator));
    edit(&mut parts.doc_props.core, |core| {
        core.replace(
            "<dc:creator>unknown</dc:creator>",
            &format!("<dc:creator>{creator}</dc:creator><dc:title>{title}</dc:title>"),
        )
        .replace(
            "<cp:lastModifiedBy>unknown<",
            &format!("<cp:lastModifiedBy>{creator}<"),
        )
    })
}

/// Numbers the pictures and gives each its alternative text.
fn pictures(document: &str, alts: &[String]) -> String {
    const PLAIN: &str = r#"<wp:docPr id="1" name="Figure" />"#;
    let mut out = String::with_capacity(document.len());
    let mut alts = alts.iter();
    let mut number = 0;
    let mut rest = document;
    while let Some(at) = rest.find(PLAIN) {
        number += 1;
        let alt = alts.next().map_or("", String::as_str);
        out.push_str(&rest[..at]);
        out.push_str(&format!(
            r#"<wp:docPr id="{number}" name="图{number}" descr="{}" />"#,
            escape(alt)
        ));
        rest = &rest[at + PLAIN.len()..];
    }
    out.push_str(rest);
    out
}

/// The schema wants headers and footers first among a section's properties.
fn section(document: &str) -> String {
    const OPEN: &str = "<w:sectPr>";
    let Some((before, properties)) = document.rsplit_once(OPEN) else {
        return document.to_owned();
    };
    let first = ["<w:headerReference", "<w:footerReference"]
        .iter()
        .filter_map(|tag| properties.find(tag))
        .min();
    match (first, properties.find("</w:sectPr>")) {
        (Some(from), Some(to)) if from < to => format!(
            "{before}{OPEN}{}{}{}",
            &properties[from..to],
            &properties[..from],
            &properties[to..]
        ),
        _ => document.to_owned(),
    }
}

fn edit(part: &mut Vec<u8>, change: impl FnOnce(&str) -> String) -> Result<(), String> {
    let text = std::str::from_utf8(part).map_err(|error| error.to_string())?;
    *part = change(text).into_bytes();
    Ok(())
}
