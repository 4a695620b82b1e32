//! Numbers in tables: their words are the row's and the column head's, their unit too.

use std::ops::Range;

use crate::numeral::magnitude;
use crate::text::{Table, Text};
use crate::unit::unit_at;
use crate::{Dimension, Quantity};

/// What speaks for a number in a table.
pub(crate) struct Cell {
    /// The words of its row, the cell's own included.
    pub(crate) labels: Vec<Range<usize>>,
    /// The head of its column.
    pub(crate) head: Option<Range<usize>>,
    /// The line above the table.
    pub(crate) caption: Option<Range<usize>>,
    /// Whether its column numbers the rows.
    pub(crate) numbers_rows: bool,
    /// Whether its row holds other figures: then a number without any unit may be a version, a
    /// count of returns or a rank, and nothing is bound to it.
    pub(crate) in_company: bool,
}

impl Cell {
    /// The cell around a number, if it stands in a table.
    pub(crate) fn of(text: &Text, quantity: &Quantity) -> Option<Self> {
        let (table, row, column) = text.cell(quantity.start)?;
        let cells = table.rows.get(row)?;
        let labels = cells
            .iter()
            .enumerate()
            .filter(|(at, cell)| *at == column || !is_figure(text, cell))
            .map(|(_, cell)| cell.clone())
            .collect();
        let head = head(text, table, row).and_then(|head| head.get(column));
        let numbers_rows = column == 0
            || head.is_some_and(|head| {
                let words = text.slice(head.clone());
                ["序号", "编号", "排名", "位次", "年份", "年度"]
                    .iter()
                    .any(|word| words.contains(word))
            });
        let in_company = cells
            .iter()
            .enumerate()
            .any(|(at, cell)| at != column && at > 0 && is_figure(text, cell));
        let (head, caption) = (head.cloned(), table.caption.clone());
        Some(Self {
            labels,
            head,
            caption,
            numbers_rows,
            in_company,
        })
    }

    /// The words nearest to the number first.
    pub(crate) fn places(&self) -> Vec<Range<usize>> {
        self.head.iter().chain(&self.labels).cloned().collect()
    }

    /// Gives a number without a unit the unit of its column, its row or its table.
    pub(crate) fn measure(&self, text: &Text, quantity: &mut Quantity) {
        if quantity.dimension != Dimension::Unstated || self.numbers_rows {
            return;
        }
        let places = self.places();
        let found = places
            .iter()
            .find_map(|place| unit_of(text, place))
            .or_else(|| {
                // 单位：万元, above the table.
                let words = text.slice(self.caption.clone()?);
                let unit = words
                    .split_once("单位")?
                    .1
                    .trim_start_matches(['：', ':', ' ']);
                written(&unit.chars().collect::<Vec<_>>())
            });
        let Some((unit, (word, dimension), power)) = found else {
            return;
        };
        for number in [&mut quantity.value, &mut quantity.place, &mut quantity.step] {
            *number = number.checked_mul(power).unwrap_or(*number);
        }
        quantity.unit = format!("{}{unit}", quantity.unit);
        quantity.classifier = word.to_owned();
        quantity.dimension = dimension;
    }
}

type Unit = (String, (&'static str, Dimension), rust_decimal::Decimal);

/// The unit that a cell names: alone (万元) or in brackets (总投资（万元）).
fn unit_of(text: &Text, cell: &Range<usize>) -> Option<Unit> {
    let words = text.slice(cell.clone());
    let named = match words.rsplit_once(['（', '(']) {
        Some((_, after)) => after.trim_end_matches(['）', ')']),
        None => words.as_str(),
    };
    let chars: Vec<char> = named.trim_start_matches("单位：").trim().chars().collect();
    let found = written(&chars)?;
    (found.0.chars().count() == chars.len()).then_some(found)
}

/// A unit at the beginning of some characters: as written, its classifier, its magnitude.
fn written(chars: &[char]) -> Option<Unit> {
    let (power, after) = magnitude(chars, 0).unwrap_or((rust_decimal::Decimal::ONE, 0));
    let (word, dimension, length) = unit_at(chars, after)?;
    Some((
        chars[..after + length].iter().collect(),
        (word, dimension),
        power,
    ))
}

/// A cell that holds a number and at most its unit.
fn is_figure(text: &Text, cell: &Range<usize>) -> bool {
    let words = text.slice(cell.clone());
    words.starts_with(|c: char| c.is_ascii_digit())
        && words
            .chars()
            .filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | ','))
            .count()
            <= 4
        && !words.contains('年')
}

/// The head of a row's columns: the nearest row above it that holds words only and is as wide.
fn head<'a>(text: &Text, table: &'a Table, row: usize) -> Option<&'a Vec<Range<usize>>> {
    let width = table.rows.get(row)?.len();
    table.rows[..row]
        .iter()
        .rev()
        .find(|cells| cells.len() == width && cells.iter().all(|cell| !is_figure(text, cell)))
}
