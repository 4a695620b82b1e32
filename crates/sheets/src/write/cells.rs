//! Values as cells: what is written for a value, and how each kind of cell looks.

use std::borrow::Cow;

use jiff::civil::{Date, date};
use qipan_model::{Field, FieldType, MoneyUnit, Units, Value};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet};

use super::{WriteError, names};

/// Day 0 of Excel's 1900 date system, valid for days from [`FIRST_SURE_DAY`].
const SERIAL_ZERO: Date = date(1899, 12, 30);
/// Excel believes in 29 February 1900: serial numbers are only sure from here on.
const FIRST_SURE_DAY: Date = date(1900, 3, 1);
/// Numbers of more digits do not survive a spreadsheet's doubles; they are written as text.
const SURE_DIGITS: u32 = 15;
/// Font of everything we write; spreadsheets fall back to their own when it is missing.
const FONT: &str = "宋体";

/// What a cell of a workbook holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Blank,
    Text(Cow<'a, str>),
    /// A number, also the serial number of a day.
    Number(f64),
}

/// The nearest double of a decimal, when a spreadsheet keeps all its digits.
///
/// One IEEE division of two exact doubles is correctly rounded, which
/// `Decimal::to_f64` does not promise.
pub(super) fn exact_double(number: Decimal) -> Option<f64> {
    let number = number.normalize();
    let mantissa = number.mantissa();
    if mantissa.unsigned_abs() >= 10_u128.pow(SURE_DIGITS) || number.scale() > 22 {
        return None;
    }
    // Below 10^15 every whole number is a double, and so is every power of ten up to 10^22.
    #[expect(clippy::cast_precision_loss, reason = "both are exact, see above")]
    let quotient = mantissa as f64 / 10_u128.pow(number.scale()) as f64;
    Some(quotient)
}

fn number<'a>(number: Decimal) -> Cell<'a> {
    exact_double(number).map_or_else(
        || Cell::Text(Cow::Owned(number.normalize().to_string())),
        Cell::Number,
    )
}

/// Serial number of a day, when all spreadsheets agree on it.
pub(super) fn day_number(day: Date) -> Option<f64> {
    let days = day.duration_since(SERIAL_ZERO).as_hours() / 24;
    let days = i32::try_from(days).ok()?;
    (day >= FIRST_SURE_DAY).then(|| f64::from(days))
}

/// A value of a field as a cell in the users' layout: names of units
/// (as understood on a day), money in the sheet's unit.
pub(super) fn cell<'a>(
    field: &Field,
    value: &'a Value,
    units: &'a Units,
    money: MoneyUnit,
    day: Option<Date>,
) -> Cell<'a> {
    match value {
        Value::Null => Cell::Blank,
        Value::Bool(yes) => Cell::Text(Cow::Borrowed(if *yes { "是" } else { "否" })),
        Value::Int(n) => number(Decimal::from(*n)),
        Value::Decimal(d) if matches!(field.ty, FieldType::Money { .. }) => {
            number(d / money.factor())
        }
        Value::Decimal(d) => number(*d),
        Value::Date(day) => {
            day_number(*day).map_or_else(|| Cell::Text(Cow::Owned(day.to_string())), Cell::Number)
        }
        Value::Text(text) => {
            let unit = matches!(field.ty, FieldType::Unit { .. }).then(|| units.get(text));
            Cell::Text(Cow::Borrowed(match unit {
                Some(Some(unit)) => names::written(units, unit, day),
                _ => text,
            }))
        }
    }
}

/// Looks of the cells we write.
#[derive(Debug)]
pub(super) struct Styles {
    pub title: Format,
    pub line: Format,
    pub line_right: Format,
    pub head: Format,
    pub head_required: Format,
    pub number: Format,
    pub note: Format,
    text: Format,
    formula_like: Format,
    int: Format,
    money_yuan: Format,
    money: Format,
    area: Format,
    decimals: Vec<Format>,
    date: Format,
}

impl Styles {
    pub fn new() -> Self {
        let plain = || Format::new().set_font_name(FONT).set_font_size(11);
        let boxed = || {
            plain()
                .set_border(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter)
        };
        let head = || {
            boxed()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
        };
        let figure = |pattern: &str| boxed().set_num_format(pattern);
        Self {
            title: plain()
                .set_bold()
                .set_font_size(16)
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            line: plain(),
            line_right: plain().set_align(FormatAlign::Right),
            head: head().set_background_color(Color::RGB(0xE7_EEF5)),
            head_required: head()
                .set_background_color(Color::RGB(0xE7_EEF5))
                .set_font_color(Color::RGB(0xC0_0000)),
            number: boxed().set_align(FormatAlign::Center),
            note: plain().set_font_size(10).set_text_wrap(),
            text: boxed().set_text_wrap().set_num_format("@"),
            formula_like: boxed()
                .set_text_wrap()
                .set_num_format("@")
                .set_quote_prefix(),
            int: figure("0"),
            money_yuan: figure("#,##0.00"),
            money: figure("#,##0.00####"),
            area: figure("0.00##"),
            decimals: (0..=6_usize)
                .map(|scale| match scale {
                    0 => figure("0"),
                    _ => figure(&format!("0.0{}", "#".repeat(scale - 1))),
                })
                .collect(),
            date: figure("yyyy-mm-dd"),
        }
    }

    /// How the cells of a field look.
    pub fn of(&self, field: &Field, money: MoneyUnit) -> &Format {
        match &field.ty {
            FieldType::Text { .. }
            | FieldType::Choice { .. }
            | FieldType::Unit { .. }
            | FieldType::Bool => &self.text,
            FieldType::Int { .. } => &self.int,
            FieldType::Decimal { scale, .. } => self
                .decimals
                .get(usize::from(*scale))
                .unwrap_or(&self.money),
            FieldType::Money { .. } if money == MoneyUnit::Yuan => &self.money_yuan,
            FieldType::Money { .. } => &self.money,
            FieldType::Area => &self.area,
            FieldType::Date { .. } => &self.date,
        }
    }

    /// Puts a cell down. Text stays text, whatever it looks like.
    pub fn put(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        col: u16,
        cell: &Cell<'_>,
        look: &Format,
    ) -> Result<(), WriteError> {
        match cell {
            Cell::Blank => sheet.write_blank(row, col, look)?,
            Cell::Number(n) => sheet.write_number_with_format(row, col, *n, look)?,
            Cell::Text(text) => {
                // The quote prefix keeps it text even after somebody edits the cell.
                let guarded = matches!(crate::guard::guard(text), Cow::Owned(_));
                let look = if guarded { &self.formula_like } else { look };
                sheet.write_string_with_format(row, col, text.as_ref(), look)?
            }
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("9200.350001", Some(9200.350001))]
    #[case("0.000001", Some(0.000001))]
    #[case("-12.50", Some(-12.5))]
    #[case("99999999.999999", Some(99999999.999999))]
    #[case("123456789012.345678", None)]
    fn doubles_are_the_nearest_or_none(#[case] text: &str, #[case] expect: Option<f64>) {
        assert_eq!(exact_double(text.parse().unwrap()), expect);
    }
}
