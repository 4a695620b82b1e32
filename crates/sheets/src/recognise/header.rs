//! Header rows: every place where a header could stand is scored for every register.

use qipan_model::Side;

use super::dictionary::{Entry, Strength};
use super::head::{area_word, money_word};
use super::mapping::Said;
use super::{ColumnMap, Sheet, Target};
use crate::{a1, fold};

/// Most header rows on top of one another.
const DEPTH: usize = 4;

/// A register at a place.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Index among the registers that were offered.
    pub register: usize,
    /// First header row in the grid.
    pub first: usize,
    /// Last header row in the grid.
    pub last: usize,
    /// Column → field, by column.
    pub columns: Vec<(u32, usize)>,
    /// Further columns that look like a field which has its column already.
    pub duplicates: Vec<(u32, usize)>,
    /// Labelled columns that match nothing.
    pub unmatched: usize,
    /// Whether the headers are field ids.
    pub by_ids: bool,
    score: f32,
}

impl Candidate {
    /// Whether this fits so nearly as well as the best that a person must choose.
    pub(super) fn rivals(&self, best: &Self) -> bool {
        self.score >= best.score * 0.9 && self.columns.len() + 1 >= best.columns.len()
    }
}

/// The path of headers above a column, outermost first, as (folded, written, grid row).
fn path<'a>(
    sheet: &'a Sheet<'_>,
    first: usize,
    last: usize,
    column: u32,
) -> Vec<(&'a str, &'a str, usize)> {
    let mut path: Vec<(&str, &str, usize)> = Vec::new();
    for row in first..=last {
        if let Some(cell) = sheet.grid.cell(row, column) {
            // A title across the whole sheet is above everything and heads nothing.
            let is_title =
                cell.span >= 4 && f64::from(cell.span) > f64::from(sheet.grid.width()) * 0.6;
            if !is_title && path.last().is_none_or(|(label, _, _)| *label != cell.label) {
                path.push((&cell.label, &cell.text, row));
            }
        }
    }
    path
}

/// Without a unit word at the end: `总投资万元` → `总投资`.
fn without_unit(label: &str) -> Option<&str> {
    ["万元", "亿元", "元", "亩", "公顷", "㎡", "平方米"]
        .iter()
        .find_map(|unit| label.strip_suffix(unit))
        .map(|rest| rest.trim_end_matches(['/', ':', ',', '-', '、']))
        .filter(|rest| rest.chars().count() >= 2)
}

/// All entries that the path of a column leads to, surest first.
fn lookup(sheet: &Sheet<'_>, path: &[(&str, &str, usize)]) -> Vec<Entry> {
    let Some(((leaf, _, _), outer)) = path.split_last() else {
        return Vec::new();
    };
    let mut found: Vec<Entry> = Vec::new();
    let mut add = |entries: &[Entry], most: Strength| {
        for entry in entries {
            let strength = entry.strength.min(most);
            if !found
                .iter()
                .any(|other| (other.register, other.field) == (entry.register, entry.field))
            {
                found.push(Entry { strength, ..*entry });
            }
        }
    };
    // A row of units under the labels: 总投资 over (万元).
    if is_unit_row_cell(leaf) && !outer.is_empty() {
        return lookup(sheet, outer);
    }
    for from in 0..outer.len() {
        let joined: Vec<&str> = path[from..].iter().map(|(label, _, _)| *label).collect();
        add(sheet.dictionary.get(&joined.join("/")), Strength::Path);
        add(sheet.dictionary.get(&joined.concat()), Strength::Label);
    }
    add(sheet.dictionary.get(leaf), Strength::Id);
    let (outside, inside) = fold::split_brackets(leaf);
    if !inside.is_empty() {
        add(sheet.dictionary.get(&outside), Strength::LooseLabel);
    }
    if let Some(bare) = without_unit(&outside) {
        add(sheet.dictionary.get(bare), Strength::LooseLabel);
    }
    found
}

/// Whether a header cell says nothing but a unit: `(万元)`, 万元, 人.
fn is_unit_row_cell(label: &str) -> bool {
    let word = label.trim_matches(['(', ')']);
    matches!(
        word,
        "元" | "万元"
            | "亿元"
            | "亩"
            | "公顷"
            | "㎡"
            | "平方米"
            | "人"
            | "人次"
            | "个"
            | "户"
            | "家"
            | "%"
            | "名"
            | "次"
            | "场"
            | "场次"
            | "天"
            | "所"
            | "对"
            | "村"
    )
}

pub(super) fn is_serial(label: &str) -> bool {
    matches!(label, "序号" | "行号" | "顺序号" | "no" | "no." | "№" | "#")
}

pub(super) fn is_confirmation(label: &str) -> bool {
    matches!(
        label,
        "对方确认"
            | "对方确认情况"
            | "对方是否确认"
            | "确认状态"
            | "确认情况"
            | "_state"
            | "counterpartyconfirmation"
    )
}

/// Registers that fit somewhere between two grid rows: those at the best place, best first.
pub(super) fn candidates(sheet: &Sheet<'_>, from: usize, to: usize) -> Vec<Candidate> {
    let mut best: Vec<Candidate> = Vec::new();
    for last in from..to {
        if sheet
            .header()
            .is_some_and(|named| named != sheet.grid.number(last))
        {
            continue;
        }
        for depth in 1..=DEPTH.min(last - from + 1) {
            let found = at(sheet, last + 1 - depth, last);
            let better = match (found.first(), best.first()) {
                (Some(new), Some(old)) => new.score > old.score + 0.001,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if better {
                best = found;
            }
        }
    }
    for candidate in &mut best {
        // A vertically merged header begins where its merged range begins.
        for &(column, _) in &candidate.columns {
            if let Some(cell) = sheet.grid.cell(candidate.last, column) {
                let top = sheet.grid.at_number(cell.top).max(from);
                candidate.first = candidate.first.min(top);
            }
        }
    }
    best
}

/// Registers that fit with their header in these rows, best first.
fn at(sheet: &Sheet<'_>, first: usize, last: usize) -> Vec<Candidate> {
    let mut labelled = 0_usize;
    let mut unit_cells = 0_usize;
    let mut hits: Vec<(u32, Vec<Entry>)> = Vec::new();
    let mut gaps: Vec<u32> = Vec::new();
    for column in 0..sheet.grid.width() {
        let path = path(sheet, first, last, column);
        let said = sheet.said(column);
        let Some(&(leaf, _, _)) = path.last() else {
            // A column may be named where its header is blank, once the header's row is named.
            match said {
                Some(Said::Field(field)) if sheet.header().is_some() => {
                    labelled += 1;
                    hits.push((column, named(sheet, field)));
                }
                _ => gaps.push(column),
            }
            continue;
        };
        match said {
            Some(Said::Field(field)) => {
                labelled += 1;
                hits.push((column, named(sheet, field)));
                continue;
            }
            Some(Said::Confirmation | Said::Nothing) => continue,
            None if is_serial(leaf) || is_confirmation(leaf) => continue,
            None => {}
        }
        labelled += 1;
        unit_cells += usize::from(path.len() > 1 && is_unit_row_cell(leaf));
        let entries = lookup(sheet, &path);
        if !entries.is_empty() {
            hits.push((column, entries));
        }
    }
    if hits.len() < 2 {
        return Vec::new();
    }
    // A column without any header parts the register from a little table beside it.
    let block = |column: u32| gaps.partition_point(|&gap| gap < column);
    let mut known = vec![0_usize; gaps.len() + 1];
    for (column, _) in &hits {
        known[block(*column)] += 1;
    }
    let most = known.iter().copied().max().unwrap_or(0);
    let beside = |column: u32| known[block(column)] < most;
    let mut found: Vec<Candidate> = (0..sheet.registers.len())
        .filter_map(|register| fit(sheet, register, (first, last), &hits, &beside, labelled))
        .collect();
    // A row of units below the labels belongs to the header.
    for candidate in &mut found {
        #[allow(clippy::cast_precision_loss)] // counts of columns
        let bonus = 0.05 * unit_cells as f32;
        candidate.score += bonus;
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

/// The field that a person has named, in each register that has it.
fn named(sheet: &Sheet<'_>, field: &str) -> Vec<Entry> {
    sheet
        .registers
        .iter()
        .enumerate()
        .filter_map(|(register, declared)| {
            Some(Entry {
                register,
                field: declared.index(field)?,
                strength: Strength::Said,
            })
        })
        .collect()
}

/// Gives each field its surest column; `None` when the register does not fit.
fn fit(
    sheet: &Sheet<'_>,
    register: usize,
    (first, last): (usize, usize),
    hits: &[(u32, Vec<Entry>)],
    beside: &dyn Fn(u32) -> bool,
    labelled: usize,
) -> Option<Candidate> {
    let declared = sheet.registers[register];
    let mut wishes: Vec<(Strength, u32, usize)> = hits
        .iter()
        .flat_map(|(column, entries)| {
            entries
                .iter()
                .filter(|entry| entry.register == register)
                .map(|entry| (entry.strength, *column, entry.field))
        })
        .collect();
    wishes.sort_by_key(|&(strength, column, _)| {
        (std::cmp::Reverse(strength), beside(column), column)
    });
    let mut columns: Vec<(u32, usize)> = Vec::new();
    let mut strengths: Vec<(usize, Strength)> = Vec::new();
    for &(strength, column, field) in &wishes {
        if !columns.iter().any(|&(c, f)| c == column || f == field) {
            columns.push((column, field));
            strengths.push((field, strength));
        }
    }
    if columns.len() < 2 {
        return None;
    }
    let taken = |column: u32| columns.iter().any(|&(c, _)| c == column);
    let mut duplicates: Vec<(u32, usize)> = Vec::new();
    for &(strength, column, field) in &wishes {
        // A surer header than the loser's settles it; equally sure ones must be asked about.
        let equal = strengths.iter().any(|&(f, s)| f == field && s == strength);
        let settled = beside(column) && columns.iter().any(|&(c, f)| f == field && !beside(c));
        if !taken(column) && equal && !settled && !duplicates.iter().any(|&(c, _)| c == column) {
            duplicates.push((column, field));
        }
    }
    let has = |field: usize| columns.iter().any(|&(_, f)| f == field);
    // 填报单位 may name the side that reports, so its column may be left out.
    let reporter = match declared.reporter {
        Side::Supporter => declared.supporter,
        Side::Recipient => declared.recipient,
        Side::City => None,
    };
    let declared_key = declared
        .key
        .iter()
        .filter(|&&field| declared.fields[field].derived.is_none());
    let (mut keys, mut keys_found, mut keys_lost) = (0, 0, 0);
    for &field in declared_key {
        keys += 1;
        keys_found += usize::from(has(field));
        keys_lost += usize::from(!has(field) && Some(field) != reporter);
    }
    let required: Vec<usize> = (0..declared.fields.len())
        .filter(|&field| {
            declared.fields[field].required && declared.fields[field].derived.is_none()
        })
        .collect();
    let required_found = required.iter().filter(|&&field| has(field)).count();
    let unmatched = labelled.saturating_sub(columns.len());
    // What the user names by --register needs no further likeness.
    let fits = keys_lost == 0
        && keys_found >= 1
        && (sheet.asked
            || required_found * 5 >= required.len() * 3
                && columns.len() >= 3.min(declared.fields.len())
                && columns.len() * 2 >= labelled);
    if !fits {
        return None;
    }
    columns.sort_unstable();
    let named = [&declared.name, &declared.layout.sheet]
        .iter()
        .any(|name| mentions(sheet, first, name));
    let strength_bonus: f32 = strengths
        .iter()
        .map(|(_, strength)| {
            if *strength >= Strength::Label {
                0.1
            } else {
                0.0
            }
        })
        .sum();
    #[allow(clippy::cast_precision_loss)] // counts of columns
    let score = columns.len() as f32 + strength_bonus + 0.5 * keys_found as f32
        - 0.5 * (keys - keys_found) as f32
        - 0.5 * (required.len() - required_found) as f32
        - 0.25 * unmatched as f32
        + if named { 2.0 } else { 0.0 };
    Some(Candidate {
        register,
        first,
        last,
        by_ids: strengths
            .iter()
            .filter(|(_, strength)| *strength == Strength::Id)
            .count()
            * 2
            > columns.len(),
        columns,
        duplicates,
        unmatched,
        score,
    })
}

/// Whether the sheet's name or a line above the header names the register.
fn mentions(sheet: &Sheet<'_>, first: usize, name: &str) -> bool {
    let name = fold::tight(name);
    if name.is_empty() {
        return false;
    }
    fold::tight(&sheet.info.name).contains(&name)
        || (0..first).any(|row| {
            (0..sheet.grid.width().min(4))
                .filter_map(|column| sheet.grid.cell(row, column))
                .any(|cell| cell.label.contains(&name))
        })
}

/// The columns of the chosen candidate, with what their headers say about units.
pub(super) fn columns(sheet: &Sheet<'_>, candidate: &Candidate) -> Vec<ColumnMap> {
    let mut maps = Vec::new();
    for column in 0..sheet.grid.width() {
        let path = path(sheet, candidate.first, candidate.last, column);
        let said = sheet.said(column);
        let (leaf, row) = match path.last() {
            Some(&(leaf, _, row)) => (leaf, row),
            None if said.is_some() => ("", candidate.last),
            None => continue,
        };
        let target = match candidate.columns.iter().find(|(c, _)| *c == column) {
            Some(&(_, field)) => Target::Field(field),
            None if said == Some(Said::Confirmation) => Target::Confirmation,
            None if said.is_some() => Target::Unknown,
            None if is_serial(leaf) => Target::Serial,
            None if is_confirmation(leaf) => Target::Confirmation,
            None => Target::Unknown,
        };
        let unit_of = |label: &str| -> String {
            if is_unit_row_cell(label) {
                return label.to_owned();
            }
            let (outside, inside) = fold::split_brackets(label);
            let bare = without_unit(&outside)
                .map_or("", |bare| &outside[bare.len()..])
                .to_owned();
            inside + &bare
        };
        // The innermost head that states a unit wins.
        let money = path
            .iter()
            .rev()
            .find_map(|(label, _, _)| money_word(&unit_of(label)));
        let area = path
            .iter()
            .rev()
            .find_map(|(label, _, _)| area_word(&unit_of(label)));
        let written: Vec<&str> = path.iter().map(|(_, text, _)| *text).collect();
        let number = sheet
            .grid
            .cell(row, column)
            .map_or(sheet.grid.number(row), |cell| cell.top);
        maps.push(ColumnMap {
            column,
            target,
            header: written.join("/"),
            cell: a1::address(column, number),
            money,
            area,
        });
    }
    maps
}
