//! The reading half: file → recognised tables → batches of typed rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use qipan_model::{Action, Confirmation, Pack, Period, Severity};
use qipan_sheets::parse::{Context, Keys, RowResult, Skipped, TableReader};
use qipan_sheets::read::{ReadError, Workbook};
use qipan_sheets::recognise::{self, ColumnMap, Finding, Recognised, Target, recognise};
use qipan_sheets::{Problem, a1};
use qipan_store::NewRow;
use tokio::sync::mpsc::Sender;

use crate::Options;
use crate::admit::{self, Sides};
use crate::merge::{Gaps, Incoming, RULE};

/// Rows in one batch: one journal entry, and what the channel holds a few of.
const BATCH: usize = 1000;

/// What the reading half tells the writing half.
pub(crate) enum Event {
    /// What a sheet turned out to be.
    Found(usize, Box<Finding>),
    /// A finding about a sheet or table.
    Problem(Problem),
    /// The file cannot be read, or not on.
    Unread(Problem),
    /// Rows.
    Rows(Batch),
    /// A table has been read to its end.
    Table {
        register: String,
        skipped: Skipped,
        place: String,
    },
}

/// Rows of one table.
pub(crate) struct Batch {
    pub(crate) register: String,
    /// Number of the sheet, from 0.
    pub(crate) sheet: usize,
    /// Where the table names its sides.
    pub(crate) sides: Sides,
    /// Period reported, when known.
    pub(crate) period: Option<Period>,
    /// Units whose return this is.
    pub(crate) units: BTreeSet<String>,
    /// Rows that are good as far as they can be judged alone.
    pub(crate) rows: Vec<Incoming>,
    /// Rows that are bad however they are judged.
    pub(crate) refused: Vec<NewRow>,
    /// What the table says nothing about.
    pub(crate) gaps: Gaps,
    /// Rows read, good and bad.
    pub(crate) read: u64,
    /// Rows refused.
    pub(crate) rejected: u64,
    pub(crate) problems: Vec<Problem>,
}

/// Reads a file and sends what it finds; ends early when nobody listens any more.
pub(crate) fn read(
    pack: &Pack,
    (path, name): (&Path, &str),
    options: &Options,
    today: Date,
    source: &Arc<str>,
    events: &Sender<Event>,
) {
    let send = |event: Event| events.blocking_send(event).is_ok();
    let unread = |error: &ReadError| {
        send(Event::Unread(of_file(
            error.code(),
            error.to_string(),
            error.english(),
        )));
    };
    let mut book = match Workbook::open_named(path, name, &options.limits) {
        Ok(book) => book,
        Err(error) => return unread(&error),
    };
    let asked = recognise::Options {
        register: options.register.as_deref(),
        mappings: &options.mappings,
    };
    let findings = match recognise(&mut book, &pack.registers, &pack.units, &asked, today) {
        Ok(findings) => findings,
        Err(error) => return unread(&error),
    };
    let found_any = findings
        .iter()
        .any(|finding| matches!(finding, Finding::Table(_)));
    // Two sheets of a file cannot state the same fact either.
    let mut keys: BTreeMap<String, Keys> = BTreeMap::new();
    for (nth, finding) in findings.into_iter().enumerate() {
        if !send(Event::Found(nth, Box::new(finding.clone()))) {
            return;
        }
        let told = match finding {
            Finding::Table(table) => {
                let end = Table {
                    pack,
                    options,
                    today,
                    source,
                }
                .read(&mut book, &table, &mut keys, &send);
                match end {
                    Ok(going) => going,
                    Err(error) => return unread(&error),
                }
            }
            Finding::Ambiguous { problem, .. } => send(Event::Problem(problem)),
            // A dictionary or a cover beside real tables is no fault of the file.
            Finding::NoFit { mut problem, .. } => {
                if found_any {
                    problem.severity = Severity::Warning;
                }
                send(Event::Problem(problem))
            }
            Finding::Blank { .. } => true,
        };
        if !told {
            return;
        }
    }
}

struct Table<'a> {
    pack: &'a Pack,
    options: &'a Options,
    today: Date,
    source: &'a Arc<str>,
}

impl Table<'_> {
    /// Reads one table; `false` when nobody listens any more.
    fn read(
        &self,
        book: &mut Workbook,
        table: &Recognised,
        keys: &mut BTreeMap<String, Keys>,
        send: &dyn Fn(Event) -> bool,
    ) -> Result<bool, ReadError> {
        let Some(register) = self.pack.register(&table.register) else {
            return Ok(true);
        };
        let filer = self.filer(table);
        let foreign = admit::against_table(
            self.pack,
            register,
            self.options.access.scope(Action::Import, &register.id),
            filer,
            (&table.sheet_name, table.header_rows.0),
        );
        if let Some(problem) = foreign {
            return Ok(send(Event::Problem(problem)));
        }
        let refused = table
            .notices
            .iter()
            .any(|notice| notice.severity == Severity::Error);
        for notice in &table.notices {
            if !send(Event::Problem(notice.clone())) {
                return Ok(false);
            }
        }
        if refused {
            return Ok(true);
        }
        let period = self.options.period.or(table.period);
        let context = Context {
            register,
            units: &self.pack.units,
            today: self.today,
            period,
            unit: self.options.unit.as_ref().map(|unit| unit.as_str()),
            is_1904: book.is_1904(),
        };
        let answers = |map: &ColumnMap| map.target == Target::Confirmation;
        let gaps = Gaps {
            fields: table.absent.as_slice().into(),
            answer: !table.columns.iter().any(answers),
        };
        let column_of = |field: Option<usize>| {
            let target = Target::Field(field?);
            let map = table.columns.iter().find(|map| map.target == target)?;
            Some(map.column)
        };
        let sides = Sides {
            supporter: column_of(register.supporter),
            recipient: column_of(register.recipient),
        };
        let empty = || Batch {
            gaps: gaps.clone(),
            register: register.id.clone(),
            sheet: table.sheet,
            sides,
            refused: Vec::new(),
            period,
            units: filer.map(str::to_owned).into_iter().collect(),
            rows: Vec::new(),
            read: 0,
            rejected: 0,
            problems: Vec::new(),
        };
        let stated = keys.remove(&register.id).unwrap_or_default();
        let mut reader =
            TableReader::new(book.rows(table.sheet)?, table, context).with_keys(stated);
        let mut batch = empty();
        while let Some(row) = reader.next_row()? {
            self.take(&mut batch, row);
            if batch.read as usize >= BATCH
                && !send(Event::Rows(std::mem::replace(&mut batch, empty())))
            {
                return Ok(false);
            }
        }
        let place = format!(
            "{}!{}",
            table.sheet_name,
            a1::address(0, table.header_rows.0)
        );
        let skipped = reader.skipped();
        keys.insert(register.id.clone(), reader.into_keys());
        Ok(send(Event::Rows(batch))
            && send(Event::Table {
                register: register.id.clone(),
                skipped,
                place,
            }))
    }

    /// The unit on whose behalf the table is filed.
    fn filer<'t>(&'t self, table: &'t Recognised) -> Option<&'t str> {
        let unit = table.unit.as_ref().or(self.options.unit.as_ref());
        unit.map(|unit| unit.as_str())
    }

    fn take(&self, batch: &mut Batch, row: RowResult) {
        batch.read += 1;
        // Where columns are missing a rule may hold for the record though not for the row.
        let (rules, certain): (Vec<_>, Vec<_>) = row
            .problems
            .into_iter()
            .partition(|problem| !batch.gaps.fields.is_empty() && problem.code == RULE);
        if certain
            .iter()
            .any(|problem| problem.severity == Severity::Error)
        {
            batch.rejected += 1;
            batch.problems.extend(certain);
            batch.problems.extend(rules);
            if self.options.dry_run {
                batch.refused.push(NewRow {
                    values: row.values,
                    confirmation: Confirmation::Pending,
                    source: Arc::clone(self.source),
                    place: row.place,
                });
            }
            return;
        }
        batch.problems.extend(certain);
        let row = NewRow {
            values: row.values,
            // A workbook that reaches the commission has passed both sides
            // (docs/decisions/0003).
            confirmation: row.confirmation.unwrap_or(Confirmation::Agreed),
            source: Arc::clone(self.source),
            place: row.place,
        };
        batch.rows.push(Incoming { row, rules });
    }
}

/// A finding about the file as a whole.
fn of_file(code: &'static str, message: String, message_en: String) -> Problem {
    Problem {
        sheet: String::new(),
        cell: String::new(),
        row: 0,
        field: String::new(),
        code,
        severity: Severity::Error,
        message,
        message_en,
        found: String::new(),
        expected: String::new(),
    }
}

/// A file that cannot even be copied.
pub(crate) fn unreadable(cause: &str) -> Problem {
    of_file(
        "I3002",
        format!("文件读不了：{cause}"),
        format!("the file cannot be read: {cause}"),
    )
}
