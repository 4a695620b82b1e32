//! What is hashed, byte for byte. `docs/store.md` describes the encoding; a change of it is a
//! new version with a new tag, never an edit.

use sha2::{Digest, Sha256};

use crate::cells::Cell;

/// A SHA-256.
pub(crate) type Sha = [u8; 32];

const ROW: &[u8] = b"qipan-row-1\0";
const ENTRY: &[u8] = b"qipan-entry-1\0";
const RETURN: &[u8] = b"qipan-return-1\0";
const EVIDENCE: &[u8] = b"qipan-evidence-1\0";
const CHECKPOINT: &[u8] = b"qipan-checkpoint-1\0";

/// Who a revision is, beside its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowHead<'a> {
    pub register: &'a str,
    pub record: i64,
    pub rev: i64,
    pub key: &'a str,
    pub state: &'a str,
    pub gone: bool,
    pub source: &'a str,
    pub place: &'a str,
}

fn text(buffer: &mut Vec<u8>, text: &str) {
    // Texts are limited far below 4 GiB on their way in.
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    buffer.extend_from_slice(&(text.len() as u32).to_be_bytes());
    buffer.extend_from_slice(text.as_bytes());
}

/// Digest of one revision. `cells` are the fields that are not null, with the id under which
/// each was first declared and its number of places (0 unless decimal), in the order of ids.
pub(crate) fn row<'a>(
    buffer: &mut Vec<u8>,
    head: RowHead<'_>,
    cells: impl Iterator<Item = (&'a str, Cell<'a>, Option<u8>)>,
) -> Sha {
    buffer.clear();
    buffer.extend_from_slice(ROW);
    text(buffer, head.register);
    buffer.extend_from_slice(&head.record.to_be_bytes());
    buffer.extend_from_slice(&head.rev.to_be_bytes());
    text(buffer, head.key);
    text(buffer, head.state);
    buffer.push(u8::from(head.gone));
    text(buffer, head.source);
    text(buffer, head.place);
    for (id, cell, scale) in cells {
        if cell == Cell::Null {
            continue;
        }
        text(buffer, id);
        match (cell, scale) {
            (Cell::Null, _) => {}
            (Cell::Bool(truth), _) => buffer.extend_from_slice(&[b'b', u8::from(truth)]),
            (Cell::Int(number), None) => {
                buffer.push(b'i');
                buffer.extend_from_slice(&number.to_be_bytes());
            }
            (Cell::Int(number), Some(scale)) => {
                buffer.extend_from_slice(&[b'm', scale]);
                buffer.extend_from_slice(&number.to_be_bytes());
            }
            (Cell::Date(day), _) => {
                buffer.push(b'd');
                buffer.extend_from_slice(&day.year().to_be_bytes());
                buffer.extend_from_slice(&[day.month().unsigned_abs(), day.day().unsigned_abs()]);
            }
            (Cell::Text(words), _) => {
                buffer.push(b't');
                text(buffer, words);
            }
        }
    }
    Sha256::digest(buffer).into()
}

/// What a journal entry says, without its hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryHead<'a> {
    pub seq: i64,
    pub at: &'a str,
    pub actor: &'a str,
    pub reason: &'a str,
    pub action: &'a str,
    pub register: &'a str,
    pub rows: i64,
    pub payload: &'a str,
    pub digest: &'a [u8],
    pub prev: &'a [u8],
}

/// Hash of a journal entry.
pub(crate) fn entry(head: EntryHead<'_>) -> Sha {
    let mut buffer = ENTRY.to_vec();
    buffer.extend_from_slice(&head.seq.to_be_bytes());
    for words in [head.at, head.actor, head.reason, head.action, head.register] {
        text(&mut buffer, words);
    }
    buffer.extend_from_slice(&head.rows.to_be_bytes());
    text(&mut buffer, head.payload);
    buffer.extend_from_slice(head.digest);
    buffer.extend_from_slice(head.prev);
    Sha256::digest(&buffer).into()
}

/// Digest of a filed return.
pub(crate) fn filed(register: &str, period: &str, unit: &str, kind: &str) -> Sha {
    let mut buffer = RETURN.to_vec();
    for words in [register, period, unit, kind] {
        text(&mut buffer, words);
    }
    Sha256::digest(&buffer).into()
}

/// A file bound to a record, or taken off it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvidenceHead<'a> {
    pub register: &'a str,
    pub record: i64,
    pub digest: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
    pub size: i64,
    pub gone: bool,
}

/// Digest of a file's being bound to a record.
pub(crate) fn evidence(head: EvidenceHead<'_>) -> Sha {
    let mut buffer = EVIDENCE.to_vec();
    text(&mut buffer, head.register);
    buffer.extend_from_slice(&head.record.to_be_bytes());
    for words in [head.digest, head.name, head.kind] {
        text(&mut buffer, words);
    }
    buffer.extend_from_slice(&head.size.to_be_bytes());
    buffer.push(u8::from(head.gone));
    Sha256::digest(&buffer).into()
}

/// What a checkpoint's signature covers.
pub(crate) fn checkpoint(seq: i64, hash: &[u8], at: &str) -> Vec<u8> {
    let mut buffer = CHECKPOINT.to_vec();
    buffer.extend_from_slice(&seq.to_be_bytes());
    buffer.extend_from_slice(hash);
    text(&mut buffer, at);
    buffer
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut written = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        written.push(char::from(DIGITS[usize::from(byte >> 4)]));
        written.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    written
}

/// Reads lower-case hex.
pub(crate) fn unhex(written: &str) -> Option<Vec<u8>> {
    let digits = written.as_bytes();
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    digits.len().is_multiple_of(2).then(|| {
        digits
            .chunks(2)
            .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
            .collect()
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The encoding is a promise: these bytes may never change under the same tag.
    #[test]
    fn the_encoding_of_rows_is_fixed() {
        let head = RowHead {
            register: "project",
            record: 1,
            rev: 2,
            key: "P-1",
            state: "agreed",
            gone: false,
            source: "",
            place: "表!A5",
        };
        let day = jiff::civil::date(2021, 6, 30);
        let cells = [
            ("code", Cell::Text("P-1"), None),
            ("day", Cell::Date(day), None),
            ("fund", Cell::Int(12_345), Some(2)),
            ("jobs", Cell::Null, None),
        ];
        let mut buffer = Vec::new();
        row(&mut buffer, head, cells.into_iter());
        let expect = b"qipan-row-1\0\
            \0\0\0\x07project\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\x03P-1\0\0\0\x06agreed\0\
            \0\0\0\0\0\0\0\x06\xe8\xa1\xa8!A5\
            \0\0\0\x04codet\0\0\0\x03P-1\
            \0\0\0\x03dayd\x07\xe5\x06\x1e\
            \0\0\0\x04fundm\x02\0\0\0\0\0\0\x30\x39";
        assert_eq!(buffer, expect);
    }

    #[test]
    fn hex_comes_back() {
        assert_eq!(hex(&[0, 0xff, 0x1a]), "00ff1a");
        assert_eq!(unhex("00ff1a"), Some(vec![0, 0xff, 0x1a]));
        assert_eq!(unhex("0g"), None);
        assert_eq!(unhex("000"), None);
    }
}
