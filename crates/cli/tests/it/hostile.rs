//! Files that nobody should send: a plain sentence, the right status, nothing changed.

use std::fs;

use crate::home::{Database, Home, items, sample};

fn sentence(message: &str) {
    assert!(message.chars().count() > 8, "{message}");
    assert!(
        !message.contains("panicked") && !message.contains("Err("),
        "{message}"
    );
    assert!(
        message
            .chars()
            .any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)),
        "Chinese: {message}"
    );
}

/// A file that cannot be read: status 3, one problem that says so.
#[track_caller]
fn refused(home: &Home, file: &str) -> String {
    let run = home.run(&["import", "--json", file]).ends(3);
    let report = run.json();
    let problems = items(&report["problems"]);
    assert_eq!(problems.len(), 1, "{report:#}");
    let message = problems[0]["message"].as_str().unwrap().to_owned();
    sentence(&message);
    let text = home.run(&["import", file]).ends(3);
    assert!(text.out.contains("库没有改动"), "{}", text.out);
    message
}

#[test]
fn broken_files_are_refused_with_a_sentence() {
    let home = Home::with_pack(Database::Sqlite);
    let before = home.verified();
    refused(&home, sample("h09_empty.xlsx").to_str().unwrap());
    refused(&home, sample("h03_zip_bomb_200MB.xlsx").to_str().unwrap());

    // An upload that was cut off, at several places.
    let whole = fs::read(sample("s02_merged_head_subtotals.xlsx")).unwrap();
    for part in [3, 100, whole.len() / 2, whole.len() - 30] {
        refused(&home, &home.write("cut.xlsx", &whole[..part]));
    }
    // Bytes of no meaning under the names of workbooks.
    let mut random = 1_u32;
    let noise: Vec<u8> = (0..4096)
        .map(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 24) as u8
        })
        .collect();
    for name in ["noise.xlsx", "noise.xls"] {
        refused(&home, &home.write(name, &noise));
    }
    let run = home.run(&["import", "--json", &home.write("noise.csv", &noise)]);
    assert!(matches!(run.status, 1 | 3), "{run:?}");
    sentence(
        items(&run.json()["problems"])[0]["message"]
            .as_str()
            .unwrap(),
    );
    // Pictures and texts under the name of a workbook.
    refused(&home, &home.write("picture.xlsx", b"\x89PNG\r\n\x1a\n0000"));
    refused(
        &home,
        &home.write(
            "page.xls",
            "<html><table><tr><td>1</td></tr></table></html>",
        ),
    );
    assert_eq!(home.verified(), before, "nothing of all this was kept");
}

#[test]
fn wrong_calls_are_told() {
    let home = Home::with_pack(Database::Sqlite);
    for (args, word) in [
        (vec!["import", "没有这份.xlsx"], "没有"),
        (vec!["import", "."], "."),
        (vec!["import", "/"], "/"),
        (vec!["import", "--register", "projekt", "x.xlsx"], "projekt"),
        (vec!["import", "--unit", "火星区", "x.xlsx"], "火星区"),
        (vec!["import", "--period", "2021H9", "x.xlsx"], "2021H9"),
        (vec!["import"], "FILE"),
        (
            vec!["export", "projekt", "--format", "csv", "-o", "x"],
            "projekt",
        ),
        (
            vec![
                "export", "project", "--format", "csv", "-o", "x", "--where", "fund >",
            ],
            "fund >",
        ),
        (
            vec![
                "export",
                "project",
                "--format",
                "csv",
                "-o",
                "x",
                "--where",
                "nofield == 1",
            ],
            "nofield",
        ),
        (vec!["figures", "--period", "昨天"], "昨天"),
        (vec!["explain", "NO-SUCH", "--period", "2021H1"], "NO-SUCH"),
        (
            vec![
                "brief", "no-such", "--period", "2021H1", "--format", "md", "-o", "x",
            ],
            "no-such",
        ),
        (
            vec![
                "template",
                "project",
                "--unit",
                "火星区",
                "--period",
                "2021H1",
                "-o",
                "x",
            ],
            "火星区",
        ),
        (vec!["fly"], "fly"),
    ] {
        let run = home.run(&args).ends(2);
        assert!(run.err.contains(word), "{args:?}: {}", run.err);
        assert!(!home.file("x").exists());
    }
    // A data folder that is none.
    let nowhere = Home::empty(Database::Sqlite);
    let run = nowhere.run(&["figures", "--period", "2021H1"]).ends(2);
    assert!(run.err.contains("qipan init"), "{}", run.err);
    assert!(
        !nowhere.data().join("qipan.db").exists(),
        "a mistyped path is not filled"
    );
}

#[test]
fn unreadable_and_unwritable_places_are_told() {
    let home = Home::with_pack(Database::Sqlite);
    let out = home.file("no/such/folder/out.csv");
    let run = home.run(&[
        "export",
        "project",
        "--format",
        "csv",
        "-o",
        out.to_str().unwrap(),
    ]);
    let run = run.ends(3);
    assert!(
        run.err.contains("out.csv") && run.err.contains("没有这个文件或目录"),
        "{}",
        run.err
    );
    let missing = home.file("missing.txt");
    let run = home
        .run(&["check", missing.to_str().unwrap(), "--period", "2021H1"])
        .ends(2);
    assert!(run.err.contains("missing.txt"), "{}", run.err);
    // A file that may not be read; root may read everything, so a link to itself stands in.
    let loop_ = home.file("loop.xlsx");
    std::os::unix::fs::symlink(&loop_, &loop_).unwrap();
    let run = home.run(&["import", loop_.to_str().unwrap()]);
    assert!(matches!(run.status, 2 | 3), "{run:?}");
    assert!(
        run.err.contains("loop.xlsx") || run.out.contains("loop.xlsx"),
        "{run:?}"
    );
}

/// Several files in one call: each whole or not at all, and each told of.
#[test]
fn a_bad_file_among_good_ones_spoils_only_itself() {
    let home = Home::with_pack(Database::Sqlite);
    let good = sample("s01_clean.xlsx");
    let bad = home.write("bad.xlsx", &fs::read(&good).unwrap()[..900]);
    let reports = home
        .run(&["import", "--json", &bad, good.to_str().unwrap()])
        .ends(3)
        .json();
    assert_eq!(items(&reports).len(), 2);
    assert_eq!(items(&reports)[0]["landed"], false);
    assert_eq!(items(&reports)[1]["landed"], true);
    assert_eq!(home.csv("project").lines().count(), 6);
}

/// The two real workbooks fit no register; they lie beside the checkout, never in it.
#[test]
fn real_workbooks_that_fit_no_register_are_told_so() {
    let home = Home::with_pack(Database::Sqlite);
    for name in ["cq-counties-2008.xlsx", "tongrong-expressway-ledger.xlsx"] {
        let path = crate::home::root().join("../shared/data/xlsx").join(name);
        if !path.exists() {
            continue;
        }
        let run = home
            .run(&["import", "--json", path.to_str().unwrap()])
            .ends(1);
        let report = run.json();
        assert!(items(&report["registers"]).is_empty(), "{report:#}");
        assert!(!items(&report["problems"]).is_empty());
        for problem in items(&report["problems"]) {
            sentence(problem["message"].as_str().unwrap());
        }
    }
}
