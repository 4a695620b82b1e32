//! What stands above the rows of a sheet: title, reporter, money unit, merged heads; and how
//! the sheet is frozen and printed.

use std::borrow::Cow;

use qipan_model::FieldType;
use rust_xlsxwriter::Worksheet;

use super::WriteError;
use super::cells::Styles;
use super::layout::{Head, SheetPlan};

/// Sheets wider than this, in characters, are printed on A3.
const A4_WIDTH: u32 = 150;
/// What one A3 page across can show legibly, in characters; wider sheets take several pages.
const A3_WIDTH: u32 = 260;
const PAPER_A3: u8 = 8;
const PAPER_A4: u8 = 9;

/// Title and line above the heads.
pub(super) struct Letterhead {
    /// Title, over all columns.
    pub title: String,
    /// Left part of the line; the money unit stands at its right.
    pub left: String,
}

/// Where the parts of a sheet stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Top {
    /// First row of the heads.
    pub head_row: u32,
    /// First row under the heads.
    pub first_row: u32,
}

impl Top {
    /// Writes letterhead and heads. Without a letterhead the money unit goes into the heads.
    pub fn write(
        sheet: &mut Worksheet,
        plan: &SheetPlan<'_>,
        styles: &Styles,
        letterhead: Option<&Letterhead>,
    ) -> Result<Self, WriteError> {
        sheet.set_column_width(0, 6)?;
        for (col, column) in (1_u16..).zip(&plan.columns) {
            sheet.set_column_width(col, column.width)?;
        }
        if let Some(col) = plan.confirmation_col() {
            sheet.set_column_width(col, 12)?;
        }
        if let Some(letterhead) = letterhead {
            letterhead.write(sheet, plan, styles)?;
        }
        let head_row = if letterhead.is_some() { 2 } else { 0 };
        for head in plan.heads() {
            let column = head.column.and_then(|position| plan.columns.get(position));
            let look = if column.is_some_and(|column| column.field.required) {
                &styles.head_required
            } else {
                &styles.head
            };
            let text = match column {
                Some(column)
                    if letterhead.is_none()
                        && matches!(column.field.ty, FieldType::Money { .. }) =>
                {
                    Cow::Owned(format!("{}（{}）", head.text, plan.money.word()))
                }
                _ => Cow::Borrowed(head.text),
            };
            let Head {
                row,
                col,
                last_row,
                last_col,
                ..
            } = head;
            let (row, last_row) = (head_row + row, head_row + last_row);
            if (row, col) == (last_row, last_col) {
                sheet.write_string_with_format(row, col, text, look)?;
            } else {
                sheet.merge_range(row, col, last_row, last_col, &text, look)?;
            }
        }
        Ok(Self {
            head_row,
            first_row: head_row + plan.depth(),
        })
    }

    /// Freezes the heads and sets the page: A4 or A3 across, as few pages wide as can be read,
    /// heads on every page.
    pub fn set_up_print(
        self,
        sheet: &mut Worksheet,
        plan: &SheetPlan<'_>,
    ) -> Result<(), WriteError> {
        let width: u32 = plan.columns.iter().map(|c| u32::from(c.width)).sum();
        let pages = u16::try_from(width.div_ceil(A3_WIDTH)).unwrap_or(u16::MAX);
        let leading = 2.min(plan.width() - 1);
        sheet.set_freeze_panes(self.first_row, leading)?;
        sheet.set_landscape();
        sheet.set_paper_size(if width > A4_WIDTH { PAPER_A3 } else { PAPER_A4 });
        sheet.set_print_fit_to_pages(pages, 0);
        if pages > 1 {
            sheet.set_repeat_columns(0, leading.saturating_sub(1))?;
        }
        sheet.set_repeat_rows(self.head_row, self.first_row - 1)?;
        sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        sheet.set_print_center_horizontally(true);
        sheet.set_footer("&C第 &P 页 共 &N 页");
        Ok(())
    }
}

impl Letterhead {
    fn write(
        &self,
        sheet: &mut Worksheet,
        plan: &SheetPlan<'_>,
        styles: &Styles,
    ) -> Result<(), WriteError> {
        let last = first_page(plan);
        sheet.set_row_height(0, 30)?;
        across(sheet, 0, 0, last, &self.title, &styles.title)?;
        if !plan.has_money() {
            return across(sheet, 1, 0, last, &self.left, &styles.line);
        }
        let right = last.saturating_sub(1).max(1);
        across(sheet, 1, 0, right - 1, &self.left, &styles.line)?;
        let unit = format!("单位：{}", plan.money.word());
        across(sheet, 1, right, last, &unit, &styles.line_right)
    }
}

/// Last column of the first page: where people see a title, also on a very wide sheet.
fn first_page(plan: &SheetPlan<'_>) -> u16 {
    let mut width = 0;
    let within = plan.columns.iter().take_while(|column| {
        width += u32::from(column.width);
        width <= A3_WIDTH
    });
    match u16::try_from(within.count()) {
        Ok(count) if usize::from(count) < plan.columns.len() => count,
        _ => plan.width() - 1,
    }
}

/// Writes text over the cells of a row, merged when there are several.
pub(super) fn across(
    sheet: &mut Worksheet,
    row: u32,
    first: u16,
    last: u16,
    text: &str,
    look: &rust_xlsxwriter::Format,
) -> Result<(), WriteError> {
    if first < last {
        sheet.merge_range(row, first, row, last, text, look)?;
    } else {
        sheet.write_string_with_format(row, first, text, look)?;
    }
    Ok(())
}

/// Writes the layout's footnotes from a row on, each as high as it needs.
pub(super) fn footnotes(
    sheet: &mut Worksheet,
    row: u32,
    plan: &SheetPlan<'_>,
    styles: &Styles,
) -> Result<(), WriteError> {
    let width: u32 = plan.columns.iter().map(|c| u32::from(c.width)).sum();
    let width = width.min(A3_WIDTH);
    for (row, note) in (row..).zip(&plan.register.layout.notes) {
        sheet.set_row_height(row, 15 * lines(note, width))?;
        across(sheet, row, 0, first_page(plan), note, &styles.note)?;
    }
    Ok(())
}

/// How many lines a text takes in so many characters; a Chinese character takes two.
pub(super) fn lines(text: &str, width: u32) -> u32 {
    text.lines()
        .map(|line| {
            let wide: usize = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            u32::try_from(wide)
                .unwrap_or(u32::MAX)
                .div_ceil(width.max(1))
                .max(1)
        })
        .sum::<u32>()
        .clamp(1, 25)
}
