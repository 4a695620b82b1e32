//! Rows of a CSV, streamed. The encoding is settled by looking at the whole file once, so that
//! a file is never read half in one encoding and half in another.

use std::cell::Cell as Counter;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{Cell, Input, Limits, ReadError, Row, Source};

/// An opened CSV: its encoding and delimiter are known.
pub(super) struct Csv {
    source: Source,
    encoding: &'static Encoding,
    delimiter: u8,
    record_bytes: u64,
}

impl Csv {
    pub(super) fn open(source: Source, limits: &Limits) -> Result<Self, ReadError> {
        let encoding = encoding_of(&source)?;
        let head = head_of(&source, encoding)?;
        Ok(Self {
            source,
            encoding,
            delimiter: delimiter_of(&head),
            record_bytes: limits.csv_record_bytes,
        })
    }

    pub(super) fn rows(&self) -> Result<CsvRows, ReadError> {
        let since_record = Rc::new(Counter::new(0));
        let input = Lines {
            inner: Transcode::new(self.source.open()?, self.encoding),
            after_return: false,
            ended: true,
            done: false,
            since_record: Rc::clone(&since_record),
            limit: self.record_bytes,
        };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(input);
        Ok(CsvRows {
            reader,
            record: StringRecord::new(),
            since_record,
            record_bytes: self.record_bytes,
            breaks: 0,
        })
    }
}

const BUFFER: usize = 64 << 10;
/// A decoder needs room for a whole character.
const ROOM: usize = 8;

/// The first [`BUFFER`] bytes of the text; a cut character at the end is dropped.
fn head_of(source: &Source, encoding: &'static Encoding) -> Result<String, ReadError> {
    let mut text = Transcode::new(source.open()?, encoding);
    let mut bytes = vec![0_u8; BUFFER];
    let mut length = 0;
    while bytes.len() - length >= ROOM {
        match text.read(&mut bytes[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
}

/// UTF-8 when the whole file is valid UTF-8, UTF-16 by its mark, else GB18030 (which contains
/// GBK and GB2312) when the whole file is valid in it.
fn encoding_of(source: &Source) -> Result<&'static Encoding, ReadError> {
    let mut mark = [0_u8; 3];
    let mut input = source.open()?;
    let length = read_full(&mut input, &mut mark)?;
    if let Some((encoding, _)) = Encoding::for_bom(&mark[..length]) {
        // A mark that lies is found by the same check as a missing one.
        return match valid_up_to(source, encoding)? {
            None => Ok(encoding),
            Some(offset) => Err(ReadError::Encoding { offset }),
        };
    }
    let Some(_) = valid_up_to(source, UTF_8)? else {
        return Ok(UTF_8);
    };
    match valid_up_to(source, GB18030)? {
        None => Ok(GB18030),
        Some(offset) => Err(ReadError::Encoding { offset }),
    }
}

fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match input.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// The offset near the first byte that is not in the encoding; `None` when all is well.
fn valid_up_to(source: &Source, encoding: &'static Encoding) -> Result<Option<u64>, ReadError> {
    let mut input = source.open()?;
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut bytes = vec![0_u8; BUFFER];
    let mut text = vec![0_u8; BUFFER * 2];
    let mut offset = 0_u64;
    loop {
        let length = read_full(&mut input, &mut bytes)?;
        let last = length < bytes.len();
        let mut from = 0;
        loop {
            let (result, read, _) =
                decoder.decode_to_utf8_without_replacement(&bytes[from..length], &mut text, last);
            from += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(_, _) => return Ok(Some(offset + from as u64)),
            }
        }
        offset += length as u64;
        if last {
            return Ok(None);
        }
    }
}

/// The separator that the first lines agree on; a comma when in doubt.
fn delimiter_of(head: &str) -> u8 {
    // Excel's own way of saying it.
    if let Some(&[delimiter, b'\r' | b'\n']) = head
        .strip_prefix("sep=")
        .and_then(|rest| rest.as_bytes().get(..2))
    {
        return delimiter;
    }
    let mut best = (0, b',');
    for delimiter in [',', '\t', ';'] {
        let mut quoted = false;
        let counts: Vec<usize> = head
            .lines()
            .take(30)
            .map(|line| {
                line.chars()
                    .filter(|&c| {
                        if c == '"' {
                            quoted = !quoted;
                        }
                        c == delimiter && !quoted
                    })
                    .count()
            })
            .collect();
        // The count that most lines share, weighed by how many share it.
        let score = counts
            .iter()
            .filter(|&&count| count > 0)
            .map(|count| counts.iter().filter(|other| *other == count).count() * count)
            .max()
            .unwrap_or(0);
        if score > best.0 {
            best = (score, u8::try_from(delimiter).unwrap_or(b','));
        }
    }
    best.1
}

/// Turns bytes in an encoding into UTF-8; the byte order mark is dropped.
struct Transcode {
    input: BufReader<Box<dyn Input>>,
    decoder: Decoder,
    done: bool,
}

impl Transcode {
    fn new(input: Box<dyn Input>, encoding: &'static Encoding) -> Self {
        debug_assert!([UTF_8, GB18030, UTF_16LE, UTF_16BE].contains(&encoding));
        Self {
            input: BufReader::with_capacity(BUFFER, input),
            decoder: encoding.new_decoder_with_bom_removal(),
            done: false,
        }
    }
}

impl Read for Transcode {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use std::io::BufRead;
        if out.len() < ROOM {
            return Err(io::Error::other("buffer too small"));
        }
        while !self.done {
            let bytes = self.input.fill_buf()?;
            let last = bytes.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(bytes, out, last);
            self.input.consume(read);
            if last && result == encoding_rs::CoderResult::InputEmpty {
                self.done = true;
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// Makes every line end `\n`, also the last one, so that lines can be counted; and stops a
/// record that never ends before it fills the memory.
struct Lines {
    inner: Transcode,
    after_return: bool,
    ended: bool,
    done: bool,
    since_record: Rc<Counter<u64>>,
    limit: u64,
}

/// Marks the error of [`Lines`] among others.
const TOO_LONG: io::ErrorKind = io::ErrorKind::FileTooLarge;

impl Lines {
    /// `\r\n` and a lone `\r` become `\n`, in place; the new length.
    fn unify(&mut self, bytes: &mut [u8]) -> usize {
        if !self.after_return && !bytes.contains(&b'\r') {
            return bytes.len();
        }
        let mut to = 0;
        for from in 0..bytes.len() {
            let byte = bytes[from];
            let skip = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if !skip {
                bytes[to] = if byte == b'\r' { b'\n' } else { byte };
                to += 1;
            }
        }
        to
    }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // One buffer may hold many records; only what goes beyond it counts.
        if self.since_record.get() > self.limit + BUFFER as u64 {
            return Err(TOO_LONG.into());
        }
        while !self.done {
            let read = self.inner.read(out)?;
            if read == 0 {
                self.done = true;
                if !self.ended && !out.is_empty() {
                    out[0] = b'\n';
                    return Ok(1);
                }
                break;
            }
            let length = self.unify(&mut out[..read]);
            if length > 0 {
                self.ended = out[length - 1] == b'\n';
                self.since_record
                    .set(self.since_record.get() + length as u64);
                return Ok(length);
            }
        }
        Ok(0)
    }
}

pub(super) struct CsvRows {
    reader: csv::Reader<Lines>,
    record: StringRecord,
    since_record: Rc<Counter<u64>>,
    record_bytes: u64,
    /// Line breaks inside quoted fields so far: rows count records, as Excel does.
    breaks: u64,
}

impl CsvRows {
    pub(super) fn next_into(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        self.since_record.set(0);
        let from = self.reader.position().line();
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => {
                return Err(match error.into_kind() {
                    csv::ErrorKind::Io(error) if error.kind() == TOO_LONG => {
                        ReadError::RecordTooLong {
                            line: from,
                            limit: self.record_bytes,
                        }
                    }
                    csv::ErrorKind::Io(error) => ReadError::Io(error),
                    other => ReadError::Broken {
                        cause: format!("CSV: {other:?}"),
                    },
                });
            }
        }
        let breaks = self.record.as_slice().bytes().filter(|&byte| byte == b'\n');
        self.breaks += breaks.count() as u64;
        // The reader stands behind the record's line end.
        let next = self.reader.position().line();
        let number = next.saturating_sub(self.breaks + 1).max(1);
        row.reset(u32::try_from(number).unwrap_or(u32::MAX));
        for (column, field) in self.record.iter().enumerate() {
            if !field.is_empty() {
                let text = crate::guard::unguard(field);
                row.set(u32::try_from(column).unwrap_or(u32::MAX), Cell::Text(text));
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, ReadError> {
        let csv = Csv::open(Source::Bytes(bytes.into()), &Limits::default())?;
        let mut rows = csv.rows()?;
        let mut row = Row::default();
        let mut all = Vec::new();
        while rows.next_into(&mut row)? {
            let cells = (0..row.width()).map(|at| row.cell(at).shown()).collect();
            all.push((row.number(), cells));
        }
        Ok(all)
    }

    #[test]
    fn reads_every_encoding() {
        let expect = vec![
            (1, vec!["编号".to_owned(), "名称".to_owned()]),
            (2, vec!["1".to_owned(), "江津区".to_owned()]),
        ];
        let text = "编号,名称\n1,江津区\n";
        let (gbk, _, _) = GB18030.encode(text);
        let utf16le: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let utf16be: Vec<u8> = [0xFE, 0xFF]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        let bom = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &gbk, &utf16le, &utf16be, &bom] {
            assert_eq!(rows(bytes).unwrap(), expect);
        }
    }

    #[test]
    fn numbers_rows_as_a_spreadsheet_does() {
        let found = rows(b"a;b\r\n\r\n\"x\ny\";1\r\nz;2\r\n").unwrap();
        let numbers: Vec<u32> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 4]);
        assert_eq!(found[1].1[0], "x\ny");
    }

    #[test]
    fn refuses_garbage_and_endless_records() {
        assert!(matches!(
            rows(b"\xC1,\xFF\xFF\n"),
            Err(ReadError::Encoding { .. })
        ));
        let mut endless = b"a,\"".to_vec();
        endless.resize(3 << 20, b'x');
        assert!(matches!(
            rows(&endless),
            Err(ReadError::RecordTooLong { .. })
        ));
    }

    #[test]
    fn finds_the_delimiter() {
        assert_eq!(delimiter_of("a\tb\n1,5\t2\n"), b'\t');
        assert_eq!(delimiter_of("a;b;c\n1,5;2;3\n"), b';');
        assert_eq!(delimiter_of("abc\n"), b',');
        assert_eq!(delimiter_of("sep=;\na,b;c,d\n"), b';');
    }
}
