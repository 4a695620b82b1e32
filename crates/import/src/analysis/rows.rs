//! What would become of each row: eight bytes for every row, and the row itself for as many as
//! people look through.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use qipan_model::{Confirmation, Register, Value};
use qipan_sheets::recognise::CONFIRMATION;
use serde::{Deserialize, Serialize};

use crate::{Judged, What};

/// Rows that are kept to be shown, of each register and each sort.
pub const MOST_SHOWN: u64 = 20_000;

const SHOWN: &str = "rows.jsonl";
const OUTCOMES: &str = "outcomes";
/// Bytes of one outcome: sheet (2), what (1), nothing (1), row (4).
const WIDTH: usize = 8;

/// A field that a row would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// Field id; `_state` for where the record stands between the sides.
    pub field: String,
    /// Its label.
    pub label: String,
    /// Before.
    pub before: serde_json::Value,
    /// After.
    pub after: serde_json::Value,
}

/// A row with what would become of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowShown {
    /// Register id.
    pub register: String,
    /// Where it stands, `项目台账!A5`.
    pub place: String,
    /// `insert`, `update`, `unchanged` or `refused`.
    pub what: String,
    /// Natural key; empty where it is incomplete.
    pub key: String,
    /// Values by field id.
    pub values: serde_json::Map<String, serde_json::Value>,
    /// What it would change of the record that stands.
    pub changes: Vec<Changed>,
}

/// Some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The rows, in the order of the file.
    pub rows: Vec<RowShown>,
    /// Where the next page begins.
    pub next: Option<u64>,
}

/// Keeps the rows of one analysis.
pub(super) struct Keeper {
    shown: BufWriter<File>,
    outcomes: BufWriter<File>,
    kept: BTreeMap<(String, What), u64>,
}

impl Keeper {
    pub(super) fn create(root: &Path) -> io::Result<Self> {
        Ok(Self {
            shown: BufWriter::new(File::create(root.join(SHOWN))?),
            outcomes: BufWriter::new(File::create(root.join(OUTCOMES))?),
            kept: BTreeMap::new(),
        })
    }

    pub(super) fn keep(&mut self, register: &Register, row: &Judged<'_>) -> io::Result<()> {
        let mut outcome = [0; WIDTH];
        let sheet = u16::try_from(row.sheet).unwrap_or(u16::MAX);
        outcome[..2].copy_from_slice(&sheet.to_be_bytes());
        outcome[2] = row.what as u8;
        outcome[4..].copy_from_slice(&row.row.to_be_bytes());
        self.outcomes.write_all(&outcome)?;

        let kept = self
            .kept
            .entry((register.id.clone(), row.what))
            .or_default();
        *kept += 1;
        if *kept > MOST_SHOWN {
            return Ok(());
        }
        let line = serde_json::to_vec(&shown(register, row)).map_err(io::Error::other)?;
        // Before the row, what a page is chosen by: other rows need not be understood.
        write!(self.shown, "{}\t{}\t", register.id, row.what.as_str())?;
        self.shown.write_all(&line)?;
        self.shown.write_all(b"\n")
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.shown.flush()?;
        self.outcomes.flush()
    }
}

fn shown(register: &Register, row: &Judged<'_>) -> RowShown {
    let fields = || register.fields.iter().zip(row.values);
    let mut changes = Vec::new();
    if let Some(before) = row.before {
        for ((field, new), old) in fields().zip(&before.values) {
            if old != new {
                changes.push(Changed {
                    field: field.id.clone(),
                    label: field.label.clone(),
                    before: json(old),
                    after: json(new),
                });
            }
        }
        let state = |of: Confirmation| serde_json::Value::from(of.as_str());
        if before.confirmation != row.confirmation {
            changes.push(Changed {
                field: CONFIRMATION.to_owned(),
                label: "对方确认".to_owned(),
                before: state(before.confirmation),
                after: state(row.confirmation),
            });
        }
    }
    RowShown {
        register: register.id.clone(),
        place: row.place.to_owned(),
        what: row.what.as_str().to_owned(),
        key: register.key_of(row.values).unwrap_or_default(),
        values: fields()
            .map(|(field, value)| (field.id.clone(), json(value)))
            .collect(),
        changes,
    }
}

/// A value as JSON: numbers digit by digit, days ISO 8601.
fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(whole) => (*whole).into(),
        Value::Decimal(decimal) => {
            let text = decimal.normalize().to_string();
            serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
        }
        Value::Date(day) => day.to_string().into(),
        Value::Text(text) => text.clone().into(),
    }
}

/// Reads some rows.
pub(super) fn page(
    root: &Path,
    register: Option<&str>,
    what: Option<What>,
    after: Option<u64>,
    limit: usize,
) -> io::Result<Page> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(root.join(SHOWN))?);
    let mut at = after.unwrap_or(0);
    if at > 0 {
        // A mark lies behind a line.
        let mut before = [0];
        file.seek(SeekFrom::Start(at - 1))?;
        let read = file.read(&mut before)?;
        if read == 0 || before != *b"\n" {
            return Err(io::ErrorKind::InvalidInput.into());
        }
    }
    let mut rows = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = file.read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(Page { rows, next: None });
        }
        let mut parts = line.splitn(3, |byte| *byte == b'\t');
        let (of, sort) = (parts.next(), parts.next());
        let fits = register.is_none_or(|register| of == Some(register.as_bytes()))
            && what.is_none_or(|what| sort == Some(what.as_str().as_bytes()));
        if fits {
            if rows.len() == limit {
                return Ok(Page {
                    rows,
                    next: Some(at),
                });
            }
            let row = parts.next().unwrap_or_default();
            rows.push(serde_json::from_slice(row).map_err(io::Error::other)?);
        }
        at += read as u64;
    }
}

/// Reads what would become of some rows of a sheet.
pub(super) fn outcomes(
    root: &Path,
    sheet: usize,
    first: u32,
    last: u32,
) -> io::Result<Vec<(u32, What)>> {
    let mut file = File::open(root.join(OUTCOMES))?;
    let count = file.metadata()?.len() / WIDTH as u64;
    let sheet = u16::try_from(sheet).unwrap_or(u16::MAX);
    let mut read = |nth: u64| -> io::Result<(u16, u32, u8)> {
        let mut bytes = [0; WIDTH];
        file.seek(SeekFrom::Start(nth * WIDTH as u64))?;
        file.read_exact(&mut bytes)?;
        let row = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        Ok((u16::from_be_bytes([bytes[0], bytes[1]]), row, bytes[2]))
    };
    // They stand in the order of sheets and rows: look for the first by halves.
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let (of, row, _) = read(middle)?;
        if (of, row) < (sheet, first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let mut found = Vec::new();
    for nth in low..count {
        let (of, row, what) = read(nth)?;
        if of != sheet || row > last {
            break;
        }
        if let Some(what) = What::ALL.get(usize::from(what)) {
            found.push((row, *what));
        }
    }
    Ok(found)
}
