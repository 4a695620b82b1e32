//! The 32 figures a third time: DuckDB over exported Parquet, with SQL of the tests' own.

use std::collections::BTreeMap;
use std::process::Command;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::home::{Database, Home, items, number, pack, root};

both!(duckdb_gives_the_same_figures);

/// The two databases say the same, cut by cut.
#[test]
fn sqlite_and_postgres_give_the_same_figures() {
    if crate::home::server().is_none() {
        return;
    }
    let homes = [Home::demo(Database::Sqlite), Home::demo(Database::Postgres)];
    for period in ["2021H1", "2021-05", "2021-02-11..2021-05-20"] {
        for by in ["group", "link", "supporter"] {
            let [one, other] = homes.each_ref().map(|home| {
                let args = [
                    "figures", "--period", period, "--by", by, "--format", "json",
                ];
                let mut figures = home.json(&args);
                for figure in figures.as_array_mut().unwrap() {
                    figure.as_object_mut().unwrap().remove("as_of");
                }
                figures
            });
            assert_eq!(items(&one).len(), items(&other).len());
            for (one, other) in items(&one).iter().zip(items(&other)) {
                assert_eq!(one, other, "{period} by {by}");
            }
        }
    }
}

/// Python with DuckDB, as `scripts/test.sh` prepares it.
fn python() -> Option<String> {
    let python = std::env::var("ORACLE_PYTHON").ok();
    assert!(
        python.is_some() || std::env::var_os("CI").is_none(),
        "ORACLE_PYTHON must be set in CI: the figures are held against DuckDB too"
    );
    python
}

fn duckdb_gives_the_same_figures(database: Database) {
    let Some(python) = python() else { return };
    let home = Home::demo(database);
    for register in &pack().registers {
        let out = home.file(&format!("{}.parquet", register.id));
        let out = out.to_str().unwrap();
        home.good(&["export", &register.id, "--format", "parquet", "-o", out]);
    }
    // A half-year, a quarter, a year with days after the sample, and a window of broken months,
    // for which the rows are asked and not the rollups.
    for (period, end) in [
        ("2021H1", "2021-06-30"),
        ("2021Q1", "2021-03-31"),
        ("2021", "2021-12-31"),
        ("2021-02-11..2021-05-20", "2021-05-20"),
    ] {
        let output = Command::new(&python)
            .arg(root().join("tests/oracle/figures.py"))
            .arg(home.file("."))
            .arg(root().join("packs/chongqing"))
            .arg(end)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let oracle: Value = serde_json::from_slice(&output.stdout).unwrap();
        compare(&home, period, &oracle);
    }
}

/// The oracle says {"INDICATOR": {"whole": "144", "recipient": {"kaizhou": "9"}, …}}; what it does
/// not name has no rows.
#[track_caller]
fn compare(home: &Home, period: &str, oracle: &Value) {
    assert_eq!(oracle.as_object().unwrap().len(), 32);
    let decimal = |value: &Value| -> Option<Decimal> {
        value.as_str().map(|text| text.parse::<Decimal>().unwrap())
    };
    for cut in ["whole", "recipient", "supporter"] {
        let mut args = vec!["figures", "--period", period, "--format", "json"];
        if cut != "whole" {
            args.extend(["--by", cut]);
        }
        let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
        let figures = home.json(&args);
        for figure in items(&figures) {
            let id = figure["indicator"].as_str().unwrap();
            let units = &figure["cut_units"];
            // Statistics name no supporter: that part has no name for DuckDB.
            if cut != "whole" && figure["cut"] == "未注明" {
                continue;
            }
            let theirs = match cut {
                "whole" => decimal(&oracle[id]["whole"]),
                "recipient" => decimal(&oracle[id]["recipient"][units[1].as_str().unwrap()]),
                _ => decimal(&oracle[id]["supporter"][units[0].as_str().unwrap()]),
            };
            let ours = number(&figure["value"]);
            let name = format!("{id} {period} by {cut} {}", figure["cut"]);
            match (ours, theirs) {
                (Some(ours), Some(theirs))
                    if pack()
                        .indicators
                        .iter()
                        .any(|indicator| indicator.id == id && indicator.unit == "%") =>
                {
                    // Rates have no end of digits; both sides are held to twelve places.
                    assert_eq!(ours.round_dp(12), theirs.round_dp(12), "{name}");
                }
                (Some(ours), Some(theirs)) => assert_eq!(ours, theirs, "{name}"),
                // Nothing to be found where something was filed is zero.
                (Some(ours), None) => assert!(ours.is_zero(), "{name}: ours {ours}"),
                (None, Some(theirs)) => panic!("{name}: DuckDB says {theirs}"),
                (None, None) => {}
            }
            *compared.entry(id).or_default() += usize::from(theirs.is_some());
        }
        // What DuckDB names is what has been compared: no part was lost on our side.
        if cut != "whole" {
            for (id, parts) in oracle.as_object().unwrap() {
                let theirs = parts[cut].as_object().map_or(0, serde_json::Map::len);
                assert_eq!(compared.get(id.as_str()), Some(&theirs), "{id} by {cut}");
            }
        }
    }
}
