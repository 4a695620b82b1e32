//! What sort of file it is, and the look into a workbook's zip before it is unpacked.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::scan::{self, Scanner};
use super::{Limits, ReadError, SheetInfo};

/// A sort of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML workbook.
    Xlsx,
    /// Excel 97–2003 workbook.
    Xls,
    /// Text separated by commas, semicolons or tabs.
    Csv,
}

/// Tells the sort of file by its first bytes; the name does not matter.
pub(super) fn sniff<R: Read + Seek>(input: &mut R, limits: &Limits) -> Result<Format, ReadError> {
    let size = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    if size == 0 {
        return Err(ReadError::Empty);
    }
    let mut head = Vec::with_capacity(4096);
    input.by_ref().take(4096).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    let format = if head.starts_with(b"PK\x03\x04") {
        Format::Xlsx
    } else if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        Format::Xls
    } else if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || is_text(&head) {
        Format::Csv
    } else {
        return Err(ReadError::UnknownFormat);
    };
    let limit = match format {
        Format::Csv => limits.csv_bytes,
        Format::Xlsx | Format::Xls => limits.workbook_bytes,
    };
    if size > limit {
        return Err(ReadError::FileTooBig { found: size, limit });
    }
    Ok(format)
}

/// Text has no zero bytes and hardly any other control characters, and no known other magic.
fn is_text(head: &[u8]) -> bool {
    let other = [&b"%PDF"[..], b"<?xml", b"<!DOC", b"<html", b"{\\rtf"];
    let control = head
        .iter()
        .filter(|&&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C))
        .count();
    !other.iter().any(|magic| head.starts_with(magic))
        && !head.contains(&0)
        && control * 20 <= head.len()
}

fn broken(error: impl std::fmt::Display) -> ReadError {
    ReadError::Broken {
        cause: error.to_string(),
    }
}

/// Looks at every member before the workbook is read: number, declared and real sizes, ratio,
/// depth, longest text, the promised number of shared strings. Returns the sheets in order.
pub(super) fn preflight<R: Read + Seek>(
    input: R,
    limits: &Limits,
) -> Result<Vec<SheetInfo>, ReadError> {
    let mut archive = ZipArchive::new(input).map_err(broken)?;
    if archive.len() > limits.members {
        return Err(ReadError::TooManyMembers {
            found: archive.len(),
            limit: limits.members,
        });
    }
    let mut members = BTreeMap::new();
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(broken)?;
        let name = member.name().map_err(broken)?.into_owned();
        let (packed, unpacked) = (member.compressed_size(), member.size());
        declared = declared.saturating_add(unpacked);
        if unpacked > (16 << 20) && unpacked / packed.max(1) > limits.ratio {
            return Err(ReadError::Bomb {
                member: name,
                packed,
                unpacked,
            });
        }
        if declared > limits.unpacked_bytes {
            return Err(ReadError::UnpacksTooBig {
                member: name,
                limit: limits.unpacked_bytes,
            });
        }
        members.insert(name, (index, unpacked));
    }
    let (mut sheets, paths) = outline(&mut archive, &members, limits)?;
    if sheets.len() > limits.sheets {
        return Err(ReadError::TooManySheets {
            found: sheets.len(),
            limit: limits.sheets,
        });
    }
    for (name, &(index, unpacked)) in &members {
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            continue; // pictures and the like are never unpacked
        }
        let member = archive.by_index(index).map_err(broken)?;
        match paths.iter().position(|path| path == name) {
            Some(nth) => {
                scan::sheet(member, name, limits, unpacked, &mut sheets[nth])?;
            }
            None => other_member(member, name, limits, unpacked)?,
        }
    }
    Ok(sheets)
}

/// Scans a member that is no sheet.
fn other_member<R: Read>(
    member: R,
    name: &str,
    limits: &Limits,
    unpacked: u64,
) -> Result<(), ReadError> {
    let is_strings = name.ends_with("sharedStrings.xml");
    if is_strings && unpacked > limits.strings_bytes {
        return Err(ReadError::UnpacksTooBig {
            member: name.to_owned(),
            limit: limits.strings_bytes,
        });
    }
    let mut scanner = Scanner::new(BufReader::new(member), name, limits, unpacked);
    while let Some(tag) = scanner.next_start()? {
        // The reader reserves room for as many strings as promised: a promise beyond what the
        // member can hold is a lie that would cost memory.
        if is_strings && scan::local_name(tag) == "sst" {
            let promised = scan::attribute(tag, "uniqueCount").and_then(|n| n.parse::<u64>().ok());
            if promised.is_some_and(|count| count > unpacked / 5 + 1) {
                return Err(ReadError::Lying {
                    member: name.to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Names and visibility of the sheets in order, and the member that holds each.
fn outline<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    members: &BTreeMap<String, (usize, u64)>,
    limits: &Limits,
) -> Result<(Vec<SheetInfo>, Vec<String>), ReadError> {
    let mut targets = BTreeMap::new();
    let rels = "xl/_rels/workbook.xml.rels";
    if let Some(&(index, unpacked)) = members.get(rels) {
        let member = archive.by_index(index).map_err(broken)?;
        let mut scanner = Scanner::new(BufReader::new(member), rels, limits, unpacked);
        while let Some(tag) = scanner.next_start()? {
            if scan::local_name(tag) == "Relationship"
                && let (Some(id), Some(target)) =
                    (scan::attribute(tag, "Id"), scan::attribute(tag, "Target"))
            {
                let path = target
                    .strip_prefix('/')
                    .map_or_else(|| format!("xl/{target}"), str::to_owned);
                targets.insert(id, path);
            }
        }
    }
    let (mut sheets, mut paths) = (Vec::new(), Vec::new());
    let workbook = "xl/workbook.xml";
    if let Some(&(index, unpacked)) = members.get(workbook) {
        let member = archive.by_index(index).map_err(broken)?;
        let mut scanner = Scanner::new(BufReader::new(member), workbook, limits, unpacked);
        while let Some(tag) = scanner.next_start()? {
            if scan::local_name(tag) != "sheet" {
                continue;
            }
            let mut info = SheetInfo::named(&scan::attribute(tag, "name").unwrap_or_default());
            info.hidden = scan::attribute(tag, "state").is_some_and(|state| state != "visible");
            let path = scan::attribute(tag, "id").and_then(|id| targets.get(&id).cloned());
            sheets.push(info);
            paths.push(path.unwrap_or_default());
        }
    }
    Ok((sheets, paths))
}
