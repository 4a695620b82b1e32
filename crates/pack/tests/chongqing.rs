//! The Chongqing pack checks without an error.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use qipan_pack::{Source, check, coverage};

fn source() -> Source {
    Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing")).unwrap()
}

#[test]
fn checks_without_errors() {
    let checked = check(&source());
    let errors: Vec<String> = checked.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    for finding in &checked.diagnostics {
        eprintln!("{finding}");
    }
    let pack = checked.pack.unwrap();
    assert_eq!(pack.registers.len(), 21);
    assert_eq!(coverage(&pack).len(), pack.clauses.len());
}
