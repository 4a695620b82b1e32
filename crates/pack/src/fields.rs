//! Fields of registers: types, options, former ids, headers.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{Choice, FieldType};

use crate::Renames;
use crate::diagnostic::Code;
use crate::ids::{Form, Look};
use crate::raw::{RawField, RawOption, RawRegister};
use crate::spanned::{Number, Sp, Vocabulary};
use crate::words::TypeWord;

/// Most options of a choice.
pub const MAX_OPTIONS: usize = 500;
/// Most characters that a text field may allow.
pub const MAX_TEXT: usize = 20_000;
/// A field's type out of its `type` and the keys that go with it.
pub(crate) fn field_type(look: &mut Look, raw: &RawField) -> Option<FieldType> {
    let ty = raw.ty.as_ref()?;
    let word = ty.0;
    let given = [
        ("min", raw.min.as_ref().map(|v| v.at)),
        ("max", raw.max.as_ref().map(|v| v.at)),
        ("scale", raw.scale.as_ref().map(|v| v.at)),
        ("signed", raw.signed.as_ref().map(|v| v.at)),
        ("future", raw.future.as_ref().map(|v| v.at)),
        ("role", raw.role.as_ref().map(|v| v.at)),
        ("options", raw.options.as_ref().map(|v| v.at)),
    ];
    let allowed: &[&str] = match word {
        TypeWord::Text => &["max"],
        TypeWord::Choice => &["options"],
        TypeWord::Int => &["min", "max"],
        TypeWord::Decimal => &["scale", "min", "max"],
        TypeWord::Money => &["signed"],
        TypeWord::Date => &["future"],
        TypeWord::Unit => &["role"],
        TypeWord::Area | TypeWord::Bool => &[],
    };
    for (key, at) in given {
        if let Some(at) = at.filter(|_| !allowed.contains(&key)) {
            let word = word.word();
            look.at(
                Code::P5004,
                at,
                format!("`{key}` 不能用在 type = \"{word}\" 的字段上：请删去，或改 type"),
                format!("`{key}` does not go with type = \"{word}\": remove it or change the type"),
            );
        }
    }
    let (min, max) = (
        raw.min.as_ref().map(|number| number.0),
        raw.max.as_ref().map(|number| number.0),
    );
    if let (Some(least), Some(most), Some(place)) = (min, max, &raw.max)
        && least > most
    {
        look.at(
            Code::P5005,
            place.at,
            format!("max {most} 小于 min {least}：没有数能满足"),
            format!("max {most} is below min {least}: no number fits"),
        );
    }
    let mut whole = |bound: Option<&Sp<Number>>| {
        let bound = bound?;
        let number = i64::try_from(bound.0).ok().filter(|_| bound.0.is_integer());
        if number.is_none() {
            let written = bound.0;
            look.at(
                Code::P5005,
                bound.at,
                format!("{written} 不是整数：整数字段的界限应为整数"),
                format!("{written} is no whole number: the bounds of an int must be"),
            );
        }
        number
    };
    Some(match word {
        TypeWord::Text => {
            let most = whole(raw.max.as_ref()).map_or(Some(200), |n| usize::try_from(n).ok());
            let fits = most.filter(|most| (1..=MAX_TEXT).contains(most));
            if let (None, Some(place)) = (fits, &raw.max) {
                look.at(
                    Code::P5005,
                    place.at,
                    format!("文字的 max 应在 1 到 {MAX_TEXT} 之间"),
                    format!("max of a text must be 1 to {MAX_TEXT}"),
                );
            }
            FieldType::Text {
                max: fits.unwrap_or(200),
            }
        }
        TypeWord::Choice => FieldType::Choice {
            options: options(look, raw, ty.at),
        },
        TypeWord::Int => FieldType::Int {
            min: whole(raw.min.as_ref()),
            max: whole(raw.max.as_ref()),
        },
        TypeWord::Decimal => {
            let scale = raw.scale.as_ref().map_or(2, |scale| scale.value);
            if let Some(place) = raw.scale.as_ref().filter(|scale| scale.value > 6) {
                look.at(
                    Code::P5005,
                    place.at,
                    format!("scale {scale} 太大：小数位数为 0 到 6"),
                    format!("scale {scale} is too great: 0 to 6 places"),
                );
            }
            FieldType::Decimal {
                scale: scale.min(6),
                min,
                max,
            }
        }
        TypeWord::Money => FieldType::Money {
            signed: raw.signed.as_ref().is_some_and(|signed| signed.value),
        },
        TypeWord::Area => FieldType::Area,
        TypeWord::Date => FieldType::Date {
            future: raw.future.as_ref().is_some_and(|future| future.value),
        },
        TypeWord::Unit => FieldType::Unit {
            role: raw.role.as_ref().map(|role| role.value.0),
        },
        TypeWord::Bool => FieldType::Bool,
    })
}

fn options(look: &mut Look, raw: &RawField, at: usize) -> Vec<Choice> {
    let options = raw.options.as_ref().map_or(&[][..], |all| &all.value);
    if options.is_empty() {
        look.at(
            Code::P2002,
            raw.options.as_ref().map_or(at, |all| all.at),
            "缺少 `options`：type = \"choice\" 的字段要列出选项",
            "`options` is missing: a choice must list its options",
        );
    }
    if let Some(option) = options.get(MAX_OPTIONS) {
        look.at(
            Code::P1005,
            option.at,
            format!("超过上限 {MAX_OPTIONS} 个选项"),
            format!("more than {MAX_OPTIONS} options"),
        );
    }
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut choices = Vec::new();
    for (nth, option) in options.iter().enumerate().take(MAX_OPTIONS) {
        let choice = match &option.value {
            RawOption::Label(label) => Choice {
                label: label.clone(),
                label_en: String::new(),
                synonyms: Vec::new(),
            },
            RawOption::Full(full) => Choice {
                label: full.label.clone(),
                label_en: full.label_en.clone(),
                synonyms: full.synonyms.clone(),
            },
        };
        if choice.label.trim().is_empty() {
            look.at(
                Code::P4005,
                option.at,
                "选项是空的：请填上",
                "empty option: fill it in",
            );
        }
        for name in std::iter::once(&choice.label).chain(&choice.synonyms) {
            let owner = *owners.entry(folded(name)).or_insert(nth);
            if owner != nth {
                look.at(
                    Code::P5002,
                    option.at,
                    format!("“{name}”也是第 {} 个选项的写法：请只留一处", owner + 1),
                    format!(
                        "“{name}” also stands for option {}: keep it in one place",
                        owner + 1
                    ),
                );
            }
        }
        choices.push(choice);
    }
    choices
}

/// `was` of each field.
pub(crate) fn renamed(look: &mut Look, raw: &RawRegister, renames: &mut Renames) {
    let ids: BTreeSet<&str> = raw.field.iter().map(|field| field.id.as_str()).collect();
    let mut taken = BTreeSet::new();
    for field in &raw.field {
        let Some(was) = &field.was else { continue };
        if !look.id(was, Form::Sql) {
            continue;
        }
        look.unique(was, "原字段", &mut taken);
        if ids.contains(was.as_str()) {
            let old = &was.value;
            look.at(
                Code::P4002,
                was.at,
                format!("`{old}` 仍是本台账的字段：改名后旧编号不能再用"),
                format!("`{old}` is still a field here: a renamed field leaves its old id free"),
            );
        }
        renames
            .entry(raw.id.value.clone())
            .or_default()
            .insert(was.value.clone(), field.id.value.clone());
    }
}

/// Headers by which two fields could be taken for each other.
pub(crate) fn headers(look: &mut Look, raw: &RawRegister) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for field in raw.field.iter().filter(|field| field.retired.is_none()) {
        for name in std::iter::once(&field.label).chain(&field.synonyms) {
            if name.is_missing() || name.is_empty() {
                continue;
            }
            let id = field.id.as_str();
            let owner = *owners.entry(folded(name)).or_insert(id);
            if owner != id {
                let written = &name.value;
                look.at(
                    Code::P5002,
                    name.at,
                    format!("表头“{written}”也是字段 `{owner}` 的：导入时分不清，请改其一"),
                    format!("header “{written}” is also that of `{owner}`: imports cannot tell them apart, change one"),
                );
            }
        }
    }
}

/// A header or option as the import compares it.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            // Full-width forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xff01 + 0x21).unwrap_or(c),
            _ => c,
        })
        .collect::<String>()
        .to_lowercase()
}
