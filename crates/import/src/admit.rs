//! Whose rows a file may bring: every row that is written must be admitted by the sender's scope,
//! and so must the record that it would revise.

use qipan_model::{Pack, Record, Register, Scope, Severity, Value};
use qipan_sheets::{Problem, a1};

/// Where a table names its sides, for messages: columns from 0.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sides {
    pub(crate) supporter: Option<u32>,
    pub(crate) recipient: Option<u32>,
}

/// What the sender of a file may write of one register.
pub(crate) struct Admission<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) scope: &'a Scope,
    pub(crate) sides: Sides,
}

/// Sheet, cell and row of a place such as `项目台账!A5`.
pub(crate) fn place_of(place: &str) -> (&str, &str, u32) {
    let (sheet, cell) = place.rsplit_once('!').unwrap_or(("", place));
    let row = cell
        .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .unwrap_or(0);
    (sheet, cell, row)
}

impl Admission<'_> {
    /// Whether rows have to be looked at.
    pub(crate) fn is_limited(&self) -> bool {
        !matches!(self.scope, Scope::All)
    }

    /// What speaks against a row that would revise this record.
    pub(crate) fn against_record(
        &self,
        register: &Register,
        place: &str,
        old: &Record,
    ) -> Option<Problem> {
        if !self.is_limited() || self.scope.admits(register, &old.values) {
            return None;
        }
        // Whose record it is, is not told: the sender may not see it.
        let (sheet, cell, row) = place_of(place);
        let key = old.key.as_str();
        Some(Problem {
            sheet: sheet.to_owned(),
            cell: cell.to_owned(),
            row,
            field: register
                .key
                .first()
                .map(|&field| register.fields[field].id.clone())
                .unwrap_or_default(),
            code: "I3004",
            severity: Severity::Error,
            message: format!(
                "{place}：编号“{key}”是别的单位的一条记录，本账号不能改动：请核对编号；确需更正的，\
                 请由该单位或市级统筹办理"
            ),
            message_en: format!(
                "{place}: “{key}” is a record of other units, which this account may not change: \
                 check the key, or have that unit or the coordinator mend it"
            ),
            found: key.to_owned(),
            expected: "本账号范围内的记录，或没有用过的编号".to_owned(),
        })
    }

    /// What speaks against a row as it would be written.
    pub(crate) fn against_row(
        &self,
        register: &Register,
        place: &str,
        values: &[Value],
    ) -> Option<Problem> {
        if !self.is_limited() || self.scope.admits(register, values) {
            return None;
        }
        let (sheet, cell, row) = place_of(place);
        let sides = [
            (register.supporter, self.sides.supporter),
            (register.recipient, self.sides.recipient),
        ];
        let (field, cell) = sides
            .iter()
            .find_map(|(field, column)| Some(((*field)?, a1::address((*column)?, row))))
            .map_or_else(
                || (String::new(), cell.to_owned()),
                |(field, cell)| (register.fields[field].id.clone(), cell),
            );
        let named = |english: bool| {
            let names: Vec<String> = sides
                .iter()
                .filter_map(|(field, _)| {
                    let field = (*field)?;
                    let Value::Text(unit) = values.get(field)? else {
                        return None;
                    };
                    let known = self.pack.units.get(unit);
                    Some(if english {
                        known.map_or(unit.clone(), |unit| unit.name_en.clone())
                    } else {
                        let name = known.map_or(unit.as_str(), |unit| &unit.name);
                        format!("{}“{name}”", register.fields[field].label)
                    })
                })
                .collect();
            names
        };
        let (zh, en) = (named(false), named(true));
        let (zh, en) = if zh.is_empty() {
            ("没有写明单位".to_owned(), "it names no unit".to_owned())
        } else {
            (zh.join("、"), format!("it is of {}", en.join(" and ")))
        };
        Some(Problem {
            sheet: sheet.to_owned(),
            cell: cell.clone(),
            row,
            field,
            code: "I3003",
            severity: Severity::Error,
            message: format!(
                "{sheet}!{cell}：这一行不在本账号的范围内（{zh}）：请删去这一行，由所在单位自己导入；\
                 若是单位写错，请改正"
            ),
            message_en: format!(
                "{sheet}!{cell}: this row is beyond what the account may import ({en}): delete it \
                 and let its own unit send it, or mend the unit"
            ),
            found: zh,
            expected: "本账号所在单位的行".to_owned(),
        })
    }
}

/// What speaks against a whole table: the register, or the unit on whose behalf it is filed.
pub(crate) fn against_table(
    pack: &Pack,
    register: &Register,
    scope: &Scope,
    filer: Option<&str>,
    (sheet, header): (&str, u32),
) -> Option<Problem> {
    let problem = |code, message, message_en, found: &str, expected: &str| Problem {
        sheet: sheet.to_owned(),
        cell: a1::address(0, header),
        row: header,
        field: String::new(),
        code,
        severity: Severity::Error,
        message,
        message_en,
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    match scope {
        Scope::All => None,
        Scope::Nothing => Some(problem(
            "I3005",
            format!(
                "“{sheet}”是{}，本账号不能导入这个台账：请由有权的单位导入，或请安全管理员调整账号",
                register.name
            ),
            format!(
                "{sheet} holds {}, which this account may not import: let an account that may send \
                 it, or ask the security officer",
                register.name_en
            ),
            &register.name,
            "本账号可以导入的台账",
        )),
        Scope::Links { units, .. } => {
            let filer = filer.filter(|filer| !units.contains(*filer))?;
            let name = pack.units.get(filer).map_or(filer, |unit| &unit.name);
            Some(problem(
                "I3006",
                format!(
                    "“{sheet}”的填报单位是“{name}”，不是本账号的单位：请由该单位导入；若是写错，\
                     请改正填报单位"
                ),
                format!(
                    "{sheet} is filed on behalf of {name}, which is not the account's unit: let \
                     that unit send it, or mend 填报单位"
                ),
                name,
                "本账号的单位",
            ))
        }
    }
}
