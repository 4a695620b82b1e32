//! A pass over the XML of a workbook before anything is built from it: counts what it really
//! unpacks to, its depth and its longest text, and picks up what the cell reader does not tell:
//! hidden rows and columns and merged ranges.

use std::io::{BufRead, Read};

use quick_xml::events::BytesStart;

use super::{Limits, Merge, ReadError, SheetInfo};
use crate::a1;

/// Longest tag that is looked at; real ones stay under a few hundred bytes.
const TAG_BYTES: usize = 64 << 10;

/// Reads tags one after another without keeping the text between them.
pub(super) struct Scanner<'a, R> {
    input: R,
    member: &'a str,
    limits: &'a Limits,
    tag: Vec<u8>,
    depth: u32,
    read: u64,
    /// Most bytes that may come; more means that the directory lied.
    most: u64,
}

impl<'a, R: BufRead> Scanner<'a, R> {
    pub(super) fn new(input: R, member: &'a str, limits: &'a Limits, most: u64) -> Self {
        Self {
            input,
            member,
            limits,
            tag: Vec::new(),
            depth: 0,
            read: 0,
            most,
        }
    }

    /// Bytes unpacked so far.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Copies into `tag` (or drops) everything up to a byte, which is consumed too.
    fn until(&mut self, byte: u8, keep: bool, limit: usize) -> Result<bool, ReadError> {
        let mut length = 0;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => {
                    return Err(ReadError::Broken {
                        cause: format!("{}: {error}", self.member),
                    });
                }
            };
            if chunk.is_empty() {
                return Ok(false);
            }
            let end = chunk.iter().position(|&found| found == byte);
            let taken = end.unwrap_or(chunk.len());
            length += taken;
            if length > limit {
                return Err(ReadError::TextTooLong {
                    place: self.member.to_owned(),
                    limit,
                });
            }
            if keep {
                self.tag.extend_from_slice(&chunk[..taken]);
            }
            let consumed = taken + usize::from(end.is_some());
            self.input.consume(consumed);
            self.read += consumed as u64;
            if self.read > self.most {
                return Err(ReadError::Lying {
                    member: self.member.to_owned(),
                });
            }
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// The next start tag (also of an empty element) without its angle brackets, or `None` at
    /// the end.
    pub(super) fn next_start(&mut self) -> Result<Option<&str>, ReadError> {
        loop {
            if !self.until(b'<', false, self.limits.cell_bytes)? {
                return Ok(None);
            }
            self.tag.clear();
            if !self.until(b'>', true, TAG_BYTES)? {
                return Ok(None);
            }
            match self.tag.first() {
                Some(b'/') => self.depth = self.depth.saturating_sub(1),
                Some(b'?') | None => {}
                Some(b'!') => self.skip_markup()?,
                Some(_) => {
                    if self.tag.last() == Some(&b'/') {
                        self.tag.pop();
                    } else {
                        self.depth += 1;
                        if self.depth > self.limits.depth {
                            return Err(ReadError::TooDeep {
                                member: self.member.to_owned(),
                                limit: self.limits.depth,
                            });
                        }
                    }
                    break;
                }
            }
        }
        Ok(Some(std::str::from_utf8(&self.tag).unwrap_or_default()))
    }

    /// Comments and CDATA may hold `>`; a document type has no place in a workbook.
    fn skip_markup(&mut self) -> Result<(), ReadError> {
        let end: &[u8] = if self.tag.starts_with(b"![CDATA[") {
            b"]]"
        } else if self.tag.starts_with(b"!--") {
            b"--"
        } else {
            return Err(ReadError::Broken {
                cause: format!("{}: DOCTYPE", self.member),
            });
        };
        while !self.tag.ends_with(end) {
            if self.tag.len() > self.limits.cell_bytes {
                return Err(ReadError::TextTooLong {
                    place: self.member.to_owned(),
                    limit: self.limits.cell_bytes,
                });
            }
            self.tag.push(b'>');
            if !self.until(b'>', true, self.limits.cell_bytes)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The name of a tag without its prefix.
pub(super) fn local_name(tag: &str) -> &str {
    let name = tag
        .split(|c: char| c.is_ascii_whitespace())
        .next()
        .unwrap_or_default();
    name.rsplit(':').next().unwrap_or(name)
}

/// An attribute of a tag, with entities resolved, by its name with or without prefix.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let length = tag
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(tag.len());
    let start = BytesStart::from_content(tag, length);
    // A tag has a handful of attributes; a hostile one is read no further than this.
    start
        .attributes()
        .with_checks(false)
        .take(64)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| {
            quick_xml::escape::unescape(attribute.value.as_ref())
                .map(|value| value.into_owned())
                .unwrap_or_default()
        })
}

fn is_true(value: Option<String>) -> bool {
    matches!(value.as_deref(), Some("1" | "true"))
}

/// Adds a number to ascending ranges.
fn push_range(ranges: &mut Vec<(u32, u32)>, from: u32, to: u32) {
    match ranges.last_mut() {
        Some(last) if last.1.checked_add(1) == Some(from) => last.1 = to,
        _ => ranges.push((from, to)),
    }
}

/// Scans one worksheet. Fills in what the sheet's XML says about rows, columns and merges.
pub(super) fn sheet<R: Read>(
    input: R,
    member: &str,
    limits: &Limits,
    most: u64,
    info: &mut SheetInfo,
) -> Result<u64, ReadError> {
    let input = std::io::BufReader::with_capacity(64 << 10, input);
    let mut scanner = Scanner::new(input, member, limits, most);
    let mut row = 0_u32;
    while let Some(tag) = scanner.next_start()? {
        match local_name(tag) {
            "row" => {
                row = attribute(tag, "r")
                    .and_then(|r| r.parse().ok())
                    .unwrap_or_else(|| row.saturating_add(1));
                if tag.contains("hidden") && is_true(attribute(tag, "hidden")) {
                    push_range(&mut info.hidden_rows, row, row);
                }
            }
            "col" if is_true(attribute(tag, "hidden")) => {
                let number = |name| attribute(tag, name).and_then(|n| n.parse::<u32>().ok());
                if let (Some(min), Some(max)) = (number("min"), number("max")) {
                    let max = max.min(16_384);
                    if min >= 1 && min <= max {
                        push_range(&mut info.hidden_columns, min - 1, max - 1);
                    }
                }
            }
            "mergeCell" => {
                if info.merges.len() >= limits.merges {
                    return Err(ReadError::TooManyMerges {
                        sheet: info.name.clone(),
                        limit: limits.merges,
                    });
                }
                if let Some(merge) = attribute(tag, "ref").as_deref().and_then(merge) {
                    info.merges.push(merge);
                }
            }
            _ => {}
        }
    }
    info.merges.sort_unstable();
    Ok(scanner.read())
}

fn merge(reference: &str) -> Option<Merge> {
    let (from, to) = reference.split_once(':')?;
    let (left, top) = a1::parse(from)?;
    let (right, bottom) = a1::parse(to)?;
    (top <= bottom && left <= right).then_some(Merge {
        top,
        left,
        bottom,
        right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(xml: &str) -> Result<SheetInfo, ReadError> {
        let mut info = SheetInfo::named("表");
        sheet(
            xml.as_bytes(),
            "sheet1.xml",
            &Limits::default(),
            1 << 20,
            &mut info,
        )?;
        Ok(info)
    }

    #[test]
    fn picks_up_hidden_and_merged() {
        let info = scan(
            r#"<?xml version="1.0"?><x:worksheet><cols><col min="8" max="10" hidden="1"/></cols>
            <!-- a > b --><sheetData><row r="2" hidden="1"><c r="A2"><v>1</v></c></row><x:row hidden="true"/>
            <row r="9"/></sheetData><mergeCells><mergeCell ref="A3:B4"/><mergeCell ref="B1:A1"/></mergeCells></x:worksheet>"#,
        )
        .unwrap();
        assert_eq!(info.hidden_rows, [(2, 3)]);
        assert_eq!(info.hidden_columns, [(7, 9)]);
        assert_eq!(
            info.merges,
            [Merge {
                top: 3,
                left: 0,
                bottom: 4,
                right: 1
            }]
        );
    }

    #[test]
    fn refuses_depth_and_doctype() {
        assert!(matches!(
            scan(&"<a>".repeat(65)),
            Err(ReadError::TooDeep { .. })
        ));
        assert!(matches!(
            scan("<!DOCTYPE x [<!ENTITY a 'b'>]><a/>"),
            Err(ReadError::Broken { .. })
        ));
    }

    #[test]
    fn takes_cdata_with_brackets() {
        assert!(scan("<a><![CDATA[ <row hidden='1'> ]]></a>").is_ok());
    }
}
