//! The OpenAPI document: the static part, and the registers of the pack in force.

use axum::Json;
use axum::extract::State;
use qipan_model::{Pack, Register};
use serde_json::{Value, json};

use super::shapes::{field_schema, given_schema};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::state::App;

const RECORDS: &str = "/api/v1/registers/{register}/records";
const RECORD: &str = "/api/v1/registers/{register}/records/{record}";

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
    let (list, one) = (
        document["paths"][RECORDS].clone(),
        document["paths"][RECORD].clone(),
    );
    for register in &pack.registers {
        let id = &register.id;
        let (values, given) = (format!("Values.{id}"), format!("Given.{id}"));
        let paths = &mut document["paths"];
        paths[RECORDS.replace("{register}", id)] = list_of(&list, register, &values, &given);
        paths[RECORD.replace("{register}", id)] = one_of(&one, register, &values, &given);
        let schemas = &mut document["components"]["schemas"];
        schemas[values] = values_schema(register);
        schemas[given] = sent_schema(register);
    }
    document
}

fn values_schema(register: &Register) -> Value {
    let properties: serde_json::Map<String, Value> = register
        .fields
        .iter()
        .map(|field| (field.id.clone(), field_schema(field)))
        .collect();
    json!({
        "type": "object",
        "title": register.name,
        "description": register.name_en,
        // All of them are there, unless a list was asked for some.
        "properties": properties,
        "additionalProperties": false,
    })
}

/// What may be sent for a record: all fields but those that are computed, none of them required,
/// because a change sends only what changes.
fn sent_schema(register: &Register) -> Value {
    let fields = register.fields.iter();
    let properties: serde_json::Map<String, Value> = fields
        .filter(|field| field.derived.is_none())
        .map(|field| (field.id.clone(), given_schema(field)))
        .collect();
    json!({
        "type": "object",
        "title": register.name,
        "description": register.name_en,
        "properties": properties,
    })
}

/// A schema of the document with one more thing to say about its `values`.
fn with_values(schema: &str, values: &str) -> Value {
    json!({"allOf": [
        {"$ref": format!("#/components/schemas/{schema}")},
        {"properties": {"values": {"$ref": format!("#/components/schemas/{values}")}}},
    ]})
}

fn list_of(list: &Value, register: &Register, values: &str, given: &str) -> Value {
    let mut list = named(list, register);
    list["get"]["responses"]["200"]["content"]["application/json"]["schema"] = json!({
        "allOf": [
            {"$ref": "#/components/schemas/RecordPage"},
            {"properties": {"records": {"items": with_values("Record", values)}}},
        ],
    });
    let post = &mut list["post"];
    post["requestBody"]["content"]["application/json"]["schema"] = with_values("NewRecord", given);
    post["responses"]["201"]["content"]["application/json"]["schema"] =
        with_values("Record", values);
    list
}

fn one_of(one: &Value, register: &Register, values: &str, given: &str) -> Value {
    let mut one = named(one, register);
    one["get"]["responses"]["200"]["content"]["application/json"]["schema"] =
        with_values("RecordCard", values);
    let patch = &mut one["patch"];
    patch["requestBody"]["content"]["application/json"]["schema"] =
        with_values("ChangedRecord", given);
    patch["responses"]["200"]["content"]["application/json"]["schema"] =
        with_values("Record", values);
    one
}

/// A path of all registers as the path of one: without the parameter, its operations with names of
/// their own.
fn named(path: &Value, register: &Register) -> Value {
    let mut path = path.clone();
    for (_, operation) in path.as_object_mut().into_iter().flatten() {
        let id = operation["operationId"].as_str().unwrap_or_default();
        operation["operationId"] = json!(format!("{id}_{}", register.id));
        operation["summary"] = json!(format!("{} {}", register.name, register.name_en));
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.retain(|parameter| parameter["name"] != "register");
        }
    }
    path
}
