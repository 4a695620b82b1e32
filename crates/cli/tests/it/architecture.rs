//! The invariants of ARCHITECTURE.md that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::home::{Database, Home, items, root};

/// Normal dependencies of each package, by name, from the lock file.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        // What other platforms need was never downloaded.
        .args([
            "--filter-platform",
            &format!("{}-unknown-linux-gnu", std::env::consts::ARCH),
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeMap<&str, &str> = items(&metadata["packages"])
        .iter()
        .map(|package| {
            (
                package["id"].as_str().unwrap(),
                package["name"].as_str().unwrap(),
            )
        })
        .collect();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in items(&metadata["resolve"]["nodes"]) {
        let own = all
            .entry(names[node["id"].as_str().unwrap()].to_owned())
            .or_default();
        for dependency in items(&node["deps"]) {
            let kinds = items(&dependency["dep_kinds"]);
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                own.insert(names[dependency["pkg"].as_str().unwrap()].to_owned());
            }
        }
    }
    all
}

fn reachable<'a>(all: &'a BTreeMap<String, BTreeSet<String>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in &all[name] {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

#[test]
fn the_core_is_pure() {
    let all = dependencies();
    let worldly = [
        "sqlx",
        "sqlx-core",
        "tokio",
        "axum",
        "hyper",
        "reqwest",
        "libsqlite3-sys",
        "mio",
    ];
    for core in ["qipan-expr", "qipan-model", "qipan-pack", "qipan-press"] {
        let found = reachable(&all, core);
        for crate_ in worldly {
            assert!(!found.contains(crate_), "{core} depends on {crate_}");
        }
    }
    // The test can fail: the store does depend on all this.
    assert!(reachable(&all, "qipan-store").contains("tokio"));
}

#[test]
fn dependencies_point_one_way() {
    // From the core outwards; nobody depends on a later one.
    let order = [
        "expr", "model", "pack", "press", "sql", "store", "accounts", "sheets", "columnar",
        "figures", "raster", "import", "briefs", "server", "cli",
    ];
    let all = dependencies();
    for (nth, name) in order.iter().enumerate() {
        let found = reachable(&all, Box::leak(format!("qipan-{name}").into_boxed_str()));
        for later in &order[nth + 1..] {
            assert!(
                !found.contains(format!("qipan-{later}").as_str()),
                "{name} depends on {later}"
            );
        }
    }
}

/// Rust sources of the crates, without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push((path.clone(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap().flatten() {
        walk(&entry.path().join("src"), &mut found);
    }
    assert!(found.len() > 100);
    found
}

fn crate_of(path: &Path) -> String {
    let within = path.strip_prefix(root().join("crates")).unwrap();
    within
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned()
}

#[test]
fn dynamic_sql_lives_in_two_crates() {
    let mut found = BTreeSet::new();
    for (path, text) in sources() {
        if text.contains("AssertSqlSafe") {
            found.insert(crate_of(&path));
        }
    }
    assert!(
        found.is_subset(&BTreeSet::from(["sql".to_owned(), "store".to_owned()])),
        "{found:?}"
    );
    assert!(!found.is_empty(), "the test looks at the right word");
}

#[test]
fn one_place_reads_the_clock_and_one_prints() {
    for (path, text) in sources() {
        let own = crate_of(&path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        if own != "cli" {
            for word in ["Timestamp::now()", "SystemTime::now()", "Zoned::now()"] {
                assert!(!code.contains(word), "{} reads the clock", path.display());
            }
        }
        for word in ["println!(", "eprintln!(", "print!("] {
            let used = code
                .lines()
                .any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(!used, "{} prints", path.display());
        }
    }
}

#[test]
fn a_file_has_one_subject() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 700, "{} has {lines} lines", path.display());
    }
}

/// Commands and options that the documents show exist.
#[test]
fn documented_commands_exist() {
    let home = Home::empty(Database::Sqlite);
    let help = home.good(&["--help"]).out;
    let mut seen = 0;
    for name in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(root().join(name)).unwrap_or_else(|_| panic!("{name}"));
        for line in text.lines() {
            let line = line.trim().trim_start_matches("$ ");
            let Some(call) = line.strip_prefix("qipan ") else {
                continue;
            };
            let call = call.split('#').next().unwrap();
            let words: Vec<&str> = call.split_whitespace().collect();
            let command = words.iter().find(|word| !word.starts_with('-')).unwrap();
            assert!(
                help.lines()
                    .any(|own| own.trim_start().starts_with(&format!("{command} "))),
                "{name}: there is no command {command}"
            );
            let sub = matches!(*command, "pack" | "user").then(|| words[1]);
            let mut args = vec![*command];
            args.extend(sub);
            args.push("--help");
            let own = home.good(&args).out;
            for option in words.iter().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap().trim_matches(['[', ']']);
                assert!(own.contains(option), "{name}: {command} has no {option}");
            }
            seen += 1;
        }
        for line in text.lines() {
            let Some(target) = line.trim().strip_prefix("make ") else {
                continue;
            };
            let target = target.split_whitespace().next().unwrap();
            let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
            assert!(
                makefile.contains(&format!("\n{target}:")),
                "{name}: make {target}"
            );
        }
    }
    assert!(seen >= 4, "the documents show how to call the program");
}

/// Every code that a problem can carry is explained in the document that its type names.
#[test]
fn problem_codes_are_documented() {
    let codes = |letter: char, crates: &[&str]| -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (path, text) in sources() {
            if !crates.contains(&crate_of(&path).as_str()) {
                continue;
            }
            for piece in text.split('"') {
                let is_code = piece.len() == 5
                    && piece.starts_with(letter)
                    && piece[1..].bytes().all(|byte| byte.is_ascii_digit());
                if is_code {
                    found.insert(piece.to_owned());
                }
            }
        }
        found
    };
    let mut wanted = codes('S', &["sheets"]);
    wanted.extend(codes('I', &["import"]));
    assert!(wanted.len() > 20, "{wanted:?}");
    let text = fs::read_to_string(root().join("docs/import.md")).unwrap_or_default();
    // S2304–S2306 stands for all three.
    let within = |code: &str| {
        text.match_indices('–').any(|(at, dash)| {
            let (first, last) = (
                text[..at].get(at.saturating_sub(5)..),
                text[at + dash.len()..].get(..5),
            );
            first.zip(last).is_some_and(|(first, last)| {
                first.starts_with(&code[..1]) && first <= code && code <= last
            })
        })
    };
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|code| !text.contains(code.as_str()) && !within(code))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/import.md says nothing of {missing:?}"
    );
}
