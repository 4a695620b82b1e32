//! Templates (填报模板): the register's workbook for one unit and period, with what is already
//! known filled in, that imports back unchanged.

use std::fmt::Write as _;

use jiff::civil::Date;
use qipan_model::{
    Confirmation, DistinctOf, Field, FieldType, Indicator, Measure, MoneyUnit, Pack, Period,
    Record, Register, Source, Unit, UnitRole, Value,
};
use rust_xlsxwriter::{DataValidation, Formula, Note, Workbook, Worksheet};

use super::WriteError;
use super::cells::Styles;
use super::layout::{CONFIRMATION_HEAD, SheetPlan};
use super::rows::Rows;
use super::top::{Letterhead, Top, footnotes, lines};

/// Name of the hidden sheet that carries long dropdown lists; it holds no records.
pub const DICTIONARY_SHEET: &str = "字典";
/// Empty rows under the known ones, ready to be filled in.
const EMPTY_ROWS: u32 = 30;
/// Longest dropdown list that Excel keeps inside a cell rule, in UTF-16 units with commas.
const INLINE_LIST: usize = 255;

const CONFIRMATION_NOTE: &str = "【选填】对方对这一条的答复：已确认、待确认或有异议；空着视为已确认。\n待确认和有异议的记录不计入指标。";

/// For whom and when a template is, and what is known already.
#[derive(Debug, Clone, Copy)]
pub struct TemplateOptions<'a> {
    /// Who fills it in; the line stays open when nobody is named.
    pub unit: Option<&'a Unit>,
    /// Period of the return.
    pub period: Period,
    /// Money unit of the sheet; the layout's own when `None`.
    pub money: Option<MoneyUnit>,
    /// What is known already.
    pub known: &'a [Record],
}

/// Whether a return of the period goes on with a row that is known: one dated no later than its
/// end, or by a day that may lie ahead, such as a task's due date.
#[must_use]
pub fn goes_on(register: &Register, values: &[Value], period: Period) -> bool {
    register
        .date
        .filter(|&date| !matches!(register.fields[date].ty, FieldType::Date { future: true }))
        .and_then(|date| values.get(date))
        .and_then(Value::as_date)
        .is_none_or(|day| day <= period.end())
}

/// Writes the register's workbook as an .xlsx file.
///
/// # Errors
/// When the workbook writer refuses something, for example a text of more than 32,767 characters.
pub fn template(
    pack: &Pack,
    register: &Register,
    options: TemplateOptions<'_>,
) -> Result<Vec<u8>, WriteError> {
    let in_use = |field: &Field| {
        field
            .retired
            .is_none_or(|last| last >= options.period.start())
    };
    let plan = SheetPlan::new(register, options.money, in_use);
    let styles = Styles::new();
    let mut workbook = Workbook::new();
    let mut dictionary = Dictionary::default();

    let sheet = workbook.add_worksheet();
    sheet.set_name(&register.layout.sheet)?;
    let line = Letterhead {
        title: register
            .layout
            .title
            .replace("{period}", &options.period.name()),
        left: format!(
            "填报单位（盖章）：{}",
            options.unit.map_or("", |unit| unit.name.as_str())
        ),
    };
    let top = Top::write(sheet, &plan, &styles, Some(&line))?;
    top.set_up_print(sheet, &plan)?;
    for head in plan.heads() {
        let note = match head.column.and_then(|position| plan.columns.get(position)) {
            Some(column) => explain(
                pack,
                register,
                column.index,
                plan.money,
                options.period.end(),
            ),
            None if head.text == CONFIRMATION_HEAD => CONFIRMATION_NOTE.to_owned(),
            None => continue,
        };
        let note_height = lines(&note, 34) * 18 + 10;
        let note = Note::new(note)
            .add_author_prefix(false)
            .set_width(280)
            .set_height(note_height);
        sheet.insert_note(top.head_row + head.row, head.col, &note)?;
    }

    let rows = Rows {
        plan: &plan,
        styles: &styles,
        units: &pack.units,
        personal: true,
        day: Some(options.period.end()),
    };
    let mut next_row = top.first_row;
    for (nth, record) in (1_u32..).zip(options.known) {
        rows.put(
            sheet,
            next_row,
            f64::from(nth),
            &record.values,
            record.confirmation,
        )?;
        next_row += 1;
    }
    let last_row = next_row + EMPTY_ROWS - 1;
    for row in next_row..=last_row {
        rows.put_empty(sheet, row)?;
    }
    for (col, column) in (1_u16..).zip(&plan.columns) {
        if let Some(list) = choices(pack, column.field, options.period) {
            let rule = dropdown(&list, &mut dictionary)?;
            sheet.add_data_validation(top.first_row, col, last_row, col, &rule)?;
        }
    }
    if let Some(col) = plan.confirmation_col() {
        let words = [
            Confirmation::Agreed,
            Confirmation::Pending,
            Confirmation::Contested,
            Confirmation::Arbitrated,
        ];
        let rule = dropdown(&words.map(|state| state.word().to_owned()), &mut dictionary)?;
        sheet.add_data_validation(top.first_row, col, last_row, col, &rule)?;
    }
    footnotes(sheet, last_row + 1, &plan, &styles)?;
    if !dictionary.columns.is_empty() {
        dictionary.write(workbook.add_worksheet())?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Long dropdown lists, one a column, on a hidden sheet.
#[derive(Default)]
struct Dictionary {
    columns: Vec<Vec<String>>,
}

impl Dictionary {
    /// The range of a list, which is added when it is new.
    fn range_of(&mut self, list: &[String]) -> String {
        let known = self.columns.iter().position(|column| column == list);
        let position = known.unwrap_or(self.columns.len());
        let (rows, col) = (list.len(), u16::try_from(position).unwrap_or(u16::MAX));
        if known.is_none() {
            self.columns.push(list.to_vec());
        }
        let col = rust_xlsxwriter::utility::column_number_to_name(col);
        format!("={DICTIONARY_SHEET}!${col}$1:${col}${rows}")
    }

    fn write(&self, sheet: &mut Worksheet) -> Result<(), WriteError> {
        sheet.set_name(DICTIONARY_SHEET)?;
        sheet.set_hidden(true);
        for (col, list) in (0_u16..).zip(&self.columns) {
            for (row, word) in (0_u32..).zip(list) {
                sheet.write_string(row, col, word)?;
            }
        }
        Ok(())
    }
}

/// The words that may be typed into a column; `None` when it takes anything.
fn choices(pack: &Pack, field: &Field, period: Period) -> Option<Vec<String>> {
    let list: Vec<String> = match &field.ty {
        FieldType::Choice { options } => options.iter().map(|o| o.label.clone()).collect(),
        FieldType::Bool => vec!["是".to_owned(), "否".to_owned()],
        FieldType::Unit { role } => pack
            .units
            .all()
            .iter()
            .filter(|unit| role.is_none_or(|role| unit.role == role))
            .filter(|unit| unit.validity.overlaps(period.start(), period.end()))
            .map(|unit| unit.name.clone())
            .collect(),
        _ => return None,
    };
    (!list.is_empty()).then_some(list)
}

/// A dropdown of words: within the cell rule when they fit, else on the hidden sheet.
fn dropdown(list: &[String], dictionary: &mut Dictionary) -> Result<DataValidation, WriteError> {
    let length = list
        .iter()
        .map(|word| word.encode_utf16().count() + 1)
        .sum::<usize>()
        - 1;
    let rule = if length <= INLINE_LIST && list.iter().all(|word| !word.contains([',', '"'])) {
        DataValidation::new().allow_list_strings(list)?
    } else {
        DataValidation::new().allow_list_formula(Formula::new(dictionary.range_of(list)))
    };
    Ok(rule
        .set_error_title("请从下拉列表中选择")?
        .set_error_message("这里只能填下拉列表中的词。")?)
}

/// The note on a head: what to fill in, and which figures need it (promise 9).
fn explain(pack: &Pack, register: &Register, index: usize, money: MoneyUnit, day: Date) -> String {
    let field = &register.fields[index];
    let mut note = String::new();
    let kind = kind_in_words(field, money);
    let _ = match (&field.derived, field.required) {
        (Some(_), _) => writeln!(note, "【自动计算，不用填】"),
        (None, true) => writeln!(note, "【必填】{kind}"),
        (None, false) => writeln!(note, "【选填】{kind}"),
    };
    if !field.help.is_empty() {
        let _ = writeln!(note, "{}", field.help);
    }
    if register.key.contains(&index) {
        let _ = writeln!(note, "本栏用来认出同一条记录，请不要改动已有的内容。");
    }
    let mut used_by: Vec<&str> = pack
        .indicators_on(day)
        .filter(|indicator| uses(indicator, register, index))
        .map(|indicator| indicator.name.as_str())
        .collect();
    used_by.dedup();
    let _ = if used_by.is_empty() {
        write!(note, "用于：台账留存，不进指标。")
    } else {
        write!(note, "用于指标：{}。", used_by.join("、"))
    };
    note
}

fn kind_in_words(field: &Field, money: MoneyUnit) -> String {
    let bounds = |min: Option<String>, max: Option<String>| match (min, max) {
        (Some(min), Some(max)) => format!("，{min} 至 {max}"),
        (Some(min), None) => format!("，不小于 {min}"),
        (None, Some(max)) => format!("，不大于 {max}"),
        (None, None) => String::new(),
    };
    let text = match &field.ty {
        FieldType::Text { max } => format!("文字，最多 {max} 字"),
        FieldType::Choice { .. } => "从下拉列表中选择".to_owned(),
        FieldType::Int { min, max } => format!(
            "整数{}",
            bounds(min.map(|n| n.to_string()), max.map(|n| n.to_string()))
        ),
        FieldType::Decimal { scale, min, max } => format!(
            "数，最多 {scale} 位小数{}",
            bounds(min.map(|n| n.to_string()), max.map(|n| n.to_string()))
        ),
        FieldType::Money { .. } => format!("金额，单位{}", money.word()),
        FieldType::Area => "面积，单位亩".to_owned(),
        FieldType::Date { .. } => "日期，如 2021-06-30".to_owned(),
        FieldType::Unit { role } => match role {
            Some(UnitRole::Supporter) => "帮扶方，从下拉列表中选择".to_owned(),
            Some(UnitRole::Recipient) => "受援方，从下拉列表中选择".to_owned(),
            _ => "单位，从下拉列表中选择".to_owned(),
        },
        FieldType::Bool => "是或否".to_owned(),
    };
    match &field.ty {
        FieldType::Int { .. } | FieldType::Decimal { .. } if !field.measure.is_empty() => {
            format!("{text}，单位{}", field.measure)
        }
        _ => text,
    }
}

/// Whether an indicator reads a field of a register.
fn uses(indicator: &Indicator, register: &Register, index: usize) -> bool {
    indicator
        .sources
        .iter()
        .filter(|source| source.register == register.id)
        .any(|source| reads(source, index) || counts_side(indicator, register, index))
}

fn reads(source: &Source, index: usize) -> bool {
    let mut expressions = source.filter.iter().chain(&source.value);
    let places = [
        Some(source.date),
        source.done_by,
        source.ends,
        source.distinct,
    ];
    places.contains(&Some(index)) || expressions.any(|expr| expr.columns().contains(&index))
}

/// Distinct counts of sides read the field that names the side.
fn counts_side(indicator: &Indicator, register: &Register, index: usize) -> bool {
    let supporter = register.supporter == Some(index);
    let recipient = register.recipient == Some(index);
    match indicator.measure {
        Measure::Distinct(DistinctOf::Supporter) => supporter,
        Measure::Distinct(DistinctOf::Recipient | DistinctOf::Group) => recipient,
        Measure::Distinct(DistinctOf::Link) => supporter || recipient,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use calamine::{Data, Reader, Xlsx};

    use super::*;
    use crate::write::testing;

    fn made() -> Vec<u8> {
        let pack = testing::pack();
        let rows = testing::records();
        let options = TemplateOptions {
            unit: pack.units.get("kaizhou"),
            period: "2021H1".parse().unwrap(),
            money: None,
            known: &rows,
        };
        template(&pack, &pack.registers[0], options).unwrap()
    }

    fn part(bytes: &[u8], name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        zip.by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn shows_title_reporter_unit_and_known_rows() {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(made())).unwrap();
        let range = book.worksheet_range("项目台账").unwrap();
        let at = |row, col| range.get_value((row, col)).cloned().unwrap_or(Data::Empty);
        assert_eq!(
            at(0, 0),
            Data::String("2021年上半年对口协同项目台账".into())
        );
        assert_eq!(at(1, 0), Data::String("填报单位（盖章）：开州区".into()));
        assert_eq!(at(1, 13), Data::String("单位：万元".into()));
        assert_eq!(at(4, 0), Data::Float(1.0));
        assert_eq!(at(4, 6), Data::Float(9200.350001));
        assert_eq!(at(4, 12), Data::String("是".into()));
        assert_eq!(
            at(4 + 3 + EMPTY_ROWS, 0),
            Data::String("注：金额保留到分。".into())
        );
    }

    #[test]
    fn offers_dropdowns_notes_and_frozen_heads() {
        let bytes = made();
        let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
        for expect in [
            r#"<formula1>"前期,已开工,已完工"</formula1>"#,
            r#"<formula1>"万州区,开州区"</formula1>"#,
            r#"<formula1>"是,否"</formula1>"#,
            r#"state="frozen""#,
            r#"orientation="landscape""#,
        ] {
            assert!(sheet.contains(expect), "{expect} not in {sheet}");
        }
        let notes = part(&bytes, "xl/comments1.xml");
        assert!(notes.contains("【必填】文字，最多 64 字"), "{notes}");
        assert!(notes.contains("用于指标：累计下达项目。"), "{notes}");
        assert!(notes.contains("用于：台账留存，不进指标。"), "{notes}");
    }

    #[test]
    fn long_lists_move_to_a_hidden_sheet() {
        let mut pack = testing::pack();
        let FieldType::Choice { options } = &mut pack.registers[0].fields[4].ty else {
            panic!("a choice");
        };
        for option in options.iter_mut() {
            option.label = format!("{}{}", option.label, "很长".repeat(50));
        }
        let options = TemplateOptions {
            unit: None,
            period: "2021".parse().unwrap(),
            money: Some(MoneyUnit::Yuan),
            known: &[],
        };
        let bytes = template(&pack, &pack.registers[0], options).unwrap();
        let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
        assert!(
            sheet.contains("<formula1>字典!$A$1:$A$3</formula1>"),
            "{sheet}"
        );
        let workbook = part(&bytes, "xl/workbook.xml");
        assert!(
            workbook.contains(r#"name="字典" sheetId="2" state="hidden""#),
            "{workbook}"
        );
    }

    #[test]
    #[ignore = "writes a file to look at: LOOK=folder cargo test -- --ignored looks"]
    fn looks_right() {
        let folder = std::env::var("LOOK").unwrap();
        std::fs::write(format!("{folder}/template.xlsx"), made()).unwrap();
    }
}
