//! How a sample row looks once an office has typed it.

use jiff::civil::Date;
use qipan_model::{FieldType, Unit, Value};
use rust_decimal::Decimal;
use rust_xlsxwriter::Worksheet;

use super::source::SampleRow;
use super::{Dates, Style, UnitNames};
use crate::write::cells::{Cell, cell, day_number};
use crate::write::layout::Column;
use crate::write::rows::Rows;
use crate::write::{WriteError, names};

/// Every so many rows somebody typed in full-width digits.
const FULL_WIDTH_EVERY: u32 = 7;

/// Writes rows in a style.
pub(super) struct Disguise<'a> {
    pub rows: Rows<'a>,
    pub style: &'a Style,
}

impl Disguise<'_> {
    /// Writes one row.
    pub fn put(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        nth: u32,
        source: &SampleRow,
    ) -> Result<(), WriteError> {
        self.rows.set_height(sheet, row, &source.values)?;
        sheet.write_number_with_format(row, 0, f64::from(nth), &self.rows.styles.number)?;
        let day = self.rows.day_of(&source.values);
        for (col, column) in (1_u16..).zip(&self.rows.plan.columns) {
            self.put_value(
                sheet,
                row,
                col,
                column,
                &source.values[column.index],
                day,
                nth,
            )?;
        }
        if let Some(col) = self.rows.plan.confirmation_col() {
            let words = &source.confirmation;
            sheet.write_string_with_format(row, col, words, &self.rows.styles.number)?;
        }
        Ok(())
    }

    /// Writes the 合计 row: the sums of the money columns.
    pub fn put_total(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        rows: &[SampleRow],
    ) -> Result<(), WriteError> {
        sheet.write_string_with_format(row, 0, "合计", &self.rows.styles.number)?;
        for (col, column) in (1_u16..).zip(&self.rows.plan.columns) {
            let sum = match column.field.ty {
                FieldType::Money { .. } => Value::Decimal(
                    rows.iter()
                        .filter_map(|row| row.values[column.index].as_decimal())
                        .sum(),
                ),
                _ => Value::Null,
            };
            self.put_value(sheet, row, col, column, &sum, None, 1)?;
        }
        if let Some(col) = self.rows.plan.confirmation_col() {
            sheet.write_blank(row, col, &self.rows.styles.number)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "place, what and in which row")]
    fn put_value(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        col: u16,
        column: &Column<'_>,
        value: &Value,
        day: Option<Date>,
        nth: u32,
    ) -> Result<(), WriteError> {
        let (field, money) = (column.field, self.rows.plan.money);
        let look = self.rows.styles.of(field, money);
        let written = match (value, &field.ty) {
            (Value::Date(date), _) => match self.style.dates {
                Dates::Iso => None,
                Dates::Serial => {
                    if let Some(number) = day_number(*date) {
                        // A bare number: nothing says that it is a day.
                        sheet.write_number_with_format(
                            row,
                            col,
                            number,
                            &self.rows.styles.number,
                        )?;
                        return Ok(());
                    }
                    None
                }
                Dates::Dotted => Some(format!("{}.{}.{}", date.year(), date.month(), date.day())),
                Dates::Chinese => {
                    let text = format!("{}年{}月{}日", date.year(), date.month(), date.day());
                    Some(if nth.is_multiple_of(FULL_WIDTH_EVERY) {
                        full_width(&text)
                    } else {
                        text
                    })
                }
            },
            (Value::Text(id), FieldType::Unit { .. }) => {
                self.rows.units.get(id).map(|unit| self.name_of(unit, day))
            }
            (Value::Decimal(_) | Value::Int(_), _) if self.style.texts => {
                let number = value.as_decimal().unwrap_or_default();
                let number = match field.ty {
                    FieldType::Money { .. } => number / money.factor(),
                    _ => number,
                };
                let text = grouped(number);
                Some(if nth.is_multiple_of(FULL_WIDTH_EVERY) {
                    full_width(&text)
                } else {
                    text
                })
            }
            _ => None,
        };
        let content = match written {
            Some(text) => Cell::Text(text.into()),
            None => cell(field, value, self.rows.units, money, day),
        };
        self.rows.styles.put(sheet, row, col, &content, look)
    }

    /// The name by which the office calls a unit, never one that could mean another.
    fn name_of(&self, unit: &Unit, day: Option<Date>) -> String {
        let units = self.rows.units;
        let wanted = match self.style.units {
            UnitNames::Full => None,
            UnitNames::Short => Some(unit.short.as_str()),
            UnitNames::Old => unit
                .aliases
                .iter()
                .find(|(_, validity)| validity.to.is_some())
                .map(|(alias, _)| alias.as_str()),
        };
        wanted
            .filter(|name| names::is_clear(units, unit, name, day))
            .unwrap_or_else(|| names::written(units, unit, day))
            .to_owned()
    }
}

/// 全角 digits, points and commas.
fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' | ',' | '.' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// A number with thousands separators and at least its own places: `12,000.00`.
fn grouped(number: Decimal) -> String {
    let text = number.normalize().to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut grouped = String::from(sign);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !places.is_empty() {
        grouped.push('.');
        grouped.push_str(places);
    }
    grouped
}

/// 一 to 九十九.
pub(super) fn chinese_ordinal(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (number / 10 % 10, number % 10);
    match tens {
        0 => DIGITS[ones].to_owned(),
        1 => format!("十{}", DIGITS[ones]),
        _ => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_as_offices_do() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(grouped(number("12000.00")), "12,000");
        assert_eq!(grouped(number("1234567.5")), "1,234,567.5");
        assert_eq!(grouped(number("-999")), "-999");
        assert_eq!(grouped(number("126.02")), "126.02");
        assert_eq!(full_width("1,234.5年"), "１，２３４．５年");
        assert_eq!(
            [1, 10, 12, 21].map(chinese_ordinal),
            ["一", "十", "十二", "二十一"]
        );
    }
}
