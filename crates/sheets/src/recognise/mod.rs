//! Recognising: which register a sheet holds, in which rows its header stands, which column is
//! which field, and in which unit its money is written.
//!
//! Headers are compared folded ([`crate::fold::label`]): width, blanks, line breaks, brackets and
//! `其中：` do not matter. Nothing is guessed: two registers that fit nearly alike are asked about,
//! and a sheet that fits none says which headers come near.

mod answer;
mod dictionary;
mod grid;
mod head;
mod header;
mod mapping;
mod nearly;

use jiff::civil::Date;
use qipan_model::{AreaUnit, MoneyUnit, Period, Register, Severity, UnitId, Units};

use crate::Problem;
use crate::read::{ReadError, SheetInfo, Workbook};
use dictionary::Dictionary;
use grid::Grid;
use header::Candidate;
use mapping::Said;

pub use head::Head;
pub use mapping::{CONFIRMATION, SheetMapping};
pub use nearly::NearMiss;

/// Rows with content that are looked at for headers; a header further down is not found.
pub const HEAD_ROWS: usize = 200;

/// What a column is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A field of the register, by index.
    Field(usize),
    /// 序号: counts rows, carries nothing.
    Serial,
    /// 对方确认: where the fact stands between the two sides.
    Confirmation,
    /// No field; reported, not read.
    Unknown,
}

/// One column of a recognised table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMap {
    /// Column from 0.
    pub column: u32,
    /// What it is taken for.
    pub target: Target,
    /// Header as written, without line breaks; outer heads first, joined by `/`.
    pub header: String,
    /// Address of the header's lowest cell.
    pub cell: String,
    /// Money unit that the header states.
    pub money: Option<MoneyUnit>,
    /// Area unit that the header states.
    pub area: Option<AreaUnit>,
}

/// Where the sheet's money unit is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitOrigin {
    /// A line such as 单位：万元, in this cell.
    UnitLine(String),
    /// The title, in this cell.
    Title(String),
    /// The sheet's name.
    SheetName,
    /// Field ids as headers: the product's own export, always in 元.
    FieldIds,
    /// A person says so.
    Said,
    /// Nothing is written: the register's layout decides.
    Layout,
}

/// A table in a sheet that holds one register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Number of the sheet in the workbook, from 0.
    pub sheet: usize,
    /// Name of the sheet.
    pub sheet_name: String,
    /// Register id.
    pub register: String,
    /// First and last header row, from 1.
    pub header_rows: (u32, u32),
    /// Last row of the table when another table follows below it.
    pub last_row: Option<u32>,
    /// Columns from left to right.
    pub columns: Vec<ColumnMap>,
    /// Fields without a column, by index; derived fields are not among them.
    pub absent: Vec<usize>,
    /// Money unit of columns that do not state their own.
    pub money: MoneyUnit,
    /// Where that unit is known from.
    pub money_from: UnitOrigin,
    /// Area unit of the unit line.
    pub area: Option<AreaUnit>,
    /// 填报单位, when it names a unit of the mechanism.
    pub unit: Option<UnitId>,
    /// The period in the title.
    pub period: Option<Period>,
    /// 填报日期 above the table.
    pub filed: Option<Date>,
    /// Findings about the table as a whole; an error refuses the table.
    pub notices: Vec<Problem>,
}

/// A register that would fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Register id.
    pub register: String,
    /// Register name.
    pub name: String,
    /// Fields with a column.
    pub matched: usize,
    /// Labelled columns that match nothing.
    pub unmatched: usize,
}

/// What a sheet turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A register.
    Table(Box<Recognised>),
    /// Several registers fit nearly alike: ask for `--register`.
    Ambiguous {
        /// Number of the sheet in the workbook, from 0.
        sheet: usize,
        /// First and last header row, from 1.
        header_rows: (u32, u32),
        /// The registers, best first.
        fits: Vec<Fit>,
        /// What to tell people.
        problem: Problem,
    },
    /// No register fits.
    NoFit {
        /// Number of the sheet in the workbook, from 0.
        sheet: usize,
        /// Headers that come near one of a register.
        near: Vec<NearMiss>,
        /// What to tell people.
        problem: Problem,
    },
    /// Nothing is written on the sheet.
    Blank {
        /// Name of the sheet.
        sheet: String,
    },
}

/// What the caller knows about the file.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// The register that the file is said to hold.
    pub register: Option<&'a str>,
    /// What is said of single sheets.
    pub mappings: &'a [SheetMapping],
}

impl Options<'_> {
    fn mapping(&self, sheet: usize) -> Option<&SheetMapping> {
        self.mappings.iter().find(|mapping| mapping.sheet == sheet)
    }
}

/// Finds the registers in a workbook, sheet by sheet.
///
/// `today` is the day on which unit names in the head are understood when the sheet names no
/// period.
///
/// # Errors
/// [`ReadError`] when a sheet cannot be read.
pub fn recognise(
    book: &mut Workbook,
    registers: &[Register],
    units: &Units,
    options: &Options<'_>,
    today: Date,
) -> Result<Vec<Finding>, ReadError> {
    let chosen: Vec<&Register> = registers
        .iter()
        .filter(|register| options.register.is_none_or(|id| register.id == id))
        .collect();
    let dictionary = Dictionary::new(&chosen);
    let mut findings = Vec::new();
    for sheet in 0..book.sheets().len() {
        let mapping = options.mapping(sheet);
        if crate::write::is_aside(&book.sheets()[sheet])
            || mapping.is_some_and(|mapping| mapping.skip)
        {
            continue;
        }
        let grid = Grid::read(book, sheet)?;
        // A sheet may be said to hold another register than the file.
        let named = mapping.and_then(|mapping| mapping.register.as_deref());
        let own: Vec<&Register> = registers
            .iter()
            .filter(|register| named == Some(&*register.id))
            .collect();
        let own_dictionary = Dictionary::new(&own);
        let (registers, dictionary) = match named {
            Some(_) => (&own, &own_dictionary),
            None => (&chosen, &dictionary),
        };
        let sheet = Sheet {
            index: sheet,
            info: &book.sheets()[sheet],
            grid: &grid,
            registers,
            dictionary,
            asked: named.is_some() || options.register.is_some(),
            mapping,
        };
        sheet.recognise(units, today, &mut findings);
    }
    // Beside a register, lists of options and instructions are no reason to refuse the file.
    if findings
        .iter()
        .any(|finding| !matches!(finding, Finding::NoFit { .. } | Finding::Blank { .. }))
    {
        for finding in &mut findings {
            if let Finding::NoFit { problem, .. } = finding {
                problem.severity = Severity::Warning;
            }
        }
    }
    Ok(findings)
}

struct Sheet<'a> {
    index: usize,
    info: &'a SheetInfo,
    grid: &'a Grid,
    registers: &'a [&'a Register],
    dictionary: &'a Dictionary,
    asked: bool,
    mapping: Option<&'a SheetMapping>,
}

impl Sheet<'_> {
    fn recognise(&self, units: &Units, today: Date, findings: &mut Vec<Finding>) {
        if self.grid.is_empty() {
            findings.push(Finding::Blank {
                sheet: self.info.name.clone(),
            });
            return;
        }
        let mut tables = Vec::new();
        self.tables(0, self.grid.len(), &mut tables);
        if tables.is_empty() {
            findings.push(self.no_fit());
            return;
        }
        for (nth, candidates) in tables.iter().enumerate() {
            let best = &candidates[0];
            let rivals: Vec<&Candidate> = candidates
                .iter()
                .filter(|candidate| candidate.rivals(best))
                .collect();
            if rivals.len() > 1 {
                findings.push(self.ambiguous(best, &rivals));
                continue;
            }
            let next = tables
                .get(nth + 1)
                .map(|next| self.head_start(next[0].first, best.last + 1));
            let from = match nth {
                0 => 0,
                _ => self.head_start(best.first, tables[nth - 1][0].last + 1),
            };
            let table = self.table(best, from, next, units, today);
            findings.push(Finding::Table(Box::new(table)));
        }
    }

    /// Finds the tables between two grid rows, top to bottom; each with all registers that fit
    /// its place, best first.
    fn tables(&self, from: usize, to: usize, found: &mut Vec<Vec<Candidate>>) {
        let candidates = header::candidates(self, from, to);
        let Some(best) = candidates.first() else {
            return;
        };
        let (first, last) = (best.first, best.last);
        if self.header().is_some() {
            found.push(candidates);
            return;
        }
        self.tables(from, first, found);
        let repeats = |candidate: &Candidate| {
            found.last().is_some_and(|above: &Vec<Candidate>| {
                above[0].register == candidate.register && above[0].columns == candidate.columns
            })
        };
        // The same header again is a page break, not another table.
        if !repeats(best) {
            found.push(candidates);
        }
        self.tables(last + 1, to, found);
    }

    /// The last header row that a person has named.
    fn header(&self) -> Option<u32> {
        self.mapping.and_then(|mapping| mapping.header)
    }

    /// What a person says of a column.
    fn said(&self, column: u32) -> Option<Said<'_>> {
        self.mapping.and_then(|mapping| mapping.column(column))
    }

    /// Where the title and unit lines above a header begin: at the most four rows with at the
    /// most two cells.
    fn head_start(&self, first: usize, least: usize) -> usize {
        (least.max(first.saturating_sub(4))..first)
            .rev()
            .take_while(|&row| self.grid.written(row) <= 2)
            .last()
            .unwrap_or(first)
    }

    fn table(
        &self,
        candidate: &Candidate,
        from: usize,
        next: Option<usize>,
        units: &Units,
        today: Date,
    ) -> Recognised {
        let register = self.registers[candidate.register];
        let columns = header::columns(self, candidate);
        let head = Head::read(self.grid, from, candidate.first, units, today);
        let by_ids = candidate.by_ids;
        let said = self.mapping.and_then(|mapping| mapping.money);
        let (money, money_from) = if let Some(unit) = said {
            (unit, UnitOrigin::Said)
        } else if by_ids {
            (MoneyUnit::Yuan, UnitOrigin::FieldIds)
        } else if let Some((unit, cell)) = &head.money {
            (*unit, cell.clone())
        } else if let Some(unit) = head::money_word(&crate::fold::tight(&self.info.name)) {
            (unit, UnitOrigin::SheetName)
        } else {
            (register.layout.money, UnitOrigin::Layout)
        };
        let absent: Vec<usize> = register
            .fields
            .iter()
            .enumerate()
            .filter(|(index, field)| {
                field.derived.is_none()
                    && field.retired.is_none()
                    && !columns
                        .iter()
                        .any(|column| column.target == Target::Field(*index))
            })
            .map(|(index, _)| index)
            .collect();
        let mut table = Recognised {
            sheet: self.index,
            sheet_name: self.info.name.clone(),
            register: register.id.clone(),
            header_rows: (
                self.grid.number(candidate.first),
                self.grid.number(candidate.last),
            ),
            last_row: next.map(|next| self.grid.number(next).saturating_sub(1)),
            columns,
            absent,
            money,
            money_from,
            area: head.area,
            unit: head.unit,
            period: head.period,
            filed: head.filed,
            notices: Vec::new(),
        };
        self.notices(register, candidate, &mut table);
        table
    }
}
