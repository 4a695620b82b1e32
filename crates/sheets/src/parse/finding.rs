//! Findings of one row before their place is written out.

use qipan_model::{Register, RowRule, Severity, Value};

use super::{shorten, written};
use crate::Problem;
use crate::a1;

/// One finding; the message lacks only its place.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub column: Option<u32>,
    pub field: Option<usize>,
    pub code: &'static str,
    pub severity: Severity,
    pub zh: String,
    pub en: String,
    pub found: String,
    pub expected: String,
    /// Fields that a rule looks at.
    pub involved: Vec<usize>,
}

impl Finding {
    pub(super) fn duplicate(column: u32, key: &str, (first, first_en): &(String, String)) -> Self {
        let shown = key.replace('|', "、");
        Self {
            column: Some(column),
            field: None,
            code: "S2502",
            severity: Severity::Error,
            zh: format!("“{shown}”与{first}重复：同一笔只能填一行，请删去其中一行或更正编号"),
            en: format!("{shown} repeats {first_en}: keep one of the two rows or correct the key"),
            found: shown,
            expected: format!("与{first}不同的编号"),
            involved: Vec::new(),
        }
    }

    pub(super) fn confirmation(column: u32, shown: &str) -> Self {
        Self {
            column: Some(column),
            field: None,
            code: "S2309",
            severity: Severity::Error,
            zh: format!(
                "对方确认“{}”看不懂：请填 已确认、待确认、有异议 或 已裁定",
                shorten(shown)
            ),
            en: format!(
                "confirmation {} is unknown: write 已确认, 待确认, 有异议 or 已裁定",
                shorten(shown)
            ),
            found: shorten(shown),
            expected: "已确认、待确认、有异议、已裁定".to_owned(),
            involved: Vec::new(),
        }
    }

    pub(super) fn derived(field: usize) -> Self {
        Self {
            column: None,
            field: Some(field),
            code: "S2503",
            severity: Severity::Error,
            zh: "算不出来：请核对参与计算的各列，数是否过大".to_owned(),
            en: "cannot be computed: check the columns it is computed from".to_owned(),
            found: String::new(),
            expected: String::new(),
            involved: Vec::new(),
        }
    }

    pub(super) fn recomputed(
        field: usize,
        column: u32,
        found: String,
        computed: rust_decimal::Decimal,
    ) -> Self {
        let computed = computed.normalize();
        Self {
            column: Some(column),
            field: Some(field),
            code: "S2504",
            severity: Severity::Warning,
            zh: format!("“{found}”与按公式算出的 {computed} 不符，以算出的为准"),
            en: format!("{found} differs from the computed {computed}, which stands"),
            found,
            expected: computed.to_string(),
            involved: Vec::new(),
        }
    }

    pub(super) fn required(field: usize, column: Option<u32>) -> Self {
        Self {
            column,
            field: Some(field),
            code: "S2401",
            severity: Severity::Error,
            zh: "必须填写，但是空的".to_owned(),
            en: "is required but empty".to_owned(),
            found: String::new(),
            expected: "非空".to_owned(),
            involved: Vec::new(),
        }
    }

    pub(super) fn rule(rule: &RowRule, column: Option<u32>, found: String) -> Self {
        Self {
            column,
            field: None,
            code: "S2501",
            severity: rule.severity,
            zh: rule.message.clone(),
            en: rule.message_en.clone(),
            found,
            expected: format!("{}: {}", rule.id, rule.holds.source()),
            involved: rule.holds.columns().to_vec(),
        }
    }

    /// Writes the place out: sheet, cell, label.
    pub(super) fn place(self, sheet: &str, row: u32, register: &Register) -> Problem {
        let cell = a1::address(self.column.unwrap_or(0), row);
        let field = self.field.map(|index| &register.fields[index]);
        let (label, label_en) = field.map_or(("", ""), |field| {
            (field.label.as_str(), field.label_en.as_str())
        });
        let comma = if label.is_empty() { "" } else { "“" };
        let close = if label.is_empty() { "" } else { "”" };
        Problem {
            message: format!("“{sheet}”{cell} {comma}{label}{close}{}", self.zh),
            message_en: format!("{sheet}!{cell} {label_en} {}", self.en),
            sheet: sheet.to_owned(),
            cell,
            row,
            field: field.map(|field| field.id.clone()).unwrap_or_default(),
            code: self.code,
            severity: self.severity,
            found: self.found,
            expected: self.expected,
        }
    }
}

/// Fields that must be filled and are not. One that was refused already needs no second finding.
/// `column` gives a field's column, where the row has one.
pub(super) fn lacking(
    register: &Register,
    values: &[Value],
    findings: &mut Vec<Finding>,
    column: &dyn Fn(usize) -> Option<u32>,
) {
    for index in register.missing(values) {
        let refused = findings
            .iter()
            .any(|finding| finding.field == Some(index) && finding.severity == Severity::Error);
        if !refused {
            findings.push(Finding::required(index, column(index)));
        }
    }
}

/// Rules that do not hold, each with what it looked at. `row` holds the fields and then `today`.
pub(super) fn rules(
    register: &Register,
    row: &[Value],
    findings: &mut Vec<Finding>,
    column: &dyn Fn(usize) -> Option<u32>,
) {
    for rule in register.broken(row) {
        let involved = rule.holds.columns();
        let place = involved.iter().filter_map(|&field| column(field)).min();
        let found: Vec<String> = involved
            .iter()
            .filter_map(|&index| {
                let field = register.fields.get(index)?;
                Some(format!("{}={}", field.label, written(row.get(index)?)))
            })
            .collect();
        findings.push(Finding::rule(rule, place, found.join("，")));
    }
}
