//! What people are told about a sheet: what it lacks, what is unclear, what was passed over.

use qipan_model::{Register, Severity};

use super::header::Candidate;
use super::{Finding, Fit, Recognised, Sheet, Target, UnitOrigin, nearly};
use crate::{Problem, a1};

impl Sheet<'_> {
    fn problem(&self, cell: String, code: &'static str, severity: Severity) -> Problem {
        Problem {
            sheet: self.info.name.clone(),
            row: a1::parse(&cell).map_or(0, |(_, row)| row),
            cell,
            field: String::new(),
            code,
            severity,
            message: String::new(),
            message_en: String::new(),
            found: String::new(),
            expected: String::new(),
        }
    }

    pub(super) fn ambiguous(&self, best: &Candidate, rivals: &[&Candidate]) -> Finding {
        let fits: Vec<Fit> = rivals
            .iter()
            .map(|candidate| {
                let register = self.registers[candidate.register];
                Fit {
                    register: register.id.clone(),
                    name: register.name.clone(),
                    matched: candidate.columns.len(),
                    unmatched: candidate.unmatched,
                }
            })
            .collect();
        let names = |separator: &str| {
            fits.iter()
                .map(|fit| format!("{}（--register {}）", fit.name, fit.register))
                .collect::<Vec<_>>()
                .join(separator)
        };
        let row = self.grid.number(best.last);
        let mut problem = self.problem(a1::address(0, row), "S2002", Severity::Error);
        problem.message = format!(
            "“{}”第 {row} 行的表头同时像 {}：请指明是哪一个台账（命令行用 --register）",
            self.info.name,
            names("、")
        );
        problem.message_en = format!(
            "the header in row {row} of {} fits several registers ({}): name one (--register at the command line)",
            self.info.name,
            fits.iter()
                .map(|fit| fit.register.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
        problem.expected = names("、");
        Finding::Ambiguous {
            sheet: self.index,
            header_rows: (self.grid.number(best.first), row),
            fits,
            problem,
        }
    }

    pub(super) fn no_fit(&self) -> Finding {
        let near = nearly::near_misses(self.grid, self.dictionary, self.registers);
        let mut problem = self.problem(String::new(), "S2001", Severity::Error);
        let listed: Vec<String> = near.iter().take(8).map(|miss| miss.sentence()).collect();
        let nearly = if listed.is_empty() {
            "没有一个单元格像台账的表头".to_owned()
        } else {
            format!("相近的表头：{}", listed.join("；"))
        };
        // The register that the sheet comes nearest to, and what it lacks.
        let lacks = near.first().and_then(|first| {
            let register = self
                .registers
                .iter()
                .find(|register| register.id == first.register)?;
            let labels: Vec<&str> = register
                .key
                .iter()
                .map(|&field| &register.fields[field])
                .filter(|field| {
                    !near
                        .iter()
                        .any(|miss| miss.field == field.id && miss.likeness >= 1.0)
                })
                .map(|field| field.label.as_str())
                .collect();
            (!labels.is_empty()).then(|| (register.name.as_str(), labels.join("”“")))
        });
        let lacks = lacks.map_or_else(
            || "找不到台账的关键列".to_owned(),
            |(name, labels)| format!("最接近的是{name}，但缺少关键列“{labels}”"),
        );
        if let ([register], true) = (self.registers, self.asked) {
            problem.message = format!(
                "“{}”不像所指的{}：{lacks}。{nearly}。请核对表头，或用 qipan template {} 取得模板",
                self.info.name, register.name, register.id
            );
            problem.message_en = format!(
                "{} does not look like {}: its key columns were not found",
                self.info.name, register.id
            );
            return Finding::NoFit {
                sheet: self.index,
                near,
                problem,
            };
        }
        problem.message = format!(
            "“{}”不是任何一个台账：{lacks}。{nearly}。请核对表头，或用 qipan template 取得模板；确属某台账时请指明（命令行用 --register）",
            self.info.name
        );
        problem.message_en = format!(
            "{} fits no register: its key columns were not found; {} headers come near. Check the header or start from `qipan template`",
            self.info.name,
            near.len()
        );
        problem.found = near
            .iter()
            .map(|miss| miss.cell.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        Finding::NoFit {
            sheet: self.index,
            near,
            problem,
        }
    }

    /// What people should know about the table as a whole.
    pub(super) fn notices(
        &self,
        register: &Register,
        candidate: &Candidate,
        table: &mut Recognised,
    ) {
        let mut notices = Vec::new();
        let mut say = |cell: String, code, severity, zh: String, en: String| {
            let mut problem = self.problem(cell, code, severity);
            problem.message = zh;
            problem.message_en = en;
            notices.push(problem);
        };
        let name = &self.info.name;
        for &index in &table.absent {
            let field = &register.fields[index];
            // The reporter's own column may be left out when 填报单位 names the unit.
            let supplied = table.unit.is_some()
                && [register.supporter, register.recipient].contains(&Some(index));
            if (field.required || register.key.contains(&index)) && !supplied {
                say(
                    String::new(),
                    "S2003",
                    Severity::Error,
                    format!(
                        "“{name}”缺少必填列“{}”：请加上这一列，或把表头改成“{}”",
                        field.label, field.label
                    ),
                    format!(
                        "{name} lacks the required column {} ({})",
                        field.label, field.label_en
                    ),
                );
            }
        }
        for (column, field) in &candidate.duplicates {
            let label = &register.fields[*field].label;
            let row = self.grid.number(candidate.last);
            let cell = a1::address(*column, row);
            say(
                cell.clone(),
                "S2004",
                Severity::Error,
                format!("“{name}”的 {cell} 和另一列都像“{label}”：请把其中一列的表头改名或删去"),
                format!(
                    "{name}!{cell} and another column both look like {label}: rename or remove one"
                ),
            );
        }
        for column in &table.columns {
            // One that a person has set aside needs no remark.
            if column.target == Target::Unknown && self.said(column.column).is_none() {
                say(
                    column.cell.clone(),
                    "S2005",
                    Severity::Warning,
                    format!(
                        "“{name}”{} 的“{}”不是{}的字段，这一列未读",
                        column.cell, column.header, register.name
                    ),
                    format!(
                        "{name}!{} ({}) is no field of {}; the column was not read",
                        column.cell, column.header, register.id
                    ),
                );
            }
        }
        if self.info.hidden {
            say(
                String::new(),
                "S2007",
                Severity::Warning,
                format!("“{name}”是隐藏的工作表，已照常读入"),
                format!("{name} is a hidden sheet and was read all the same"),
            );
        }
        let last = table.last_row.unwrap_or(u32::MAX);
        let hidden_rows: Vec<String> = self
            .info
            .hidden_rows
            .iter()
            .filter(|(from, to)| *to > table.header_rows.1 && *from <= last)
            .map(|(from, to)| {
                if from == to {
                    from.to_string()
                } else {
                    format!("{from}–{to}")
                }
            })
            .collect();
        if !hidden_rows.is_empty() {
            let shown = hidden_rows[..hidden_rows.len().min(10)].join("、");
            say(
                String::new(),
                "S2007",
                Severity::Warning,
                format!(
                    "“{name}”有隐藏的行（第 {shown} 行{}），已照常读入",
                    if hidden_rows.len() > 10 { "等" } else { "" }
                ),
                format!("{name} has hidden rows ({shown}), read all the same"),
            );
        }
        let hidden_columns: Vec<String> = table
            .columns
            .iter()
            .filter(|map| {
                self.info
                    .hidden_columns
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&map.column))
            })
            .map(|map| a1::column_name(map.column))
            .collect();
        if !hidden_columns.is_empty() {
            let shown = hidden_columns.join("、");
            say(
                String::new(),
                "S2007",
                Severity::Warning,
                format!("“{name}”有隐藏的列（{shown}），已照常读入"),
                format!("{name} has hidden columns ({shown}), read all the same"),
            );
        }
        let has_bare_money = table.columns.iter().any(|column| {
            matches!(column.target, Target::Field(index)
                if matches!(register.fields[index].ty, qipan_model::FieldType::Money { .. }))
                && column.money.is_none()
        });
        if has_bare_money && table.money_from == UnitOrigin::Layout {
            say(
                String::new(),
                "S2008",
                Severity::Warning,
                format!(
                    "“{name}”没有写金额单位，按台账约定的“{}”读取",
                    table.money.word()
                ),
                format!(
                    "{name} states no money unit; read as {}",
                    table.money.word()
                ),
            );
        }
        table.notices = notices;
    }
}
