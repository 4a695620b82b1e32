//! Checks the shape of a TOML file against its JSON Schema and reads what is sound of it.
//!
//! serde stops at the first mistake; people mend faster when they see all of them. So every key
//! is looked at with the schema first, what is wrong is reported and cut out, and the rest is
//! read: a misspelt key does not hide the mistakes behind it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::Value as Schema;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::Source;
use crate::diagnostic::{Code, Report};
use crate::nearest::hint;

struct Problem {
    code: Code,
    at: usize,
    zh: String,
    en: String,
}

/// Reads a file of the pack as far as it is sound; `None` when it is not there or not text.
pub(crate) fn read<T: DeserializeOwned>(
    source: &Source,
    file: &str,
    schema: &Schema,
    report: &mut Report,
) -> Option<T> {
    let text = utf8(source, file, report)?;
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        report.at(
            Code::P1003,
            file,
            at,
            format!(
                "TOML 语法有误（{}）：请检查这里的引号、括号和等号",
                error.message()
            ),
            format!("TOML syntax: {}", error.message()),
        );
    }
    let span = table.span();
    let root = Spanned::new(span.clone(), DeValue::Table(table.into_inner()));
    let mut problems = Vec::new();
    let sound = walk(schema, root, &mut problems);
    for problem in problems {
        // A file that cannot be read to its end lacks keys for that reason.
        if errors.is_empty() || problem.code != Code::P2002 {
            report.at(problem.code, file, problem.at, problem.zh, problem.en);
        }
    }
    let DeValue::Table(table) = sound?.into_inner() else {
        return None;
    };
    let deserializer = toml::de::Deserializer::from(Spanned::new(span, table));
    match T::deserialize(deserializer) {
        Ok(value) => Some(value),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            report.at(
                Code::P2003,
                file,
                at,
                format!("这里的值看不懂：{}", error.message()),
                format!("value not understood: {}", error.message()),
            );
            None
        }
    }
}

/// A file's text; reports when it is not UTF-8.
pub(crate) fn utf8<'a>(source: &'a Source, file: &str, report: &mut Report) -> Option<&'a str> {
    let bytes = source.files.get(file)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            report.at(
                Code::P1002,
                file,
                error.valid_up_to(),
                "这里不是 UTF-8 文字：请把文件另存为 UTF-8 编码",
                "not UTF-8 from here: save the file in UTF-8",
            );
            None
        }
    }
}

/// Gives back what is sound of a value; `None` when nothing is.
fn walk<'i>(
    schema: &Schema,
    value: Spanned<DeValue<'i>>,
    problems: &mut Vec<Problem>,
) -> Option<Spanned<DeValue<'i>>> {
    if let Some(branches) = schema["anyOf"].as_array() {
        return any_of(branches, value, problems);
    }
    let span = value.span();
    let sound = match (schema["type"].as_str().unwrap_or(""), value.into_inner()) {
        ("object", DeValue::Table(table)) => {
            DeValue::Table(object(schema, span.start, table, problems))
        }
        ("array", DeValue::Array(items)) => {
            let items: DeArray = items
                .into_iter()
                .filter_map(|item| walk(&schema["items"], item, problems))
                .collect();
            DeValue::Array(items)
        }
        ("string", DeValue::String(text)) => {
            word(schema, span.start, &text, problems)?;
            DeValue::String(text)
        }
        // Days travel as their text from here on.
        ("string", DeValue::Datetime(day)) if schema["format"] == "date" => {
            let text = day.to_string();
            word(schema, span.start, &text, problems)?;
            DeValue::String(text.into())
        }
        ("boolean", DeValue::Boolean(truth)) => DeValue::Boolean(truth),
        ("integer", DeValue::Integer(number)) => {
            bounds(schema, span.start, &number.to_string(), problems)?;
            DeValue::Integer(number)
        }
        ("number", DeValue::Integer(number)) => DeValue::Integer(number),
        // Decimals travel as their text: never through a float.
        ("number", DeValue::Float(number)) => {
            let text = number.as_str().replace('_', "");
            if text.parse::<Decimal>().is_err() {
                problems.push(Problem {
                    code: Code::P2003,
                    at: span.start,
                    zh: format!("`{text}` 不是定点小数：请写成 123.45 这样的数"),
                    en: format!("`{text}` is not a plain decimal: write it like 123.45"),
                });
                return None;
            }
            DeValue::String(text.into())
        }
        (_, other) => {
            problems.push(mismatch(&[schema], span.start, &other));
            return None;
        }
    };
    Some(Spanned::new(span, sound))
}

fn object<'i>(
    schema: &Schema,
    at: usize,
    table: DeTable<'i>,
    problems: &mut Vec<Problem>,
) -> DeTable<'i> {
    let known = schema["properties"].as_object();
    let keys = || known.into_iter().flatten().map(|(key, _)| key.as_str());
    let mut sound = DeTable::new();
    let mut met: Vec<String> = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().to_string();
        let property = known
            .and_then(|known| known.get(&name))
            .or_else(|| schema.get("additionalProperties").filter(|s| s.is_object()));
        let Some(property) = property else {
            let (zh, en) = hint(&name, keys());
            // The key that was meant is not missing as well.
            met.extend(crate::nearest::nearest(&name, keys()).map(str::to_owned));
            let all: Vec<&str> = keys().collect();
            let all = all.join(" ");
            problems.push(Problem {
                code: Code::P2001,
                at: key.span().start,
                zh: format!("这里不认识 `{name}`{zh}（可用：{all}）"),
                en: format!("unknown key `{name}`{en} (known here: {all})"),
            });
            continue;
        };
        met.push(name);
        if let Some(value) = walk(property, value, problems) {
            sound.insert(key, value);
        }
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        let key = key.as_str().unwrap_or("");
        if !met.iter().any(|name| name == key) {
            problems.push(Problem {
                code: Code::P2002,
                at,
                zh: format!("缺少 `{key}`：请补上"),
                en: format!("`{key}` is missing: add it"),
            });
        }
    }
    sound
}

fn any_of<'i>(
    branches: &[Schema],
    value: Spanned<DeValue<'i>>,
    problems: &mut Vec<Problem>,
) -> Option<Spanned<DeValue<'i>>> {
    let mut nearest: Option<Vec<Problem>> = None;
    for branch in branches {
        let mut own = Vec::new();
        let sound = walk(branch, value.clone(), &mut own);
        if own.is_empty() {
            return sound;
        }
        // A branch that fits at the outside is the one that was meant.
        if sound.is_some() {
            nearest = Some(own);
        }
    }
    match nearest {
        Some(own) => problems.extend(own),
        None => {
            let at = value.span().start;
            let branches: Vec<&Schema> = branches.iter().collect();
            problems.push(mismatch(&branches, at, value.get_ref()));
        }
    }
    None
}

fn word(schema: &Schema, at: usize, text: &str, problems: &mut Vec<Problem>) -> Option<()> {
    let words: Vec<&str> = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Schema::as_str)
        .collect();
    if !words.is_empty() && !words.contains(&text) {
        let (zh, en) = hint(text, words.iter().copied());
        let all = words.join("、");
        let all_en = words.join(", ");
        problems.push(Problem {
            code: Code::P2004,
            at,
            zh: format!("`{text}` 不在可选的词里{zh}（可选：{all}）"),
            en: format!("`{text}` is not one of the words{en} (one of: {all_en})"),
        });
        return None;
    }
    if schema["format"] == "date" && text.parse::<Date>().is_err() {
        problems.push(Problem {
            code: Code::P2003,
            at,
            zh: format!("`{text}` 不是日期：请写成 2021-01-01"),
            en: format!("`{text}` is not a day: write it like 2021-01-01"),
        });
        return None;
    }
    Some(())
}

fn bounds(schema: &Schema, at: usize, text: &str, problems: &mut Vec<Problem>) -> Option<()> {
    let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let most = schema["maximum"]
        .as_i64()
        .unwrap_or_else(|| match schema["format"].as_str() {
            Some("uint8") => u8::MAX.into(),
            Some("uint16") => u16::MAX.into(),
            Some("uint32") => u32::MAX.into(),
            _ => i64::MAX,
        });
    if text
        .parse::<i64>()
        .is_ok_and(|number| (least..=most).contains(&number))
    {
        return Some(());
    }
    problems.push(Problem {
        code: Code::P2005,
        at,
        zh: format!("{text} 超出范围：应在 {least} 到 {most} 之间"),
        en: format!("{text} is out of bounds: {least} to {most}"),
    });
    None
}

fn mismatch(schemas: &[&Schema], at: usize, found: &DeValue) -> Problem {
    let expected: Vec<(&str, &str)> = schemas.iter().map(|schema| expected(schema)).collect();
    let zh: Vec<&str> = expected.iter().map(|(zh, _)| *zh).collect();
    let en: Vec<&str> = expected.iter().map(|(_, en)| *en).collect();
    let (found_zh, found_en) = match found {
        DeValue::String(_) => ("文字", "text"),
        DeValue::Integer(_) => ("整数", "a whole number"),
        DeValue::Float(_) => ("小数", "a decimal"),
        DeValue::Boolean(_) => ("true/false", "true or false"),
        DeValue::Datetime(_) => ("日期", "a date"),
        DeValue::Array(_) => ("列表", "a list"),
        DeValue::Table(_) => ("表", "a table"),
    };
    Problem {
        code: Code::P2003,
        at,
        zh: format!("这里应为{}，写的是{found_zh}", zh.join("或")),
        en: format!("expected {}, found {found_en}", en.join(" or ")),
    }
}

fn expected(schema: &Schema) -> (&'static str, &'static str) {
    match schema["type"].as_str().unwrap_or("") {
        "string" if schema["format"] == "date" => ("日期（如 2021-01-01）", "a date (2021-01-01)"),
        "string" => ("加引号的文字", "text in quotes"),
        "integer" => ("整数", "a whole number"),
        "number" => ("数", "a number"),
        "boolean" => ("true 或 false", "true or false"),
        "array" => ("方括号里的列表", "a list in brackets"),
        "object" => ("带键的表", "a table with keys"),
        _ => ("另一种值", "something else"),
    }
}
