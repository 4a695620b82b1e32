//! The first rows of a sheet as text, with merged headers spread over the cells they cover.

use crate::fold;
use crate::read::{Cell, ReadError, Row, Workbook};

use super::HEAD_ROWS;

/// Characters of a cell that are kept: headers and titles are shorter.
const TEXT: usize = 200;

#[derive(Debug, Clone, Default)]
pub(super) struct GridCell {
    /// As written, without line breaks.
    pub text: String,
    /// Folded for comparison.
    pub label: String,
    /// How many columns the merged range covers; 1 when not merged.
    pub span: u32,
    /// First row of the merged range that covers the cell.
    pub top: u32,
}

#[derive(Debug)]
struct GridRow {
    number: u32,
    cells: Vec<GridCell>,
}

/// The head of one sheet.
#[derive(Debug)]
pub(super) struct Grid {
    rows: Vec<GridRow>,
    width: u32,
}

impl Grid {
    pub(super) fn read(book: &mut Workbook, sheet: usize) -> Result<Self, ReadError> {
        let mut rows: Vec<GridRow> = Vec::new();
        let mut width = 0;
        let mut reader = book.rows(sheet)?;
        let mut row = Row::default();
        while rows.len() < HEAD_ROWS && reader.next_into(&mut row)? {
            if row.own().next().is_none() {
                continue;
            }
            let cells = (0..row.width())
                .map(|column| GridCell::of(row.cell(column), row.number()))
                .collect();
            width = width.max(row.width());
            rows.push(GridRow {
                number: row.number(),
                cells,
            });
        }
        drop(reader);
        let mut grid = Self { rows, width };
        grid.spread(book, sheet);
        Ok(grid)
    }

    /// Spreads merged headers over the cells that they cover.
    fn spread(&mut self, book: &Workbook, sheet: usize) {
        let Some(last) = self.rows.last().map(|row| row.number) else {
            return;
        };
        for merge in &book.sheets()[sheet].merges {
            if merge.top > last {
                break;
            }
            let Some(from) = self.rows.iter().position(|row| row.number == merge.top) else {
                continue;
            };
            let Some(value) = self.rows[from].cells.get(merge.left as usize).cloned() else {
                continue;
            };
            if value.text.is_empty() {
                continue;
            }
            let right = merge.right.min(self.width.saturating_sub(1));
            let value = GridCell {
                span: right.saturating_sub(merge.left) + 1,
                top: merge.top,
                ..value
            };
            for row in &mut self.rows[from..] {
                if row.number > merge.bottom {
                    break;
                }
                if row.cells.len() <= right as usize {
                    row.cells.resize(right as usize + 1, GridCell::default());
                }
                for column in merge.left..=right {
                    row.cells[column as usize] = value.clone();
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows that were read.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn width(&self) -> u32 {
        self.width
    }

    /// The row's number as people count.
    pub(super) fn number(&self, row: usize) -> u32 {
        self.rows.get(row).map_or(0, |row| row.number)
    }

    /// How many cells of a row hold something, merged ranges counted once.
    pub(super) fn written(&self, row: usize) -> usize {
        let cells = self.rows.get(row).map_or(&[][..], |row| &row.cells);
        let mut count = 0;
        let mut column = 0;
        while let Some(cell) = cells.get(column) {
            count += usize::from(!cell.label.is_empty());
            column += cell.span.max(1) as usize;
        }
        count
    }

    /// The grid row with a number, or the next one below.
    pub(super) fn at_number(&self, number: u32) -> usize {
        self.rows.partition_point(|row| row.number < number)
    }

    pub(super) fn cell(&self, row: usize, column: u32) -> Option<&GridCell> {
        self.rows
            .get(row)?
            .cells
            .get(column as usize)
            .filter(|cell| !cell.label.is_empty())
    }
}

impl GridCell {
    fn of(cell: Cell<'_>, row: u32) -> Self {
        let shown = cell.shown();
        let text: String = shown
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(TEXT)
            .collect();
        Self {
            label: fold::label(&text),
            text,
            span: 1,
            top: row,
        }
    }
}
