//! Values as requests send them, understood or refused with a sentence for each field.

use axum::http::{HeaderMap, header};
use jiff::civil::Date;
use qipan_model::{Pack, Record, Register, Severity, Value, masked};
use qipan_sheets::parse::{Context, Given, Misfit, enter};
use serde::Serialize;
use serde_json::Map;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::problem::{Kind, Problem};

/// What speaks against one field of a record, or against the record as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Field id; `null` when the record as a whole is meant.
    pub field: Option<String>,
    /// All fields that it is about: those that a rule looks at.
    pub fields: Vec<String>,
    /// Stable code, as in `docs/import.md` and `docs/api.md`.
    pub code: &'static str,
    /// `error` refuses the record, `warning` only tells.
    #[schema(value_type = String)]
    pub severity: Severity,
    /// What was found, what was expected and how to mend it, in Chinese.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// The record that is meant, where several are changed at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<i64>,
}

impl From<Misfit> for FieldProblem {
    fn from(misfit: Misfit) -> Self {
        Self {
            field: misfit.field,
            fields: misfit.fields,
            code: misfit.code,
            severity: misfit.severity,
            message: misfit.message,
            message_en: misfit.message_en,
            record: None,
        }
    }
}

impl FieldProblem {
    pub(crate) fn error(
        field: &str,
        code: &'static str,
        message: impl Into<String>,
        message_en: impl Into<String>,
    ) -> Self {
        Self {
            field: Some(field.to_owned()),
            fields: vec![field.to_owned()],
            code,
            severity: Severity::Error,
            message: message.into(),
            message_en: message_en.into(),
            record: None,
        }
    }
}

/// What records are entered against.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub pack: &'a Pack,
    pub register: &'a Register,
    pub today: Date,
    /// Whether the caller sees personal data: then nothing that comes back is a mask.
    pub personal: bool,
}

impl<'a> Desk<'a> {
    /// Lays what a request sends over the values that stand (nothing for a new record); gives the
    /// whole record and what speaks against it.
    pub(crate) fn enter(
        &self,
        base: Option<&Record>,
        sent: &Map<String, serde_json::Value>,
    ) -> (Vec<Value>, Vec<FieldProblem>) {
        let mut values = base.map_or_else(Vec::new, |record| record.values.clone());
        let mut problems = Vec::new();
        let mut given = Vec::with_capacity(sent.len());
        for (id, value) in sent {
            let Some(index) = self.register.index(id) else {
                let name = &self.register.name;
                problems.push(FieldProblem::error(
                    id,
                    "S2507",
                    format!(
                        "台账“{name}”没有字段“{id}”：字段见 /api/v1/registers/{}",
                        self.register.id
                    ),
                    format!("“{}” has no field “{id}”", self.register.name_en),
                ));
                continue;
            };
            let Some(one) = self::given(value) else {
                let field = &self.register.fields[index];
                problems.push(FieldProblem::error(
                    id,
                    "S2506",
                    format!("“{}”应是一个值，不能是列表或对象", field.label),
                    format!("{} takes one value, no list or object", field.label_en),
                ));
                continue;
            };
            let old = base.and_then(|record| record.values.get(index));
            if !self.is_mask(index, old, &one) {
                given.push((index, one));
            }
        }
        let context = Context {
            register: self.register,
            units: &self.pack.units,
            today: self.today,
            period: None,
            unit: None,
            is_1904: false,
        };
        let misfits = enter(&context, &mut values, &given);
        problems.extend(misfits.into_iter().map(FieldProblem::from));
        (values, problems)
    }

    /// Whether what comes back for a personal field is what the caller was shown in its place:
    /// then nothing was changed.
    fn is_mask(&self, index: usize, old: Option<&Value>, given: &Given) -> bool {
        let Some(old) = old.filter(|old| !old.is_null()) else {
            return false;
        };
        if self.personal || !self.register.fields[index].personal {
            return false;
        }
        match (masked(old), given) {
            (Value::Text(shown), Given::Text(text)) => *text == shown,
            (Value::Null, Given::Nothing) => true,
            _ => false,
        }
    }
}

/// A value of JSON as what a form gives; `None` for lists and objects.
fn given(value: &serde_json::Value) -> Option<Given> {
    Some(match value {
        serde_json::Value::Null => Given::Nothing,
        serde_json::Value::Bool(truth) => Given::Truth(*truth),
        // Digit by digit, as it was sent.
        serde_json::Value::Number(number) => Given::Text(number.to_string()),
        serde_json::Value::String(text) => Given::Text(text.clone()),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => return None,
    })
}

/// Refuses a record when anything speaks against it that is not only a warning.
pub(crate) fn refuse(problems: Vec<FieldProblem>) -> Result<(), Problem> {
    let errors: Vec<&FieldProblem> = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .collect();
    let Some(first) = errors.first() else {
        return Ok(());
    };
    let (zh, en) = match errors.len() {
        1 => (first.message.clone(), first.message_en.clone()),
        count => (
            format!("有 {count} 处要改，第一处：{}", first.message),
            format!("{count} things to mend, the first: {}", first.message_en),
        ),
    };
    let problems = serde_json::to_value(&problems).unwrap_or_default();
    Err(Problem::new(Kind::Values, zh, en).with("problems", problems))
}

/// The reason of a change; one is asked for.
pub(crate) fn reason(given: Option<&str>) -> Result<&str, Problem> {
    let reason = given.unwrap_or_default().trim();
    if reason.is_empty() || reason.len() > MOST_REASON {
        let problem = FieldProblem::error(
            "reason",
            "S2508",
            "请写明理由：日志里要留下为什么改，不超过 1300 字",
            "Say why: the journal keeps the reason; at most 4000 bytes",
        );
        refuse(vec![problem])?;
    }
    Ok(reason)
}

/// Bytes of a reason that the journal takes.
const MOST_REASON: usize = 4_000;

/// The revision that a change was made on, `If-Match: "r3"`; one is asked for.
pub(crate) fn revision(headers: &HeaderMap) -> Result<i64, Problem> {
    let text = headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok())
        .map(str::trim);
    let rev = text.and_then(|text| {
        let tag = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
        let rev = tag.strip_prefix('r')?;
        rev.split('-').next()?.parse().ok()
    });
    rev.ok_or_else(|| {
        Problem::new(
            Kind::NoRevision,
            "请用 If-Match 说明是在哪一次修订上改的，写法如 If-Match: \"r3\"（见上次答复的 ETag）",
            "Say with If-Match on which revision the change was made, as in If-Match: \"r3\" (the \
             ETag of the last answer)",
        )
    })
}

/// What makes a request safe to repeat: its header `Idempotency-Key`, of this caller.
pub(crate) fn once(
    caller: &Caller,
    headers: &HeaderMap,
    place: &str,
    body: &impl Serialize,
) -> Result<Option<qipan_store::Once>, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = key.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > MOST_ONCE {
        return Err(Problem::new(
            Kind::BadQuery,
            format!("Idempotency-Key 应为 1 至 {MOST_ONCE} 个 ASCII 字符"),
            format!("Idempotency-Key takes 1 to {MOST_ONCE} characters of ASCII"),
        ));
    }
    let body = serde_json::to_vec(body).unwrap_or_default();
    Ok(Some(qipan_store::Once {
        id: hex(&[
            caller.login.as_bytes(),
            b"\0",
            place.as_bytes(),
            b"\0",
            key.as_bytes(),
        ]),
        body: hex(&[&body]),
    }))
}

/// Most characters of an idempotency key.
const MOST_ONCE: usize = 200;

fn hex(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn revisions_are_read_out_of_tags() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, HeaderValue::from_static(text));
            revision(&headers).ok()
        };
        assert_eq!(of("\"r3\""), Some(3));
        assert_eq!(of("W/\"r12-2\""), Some(12));
        for wrong in ["*", "", "\"3\"", "\"rx\""] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(revision(&HeaderMap::new()).unwrap_err().code(), "Q4281");
    }

    #[test]
    fn a_reason_is_asked_for() {
        assert_eq!(reason(Some(" 更正 ")).unwrap(), "更正");
        assert_eq!(reason(None).unwrap_err().code(), "Q4232");
    }
}
