//! Wrong calls and places that cannot be used: each is told with place, cause and remedy, in the
//! language asked for, and ends with the status that fits.

use std::fs;

use crate::home::{Database, Home, root};

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn wrong_calls_are_told_in_the_language_asked_for() {
    let home = Home::with_pack(Database::Sqlite);
    let folder = home.file("folder");
    fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    for (args, words) in [
        (vec![], ""),
        (vec!["bogus"], "bogus"),
        (vec!["figure", "--period", "2021H1"], "figures"),
        (vec!["import"], "FILE"),
        (vec!["import", "nowhere.xlsx"], "nowhere.xlsx"),
        (vec!["import", folder], folder),
        (vec!["template"], "--unit"),
        (
            vec![
                "template",
                "projekt",
                "--unit",
                "开州区",
                "--period",
                "2021H1",
                "-o",
                "x",
            ],
            "projekt",
        ),
        (
            vec![
                "template", "project", "--unit", "开洲", "--period", "2021H1", "-o", "x",
            ],
            "开洲",
        ),
        (vec!["figures"], "--period"),
        (vec!["figures", "--period", "2021H3"], "2021H3"),
        (
            vec!["figures", "--period", "2021H1", "--by", "county"],
            "county",
        ),
        (
            vec!["figures", "--period", "2021H1", "--as-of", "gestern"],
            "gestern",
        ),
        (
            vec!["figures", "--period", "2021H1", "--unknown"],
            "--unknown",
        ),
        (
            vec!["explain", "PRJ-NONE", "--period", "2021H1"],
            "PRJ-NONE",
        ),
        (
            vec![
                "brief", "yearly", "--period", "2021H1", "--format", "md", "-o", "x",
            ],
            "yearly",
        ),
        (
            vec![
                "brief",
                "half-year",
                "--period",
                "2021H1",
                "--format",
                "pdf",
                "-o",
                "x",
            ],
            "DOCX",
        ),
        (
            vec!["check", "nowhere.txt", "--period", "2021H1"],
            "nowhere.txt",
        ),
        (vec!["check", folder, "--period", "2021H1"], folder),
        (
            vec!["export", "project", "--format", "toml", "-o", "x"],
            "toml",
        ),
        (vec!["serve", "--listen", "here"], "here"),
        (vec!["pack", "check", folder], "mechanism.toml"),
        (vec!["pack", "check", "nowhere"], "nowhere"),
        (vec!["--lang", "de", "verify"], "de"),
    ] {
        let args: Vec<&str> = args;
        let zh = home.run(&args).ends(2);
        assert!(is_chinese(&zh.err), "{args:?}: {}", zh.err);
        for english in [
            "error:",
            "For more",
            "invalid value",
            "Usage:",
            "Options:",
            "Commands:",
        ] {
            assert!(!zh.err.contains(english), "{args:?}: {}", zh.err);
        }
        let words_met = zh.err.to_lowercase().contains(&words.to_lowercase());
        assert!(words_met && zh.out.is_empty(), "{args:?}: {}", zh.err);
        if !args.contains(&"--lang") {
            let mut english = args.clone();
            english.extend(["--lang", "en"]);
            let en = home.run(&english).ends(2);
            let told = en
                .err
                .lines()
                .next()
                .unwrap_or_default()
                .replace("开洲", "");
            // clap tells why a period is wrong in the words of the model.
            let told = told.split(": 报送期").next().unwrap();
            assert!(!is_chinese(told), "{args:?}: {}", en.err);
            assert!(!en.err.is_empty() && en.out.is_empty(), "{args:?}");
        }
    }
    assert!(!home.file("x").exists());
}

#[test]
fn help_speaks_both_languages() {
    let home = Home::empty(Database::Sqlite);
    for args in [
        &["--help"][..],
        &["import", "--help"],
        &["pack", "plan", "--help"],
    ] {
        let zh = home.good(args);
        assert!(zh.out.contains("用法：") && zh.err.is_empty(), "{}", zh.out);
        assert!(
            !zh.out.contains("Print help") && !zh.out.contains("Options:"),
            "{}",
            zh.out
        );
        let mut english = args.to_vec();
        english.extend(["--lang", "en"]);
        let en = home.good(&english);
        assert!(
            !is_chinese(&en.out) && en.out.contains("Usage:"),
            "{}",
            en.out
        );
    }
}

#[test]
fn places_that_cannot_be_used_are_told() {
    let home = Home::with_pack(Database::Sqlite);
    let missing = home.file("missing/out");
    let missing = missing.to_str().unwrap();
    for args in [
        vec![
            "template",
            "project",
            "--unit",
            "开州区",
            "--period",
            "2021H1",
            "-o",
            missing,
        ],
        vec!["export", "project", "--format", "csv", "-o", missing],
        vec![
            "brief",
            "half-year",
            "--period",
            "2021H1",
            "--format",
            "md",
            "-o",
            missing,
        ],
    ] {
        let run = home.run(&args).ends(3);
        assert!(
            run.err.contains(missing) && run.err.contains("没有这个文件或目录"),
            "{}",
            run.err
        );
    }

    // A database that is none, a folder that is a file, a server that is not there.
    let pack = root().join("packs/chongqing");
    let pack = pack.to_str().unwrap();
    let junk = home.file("junk");
    fs::create_dir(&junk).unwrap();
    fs::write(junk.join("qipan.db"), "junk".repeat(1000)).unwrap();
    let file = home.write("plain", "x");
    for (data, words) in [
        (junk.to_str().unwrap(), "这不是 qipan 的数据库"),
        (&*file, "这里已有一个文件"),
    ] {
        // Without the data folder that the harness names.
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_qipan"))
            .args(["--data", data, "init", "--pack", pack])
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{err}");
        assert!(err.contains(words), "{err}");
    }
    let started = std::time::Instant::now();
    let run = home
        .run(&["--db", "postgres://127.0.0.1:1/nothing", "verify"])
        .ends(3);
    assert!(
        run.err.contains("连不上数据库 127.0.0.1:1/nothing"),
        "{}",
        run.err
    );
    assert!(started.elapsed().as_secs() < 9, "told at once");
}

#[test]
fn the_demo_stays_out_of_real_data() {
    let home = Home::with_pack(Database::Sqlite);
    let before = home.verified();
    let run = home.run(&["demo", "--no-serve"]).ends(2);
    assert!(run.err.contains("正式的数据"), "{}", run.err);
    assert_eq!(home.verified(), before);
    assert!(!home.data().join("illustrative.txt").exists());
}

#[test]
fn filters_point_at_characters() {
    let home = Home::with_pack(Database::Sqlite);
    let run = home
        .run(&[
            "export",
            "project",
            "--where",
            "name == '示例' && nosuch == 1",
            "--format",
            "csv",
            "-o",
            "x",
        ])
        .ends(2);
    assert!(run.err.contains("第17字起"), "{}", run.err);
}

#[test]
fn quiet_is_quiet_and_results_stand_alone() {
    let home = Home::with_pack(Database::Sqlite);
    let csv = "code,name,supporter,recipient,issued_date\nA-1,示例,江津区,开州区,2021-02-03\n";
    let file = home.write("rows.csv", csv);
    let out = home.file("out.csv");
    let out = out.to_str().unwrap();
    for args in [
        vec!["import", &file],
        vec!["import", &file, "--json"],
        vec!["figures", "--period", "2021H1"],
        vec!["export", "project", "--format", "csv", "-o", out],
        vec![
            "template",
            "project",
            "--unit",
            "开州区",
            "--period",
            "2021H1",
            "-o",
            out,
        ],
        vec!["verify", "--json"],
    ] {
        let mut args: Vec<&str> = args;
        args.push("--quiet");
        let run = home.good(&args);
        assert_eq!(run.err, "", "{args:?}");
        if args.contains(&"--json") {
            run.json();
        }
    }
}

#[test]
fn many_imports_at_once_all_land() {
    let home = Home::with_pack(Database::Sqlite);
    let files: Vec<String> = (0..4)
        .map(|nth| {
            let rows: String = (0..50)
                .map(|row| format!("K{nth}-{row},示例,江津区,开州区,2021-02-03\n"))
                .collect();
            let head = "code,name,supporter,recipient,issued_date\n";
            home.write(&format!("{nth}.csv"), format!("{head}{rows}"))
        })
        .collect();
    let running: Vec<_> = files
        .iter()
        .map(|file| {
            let mut command = home.command(&["import", file, "--quiet"]);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(home.csv("project").lines().count(), 201);
    home.verified();
}
