//! `docs/schema` and `docs/pack.md` say what the code does.
//!
//! `UPDATE_SCHEMAS=1 cargo test -p qipan-pack --test reference` writes the schemas anew.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use qipan_pack::{Code, schemas};
use serde_json::Value;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

#[test]
fn schemas_are_as_committed() {
    let folder = docs().join("schema");
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    for (name, schema) in schemas() {
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = folder.join(&name);
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &made).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == made,
            "docs/schema/{name} is not what the code makes: run with UPDATE_SCHEMAS=1"
        );
    }
    let files: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let made: BTreeSet<String> = schemas().into_keys().collect();
    assert_eq!(files, made);
}

/// Every key that a schema knows, at any depth.
fn keys(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(parts) => {
            if let Some(Value::Object(properties)) = parts.get("properties") {
                found.extend(properties.keys().cloned());
            }
            parts.values().for_each(|part| keys(part, found));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// The section of the reference under a heading that names a file.
fn section<'a>(reference: &'a str, file: &str) -> &'a str {
    let start = reference
        .find(&format!("## `{file}`"))
        .unwrap_or_else(|| panic!("no section for {file}"));
    let rest = &reference[start + 3..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

#[test]
fn every_key_is_documented_in_its_section() {
    let reference = fs::read_to_string(docs().join("pack.md")).unwrap();
    for (name, file) in [
        ("mechanism.json", "mechanism.toml"),
        ("clauses.json", "clauses.toml"),
        ("register.json", "registers/<id>.toml"),
        ("indicators.json", "indicators/<name>.toml"),
        ("brief.json", "briefs/<id>.toml"),
        ("access.json", "access.toml"),
        ("test.json", "tests/<name>.toml"),
    ] {
        let section = section(&reference, file);
        let mut found = BTreeSet::new();
        keys(&schemas()[name], &mut found);
        assert!(!found.is_empty());
        for key in found {
            assert!(
                section.contains(&format!("`{key}`")),
                "{file}: `{key}` is not documented"
            );
        }
    }
}

#[test]
fn every_word_of_every_list_is_documented() {
    fn words(schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(parts) => {
                let listed = parts.get("enum").and_then(Value::as_array);
                found.extend(
                    listed
                        .into_iter()
                        .flatten()
                        .map(|word| word.as_str().unwrap().to_owned()),
                );
                parts.values().for_each(|part| words(part, found));
            }
            Value::Array(items) => items.iter().for_each(|item| words(item, found)),
            _ => {}
        }
    }
    let reference = fs::read_to_string(docs().join("pack.md")).unwrap();
    let mut found = BTreeSet::new();
    schemas()
        .values()
        .for_each(|schema| words(schema, &mut found));
    for word in found {
        assert!(
            reference.contains(&format!("`{word}`")),
            "`{word}` is not documented"
        );
    }
}

#[test]
fn every_code_is_documented() {
    let reference = fs::read_to_string(docs().join("pack.md")).unwrap();
    for code in Code::ALL {
        assert!(
            reference.contains(&format!("| {code} |")),
            "{code} is not documented"
        );
    }
}
