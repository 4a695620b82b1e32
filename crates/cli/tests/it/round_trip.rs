//! What is exported imports back: byte for byte as CSV, value for value as a workbook, unchanged
//! as a template.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::home::{Database, Home, column, items, pack};

both!(
    csv_comes_back_byte_for_byte,
    workbooks_come_back,
    templates_come_back_unchanged
);

/// One export of each register, as files.
fn exports(home: &Home, format: &str) -> BTreeMap<String, String> {
    pack()
        .registers
        .iter()
        .map(|register| {
            let out = home.file(&format!("{}.{format}", register.id));
            let out = out.to_str().unwrap().to_owned();
            home.good(&["export", &register.id, "--format", format, "-o", &out]);
            (register.id.clone(), out)
        })
        .collect()
}

/// Imports all files into an empty data folder in one call; each must hold its register and land.
fn carried_over(files: &BTreeMap<String, String>, database: Database) -> Home {
    let other = Home::with_pack(database);
    let mut args = vec!["import", "--json"];
    args.extend(files.values().map(String::as_str));
    let run = other.run(&args);
    let reports = run.json();
    for (register, report) in files.keys().zip(items(&reports)) {
        let own = &report["registers"][0];
        assert_eq!(
            own["register"],
            Value::from(register.as_str()),
            "{report:#}"
        );
        assert_eq!(
            own["read"], own["inserted"],
            "{register}: {:#}",
            report["problems"]
        );
        assert!(
            own["read"].as_u64().unwrap() > 0,
            "{register} has sample rows"
        );
    }
    run.ends(0);
    other.verified();
    other
}

fn csv_comes_back_byte_for_byte(database: Database) {
    let home = Home::demo(database);
    let files = exports(&home, "csv");
    assert_eq!(files.len(), 21);
    let other = carried_over(&files, database);
    for (register, file) in &files {
        let before = fs::read_to_string(file).unwrap();
        assert_eq!(other.csv(register), before, "{register}");
    }
    // And so do the figures.
    let figures = |home: &Home| -> Vec<(Value, Value)> {
        let figures = home.json(&[
            "figures", "--period", "2021H1", "--by", "link", "--format", "json",
        ]);
        items(&figures)
            .iter()
            .filter(|figure| !figure["value"].is_null() && figure["display"] != "0")
            .filter(|figure| {
                crate::home::number(&figure["value"]).is_some_and(|value| !value.is_zero())
            })
            .map(|figure| (figure["indicator"].clone(), figure["value"].clone()))
            .collect()
    };
    assert_eq!(figures(&home), figures(&other));
}

fn workbooks_come_back(database: Database) {
    let home = Home::demo(database);
    let csv = exports(&home, "csv");
    let other = carried_over(&exports(&home, "xlsx"), database);
    for (register, file) in &csv {
        let before = fs::read_to_string(file).unwrap();
        let after = other.csv(register);
        let lines = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(&after), lines(&before), "{register}");
    }
    // JSON says the same as CSV.
    let out = home.file("project.json");
    home.good(&[
        "export",
        "project",
        "--format",
        "json",
        "-o",
        out.to_str().unwrap(),
    ]);
    let json: Value = serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap();
    let codes: Vec<&str> = items(&json)
        .iter()
        .map(|row| row["code"].as_str().unwrap())
        .collect();
    let text = fs::read_to_string(&csv["project"]).unwrap();
    assert_eq!(codes.len(), text.lines().count() - 1);
    assert_eq!(codes[0], column(&text, "code")[0]);
}

fn templates_come_back_unchanged(database: Database) {
    let home = Home::demo(database);
    let before = home.verified();
    for register in &pack().registers {
        // The unit with the most rows, by its code.
        let Some(side) = register.recipient.or(register.supporter) else {
            continue;
        };
        let csv = home.csv(&register.id);
        let mut units: BTreeMap<&str, usize> = BTreeMap::new();
        for unit in unquoted_column(&csv, &register.fields[side].id) {
            *units.entry(unit).or_default() += 1;
        }
        let unit = units.iter().max_by_key(|(_, rows)| **rows).unwrap().0;
        let out = home.file(&format!("{}-template.xlsx", register.id));
        let out = out.to_str().unwrap();
        home.good(&[
            "template",
            &register.id,
            "--unit",
            unit,
            "--period",
            "2021H1",
            "-o",
            out,
        ]);
        let run = home.run(&["import", "--json", out]);
        let report = run.json();
        let own = &report["registers"][0];
        assert_eq!(
            own["register"],
            Value::from(register.id.as_str()),
            "{report:#}"
        );
        assert!(
            own["read"].as_u64().unwrap() > 0,
            "{} {unit}: {report:#}",
            register.id
        );
        assert_eq!(
            own["read"], own["unchanged"],
            "{} {unit}: {report:#}",
            register.id
        );
        run.ends(0);
    }
    let (_, head) = home.verified();
    let _ = (before, head);
    for register in &pack().registers {
        assert!(home.csv(&register.id).lines().count() > 1);
    }
}

/// A column by name where cells before it may be quoted: the unit columns come early and hold none.
fn unquoted_column<'t>(csv: &'t str, name: &str) -> Vec<&'t str> {
    let head = csv.lines().next().unwrap();
    let nth = head
        .trim_start_matches('\u{feff}')
        .split(',')
        .position(|own| own == name)
        .unwrap();
    csv.lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(nth))
        .filter(|cell| {
            !cell.is_empty()
                && cell
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        .collect()
}
