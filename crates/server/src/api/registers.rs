//! The registers that the pack declares, with their fields and rules.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use qipan_model::{
    Action, Confirmation, FieldType, Pack, Register, Severity, Side, UnitRole, Value,
};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::shapes::json;
use crate::asked::Named;
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// A register in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterSummary {
    /// Id.
    pub id: String,
    /// Number in the policy's own list, `T2`.
    pub code: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Theme id; empty for those that serve several.
    pub theme: String,
    /// Which side files it: `supporter`, `recipient` or `city`.
    #[schema(value_type = String)]
    pub reporter: Side,
    /// `month`, `quarter`, `half`, `year` or `event`.
    pub frequency: String,
    /// Clauses that lead to it, by name or through its indicators.
    pub clauses: Vec<String>,
}

impl RegisterSummary {
    fn of(pack: &Pack, register: &Register) -> Self {
        Self {
            clauses: super::tracing::clauses_of_register(pack, &register.id),
            id: register.id.clone(),
            code: register.code.clone(),
            name: register.name.clone(),
            name_en: register.name_en.clone(),
            theme: register.theme.clone(),
            reporter: register.reporter,
            frequency: register.frequency.clone(),
        }
    }
}

/// Registers in printing order.
#[utoipa::path(get, path = "/api/v1/registers", tag = "registers",
    responses((status = 200, body = Vec<RegisterSummary>), (status = 503, body = Body)))]
pub(crate) async fn registers(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<RegisterSummary>>, Problem> {
    let pack = app.declared().await?;
    // Whoever keeps accounts gives registers to others and must know their names.
    let all = caller.access.may(Action::Accounts);
    let known = pack.registers.iter();
    let known = known.filter(|register| all || caller.knows(&register.id));
    Ok(Json(
        known
            .map(|register| RegisterSummary::of(&pack, register))
            .collect(),
    ))
}

/// A field of a register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Field {
    /// Id; the key in `values`.
    pub id: String,
    /// Label.
    pub label: String,
    /// English label.
    pub label_en: String,
    /// `text`, `choice`, `int`, `decimal`, `money`, `area`, `date`, `unit` or `bool`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Unit of measure; money is in 元, areas in 亩.
    pub measure: String,
    /// The same in English.
    pub measure_en: String,
    /// Whether a record without it is refused.
    pub required: bool,
    /// Options of a choice.
    pub options: Vec<String>,
    /// English labels of the options, in the same order; empty where there is none.
    pub options_en: Vec<String>,
    /// Part that a unit must play to stand here: `supporter`, `recipient` or `none`.
    #[schema(value_type = Option<String>)]
    pub role: Option<UnitRole>,
    /// Most characters of a text.
    pub max: Option<usize>,
    /// Places of a number.
    pub scale: Option<u8>,
    /// Least that is taken, for numbers with bounds.
    #[schema(schema_with = super::shapes::exact)]
    pub least: serde_json::Value,
    /// Most that is taken, for numbers with bounds.
    #[schema(schema_with = super::shapes::exact)]
    pub most: serde_json::Value,
    /// Whether a day after today is taken.
    pub future: bool,
    /// Head cells above the field in the users' workbook, outermost first.
    pub group: Vec<String>,
    /// Width of its column in the users' workbook, in characters; `null` where it has none.
    pub width: Option<u16>,
    /// Indicators in force that use it.
    pub indicators: Vec<Using>,
    /// Formula of a computed field.
    pub derived: Option<String>,
    /// Whether it is personal data, sent masked.
    pub personal: bool,
    /// Last day on which it was in use.
    #[schema(value_type = Option<String>, format = Date)]
    pub retired: Option<Date>,
    /// Help for whoever fills it in.
    pub help: String,
    /// The same in English.
    pub help_en: String,
}

/// An indicator that uses a field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Using {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// The users' workbook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegisterLayout)]
pub(crate) struct LayoutShape {
    /// Name of the sheet.
    pub sheet: String,
    /// Unit of money in it: `元`, `万元` or `亿元`.
    pub money: &'static str,
}

/// A rule that rows must keep.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rule {
    /// Id.
    pub id: String,
    /// Must come out true.
    pub holds: String,
    /// What people are told when it does not.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// `error` refuses the row, `warning` reports it.
    #[schema(value_type = String)]
    pub severity: Severity,
}

/// A register with its fields and rules.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Register)]
pub(crate) struct RegisterShape {
    /// Names and who files it.
    pub about: RegisterSummary,
    /// Ids of the key fields.
    pub key: Vec<String>,
    /// Field that names the supporter.
    pub supporter: Option<String>,
    /// Field that names the recipient.
    pub recipient: Option<String>,
    /// Field whose day places a record in a period.
    pub date: Option<String>,
    /// Fields in order.
    pub fields: Vec<Field>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// What the caller may do with it: `read`, `write`, `import`, `export`, `return`, `evidence` …
    #[schema(value_type = Vec<String>)]
    pub actions: BTreeSet<Action>,
    /// Where a record may stand between its sides that the caller enters, the usual first.
    #[schema(value_type = Vec<String>)]
    pub confirmations: &'static [Confirmation],
    /// The users' workbook.
    pub layout: LayoutShape,
}

/// One register: fields, key, sides, rules.
#[utoipa::path(get, path = "/api/v1/registers/{register}", tag = "registers",
    params(("register" = String, Path, description = "Register id")),
    responses((status = 200, body = RegisterShape), (status = 404, body = Body)))]
pub(crate) async fn register(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<RegisterShape>, Problem> {
    let pack = app.declared().await?;
    let register = caller.register(&pack, &id)?;
    let id_of = |index: usize| register.fields[index].id.clone();
    Ok(Json(RegisterShape {
        about: RegisterSummary::of(&pack, register),
        key: register.key.iter().map(|&index| id_of(index)).collect(),
        supporter: register.supporter.map(id_of),
        recipient: register.recipient.map(id_of),
        date: register.date.map(id_of),
        fields: (0..register.fields.len())
            .map(|index| field(&pack, register, index, app.today()))
            .collect(),
        actions: caller.access.actions_on(&register.id),
        confirmations: Confirmation::of_new(
            register,
            caller.access.scope(Action::Write, &register.id),
        ),
        layout: LayoutShape {
            sheet: register.layout.sheet.clone(),
            money: register.layout.money.word(),
        },
        rules: register
            .rules
            .iter()
            .map(|rule| Rule {
                id: rule.id.clone(),
                holds: rule.holds.source().to_owned(),
                message: rule.message.clone(),
                message_en: rule.message_en.clone(),
                severity: rule.severity,
            })
            .collect(),
    }))
}

fn field(pack: &Pack, register: &Register, index: usize, today: Date) -> Field {
    let field = &register.fields[index];
    let place = register
        .layout
        .columns
        .iter()
        .find(|column| column.field == field.id);
    let mut shape = Field {
        id: field.id.clone(),
        label: field.label.clone(),
        label_en: field.label_en.clone(),
        kind: "text",
        measure: field.measure.clone(),
        measure_en: field.measure_en.clone(),
        required: field.required || register.key.contains(&index),
        options: Vec::new(),
        options_en: Vec::new(),
        role: None,
        max: None,
        scale: field.ty.value_type().scale(),
        least: serde_json::Value::Null,
        most: serde_json::Value::Null,
        future: false,
        group: place.map(|place| place.heads.clone()).unwrap_or_default(),
        width: place.map(|place| place.width).filter(|width| *width > 0),
        indicators: using(pack, register, index, today),
        derived: field.derived.as_ref().map(|expr| expr.source().to_owned()),
        personal: field.personal,
        retired: field.retired,
        help: field.help.clone(),
        help_en: field.help_en.clone(),
    };
    let whole = |bound: &Option<i64>| bound.map_or(serde_json::Value::Null, Into::into);
    let exact = |bound: &Option<Decimal>| json(&bound.map_or(Value::Null, Value::Decimal));
    let zero = || serde_json::Value::from(0);
    match &field.ty {
        FieldType::Text { max } => shape.max = Some(*max),
        FieldType::Choice { options } => {
            shape.kind = "choice";
            shape.options = options.iter().map(|one| one.label.clone()).collect();
            shape.options_en = options.iter().map(|one| one.label_en.clone()).collect();
        }
        FieldType::Int { min, max } => {
            shape.kind = "int";
            (shape.least, shape.most) = (whole(min), whole(max));
        }
        FieldType::Decimal { min, max, .. } => {
            shape.kind = "decimal";
            (shape.least, shape.most) = (exact(min), exact(max));
        }
        FieldType::Money { signed } => {
            shape.kind = "money";
            if !signed {
                shape.least = zero();
            }
        }
        FieldType::Area => {
            shape.kind = "area";
            shape.least = zero();
        }
        FieldType::Date { future } => {
            shape.kind = "date";
            shape.future = *future;
        }
        FieldType::Unit { role } => {
            shape.kind = "unit";
            shape.role = *role;
        }
        FieldType::Bool => shape.kind = "bool",
    }
    shape
}

/// Indicators in force that use a field: by its day, in their filter, in what they sum or count.
fn using(pack: &Pack, register: &Register, index: usize, today: Date) -> Vec<Using> {
    let uses = |source: &qipan_model::Source| {
        let named = [
            Some(source.date),
            source.done_by,
            source.ends,
            source.distinct,
        ];
        let computed = [source.filter.as_ref(), source.value.as_ref()];
        source.register == register.id
            && (named.contains(&Some(index))
                || computed
                    .into_iter()
                    .flatten()
                    .any(|expr| expr.columns().contains(&index)))
    };
    pack.indicators_on(today)
        .filter(|indicator| indicator.sources.iter().any(uses))
        .map(|indicator| Using {
            id: indicator.id.clone(),
            name: indicator.name.clone(),
        })
        .collect()
}
