//! What people send, through the program: counts, sums, all or nothing, once, and marked copies.

use std::fs;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::home::{Database, Home, column, items, sample, total};

both!(
    sample_workbooks_land_with_their_sums,
    bad_rows_refuse_the_file_unless_told_otherwise,
    a_dry_run_leaves_no_trace,
    the_same_file_again_changes_nothing,
    a_changed_cell_is_one_revision_with_its_file,
    a_missing_column_blanks_nothing,
    a_row_may_rest_on_what_stands,
    the_other_sides_answer_is_kept,
);

fn expected() -> Value {
    serde_json::from_str(&fs::read_to_string(sample("expected.json")).unwrap()).unwrap()
}

fn path(name: &str) -> String {
    sample(name).to_str().unwrap().to_owned()
}

/// read, inserted, updated, unchanged, rejected of the only register of a report.
#[track_caller]
fn counts(report: &Value) -> [u64; 5] {
    let registers = items(&report["registers"]);
    assert_eq!(registers.len(), 1, "{report:#}");
    assert_eq!(registers[0]["register"], "project");
    ["read", "inserted", "updated", "unchanged", "rejected"]
        .map(|key| registers[0][key].as_u64().unwrap())
}

/// Entries in the folder of kept files.
fn kept_files(home: &Home) -> usize {
    let files = home.data().join("files");
    if files.is_dir() {
        fs::read_dir(files).unwrap().count()
    } else {
        0
    }
}

fn wan(csv: &str, field: &str) -> String {
    (total(csv, field) / Decimal::from(10_000))
        .normalize()
        .to_string()
}

fn sample_workbooks_land_with_their_sums(database: Database) {
    for (name, expect) in expected().as_object().unwrap() {
        let Some(projects) = expect["projects"].as_u64() else {
            continue;
        };
        let home = Home::with_pack(database);
        let bad = expect["bad_rows"].as_u64().unwrap_or(0);
        let mut args = vec!["import", "--json"];
        let file = path(name);
        args.push(&file);
        if bad > 0 {
            args.push("--accept-good-rows");
        }
        let report = home.run(&args).ends(i32::from(bad > 0)).json();
        assert_eq!(report["file"], file, "the file as it was named");
        assert_eq!(
            counts(&report),
            [projects + bad, projects, 0, 0, bad],
            "{name}: {report:#}"
        );
        for problem in items(&report["problems"]) {
            for key in ["sheet", "cell", "field", "code", "message"] {
                assert!(problem[key].is_string(), "{key}: {problem}");
            }
        }
        let csv = home.csv("project");
        if let Some(sum) = expect["total_investment_wan"].as_str() {
            assert_eq!(wan(&csv, "total_investment"), sum, "{name}");
            assert_eq!(
                wan(&csv, "fund"),
                expect["fund_wan"].as_str().unwrap(),
                "{name}"
            );
            let started = column(&csv, "start_date")
                .iter()
                .filter(|day| !day.is_empty())
                .count();
            assert_eq!(
                started as u64,
                expect["started"].as_u64().unwrap(),
                "{name}"
            );
        }
        for (code, day) in expect["dates"].as_object().into_iter().flatten() {
            let nth = column(&csv, "code")
                .iter()
                .position(|own| own == code)
                .unwrap();
            assert_eq!(column(&csv, "start_date")[nth], day.as_str().unwrap());
        }
        home.verified();
    }
}

fn bad_rows_refuse_the_file_unless_told_otherwise(database: Database) {
    let home = Home::with_pack(database);
    let before = home.verified();
    let file = path("s06_bad_rows.xlsx");
    let report = home.run(&["import", "--json", &file]).ends(1).json();
    let [read, inserted, updated, _, rejected] = counts(&report);
    assert_eq!((read, inserted, updated, rejected), (12, 0, 0, 7));
    assert_eq!(report["landed"], false);
    assert_eq!(home.verified(), before, "nothing was kept");
    assert_eq!(kept_files(&home), 0, "nor the file");
    assert_eq!(home.csv("project").lines().count(), 1);
    let text = home.run(&["import", &file]).ends(1).out;
    assert!(text.contains("整份未收"), "{text}");
    for row in 7..=13 {
        assert!(
            text.contains(&format!("{row} ")),
            "row {row} is named: {text}"
        );
    }

    let out = home.file("marked.xlsx");
    let out = out.to_str().unwrap();
    let report = home
        .run(&[
            "import",
            "--json",
            "--accept-good-rows",
            "--errors",
            out,
            &file,
        ])
        .ends(1)
        .json();
    assert_eq!(counts(&report), [12, 5, 0, 0, 7]);
    assert_eq!(report["landed"], true);
    // The marked copy opens, has a summary sheet and says the same as the report.
    let marked = home
        .run(&["import", "--dry-run", "--json", out])
        .ends(1)
        .json();
    assert_eq!(items(&marked["registers"])[0]["rejected"], 7, "{marked:#}");
    let sheets = shared_texts(out);
    assert!(sheets.contains("问题"), "a summary sheet");
    for problem in items(&report["problems"]) {
        if problem["severity"] == "error" {
            let cell = problem["cell"].as_str().unwrap();
            assert!(sheets.contains(cell), "{cell} is in the summary: {problem}");
        }
    }
    // The good rows are there already; the mended file then brings the rest.
    let again = home
        .run(&["import", "--json", "--accept-good-rows", &file])
        .ends(1)
        .json();
    assert_eq!(counts(&again), [12, 0, 0, 5, 7]);
}

/// All XML of a workbook in one text.
fn shared_texts(path: &str) -> String {
    let output = std::process::Command::new("python3")
        .args(["-c", "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nfor n in z.namelist():\n    if n.endswith('.xml'): print(z.read(n).decode('utf-8', 'replace'))"])
        .arg(path)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn a_dry_run_leaves_no_trace(database: Database) {
    let home = Home::with_pack(database);
    let before = home.verified();
    let report = home.json(&["import", "--dry-run", "--json", &path("s01_clean.xlsx")]);
    assert_eq!(counts(&report), [5, 5, 0, 0, 0]);
    assert_eq!(
        (&report["dry_run"], &report["landed"]),
        (&true.into(), &false.into())
    );
    assert_eq!(home.verified(), before);
    assert_eq!(home.csv("project").lines().count(), 1);
    assert_eq!(kept_files(&home), 0, "no copy of the file either");
    home.run(&["import", "--dry-run", &path("s06_bad_rows.xlsx")])
        .ends(1);
    assert_eq!(home.verified(), before);
}

fn the_same_file_again_changes_nothing(database: Database) {
    let home = Home::with_pack(database);
    // The title of s02 tells period and unit: its return is filed once.
    for name in [
        "s01_clean.xlsx",
        "s02_merged_head_subtotals.xlsx",
        "c01_gbk.csv",
    ] {
        let file = path(name);
        home.good(&["import", &file]);
        let before = home.verified();
        let report = home.json(&["import", "--json", &file]);
        assert_eq!(counts(&report), [5, 0, 0, 5, 0], "{name}");
        assert_eq!(home.verified(), before, "{name}");
    }
    let file = path("s01_clean.xlsx");
    let filed = ["import", "--unit", "开州区", "--period", "2021H1", &file];
    home.good(&filed);
    let before = home.verified();
    home.good(&filed);
    assert_eq!(home.verified(), before, "a return is filed once");
}

const HEAD: &str =
    "code,name,supporter,recipient,total_investment,fund,issued_date,start_date,note";

fn a_changed_cell_is_one_revision_with_its_file(database: Database) {
    let home = Home::with_pack(database);
    let csv = |fund: &str| {
        format!(
            "{HEAD}\nA-1,示例一,江津区,开州区,3000000,{fund},2021-02-03,,示例\n\
             A-2,示例二,璧山区,梁平区,2000000.50,100000,2021-04-05,2021-05-01,示例\n"
        )
    };
    home.good(&["import", &home.write("first.csv", csv("500000"))]);
    let (entries, _) = home.verified();
    let second = home.write("second.csv", csv("500000.01"));
    let report = home.json(&["import", "--json", &second]);
    assert_eq!(counts(&report), [2, 0, 1, 1, 0]);
    let written = home.verified().0 - entries;
    assert_eq!(written, 1, "one journal entry for one revision");
    let explained = home.json(&["explain", "PRJ-V-TOTAL", "--period", "2021H1", "--json"]);
    let row = items(&explained["rows"])
        .iter()
        .find(|row| row["key"] == "A-1")
        .unwrap();
    assert_eq!(row["rev"], 2);
    let digest = row["source"].as_str().unwrap();
    let kept = home.data().join("files").join(&digest[..2]).join(digest);
    assert_eq!(
        fs::read(kept).unwrap(),
        fs::read(&second).unwrap(),
        "the evidence is the file"
    );
    assert_eq!(wan(&home.csv("project"), "fund"), "60.000001");
}

fn a_missing_column_blanks_nothing(database: Database) {
    let home = Home::with_pack(database);
    let full = format!(
        "{HEAD}\nA-1,示例一,江津区,开州区,3000000,500000,2021-02-03,2021-03-01,示例\n\
         A-2,示例二,璧山区,梁平区,2000000,100000,2021-04-05,,示例\n"
    );
    home.good(&["import", &home.write("full.csv", full)]);
    let before = home.csv("project");
    // Fewer columns, nothing new: nothing changes.
    let less = home.write(
        "less.csv",
        "code,name,supporter,recipient\nA-1,示例一,江津区,开州区\n",
    );
    let import = ["import", "--json", "--register", "project"];
    let report = home.json(&[&import[..], &[&less]].concat());
    assert_eq!(counts(&report), [1, 0, 0, 1, 0]);
    assert_eq!(home.csv("project"), before);
    // One column says something new: only that field changes.
    let less = home.write(
        "paid.csv",
        "code,name,supporter,recipient,start_date,note\nA-2,示例二,璧山区,梁平区,2021-06-01,\n\
         A-9,示例九,大足区,忠县,,新\n",
    );
    let report = home.json(&[&import[..], &[&less]].concat());
    assert_eq!(counts(&report), [2, 1, 1, 0, 0]);
    let after = home.csv("project");
    let cell = |name: &str, key: &str| {
        let nth = column(&after, "code")
            .iter()
            .position(|own| *own == key)
            .unwrap();
        column(&after, name)[nth].to_owned()
    };
    assert_eq!(cell("total_investment", "A-2"), "2000000.00");
    assert_eq!(cell("issued_date", "A-2"), "2021-04-05");
    assert_eq!(cell("start_date", "A-2"), "2021-06-01");
    assert_eq!(
        cell("note", "A-2"),
        "",
        "an empty cell is an answer, a missing column is none"
    );
    assert_eq!(cell("note", "A-9"), "新");
    let figure = home.figure("PRJ-N-STARTED", &["--period", "2021H1"]);
    assert_eq!(figure, Some(2.into()));
    home.verified();
}

/// Rules hold for the record as it then stands, not for the columns of one sheet alone.
fn a_row_may_rest_on_what_stands(database: Database) {
    let home = Home::with_pack(database);
    let full =
        format!("{HEAD}\nA-1,示例一,江津区,开州区,3000000,500000,2021-02-03,2021-03-01,示例\n");
    home.good(&["import", &home.write("full.csv", full)]);
    // 有完工日期而没有开工日期 would be refused; here the record has its starting date already.
    let finish = "code,name,supporter,recipient,finish_date\nA-1,示例一,江津区,开州区,2021-06-20\n";
    let report = home.json(&[
        "import",
        "--json",
        "--register",
        "project",
        &home.write("finish.csv", finish),
    ]);
    assert_eq!(counts(&report), [1, 0, 1, 0, 0], "{report:#}");
    // 帮扶资金大于总投资: the sheet alone would pass, the record would not.
    let before = home.verified();
    let fund = "code,name,supporter,recipient,fund\nA-1,示例一,江津区,开州区,9000000\n";
    let report = home
        .run(&[
            "import",
            "--json",
            "--register",
            "project",
            &home.write("fund.csv", fund),
        ])
        .ends(1)
        .json();
    assert_eq!(counts(&report), [1, 0, 0, 0, 1], "{report:#}");
    let problem = &items(&report["problems"])[0];
    assert!(
        problem["message"].as_str().unwrap().contains("大于总投资"),
        "{problem}"
    );
    assert_eq!(home.verified(), before);
    // A new record has nothing to rest on.
    let finish = finish.replace("A-1", "A-7");
    let report = home
        .run(&[
            "import",
            "--json",
            "--register",
            "project",
            &home.write("finish.csv", finish),
        ])
        .ends(1)
        .json();
    assert_eq!(counts(&report), [1, 0, 0, 0, 1], "{report:#}");
}

fn the_other_sides_answer_is_kept(database: Database) {
    let home = Home::with_pack(database);
    let csv = |answer: &str, name: &str| {
        format!(
            "code,name,supporter,recipient,issued_date,对方确认\n\
             A-1,{name},江津区,开州区,2021-02-03,{answer}\n\
             A-2,示例二,璧山区,梁平区,2021-02-03,\n"
        )
    };
    home.good(&["import", &home.write("first.csv", csv("有异议", "示例一"))]);
    let count = || {
        home.figure("PRJ-N-ISSUED", &["--period", "2021H1"])
            .unwrap()
    };
    assert_eq!(count(), 1.into(), "a contested row is not counted");
    // A sheet without that column does not answer for the other side.
    let silent = "code,name,supporter,recipient\nA-1,示例一改,江津区,开州区\n";
    home.good(&[
        "import",
        "--register",
        "project",
        &home.write("silent.csv", silent),
    ]);
    assert_eq!(count(), 1.into());
    home.good(&[
        "import",
        &home.write("agreed.csv", csv("已确认", "示例一改")),
    ]);
    assert_eq!(count(), 2.into());
    home.verified();
}
