//! The parts of an .xlsx package and how they point at each other.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

use zip::ZipArchive;

use super::xml;
use crate::write::WriteError;

/// Most bytes of a part that is held in memory whole (all but sheets).
const PART_BYTES: u64 = 64 << 20;
/// Namespace of relationships to other parts.
pub(super) const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// One relationship of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    pub id: String,
    /// Last word of the type's address: `comments`, `worksheet`.
    pub kind: String,
    /// Part pointed at, from the root without a leading slash.
    pub target: String,
}

/// An opened package.
pub(super) struct Package {
    pub archive: ZipArchive<Cursor<Arc<[u8]>>>,
}

impl Package {
    pub fn open(file: &Arc<[u8]>) -> Result<Self, WriteError> {
        let archive = ZipArchive::new(Cursor::new(Arc::clone(file)))?;
        Ok(Self { archive })
    }

    /// The text of a part; `None` when there is none, or it is no UTF-8, or it is too big.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, WriteError> {
        let Some(index) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let part = self.archive.by_index(index)?;
        part.take(PART_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > PART_BYTES {
            return Ok(None);
        }
        Ok(String::from_utf8(bytes).ok())
    }

    /// Where a part points; nothing when it has no relationships.
    pub fn relations(&mut self, part: &str) -> Result<Vec<Relation>, WriteError> {
        let Some(text) = self.text(&relations_of(part))? else {
            return Ok(Vec::new());
        };
        xml::collect(&text, "Relationship", |tag| {
            let kind = xml::attribute(tag, "Type")?;
            Some(Relation {
                id: xml::attribute(tag, "Id")?,
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                target: resolved(part, &xml::attribute(tag, "Target")?),
            })
        })
    }

    /// A part name that is still free: `stem`, a number, `end`.
    pub fn free_name(&self, stem: &str, end: &str, taken: &BTreeMap<String, String>) -> String {
        let mut name = String::new();
        for number in 1_u32.. {
            name = format!("{stem}{number}{end}");
            if self.archive.index_for_name(&name).is_none() && !taken.contains_key(&name) {
                break;
            }
        }
        name
    }
}

/// The part that holds a part's relationships.
pub(super) fn relations_of(part: &str) -> String {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    if folder.is_empty() {
        format!("_rels/{name}.rels")
    } else {
        format!("{folder}/_rels/{name}.rels")
    }
}

/// A target as seen from the part that names it.
fn resolved(part: &str, target: &str) -> String {
    if let Some(rooted) = target.strip_prefix('/') {
        return rooted.to_owned();
    }
    let mut path: Vec<&str> = part.split('/').collect();
    path.pop();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

/// An id that is not yet used among relations.
pub(super) fn free_id(relations: &[Relation]) -> String {
    (1_u32..)
        .map(|number| format!("rIdQipan{number}"))
        .find(|id| relations.iter().all(|relation| relation.id != *id))
        .unwrap_or_default()
}

/// A relations part with more relations in it; written from nothing when there was none.
pub(super) fn with_relations(
    text: Option<&str>,
    added: &[Relation],
) -> Result<Option<String>, WriteError> {
    let text = text.unwrap_or(concat!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
        "\n",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>"#,
    ));
    xml::append(text, "Relationships", None, |prefix| {
        added
            .iter()
            .map(|Relation { id, kind, target }| {
                format!(
                    r#"<{prefix}Relationship Id="{id}" Type="{REL}/{kind}" Target="/{target}"/>"#
                )
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_their_part() {
        let sheet = "xl/worksheets/sheet1.xml";
        assert_eq!(resolved(sheet, "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolved(sheet, "/xl/a.vml"), "xl/a.vml");
        assert_eq!(resolved("xl/workbook.xml", "styles.xml"), "xl/styles.xml");
        assert_eq!(relations_of(sheet), "xl/worksheets/_rels/sheet1.xml.rels");
    }
}
