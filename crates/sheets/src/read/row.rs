//! One row of cells, kept in one buffer so that reading a row costs no allocation.

use jiff::civil::Date;

/// One cell as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text.
    Text(&'a str),
    /// A number; workbooks keep them as floats.
    Number(f64),
    /// A number whose format says that it is a day; the time of day is dropped.
    Date(Date),
    /// TRUE or FALSE.
    Bool(bool),
    /// `#DIV/0!` and its kin.
    Error(&'a str),
    /// A formula without a cached value: its text without the `=`.
    FormulaWithoutValue(&'a str),
}

impl Cell<'_> {
    /// Whether nothing is there; text of blanks only counts as nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// What a person sees in the cell, more or less.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => (*text).to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Error(error) => (*error).to_owned(),
            Self::FormulaWithoutValue(formula) => format!("={formula}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Empty,
    Text,
    Number(f64),
    Date(Date),
    Bool(bool),
    Error,
    Formula,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Slot {
    kind: Kind,
    from: u32,
    to: u32,
    filled: bool,
}

const EMPTY: Slot = Slot {
    kind: Kind::Empty,
    from: 0,
    to: 0,
    filled: false,
};

/// One row. Reused from row to row by the readers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    number: u32,
    text: String,
    slots: Vec<Slot>,
}

impl Row {
    /// The row's number as people count, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// One more than the last column that was set.
    #[must_use]
    pub fn width(&self) -> u32 {
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    /// The cell of a column counted from 0; beyond the width it is empty.
    #[must_use]
    pub fn cell(&self, column: u32) -> Cell<'_> {
        let Some(slot) = self.slots.get(column as usize) else {
            return Cell::Empty;
        };
        let text = || {
            self.text
                .get(slot.from as usize..slot.to as usize)
                .unwrap_or_default()
        };
        match slot.kind {
            Kind::Empty => Cell::Empty,
            Kind::Text => Cell::Text(text()),
            Kind::Number(number) => Cell::Number(number),
            Kind::Date(date) => Cell::Date(date),
            Kind::Bool(truth) => Cell::Bool(truth),
            Kind::Error => Cell::Error(text()),
            Kind::Formula => Cell::FormulaWithoutValue(text()),
        }
    }

    /// Whether the cell is covered by a merged range that began in an earlier row and shows
    /// that range's value.
    #[must_use]
    pub fn is_filled(&self, column: u32) -> bool {
        self.slots
            .get(column as usize)
            .is_some_and(|slot| slot.filled)
    }

    /// The cells that hold something of their own, with their columns from 0.
    pub fn own(&self) -> impl Iterator<Item = (u32, Cell<'_>)> {
        (0..self.width())
            .filter(|&column| !self.is_filled(column))
            .map(|column| (column, self.cell(column)))
            .filter(|(_, cell)| !cell.is_blank())
    }

    /// Empties the row for another number.
    pub fn reset(&mut self, number: u32) {
        self.number = number;
        self.text.clear();
        self.slots.clear();
    }

    /// Sets a cell.
    pub fn set(&mut self, column: u32, cell: Cell<'_>) {
        let column = column as usize;
        if self.slots.len() <= column {
            self.slots.resize(column + 1, EMPTY);
        }
        let (kind, text) = match cell {
            Cell::Empty => (Kind::Empty, ""),
            Cell::Text(text) => (Kind::Text, text),
            Cell::Number(number) => (Kind::Number(number), ""),
            Cell::Date(date) => (Kind::Date(date), ""),
            Cell::Bool(truth) => (Kind::Bool(truth), ""),
            Cell::Error(text) => (Kind::Error, text),
            Cell::FormulaWithoutValue(text) => (Kind::Formula, text),
        };
        let from = self.text.len();
        self.text.push_str(text);
        let at = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.slots[column] = Slot {
            kind,
            from: at(from),
            to: at(self.text.len()),
            filled: false,
        };
    }

    /// Sets a cell from a merged range that began in an earlier row.
    pub(crate) fn fill(&mut self, column: u32, cell: Cell<'_>) {
        self.set(column, cell);
        self.slots[column as usize].filled = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_set() {
        let mut row = Row::default();
        row.reset(7);
        row.set(2, Cell::Text("丙"));
        row.set(0, Cell::Number(1.5));
        row.fill(4, Cell::Error("#N/A"));
        assert_eq!(row.number(), 7);
        assert_eq!(row.width(), 5);
        assert_eq!(row.cell(0), Cell::Number(1.5));
        assert_eq!(row.cell(1), Cell::Empty);
        assert_eq!(row.cell(2), Cell::Text("丙"));
        assert_eq!(row.cell(4), Cell::Error("#N/A"));
        assert_eq!(row.cell(99), Cell::Empty);
        assert_eq!(row.own().count(), 2);
        row.reset(8);
        assert_eq!(row.cell(2), Cell::Empty);
    }
}
