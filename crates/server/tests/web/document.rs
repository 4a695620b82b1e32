//! The OpenAPI document.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixture::Web;

#[tokio::test]
async fn the_part_that_is_the_same_for_every_pack_is_golden() {
    let mut document = Web::bare(true)
        .await
        .ok("/api/v1/openapi.json")
        .await
        .json();
    let info = document["info"].as_object_mut().unwrap();
    info.remove("x-pack");
    info.insert("version".to_owned(), "VERSION".into());
    // What the pack adds has a test of its own below.
    let generated = |id: &str| id.starts_with("/api/v1/registers/") && !id.contains('{');
    document["paths"]
        .as_object_mut()
        .unwrap()
        .retain(|path, _| !generated(path));
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    schemas.retain(|name, _| !name.starts_with("Values.") && !name.starts_with("Given."));
    insta::assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn registers_have_schemas_and_paths_of_their_own() {
    let document = Web::bare(true)
        .await
        .ok("/api/v1/openapi.json")
        .await
        .json();
    assert_eq!(document["openapi"], "3.1.0");
    let values = &document["components"]["schemas"]["Values.project"]["properties"];
    assert_eq!(values["fund"]["x-unit"], "元");
    assert_eq!(values["issued_date"]["format"], "date");
    assert_eq!(values["responsible"]["x-masked"], true);
    assert!(
        values["status"]["enum"]
            .as_array()
            .unwrap()
            .contains(&Value::from("已开工"))
    );
    let list = &document["paths"]["/api/v1/registers/project/records"]["get"];
    let names: Vec<&str> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(
        !names.contains(&"register") && names.contains(&"where"),
        "{names:?}"
    );
    let registers = document["components"]["schemas"].as_object().unwrap();
    assert_eq!(
        registers
            .keys()
            .filter(|name| name.starts_with("Values."))
            .count(),
        21
    );
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_operation_has_its_own_id() {
    let document = Web::bare(true)
        .await
        .ok("/api/v1/openapi.json")
        .await
        .json();
    let mut references = BTreeSet::new();
    gather(&document, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} twice");
            // Whoever adds a route says who may ask, in `api/needs.rs`.
            let action = operation["x-action"].as_str();
            assert!(action.is_some(), "{method} {path} needs whom?");
        }
    }
}

fn gather(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            references.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| gather(value, references));
        }
        Value::Array(list) => list.iter().for_each(|value| gather(value, references)),
        _ => {}
    }
}
