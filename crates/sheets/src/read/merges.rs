//! Merged ranges over several rows: the rows below show the first row's value.

use super::{Cell, Merge, Row};

/// Walks the merged ranges beside the rows.
pub(super) struct Fill<'a> {
    merges: &'a [Merge],
    coming: std::iter::Peekable<std::slice::Iter<'a, Merge>>,
    /// Ranges that reach below the row in which they began, with their value kept in a row of
    /// its own.
    active: Vec<(u32, u32, Row)>,
}

impl<'a> Fill<'a> {
    /// `merges` are in the order of their first rows.
    pub(super) fn new(merges: &'a [Merge]) -> Self {
        Self {
            merges,
            coming: merges.iter().peekable(),
            active: Vec::new(),
        }
    }

    /// All merged ranges, by their first row.
    pub(super) fn merges(&self) -> &'a [Merge] {
        self.merges
    }

    /// Fills the covered cells of a row and takes up the ranges that begin in it.
    pub(super) fn apply(&mut self, row: &mut Row) {
        let number = row.number();
        self.active.retain(|(bottom, _, _)| *bottom >= number);
        for (_, column, value) in &self.active {
            if row.cell(*column).is_blank() {
                row.fill(*column, value.cell(*column));
            }
        }
        while let Some(merge) = self.coming.next_if(|merge| merge.top <= number) {
            if merge.top < number || merge.bottom == merge.top {
                continue;
            }
            if let cell @ (Cell::Text(_) | Cell::Number(_) | Cell::Date(_) | Cell::Bool(_)) =
                row.cell(merge.left)
            {
                let mut value = Row::default();
                value.set(merge.left, cell);
                self.active.push((merge.bottom, merge.left, value));
            }
        }
    }
}
