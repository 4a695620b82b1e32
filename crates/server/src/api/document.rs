//! The OpenAPI document: the static part, and the registers of the pack in force.

use axum::Json;
use axum::extract::State;
use qipan_model::{Pack, Register};
use serde_json::{Value, json};

use super::shapes::field_schema;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

const RECORDS: &str = "/api/v1/registers/{register}/records";

/// The document of this server. Not listed within itself.
pub(crate) async fn openapi(State(app): State<App>, _: Caller) -> Result<Json<Value>, Problem> {
    let pack = app.declared().await?;
    Ok(Json(with_registers(&app.document, &pack)))
}

/// Adds to each register a schema of its values (`Values.project`) and its list as a path of its
/// own, so that generated clients know the columns.
fn with_registers(document: &Value, pack: &Pack) -> Value {
    let mut document = document.clone();
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["info"]["x-pack"] = json!({
        "id": pack.mechanism.id, "version": pack.mechanism.version, "digest": pack.digest,
    });
    let list = document["paths"][RECORDS].clone();
    for register in &pack.registers {
        let id = &register.id;
        let values = format!("Values.{id}");
        document["paths"][RECORDS.replace("{register}", id)] = list_of(&list, register, &values);
        document["components"]["schemas"][values] = values_schema(register);
    }
    document
}

fn values_schema(register: &Register) -> Value {
    let properties: serde_json::Map<String, Value> = register
        .fields
        .iter()
        .map(|field| (field.id.clone(), field_schema(field)))
        .collect();
    let required: Vec<&str> = register
        .fields
        .iter()
        .map(|field| field.id.as_str())
        .collect();
    json!({
        "type": "object",
        "title": register.name,
        "description": register.name_en,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn list_of(list: &Value, register: &Register, values: &str) -> Value {
    let mut list = list.clone();
    let get = &mut list["get"];
    get["operationId"] = json!(format!("records_{}", register.id));
    get["summary"] = json!(format!("{} {}", register.name, register.name_en));
    if let Some(parameters) = get["parameters"].as_array_mut() {
        parameters.retain(|parameter| parameter["name"] != "register");
    }
    get["responses"]["200"]["content"]["application/json"]["schema"] = json!({
        "allOf": [
            {"$ref": "#/components/schemas/RecordPage"},
            {"properties": {"records": {"items": {"allOf": [
                {"$ref": "#/components/schemas/Record"},
                {"properties": {"values": {"$ref": format!("#/components/schemas/{values}")}}},
            ]}}}},
        ],
    });
    list
}
