//! What a conversion sees and where it reports, and the words for nothing.

use jiff::civil::Date;
use qipan_model::{Field, Severity, Value};

use super::Context;
use super::finding::Finding;
use super::units::UnitCache;

/// What a conversion sees and where it reports.
pub(super) struct Surroundings<'a, 'b> {
    pub field: &'a Field,
    pub column: u32,
    pub context: &'a Context<'a>,
    /// The row's day or the end of the period, when known.
    pub day: Option<Date>,
    pub units: &'b mut UnitCache,
    pub findings: &'b mut Vec<Finding>,
}

impl Surroundings<'_, '_> {
    fn say(
        &mut self,
        code: &'static str,
        severity: Severity,
        found: String,
        expected: &str,
        zh: String,
        en: String,
    ) {
        let field = self
            .context
            .register
            .fields
            .iter()
            .position(|field| std::ptr::eq(field, self.field));
        self.findings.push(Finding {
            column: Some(self.column),
            field,
            code,
            severity,
            zh,
            en,
            found,
            expected: expected.to_owned(),
            involved: Vec::new(),
        });
    }

    pub(super) fn refuse(
        &mut self,
        code: &'static str,
        found: String,
        expected: &str,
        zh: &str,
        en: &str,
    ) -> Value {
        let zh = format!("“{found}”{zh}");
        let en = format!("“{found}” {en}");
        self.say(code, Severity::Error, found, expected, zh, en);
        Value::Null
    }

    pub(super) fn note(&mut self, code: &'static str, found: String, zh: &str, en: &str) {
        let zh = format!("“{found}”{zh}");
        let en = format!("“{found}” {en}");
        self.say(code, Severity::Warning, found, "", zh, en);
    }
}

/// A dash, a slash: people's way of writing nothing.
pub(super) fn is_dash(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| {
            matches!(
                c,
                '-' | '—' | '–' | '―' | '－' | '/' | '／' | '\\' | '─' | '−'
            )
        })
}

/// Words that say nothing is there, in columns that hold no text.
pub(super) fn is_nothing(text: &str) -> bool {
    is_dash(text)
        || matches!(
            text,
            "无" | "暂无" | "空" | "未填" | "n/a" | "N/A" | "null" | "NULL"
        )
}

/// Error words that arrive as text.
pub(super) fn is_error_word(text: &str) -> bool {
    text.starts_with('#')
        && matches!(
            text,
            "#DIV/0!"
                | "#N/A"
                | "#NAME?"
                | "#NULL!"
                | "#NUM!"
                | "#REF!"
                | "#VALUE!"
                | "#SPILL!"
                | "#CALC!"
        )
}

pub(super) fn refuse_error(error: &str, around: &mut Surroundings<'_, '_>) -> Value {
    around.refuse(
        "S2402",
        error.to_owned(),
        "正常的值",
        "是公式错误：请更正公式或直接填数",
        "is an error value: mend the formula or type the value",
    )
}
