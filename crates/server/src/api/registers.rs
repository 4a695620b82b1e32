//! The registers that the pack declares, with their fields and rules.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use qipan_model::{Action, FieldType, Register, Severity, Side};
use serde::Serialize;
use utoipa::ToSchema;

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
}

impl RegisterSummary {
    fn of(register: &Register) -> Self {
        Self {
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
    Ok(Json(known.map(RegisterSummary::of).collect()))
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
    /// Whether a record without it is refused.
    pub required: bool,
    /// Options of a choice.
    pub options: Vec<String>,
    /// Formula of a computed field.
    pub derived: Option<String>,
    /// Whether it is personal data, sent masked.
    pub personal: bool,
    /// Last day on which it was in use.
    #[schema(value_type = Option<String>, format = Date)]
    pub retired: Option<Date>,
    /// Help for whoever fills it in.
    pub help: String,
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
        about: RegisterSummary::of(register),
        key: register.key.iter().map(|&index| id_of(index)).collect(),
        supporter: register.supporter.map(id_of),
        recipient: register.recipient.map(id_of),
        date: register.date.map(id_of),
        fields: register.fields.iter().map(field).collect(),
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

fn field(field: &qipan_model::Field) -> Field {
    let (kind, options) = match &field.ty {
        FieldType::Text { .. } => ("text", Vec::new()),
        FieldType::Choice { options } => (
            "choice",
            options.iter().map(|option| option.label.clone()).collect(),
        ),
        FieldType::Int { .. } => ("int", Vec::new()),
        FieldType::Decimal { .. } => ("decimal", Vec::new()),
        FieldType::Money { .. } => ("money", Vec::new()),
        FieldType::Area => ("area", Vec::new()),
        FieldType::Date { .. } => ("date", Vec::new()),
        FieldType::Unit { .. } => ("unit", Vec::new()),
        FieldType::Bool => ("bool", Vec::new()),
    };
    Field {
        id: field.id.clone(),
        label: field.label.clone(),
        label_en: field.label_en.clone(),
        kind,
        measure: field.measure.clone(),
        required: field.required,
        options,
        derived: field.derived.as_ref().map(|expr| expr.source().to_owned()),
        personal: field.personal,
        retired: field.retired,
        help: field.help.clone(),
    }
}
