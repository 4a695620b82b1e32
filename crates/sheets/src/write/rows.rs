//! Rows of records under the heads.

use jiff::civil::Date;
use qipan_model::{Confirmation, FieldType, Units, Value, masked};
use rust_xlsxwriter::Worksheet;

use super::WriteError;
use super::cells::{Cell, Styles, cell};
use super::layout::SheetPlan;
use super::top::lines;

/// Puts records into a sheet in the users' layout.
pub(super) struct Rows<'a> {
    pub plan: &'a SheetPlan<'a>,
    pub styles: &'a Styles,
    pub units: &'a Units,
    /// Whether personal fields are written in full.
    pub personal: bool,
    /// The day on which the reader understands names in rows without a day of their own: the
    /// end of the period in the title.
    pub day: Option<Date>,
}

impl Rows<'_> {
    /// Writes one record.
    pub fn put(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        nth: f64,
        values: &[Value],
        state: Confirmation,
    ) -> Result<(), WriteError> {
        self.set_height(sheet, row, values)?;
        let day = self.day_of(values);
        sheet.write_number_with_format(row, 0, nth, &self.styles.number)?;
        for (col, column) in (1_u16..).zip(&self.plan.columns) {
            let value = values.get(column.index).unwrap_or(&Value::Null);
            let hidden = (column.field.personal && !self.personal).then(|| masked(value));
            let value = hidden.as_ref().unwrap_or(value);
            let content = cell(column.field, value, self.units, self.plan.money, day);
            let look = self.styles.of(column.field, self.plan.money);
            self.styles.put(sheet, row, col, &content, look)?;
        }
        if let Some(col) = self.plan.confirmation_col() {
            sheet.write_string_with_format(row, col, state.word(), &self.styles.number)?;
        }
        Ok(())
    }

    /// The day on which the reader will understand the names in a row.
    pub fn day_of(&self, values: &[Value]) -> Option<Date> {
        let own = self.plan.register.date;
        own.and_then(|index| values.get(index)?.as_date())
            .or(self.day)
    }

    /// Writes an empty row, ready to be filled in.
    pub fn put_empty(&self, sheet: &mut Worksheet, row: u32) -> Result<(), WriteError> {
        sheet.write_blank(row, 0, &self.styles.number)?;
        for (col, column) in (1_u16..).zip(&self.plan.columns) {
            let look = self.styles.of(column.field, self.plan.money);
            self.styles.put(sheet, row, col, &Cell::Blank, look)?;
        }
        if let Some(col) = self.plan.confirmation_col() {
            sheet.write_blank(row, col, &self.styles.number)?;
        }
        Ok(())
    }

    /// Makes a row as high as its longest text needs: not every program does so by itself.
    pub fn set_height(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        values: &[Value],
    ) -> Result<(), WriteError> {
        let needed = self.plan.columns.iter().filter_map(|column| {
            let text = match (&column.field.ty, values.get(column.index)?) {
                (FieldType::Unit { .. }, Value::Text(id)) => &self.units.get(id)?.name,
                (_, Value::Text(text)) => text,
                _ => return None,
            };
            Some(lines(text, u32::from(column.width)))
        });
        if let Some(count) = needed.max().filter(|&count| count > 1) {
            sheet.set_row_height(row, 15 * count)?;
        }
        Ok(())
    }
}
