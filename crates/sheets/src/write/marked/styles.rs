//! Styles: for every look that a marked cell has, the same look with a coloured ground.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::Ground;
use super::xml::{append, local, with_attribute};
use crate::write::WriteError;

/// Grounds of errors and warnings.
const ERROR_GROUND: &str = "FFFFC7CE";
const WARNING_GROUND: &str = "FFFFEB9C";

/// Looks that the summary sheet adds.
const SUMMARY_LOOKS: usize = 5;

/// What the styles part holds, and the looks asked for so far.
pub(super) struct Styles {
    fonts: usize,
    fills: usize,
    /// Each cell format's XML.
    formats: Vec<String>,
    asked: BTreeMap<(usize, Ground), usize>,
}

/// Looks of the summary sheet, as indices.
pub(super) struct SummaryLooks {
    pub title: usize,
    pub head: usize,
    pub text: usize,
    pub link: usize,
    /// Not wrapped: for a line that runs over its neighbours.
    pub plain: usize,
}

impl Styles {
    /// Reads the styles part; `None` when it lacks what every workbook has.
    pub fn read(xml: &str) -> Result<Option<Self>, WriteError> {
        let (mut fonts, mut fills, mut formats) = (None, None, None);
        let mut reader = Reader::from_str(xml);
        // Full names from the root down to where we are.
        let mut path: Vec<String> = Vec::new();
        let mut started = 0;
        loop {
            let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event()?;
            let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let parent = path.last().map_or("", |name| local(name));
            let empty = matches!(event, Event::Empty(_));
            match &event {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.name();
                    match (parent, local(name.as_ref())) {
                        ("styleSheet", "fonts") => fonts = Some(0),
                        ("styleSheet", "fills") => fills = Some(0),
                        ("styleSheet", "cellXfs") => formats = Some(Vec::new()),
                        ("fonts", "font") => fonts = fonts.map(|n| n + 1),
                        ("fills", "fill") => fills = fills.map(|n| n + 1),
                        ("cellXfs", "xf") if empty => {
                            if let Some(formats) = &mut formats {
                                formats.push(xml.get(before..after).unwrap_or_default().to_owned());
                            }
                        }
                        ("cellXfs", "xf") => started = before,
                        _ => {}
                    }
                    if !empty {
                        path.push(name.as_ref().to_owned());
                    }
                }
                Event::End(tag) => {
                    path.pop();
                    let parent = path.last().map_or("", |name| local(name));
                    if (parent, local(tag.name().as_ref())) == ("cellXfs", "xf")
                        && let Some(formats) = &mut formats
                    {
                        formats.push(xml.get(started..after).unwrap_or_default().to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(match (fonts, fills, formats) {
            (Some(fonts), Some(fills), Some(formats)) if !formats.is_empty() => Some(Self {
                fonts,
                fills,
                formats,
                asked: BTreeMap::new(),
            }),
            _ => None,
        })
    }

    /// The look of a marked cell, given the look it has.
    pub fn marked(&mut self, format: usize, ground: Ground) -> usize {
        let format = if format < self.formats.len() {
            format
        } else {
            0
        };
        // The summary's looks come first.
        let next = self.formats.len() + SUMMARY_LOOKS + self.asked.len();
        *self.asked.entry((format, ground)).or_insert(next)
    }

    /// The looks of the summary sheet.
    pub fn summary(&self) -> SummaryLooks {
        let first = self.formats.len();
        SummaryLooks {
            title: first,
            head: first + 1,
            text: first + 2,
            link: first + 3,
            plain: first + 4,
        }
    }

    /// The styles part with everything that was asked for.
    pub fn write(&self, xml: &str) -> Result<Option<String>, WriteError> {
        let fonts = append(xml, "fonts", Some(self.fonts + 2), |p| {
            format!(
                r#"<{p}font><{p}b/><{p}sz val="12"/><{p}name val="宋体"/></{p}font><{p}font><{p}u/><{p}sz val="11"/><{p}color rgb="FF0563C1"/><{p}name val="宋体"/></{p}font>"#
            )
        })?;
        let Some(xml) = fonts else { return Ok(None) };
        let fills = append(&xml, "fills", Some(self.fills + 2), |p| {
            [ERROR_GROUND, WARNING_GROUND]
                .map(|colour| {
                    format!(
                        r#"<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/><{p}bgColor indexed="64"/></{p}patternFill></{p}fill>"#
                    )
                })
                .concat()
        })?;
        let Some(xml) = fills else { return Ok(None) };
        let mut marked: Vec<_> = self.asked.iter().collect();
        marked.sort_by_key(|&(_, &index)| index);
        let mut clones = String::new();
        for (&(format, ground), _) in marked {
            clones.push_str(&self.with_ground(&self.formats[format], ground)?);
        }
        let count = self.formats.len() + SUMMARY_LOOKS + self.asked.len();
        append(&xml, "cellXfs", Some(count), |p| {
            let look = |font: usize, wrap: &str| {
                format!(
                    r#"<{p}xf numFmtId="0" fontId="{font}" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><{p}alignment vertical="top"{wrap}/></{p}xf>"#
                )
            };
            let wrap = r#" wrapText="1""#;
            format!(
                "{}{}{}{}{}{clones}",
                look(self.fonts, ""),
                look(self.fonts, ""),
                look(0, wrap),
                look(self.fonts + 1, ""),
                look(0, "")
            )
        })
    }

    /// A cell format with a coloured ground, all else as it was.
    fn with_ground(&self, format: &str, ground: Ground) -> Result<String, WriteError> {
        let fill = match ground {
            Ground::Error => self.fills,
            Ground::Warning => self.fills + 1,
            Ground::Mended => 0,
        };
        let mut reader = Reader::from_str(format);
        let (tag, end) = match reader.read_event()? {
            Event::Start(tag) => (tag, ">"),
            Event::Empty(tag) => (tag, "/>"),
            _ => return Ok(String::new()),
        };
        let rest = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let tag = with_attribute(&tag, "fillId", Some(&fill.to_string()));
        let tag = with_attribute(&tag, "applyFill", Some("1"));
        Ok(format!(
            "<{}{}{end}{}",
            tag.name().as_ref(),
            tag.attributes_raw(),
            format.get(rest..).unwrap_or_default()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_looks_and_counts_truly() {
        let xml = concat!(
            r#"<styleSheet><fonts count="9"><font/></fonts><fills count="2"><fill/><fill/></fills>"#,
            r#"<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>"#,
            r#"<cellXfs count="2"><xf numFmtId="0" fillId="0"/><xf numFmtId="14" fillId="1"><alignment wrapText="1"/></xf></cellXfs>"#,
            r#"<dxfs count="1"><dxf><font/><fill/></dxf></dxfs></styleSheet>"#
        );
        let mut styles = Styles::read(xml).unwrap().unwrap();
        assert_eq!(
            (styles.fonts, styles.fills, styles.formats.len()),
            (1, 2, 2)
        );
        assert_eq!(styles.marked(1, Ground::Error), 7);
        assert_eq!(styles.marked(0, Ground::Warning), 8);
        assert_eq!(styles.marked(1, Ground::Error), 7);
        let out = styles.write(xml).unwrap().unwrap();
        assert!(out.contains(r#"<cellXfs count="9">"#), "{out}");
        assert!(out.contains(r#"<fills count="4">"#), "{out}");
        assert!(
            out.contains(r#"<xf numFmtId="14" fillId="2" applyFill="1"><alignment wrapText="1"/></xf><xf numFmtId="0" fillId="3" applyFill="1"/></cellXfs>"#),
            "{out}"
        );
        assert!(Styles::read("<styleSheet/>").unwrap().is_none());
    }
}
