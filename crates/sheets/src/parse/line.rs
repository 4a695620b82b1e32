//! What a row under the header is: a record, or one of the things that people write between
//! records.

use qipan_model::Register;

use crate::fold;
use crate::read::{Cell, Row};
use crate::recognise::{Recognised, Target};

/// Rows that were passed over, by sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// Rows without anything.
    pub blank: u64,
    /// 合计, 小计, 总计 and 其中 rows.
    pub totals: u64,
    /// 一、产业协同.
    pub sections: u64,
    /// 注：…, 填表人：… and what follows them.
    pub notes: u64,
    /// The header again, or a row of column numbers.
    pub headers: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Record,
    Other,
}

pub(super) struct Lines {
    /// Mapped columns with the folded header above each.
    columns: Vec<(u32, String)>,
    /// Columns of key and required fields.
    essential: Vec<u32>,
    first_column: u32,
    in_notes: bool,
    at_first: bool,
    pub(super) skipped: Skipped,
}

const NOTES: [&str; 16] = [
    "注:",
    "注1",
    "备注:",
    "说明:",
    "填表说明",
    "填表人",
    "填报人",
    "制表",
    "审核人",
    "审核:",
    "负责人",
    "联系人",
    "联系电话",
    "填报日期",
    "填表日期",
    "填报单位",
];

impl Lines {
    pub(super) fn new(table: &Recognised, register: &Register) -> Self {
        let mut columns = Vec::new();
        let mut essential = Vec::new();
        for map in &table.columns {
            if let Target::Field(field) = map.target {
                let leaf = map.header.rsplit('/').next().unwrap_or_default();
                columns.push((map.column, fold::label(leaf)));
                if register.key.contains(&field) || register.fields[field].required {
                    essential.push(map.column);
                }
            }
        }
        Self {
            first_column: columns.iter().map(|(column, _)| *column).min().unwrap_or(0),
            columns,
            essential,
            in_notes: false,
            at_first: true,
            skipped: Skipped::default(),
        }
    }

    pub(super) fn classify(&mut self, row: &Row, is_banner: impl FnOnce() -> bool) -> Line {
        let first_row = std::mem::replace(&mut self.at_first, false);
        let mut own = row.own();
        let Some((column, cell)) = own.next() else {
            self.skipped.blank += 1;
            return Line::Other;
        };
        if self.columns.iter().all(|(own, _)| *own < column) {
            // Nothing but what stands beside the table.
            self.skipped.notes += 1;
            return Line::Other;
        }
        // The quick way: a record has at least three cells, and one that begins with a number
        // or an unsuspicious text is no total.
        let second = own.next();
        let is_single = second.is_none();
        let text = match cell {
            Cell::Text(text) => text,
            // A number in the first cell: a record, or a row that numbers the columns.
            _ if first_row && is_numbering(row) => {
                self.skipped.headers += 1;
                return Line::Other;
            }
            _ => return self.second_text(row, second),
        };
        let folded = fold::tight(text);
        if NOTES.iter().any(|note| folded.starts_with(note))
            || (folded.starts_with('注') && is_single)
        {
            self.in_notes = true;
            self.skipped.notes += 1;
            return Line::Other;
        }
        // A total may name what it sums up: 其中 | 道路 | | | 1200.
        let is_bare = column < self.first_column && self.lacks_most(row);
        if is_total(&folded) && (is_bare || self.lacks_essentials(row, column)) {
            self.skipped.totals += 1;
            return Line::Other;
        }
        if is_single {
            if self.in_notes {
                self.skipped.notes += 1;
                return Line::Other;
            }
            let in_brackets = folded.starts_with('(') && folded.ends_with(')');
            let before = column < self.first_column;
            if is_enumerated(&folded) || before || in_brackets || is_banner() {
                self.skipped.sections += 1;
                return Line::Other;
            }
            if !self.essential.contains(&column) && self.essential.len() > 1 {
                self.skipped.notes += 1;
                return Line::Other;
            }
        }
        // A section row may carry its subtotal: 一、产业协同 | | | 20600.5.
        if is_enumerated(&folded) && self.lacks_essentials(row, column) {
            self.skipped.sections += 1;
            return Line::Other;
        }
        if self.is_header(row) || (first_row && is_numbering(row)) {
            self.skipped.headers += 1;
            return Line::Other;
        }
        self.second_text(row, second)
    }

    /// 合计 may stand in the second cell, behind a 序号.
    fn second_text(&mut self, row: &Row, second: Option<(u32, Cell<'_>)>) -> Line {
        if let Some((column, Cell::Text(text))) = second
            && text.chars().count() <= 12
        {
            let folded = fold::tight(text);
            if is_total(&folded) && self.lacks_essentials(row, column) {
                self.skipped.totals += 1;
                return Line::Other;
            }
        }
        self.in_notes = false;
        Line::Record
    }

    /// Whether the key and required cells are empty, apart from the one that holds the word.
    fn lacks_essentials(&self, row: &Row, word: u32) -> bool {
        let filled = self
            .essential
            .iter()
            .filter(|&&column| column != word && !row.is_filled(column))
            .filter(|&&column| {
                // A total fills amounts; texts and units are what makes a record.
                matches!(row.cell(column), Cell::Text(text)
                    if !text.trim().is_empty() && crate::parse::number::number(text).is_none()
                        && !crate::parse::around::is_dash(text.trim()))
            })
            .count();
        filled == 0
    }

    /// Whether at least half of the key and required cells are empty.
    fn lacks_most(&self, row: &Row) -> bool {
        let is_empty = |column: u32| match row.cell(column) {
            Cell::Text(text) => text.trim().is_empty(),
            cell => matches!(cell, Cell::Empty),
        };
        let empty = self.essential.iter().filter(|&&column| is_empty(column));
        empty.count() * 2 >= self.essential.len()
    }

    fn is_header(&self, row: &Row) -> bool {
        let (mut same, mut other) = (0, 0);
        for (column, label) in &self.columns {
            match row.cell(*column) {
                Cell::Text(text) if fold::label(text) == *label => same += 1,
                Cell::Empty => {}
                _ => {
                    other += 1;
                    if other > 1 {
                        return false;
                    }
                }
            }
        }
        same >= 2 && same > other
    }
}

/// 1 2 3 4 … or 甲 乙 (1) (2) 5=6+7 … under the header.
fn is_numbering(row: &Row) -> bool {
    let mut next = 1.0;
    let mut count = 0;
    for (_, cell) in row.own() {
        let number = match cell {
            Cell::Number(number) => number,
            Cell::Text("甲" | "乙" | "丙" | "丁" | "序号" | "栏次") => continue,
            Cell::Text(text) => {
                let folded = fold::tight(text);
                let number = folded.split('=').next().unwrap_or_default();
                match number.trim_matches(['(', ')']).parse::<f64>() {
                    Ok(number) => number,
                    Err(_) => return false,
                }
            }
            _ => return false,
        };
        #[allow(clippy::float_cmp)] // column numbers are small whole numbers
        if number != next {
            return false;
        }
        next += 1.0;
        count += 1;
    }
    count >= 3
}

fn is_total(folded: &str) -> bool {
    let word = folded.trim_matches(['(', ')', ':', '、']);
    if [
        "合计",
        "总计",
        "小计",
        "共计",
        "累计",
        "总和",
        "合计数",
        "全市合计",
        "本页合计",
        "本页小计",
        "total",
        "其中",
    ]
    .contains(&word)
    {
        return true;
    }
    let short = word.chars().count() <= 16;
    short
        && (word.ends_with("合计")
            || word.ends_with("小计")
            || word.ends_with("总计")
            || word.starts_with("其中:")
            || [
                "合计(", "小计(", "总计(", "合计:", "小计:", "总计:", "共计:",
            ]
            .iter()
            .any(|start| word.starts_with(start)))
}

/// 一、 （一） 第一部分 Ⅰ.
fn is_enumerated(folded: &str) -> bool {
    const NUMERALS: &str = "一二三四五六七八九十";
    let rest = folded.trim_start_matches(['(', '第']);
    let after = rest.trim_start_matches(|c| NUMERALS.contains(c));
    after.len() < rest.len()
        && (after.starts_with(['、', '.', ',', ')', ':'])
            || after.starts_with("部分")
            || after.starts_with("类"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_totals_and_sections() {
        for total in [
            "合计",
            "小计(产业协同)",
            "产业协同小计",
            "其中",
            "其中:区县自筹",
            "合计:",
        ] {
            assert!(is_total(total), "{total}");
        }
        for other in ["合计划项目", "累计完成的道路", "小计量单位检定所扩建"]
        {
            assert!(!is_total(other), "{other}");
        }
        for section in ["一、产业协同", "(二)城乡互动", "十一、科技", "第三部分"]
        {
            assert!(is_enumerated(section), "{section}");
        }
        for other in ["一号桥改造", "三峡库区项目", "第二中学"] {
            assert!(!is_enumerated(other), "{other}");
        }
    }
}
