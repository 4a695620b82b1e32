//! Registers: from the file as written to the model.

use std::collections::BTreeSet;

use qipan_model::{
    Field, FieldType, Layout, LayoutColumn, Mechanism, MoneyUnit, Register, RowRule, Severity,
    Side, Type, UnitRole,
};

use crate::diagnostic::{Code, Report};
use crate::expression::compile;
use crate::fields::{field_type, headers, renamed};
use crate::ids::{Form, Look};
use crate::raw::{RawLayout, RawRegister};
use crate::spanned::Sp;
use crate::{Renames, Source};

/// Most fields in a register.
pub const MAX_FIELDS: usize = 200;
/// Most characters of a sheet's name, as Excel has it.
const MAX_SHEET: usize = 31;

/// A register, and whether all its fields' types are known.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) register: Register,
    /// When not, expressions over it were not looked at.
    pub(crate) sound: bool,
    /// Whether the sides and the date that it names were found among its fields.
    pub(crate) placed: bool,
}

/// Lowers `registers/<id>.toml`.
pub(crate) fn lower(
    source: &Source,
    file: &str,
    raw: &RawRegister,
    mechanism: &Mechanism,
    renames: &mut Renames,
    report: &mut Report,
) -> Lowered {
    let mut look = Look { report, file };
    look.id(&raw.id, Form::Sql);
    for (text, key) in [(&raw.code, "code"), (&raw.name, "name")] {
        look.words(text, key);
    }
    if !raw.theme.is_empty() {
        let themes = mechanism.themes.iter().map(|theme| theme.id.as_str());
        look.known(&raw.theme, ("领域", "theme"), themes);
    }
    if let Some(field) = raw.field.get(MAX_FIELDS) {
        look.at(
            Code::P1005,
            field.at,
            format!("超过上限 {MAX_FIELDS} 个字段：请拆成两个台账"),
            format!("more than {MAX_FIELDS} fields: split the register"),
        );
    }
    let mut seen = BTreeSet::new();
    let mut sound = true;
    let mut fields = Vec::new();
    for field in raw.field.iter().take(MAX_FIELDS) {
        look.id(&field.id, Form::Sql);
        look.unique(&field.id, "字段", &mut seen);
        look.words(&field.label, "label");
        let ty = field_type(&mut look, field);
        sound &= ty.is_some() && !field.id.is_missing();
        fields.push(Field {
            id: field.id.value.clone(),
            label: field.label.value.clone(),
            label_en: field.label_en.clone(),
            ty: ty.unwrap_or(FieldType::Text { max: 200 }),
            measure: field.measure.clone(),
            measure_en: field.measure_en.clone(),
            required: field.required,
            // Files made under a field's former name go on being understood.
            synonyms: field
                .synonyms
                .iter()
                .chain(&field.was)
                .map(|s| s.value.clone())
                .collect(),
            help: field.help.clone(),
            help_en: field.help_en.clone(),
            derived: None,
            retired: field.retired.as_ref().map(|day| day.0),
            personal: field.personal,
        });
    }
    renamed(&mut look, raw, renames);
    headers(&mut look, raw);
    let mut register = Register {
        id: raw.id.value.clone(),
        code: raw.code.value.clone(),
        name: raw.name.value.clone(),
        name_en: raw.name_en.clone(),
        theme: raw.theme.value.clone(),
        fields,
        key: Vec::new(),
        supporter: None,
        recipient: None,
        date: None,
        reporter: raw.reporter.map_or(Side::City, |word| word.0),
        frequency: raw.frequency.map_or("event", |word| word.0.0).to_owned(),
        rules: Vec::new(),
        layout: Layout {
            sheet: String::new(),
            title: String::new(),
            money: MoneyUnit::Wan,
            columns: Vec::new(),
            notes: Vec::new(),
        },
    };
    parts(&mut look, raw, &mut register);
    if sound {
        expressions(&mut look, source, raw, &mut register);
    }
    register.layout = layout(&mut look, &raw.layout, &register);
    let found =
        |written: &Option<Sp<String>>, index: Option<usize>| written.is_none() || index.is_some();
    let placed = found(&raw.supporter, register.supporter)
        && found(&raw.recipient, register.recipient)
        && found(&raw.date, register.date);
    Lowered {
        register,
        sound,
        placed,
    }
}

/// Key, sides and date.
fn parts(look: &mut Look, raw: &RawRegister, register: &mut Register) {
    let find = |look: &mut Look, written: &Sp<String>, register: &Register| {
        let ids = register.fields.iter().map(|field| field.id.as_str());
        look.known(written, ("字段", "field"), ids)
            .then(|| register.index(written))
            .flatten()
    };
    if raw.key.is_empty() && !raw.id.is_missing() {
        look.at(
            Code::P4005,
            raw.id.at,
            "`key` 没有字段：请写明哪些字段合起来能认出同一件事",
            "`key` names no field: say which fields together tell one fact from another",
        );
    }
    for written in &raw.key {
        let Some(index) = find(look, written, register) else {
            continue;
        };
        let field = &register.fields[index];
        if !field.required && raw.field[index].derived.is_none() {
            let id = &field.id;
            look.at(
                Code::P5001,
                written.at,
                format!("主键字段 `{id}` 可以留空：请给它加 required = true"),
                format!("key field `{id}` may be empty: give it required = true"),
            );
        }
        register.key.push(index);
    }
    let side = |look: &mut Look, written: Option<&Sp<String>>, role: UnitRole, key: &str| {
        let written = written?;
        let index = find(look, written, register)?;
        let fits = match register.fields[index].ty {
            FieldType::Unit { role: None } => true,
            FieldType::Unit { role: Some(own) } => own == role,
            _ => false,
        };
        if !fits {
            let id = &written.value;
            look.at(
                Code::P5001,
                written.at,
                format!("`{id}` 不能作 {key}：应是 type = \"unit\"、role = \"{key}\" 的字段"),
                format!(
                    "`{id}` cannot be the {key}: it must have type = \"unit\" and role = \"{key}\""
                ),
            );
        }
        Some(index)
    };
    let supporter = side(
        look,
        raw.supporter.as_ref(),
        UnitRole::Supporter,
        "supporter",
    );
    let recipient = side(
        look,
        raw.recipient.as_ref(),
        UnitRole::Recipient,
        "recipient",
    );
    register.supporter = supporter;
    register.recipient = recipient;
    if let Some(written) = &raw.date {
        register.date = find(look, written, register);
        if let Some(index) = register.date {
            date_field(look, written, register, index);
        }
    }
    let lacks = match register.reporter {
        Side::Supporter => raw.supporter.is_none().then_some("supporter"),
        Side::Recipient => raw.recipient.is_none().then_some("recipient"),
        Side::City => None,
    };
    if let Some(side) = lacks.filter(|_| raw.reporter.is_some()) {
        look.at(
            Code::P5001,
            raw.id.at,
            format!("reporter = \"{side}\"，但没有写 {side} 是哪个字段：请补上 {side} = \"…\""),
            format!("reporter = \"{side}\" without a {side} field: add {side} = \"…\""),
        );
    }
}

/// Reports a field that should hold days and does not.
pub(crate) fn date_field(look: &mut Look, written: &Sp<String>, register: &Register, index: usize) {
    if !matches!(register.fields[index].ty, FieldType::Date { .. }) {
        let id = &written.value;
        look.at(
            Code::P5001,
            written.at,
            format!("字段 `{id}` 不是日期：这里要 type = \"date\" 的字段"),
            format!("field `{id}` holds no days: a field of type = \"date\" is needed"),
        );
    }
}

/// Derived fields and rules.
fn expressions(look: &mut Look, source: &Source, raw: &RawRegister, register: &mut Register) {
    for (index, field) in raw.field.iter().enumerate().take(register.fields.len()) {
        let Some(text) = &field.derived else { continue };
        let want = Some(register.fields[index].ty.value_type());
        let Some(expr) = compile(look, source, text, register, want) else {
            continue;
        };
        for column in expr.columns().iter().copied() {
            let later = column >= index && column < register.fields.len();
            if column == register.fields.len() {
                look.at(
                    Code::P5003,
                    text.at,
                    "计算字段不能用 today：它的值不应随导入日期变",
                    "a derived field cannot use today: its value must not hang on the day of import",
                );
            } else if later && raw.field[column].derived.is_some() {
                let id = &register.fields[column].id;
                look.at(
                    Code::P5003,
                    text.at,
                    format!("计算字段 `{id}` 在后面：只能用前面算好的字段"),
                    format!("derived field `{id}` comes later: use those before this one"),
                );
            }
        }
        register.fields[index].derived = Some(expr);
    }
    let mut seen = BTreeSet::new();
    for rule in &raw.rule {
        look.id(&rule.id, Form::Slug);
        look.unique(&rule.id, "规则", &mut seen);
        look.words(&rule.message, "message");
        if rule.holds.is_missing() {
            continue;
        }
        if let Some(holds) = compile(look, source, &rule.holds, register, Some(Type::Bool)) {
            register.rules.push(RowRule {
                id: rule.id.value.clone(),
                holds,
                message: rule.message.value.clone(),
                message_en: rule.message_en.clone(),
                severity: rule.severity.map_or(Severity::Error, |word| word.0),
            });
        }
    }
}

fn layout(look: &mut Look, raw: &Sp<RawLayout>, register: &Register) -> Layout {
    let sheet = raw.sheet.as_ref();
    let name = sheet.map_or(&register.name, |sheet| &sheet.value);
    let illegal = name.contains(['[', ']', ':', '*', '?', '/', '\\']);
    if illegal || name.chars().count() > MAX_SHEET {
        look.at(
            Code::P5006,
            sheet.map_or(raw.at, |sheet| sheet.at),
            format!("工作表名“{name}”不能用：最多 {MAX_SHEET} 个字，不含 [ ] : * ? / \\"),
            format!(
                "sheet name “{name}”: at most {MAX_SHEET} characters and none of [ ] : * ? / \\"
            ),
        );
    }
    let mut columns: Vec<LayoutColumn> = Vec::new();
    for column in &raw.columns {
        let ids = register.fields.iter().map(|field| field.id.as_str());
        if !look.known(&column.field, ("字段", "field"), ids) {
            continue;
        }
        let id = &column.field.value;
        if columns.iter().any(|other| other.field == *id) {
            look.at(
                Code::P5006,
                column.field.at,
                format!("字段 `{id}` 在版式里出现两次：请删去一列"),
                format!("field `{id}` is in the layout twice: remove one"),
            );
        }
        let width = column.width.as_ref().map_or(12, |width| width.value);
        if let Some(place) = column
            .width
            .as_ref()
            .filter(|_| !(1..=255).contains(&width))
        {
            look.at(
                Code::P5006,
                place.at,
                format!("列宽 {width} 不能用：应在 1 到 255 之间"),
                format!("width {width}: it must be 1 to 255"),
            );
        }
        columns.push(LayoutColumn {
            field: id.clone(),
            heads: column.heads.clone(),
            width,
        });
    }
    let in_use = || {
        register
            .fields
            .iter()
            .filter(|field| field.retired.is_none())
    };
    if raw.columns.is_empty() {
        columns = in_use()
            .map(|field| LayoutColumn {
                field: field.id.clone(),
                heads: Vec::new(),
                width: 12,
            })
            .collect();
    } else {
        for field in in_use().filter(|field| field.required && field.derived.is_none()) {
            if !columns.iter().any(|column| column.field == field.id) {
                let id = &field.id;
                look.at(
                    Code::P5007,
                    raw.at,
                    format!("必填字段 `{id}` 不在版式里：照此版式填的表导入时会被拒"),
                    format!("required field `{id}` is not in the layout: sheets made from it will be refused"),
                );
            }
        }
    }
    Layout {
        sheet: name.clone(),
        title: raw.title.as_ref().map_or_else(
            || format!("{{period}}{}", register.name),
            |title| title.value.clone(),
        ),
        money: raw.money.map_or(MoneyUnit::Wan, |word| word.0),
        columns,
        notes: raw.notes.clone(),
    }
}
