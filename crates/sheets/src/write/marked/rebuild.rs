//! A marked workbook written anew, for files that cannot be edited: the same cells in the same
//! places.

use rust_xlsxwriter::{Color, Format, Note, Url, Workbook as Output, Worksheet};

use super::notes::AUTHOR;
use super::{Mark, Marks, SUMMARY_SHEET, summary};
use crate::read::{Cell, Row, Workbook};
use crate::write::WriteError;
use crate::write::cells::day_number;

/// Rows of one worksheet.
const MAX_ROWS: u32 = 1_048_576;
/// Columns of one worksheet.
const MAX_COLUMNS: u32 = 16_384;

pub(super) fn rebuilt(input: &mut Workbook, marks: &Marks<'_>) -> Result<Vec<u8>, WriteError> {
    let mut output = Output::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for index in 0..input.sheets().len() {
        let info = &input.sheets()[index];
        let marked = marks.sheets.get(info.name.as_str());
        let name = sheet_name(&info.name, index);
        let hidden = info.hidden;
        let sheet = output.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_hidden(hidden);
        for (&(row, column), mark) in marked.into_iter().flatten() {
            if row <= MAX_ROWS && column < MAX_COLUMNS {
                let note = Note::new(&mark.note)
                    .set_author(AUTHOR)
                    .add_author_prefix(false)
                    .set_width(320);
                sheet.insert_note(row - 1, narrow(column), &note)?;
            }
        }
        let mut left = marked.into_iter().flatten().peekable();
        let mut rows = input.rows(index)?;
        let mut row = Row::default();
        while rows.next_into(&mut row)? {
            if row.number() > MAX_ROWS {
                break;
            }
            // Marks on cells that are not there: rows must be written in their order.
            while let Some((&(at, column), mark)) = left.next_if(|((at, _), _)| *at < row.number())
            {
                put(sheet, at, column, Cell::Empty, Some(mark), &date)?;
            }
            for column in 0..row.width().min(MAX_COLUMNS) {
                let mark = left.next_if(|(place, _)| **place == (row.number(), column));
                let cell = if row.is_filled(column) {
                    Cell::Empty
                } else {
                    row.cell(column)
                };
                put(
                    sheet,
                    row.number(),
                    column,
                    cell,
                    mark.map(|(_, m)| m),
                    &date,
                )?;
            }
        }
        for (&(row, column), mark) in left {
            put(sheet, row, column, Cell::Empty, Some(mark), &date)?;
        }
    }
    list(output.add_worksheet(), marks)?;
    Ok(output.save_to_buffer()?)
}

fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u32,
    cell: Cell<'_>,
    mark: Option<&Mark>,
    date: &Format,
) -> Result<(), WriteError> {
    if row > MAX_ROWS || column >= MAX_COLUMNS {
        return Ok(());
    }
    let (row, column) = (row - 1, narrow(column));
    let plain = Format::new();
    let mut look = match cell {
        Cell::Date(_) => date.clone(),
        _ => plain,
    };
    if let Some(mark) = mark {
        look = look.set_background_color(Color::RGB(summary::ground(mark.ground)));
    }
    match cell {
        Cell::Empty if mark.is_none() => {}
        Cell::Empty => {
            sheet.write_blank(row, column, &look)?;
        }
        Cell::Text(text) | Cell::Error(text) => {
            sheet.write_string_with_format(row, column, text, &look)?;
        }
        Cell::Number(number) => {
            sheet.write_number_with_format(row, column, number, &look)?;
        }
        Cell::Date(day) => match day_number(day) {
            Some(number) => {
                sheet.write_number_with_format(row, column, number, &look)?;
            }
            None => {
                sheet.write_string_with_format(row, column, day.to_string(), &look)?;
            }
        },
        Cell::Bool(truth) => {
            sheet.write_boolean_with_format(row, column, truth, &look)?;
        }
        Cell::FormulaWithoutValue(formula) => {
            sheet.write_string_with_format(row, column, format!("={formula}"), &look)?;
        }
    }
    Ok(())
}

fn narrow(column: u32) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// A name that a worksheet may have.
fn sheet_name(name: &str, index: usize) -> String {
    let kept: String = name
        .chars()
        .filter(|c| !"[]:*?/\\".contains(*c) && !c.is_control())
        .take(31)
        .collect();
    let kept = kept.trim_matches('\'').to_owned();
    if kept.is_empty() {
        format!("Sheet{}", index + 1)
    } else {
        kept
    }
}

/// The summary sheet.
fn list(sheet: &mut Worksheet, marks: &Marks<'_>) -> Result<(), WriteError> {
    sheet.set_name(SUMMARY_SHEET)?;
    sheet.set_tab_color(Color::RGB(0xC0_0000));
    let bold = Format::new().set_bold();
    let text = Format::new().set_text_wrap();
    sheet.write_string_with_format(0, 0, summary::title(marks), &bold)?;
    sheet.write_string(1, 0, summary::advice(marks))?;
    let head = summary::HEAD_ROW - 1;
    for (col, (name, width)) in (0_u16..).zip(summary::HEADS) {
        sheet.write_string_with_format(head, col, name, &bold)?;
        sheet.set_column_width(col, width)?;
    }
    sheet.set_freeze_panes(head + 1, 0)?;
    for (row, problem) in (head + 1..).zip(marks.listed) {
        sheet.write_number(row, 0, f64::from(row - head))?;
        for (col, words) in (1_u16..).zip(summary::line(problem)) {
            sheet.write_string_with_format(row, col, words, &text)?;
        }
        let marked = marks.sheets.contains_key(problem.sheet.as_str());
        if let (true, Some(link)) = (marked, summary::link(problem)) {
            let url = Url::new(format!("internal:{link}")).set_text(&problem.cell);
            sheet.write_url(row, 2, url)?;
        }
    }
    Ok(())
}
