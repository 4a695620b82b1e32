//! A look into an Excel 97–2003 workbook before it is read: which rows and columns are hidden
//! (the cell reader does not tell), and how large an area its cells span. The cell reader holds
//! the whole area of a sheet, so two cells in far corners would cost it a gigabyte.
//!
//! Only what that takes is understood of the container ([MS-CFB]) and the records ([MS-XLS]);
//! whatever does not add up ends the look, never the program.

/// What the records of one sheet say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SheetOutline {
    /// Hidden rows, from 1, ascending ranges.
    pub hidden_rows: Vec<(u32, u32)>,
    /// Hidden columns, from 0, ascending ranges.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Rows times columns of the area that the filled cells span.
    pub area: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([pair[0], pair[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// The outlines of the sheets in order; `None` when the file is no readable workbook.
pub(super) fn outlines(file: &[u8]) -> Option<Vec<SheetOutline>> {
    let stream = workbook_stream(file)?;
    let mut positions = Vec::new();
    for (id, record, _) in Records::new(&stream, 0) {
        match id {
            // BOUNDSHEET: where a sheet begins.
            0x85 => positions.push(u32_at(record, 0)? as usize),
            0x0A => break,
            _ => {}
        }
    }
    Some(
        positions
            .into_iter()
            .map(|position| outline(&stream, position))
            .collect(),
    )
}

fn outline(stream: &[u8], position: usize) -> SheetOutline {
    let mut found = SheetOutline::default();
    let mut span: Option<(u16, u16, u16, u16)> = None;
    let mut depth = 0_u32;
    for (id, record, _) in Records::new(stream, position) {
        match id {
            // BOF and EOF: charts are nested in their sheet.
            0x0809 | 0x0409 | 0x0209 | 0x0009 => depth += 1,
            0x0A => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            // ROW: bit 5 of the options says hidden.
            0x0208 => {
                if let (Some(row), Some(options)) = (u16_at(record, 0), u16_at(record, 12))
                    && options & 0x20 != 0
                {
                    push(
                        &mut found.hidden_rows,
                        u32::from(row) + 1,
                        u32::from(row) + 1,
                    );
                }
            }
            // COLINFO: bit 0 of the options says hidden.
            0x007D => {
                if let (Some(first), Some(last), Some(options)) =
                    (u16_at(record, 0), u16_at(record, 2), u16_at(record, 8))
                    && options & 1 != 0
                    && first <= last
                {
                    push(
                        &mut found.hidden_columns,
                        u32::from(first),
                        u32::from(last).min(255),
                    );
                }
            }
            // FORMULA, NUMBER, LABEL, BOOLERR, RSTRING, LABELSST, RK, MULRK
            0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x00D6 | 0x00FD | 0x027E | 0x00BD => {
                if let (Some(row), Some(first)) = (u16_at(record, 0), u16_at(record, 2)) {
                    let last = match id {
                        0x00BD => record
                            .len()
                            .checked_sub(2)
                            .and_then(|at| u16_at(record, at))
                            .unwrap_or(first),
                        _ => first,
                    };
                    let (top, bottom, left, right) = span.unwrap_or((row, row, first, last));
                    span = Some((
                        top.min(row),
                        bottom.max(row),
                        left.min(first),
                        right.max(last),
                    ));
                }
            }
            _ => {}
        }
    }
    if let Some((top, bottom, left, right)) = span {
        found.area = (u64::from(bottom - top) + 1) * (u64::from(right.saturating_sub(left)) + 1);
    }
    found
}

fn push(ranges: &mut Vec<(u32, u32)>, from: u32, to: u32) {
    match ranges.last_mut() {
        Some(last) if last.1 + 1 == from => last.1 = to,
        _ => ranges.push((from, to)),
    }
}

/// Records one after another: number, content, position behind.
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8], usize);

    fn next(&mut self) -> Option<Self::Item> {
        let id = u16_at(self.stream, self.at)?;
        let length = usize::from(u16_at(self.stream, self.at + 2)?);
        let from = self.at + 4;
        let record = self.stream.get(from..from + length)?;
        self.at = from + length;
        Some((id, record, self.at))
    }
}

/// No sector follows.
const END: u32 = 0xFFFF_FFFC;

/// The container's sectors.
struct Sectors<'a> {
    file: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

impl Sectors<'_> {
    fn sector(&self, number: u32) -> Option<&[u8]> {
        let from = (number as usize).checked_add(1)?.checked_mul(self.size)?;
        let to = from.checked_add(self.size)?.min(self.file.len());
        self.file.get(from..to)
    }

    /// The content of a chain. A chain that runs in a circle ends with the file's length.
    fn chain(&self, first: u32) -> Vec<u8> {
        let mut content = Vec::new();
        let mut number = first;
        while number < END && content.len() <= self.file.len() {
            let Some(sector) = self.sector(number) else {
                break;
            };
            content.extend_from_slice(sector);
            number = self.next.get(number as usize).copied().unwrap_or(END);
        }
        content
    }
}

/// The stream `Workbook` (or `Book`, Excel 5) of the container.
fn workbook_stream(file: &[u8]) -> Option<Vec<u8>> {
    let shift = u16_at(file, 30)?;
    let mini_shift = u16_at(file, 32)?;
    if !(7..=16).contains(&shift) || !(4..=12).contains(&mini_shift) {
        return None;
    }
    let mut sectors = Sectors {
        file,
        size: 1 << shift,
        next: Vec::new(),
    };
    // The table of sectors lies in sectors that the header and its extensions list.
    let mut tables: Vec<u32> = (0..109)
        .filter_map(|nth| u32_at(file, 76 + 4 * nth))
        .collect();
    let mut extension = u32_at(file, 68)?;
    let most = file.len() / sectors.size + 1;
    for _ in 0..most {
        if extension >= END {
            break;
        }
        let sector = sectors.sector(extension)?;
        let entries = sectors.size / 4 - 1;
        tables.extend((0..entries).filter_map(|nth| u32_at(sector, 4 * nth)));
        extension = u32_at(sector, 4 * entries)?;
    }
    tables.retain(|&table| table < END);
    tables.truncate(most);
    let mut next = Vec::new();
    for table in tables {
        let sector = sectors.sector(table)?;
        next.extend((0..sectors.size / 4).map(|nth| u32_at(sector, 4 * nth).unwrap_or(END)));
    }
    sectors.next = next;
    let directory = sectors.chain(u32_at(file, 48)?);
    let cutoff = u32_at(file, 56)?;
    let (mut root, mut found) = (None, None);
    for entry in directory.chunks_exact(128) {
        let length = usize::from(u16_at(entry, 64)?).min(64);
        let name: String = char::decode_utf16(
            (0..length.saturating_sub(2) / 2).filter_map(|nth| u16_at(entry, 2 * nth)),
        )
        .map(|c| c.unwrap_or('?'))
        .collect();
        let place = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
        if entry[66] == 5 {
            root = Some(place);
        } else if name.eq_ignore_ascii_case("Workbook")
            || (found.is_none() && name.eq_ignore_ascii_case("Book"))
        {
            found = Some(place);
        }
    }
    let (first, size) = found?;
    if size >= cutoff as usize {
        let mut stream = sectors.chain(first);
        stream.truncate(size);
        return Some(stream);
    }
    // Small streams lie in small sectors inside the root's stream.
    let container = sectors.chain(root?.0);
    let table = sectors.chain(u32_at(file, 60)?);
    let mini = 1_usize << mini_shift;
    let mut stream = Vec::new();
    let mut number = first;
    while number < END && stream.len() < size {
        let from = (number as usize).checked_mul(mini)?;
        stream.extend_from_slice(container.get(from..from + mini)?);
        number = u32_at(&table, 4 * number as usize).unwrap_or(END);
    }
    stream.truncate(size);
    Some(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_hidden_and_how_far_cells_reach() {
        let file = std::fs::read(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/x01_excel97.xls"
        ));
        let found = outlines(&file.unwrap()).unwrap();
        assert_eq!(found[0].hidden_rows, [(6, 6)]);
        assert_eq!(found[0].hidden_columns, [(10, 10)]);
        assert_eq!(found[0].area, 9 * 11);
        assert_eq!(found[1].area, 2);
    }

    #[test]
    fn garbage_is_nothing() {
        assert_eq!(outlines(b""), None);
        assert_eq!(outlines(&[0xFF; 4096]), None);
    }
}
