//! Sample workbooks (示例工作簿): the committed sample rows of a pack, disguised as offices really
//! send them, so that the demo and the tests import what people would.
//!
//! Deterministic: the same sources give the same cells.

mod disguise;
mod source;

use std::path::{Path, PathBuf};

use qipan_model::{MoneyUnit, Pack, Period, Register};
use rust_xlsxwriter::{Workbook, Worksheet};
use serde::Deserialize;

use self::disguise::{Disguise, chinese_ordinal};
use self::source::Sample;
use super::WriteError;
use super::cells::Styles;
use super::layout::SheetPlan;
use super::rows::Rows;
use super::top::{Letterhead, Top, across, footnotes};

/// Name of the file that says which register goes where.
const INDEX: &str = "workbooks.toml";
/// Every title says that nothing here is real.
const LABEL: &str = "（示例数据）";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    workbook: Vec<WorkbookEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkbookEntry {
    file: String,
    sheet: Vec<SheetEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SheetEntry {
    register: String,
    #[serde(default)]
    style: Style,
}

/// How a sheet is disguised; every key is explained in `workbooks.toml` itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Style {
    money: Option<MoneyUnit>,
    title: bool,
    merged: bool,
    total_row: bool,
    sections_by: Option<String>,
    dates: Dates,
    units: UnitNames,
    texts: bool,
    notes: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Dates {
    #[default]
    Iso,
    Chinese,
    Dotted,
    Serial,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum UnitNames {
    #[default]
    Full,
    Short,
    Old,
}

/// Writes the sample workbooks that `workbooks.toml` in a pack's sample folder describes
/// (`samples/2021H1`; the folder's name is the period) and gives their paths in order.
///
/// # Errors
/// [`WriteError::Sample`] when the sources do not fit the pack, other variants when the output
/// cannot be written.
pub fn write_sample_workbooks(
    pack: &Pack,
    samples_dir: &Path,
    out_dir: &Path,
) -> Result<Vec<PathBuf>, WriteError> {
    let wrong = |file: &str, cause: String| WriteError::Sample {
        file: file.to_owned(),
        cause,
    };
    let text = std::fs::read_to_string(samples_dir.join(INDEX))?;
    let index: Index = toml::from_str(&text).map_err(|error| wrong(INDEX, error.to_string()))?;
    let folder = samples_dir.file_name().unwrap_or_default();
    let folder = folder.to_string_lossy();
    let period: Period = folder
        .parse()
        .map_err(|error| wrong(&folder, format!("{error}")))?;
    std::fs::create_dir_all(out_dir)?;
    let mut paths = Vec::new();
    for entry in &index.workbook {
        if Path::new(&entry.file).file_name() != Some(entry.file.as_ref()) {
            return Err(wrong(INDEX, format!("“{}”不是文件名", entry.file)));
        }
        let mut workbook = Workbook::new();
        for sheet in &entry.sheet {
            let Some(register) = pack.register(&sheet.register) else {
                return Err(wrong(
                    INDEX,
                    format!("机制包里没有台账“{}”", sheet.register),
                ));
            };
            let sample = Sample::read(samples_dir, register)?;
            write_sheet(
                workbook.add_worksheet(),
                pack,
                register,
                &sample,
                &sheet.style,
                period,
            )?;
        }
        let path = out_dir.join(&entry.file);
        workbook.save(&path)?;
        paths.push(path);
    }
    Ok(paths)
}

fn write_sheet(
    sheet: &mut Worksheet,
    pack: &Pack,
    register: &Register,
    sample: &Sample,
    style: &Style,
    period: Period,
) -> Result<(), WriteError> {
    let mut plan = SheetPlan::new(register, style.money, |field| sample.has(&field.id));
    plan.confirmed = sample.confirmed;
    if !style.merged {
        plan.columns
            .iter_mut()
            .for_each(|column| column.heads = &[]);
    }
    let styles = Styles::new();
    sheet.set_name(&register.layout.sheet)?;
    let letterhead = style.title.then(|| Letterhead {
        title: register.layout.title.replace("{period}", &period.name()) + LABEL,
        left: "填报单位（盖章）：".to_owned(),
    });
    let top = Top::write(sheet, &plan, &styles, letterhead.as_ref())?;
    top.set_up_print(sheet, &plan)?;

    let disguise = Disguise {
        rows: Rows {
            plan: &plan,
            styles: &styles,
            units: &pack.units,
            personal: true,
            day: Some(period.end()),
        },
        style,
    };
    let mut next_row = top.first_row;
    if style.total_row {
        disguise.put_total(sheet, next_row, &sample.rows)?;
        next_row += 1;
    }
    let mut nth = 0;
    for (section, (name, rows)) in (1..).zip(sample.sections(register, style)?) {
        if let Some(name) = name {
            let name = pack.units.get(name).map_or(name, |unit| &unit.name);
            let words = format!("{}、{name}", chinese_ordinal(section));
            across(sheet, next_row, 0, plan.width() - 1, &words, &styles.head)?;
            next_row += 1;
        }
        for row in rows {
            nth += 1;
            disguise.put(sheet, next_row, nth, row)?;
            next_row += 1;
        }
    }
    if style.notes {
        footnotes(sheet, next_row, &plan, &styles)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
