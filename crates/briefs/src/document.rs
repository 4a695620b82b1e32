//! The document model: what is said, not how it looks. The writers know the looks.

use jiff::civil::Date;

/// What is printed where nobody has reported. Missing is not zero (promise 4).
pub(crate) const MISSING: &str = "未报";

/// A whole document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Title.
    pub title: String,
    /// Who issues it.
    pub issuer: String,
    /// The day it carries.
    pub date: Date,
    /// The mark that every page carries, such as 示例数据; `None` for real data.
    pub label: Option<String>,
    /// Moment as of which the figures were read, in words.
    pub as_of: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 3.
        level: u8,
        /// Its number as printed: `一、`, `（一）`, `1.`.
        number: String,
        /// Words.
        text: String,
    },
    /// Whom it is sent to (主送机关), under the title.
    Addressee(String),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A remark in small print.
    Note(String),
    /// A table.
    Table(Table),
    /// A chart or map.
    Picture(Picture),
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// A figure; leads to its line in the list of figures.
    Figure(FigureRef),
}

/// A figure within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureRef {
    /// Indicator id.
    pub indicator: String,
    /// Version of its definition.
    pub version: u32,
    /// As printed here: `4.24亿元`, `4.24` or `未报`.
    pub display: String,
    /// Moment as of which it was read, in words.
    pub as_of: String,
}

impl FigureRef {
    /// The place in the list of figures that it leads to: `fig-PRJ-N-ISSUED`.
    #[must_use]
    pub fn anchor(&self) -> String {
        anchor(&self.indicator)
    }
}

/// The list's anchor of an indicator. Only letters, digits and `-` are let through, so that it
/// is safe in any attribute.
pub(crate) fn anchor(indicator: &str) -> String {
    let safe: String = indicator
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("fig-{safe}")
}

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Marks and short words.
    Centre,
    /// Numbers.
    Right,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Header.
    pub head: String,
    /// How it stands.
    pub align: Align,
    /// Its share of the width.
    pub share: u16,
}

impl Column {
    pub(crate) fn new(head: &str, align: Align, share: u16) -> Self {
        Self {
            head: head.to_owned(),
            align,
            share,
        }
    }
}

/// One row; as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Indicator whose line in the list of figures this is; figures elsewhere lead here.
    pub defines: Option<String>,
    /// Cells.
    pub cells: Vec<Vec<Inline>>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its number, `表1`; empty for the data behind a picture.
    pub number: String,
    /// Caption.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether it is set in smaller print.
    pub small: bool,
}

/// A chart or map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its number, `图1`.
    pub number: String,
    /// Caption.
    pub caption: String,
    /// What it shows, in words, for those who cannot see it.
    pub alt: String,
    /// The picture.
    pub svg: String,
    /// Width on paper, in millimetres.
    pub width_mm: u16,
    /// The data it shows.
    pub data: Table,
}
