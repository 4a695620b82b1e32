//! JSON Schemas of the TOML files, made from the raw types.
//!
//! They serve editors and they are what [`crate::shape`] checks files against, so a key exists
//! in one place only.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::raw;

/// The schemas by file name, as they stand in `docs/schema`.
#[must_use]
pub fn schemas() -> BTreeMap<String, Value> {
    [
        ("access", &*ACCESS),
        ("mechanism", &MECHANISM),
        ("clauses", &CLAUSES),
        ("register", &REGISTER),
        ("indicators", &INDICATORS),
        ("brief", &BRIEF),
        ("test", &TEST),
    ]
    .map(|(name, schema)| (format!("{name}.json"), schema.clone()))
    .into()
}

pub(crate) static ACCESS: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawAccess>);
pub(crate) static MECHANISM: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawMechanism>);
pub(crate) static CLAUSES: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawClauses>);
pub(crate) static REGISTER: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawRegister>);
pub(crate) static INDICATORS: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawIndicators>);
pub(crate) static BRIEF: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawBrief>);
pub(crate) static TEST: LazyLock<Value> = LazyLock::new(schema_of::<raw::RawTest>);

/// A schema without references and without `null`, which TOML does not have.
fn schema_of<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    plain(&mut schema);
    schema
}

fn plain(schema: &mut Value) {
    match schema {
        Value::Object(keys) => {
            // Defaults are told in words; the ones serde would print are the raw types' blanks.
            keys.remove("default");
            if let Some(Value::Array(types)) = keys.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = &types[..] {
                    let only = only.clone();
                    keys.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(words)) = keys.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if let Some(Value::Array(branches)) = keys.get_mut("anyOf") {
                branches.retain(|branch| branch["type"] != "null");
                if let [Value::Object(only)] = &branches[..] {
                    let only = only.clone();
                    keys.remove("anyOf");
                    for (key, value) in only {
                        // What the key is for says more than what its kind of value is.
                        keys.entry(key).or_insert(value);
                    }
                }
            }
            keys.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}
