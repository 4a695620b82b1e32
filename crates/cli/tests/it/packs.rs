//! Packs change like migrations, and what the rest of the command line promises.

use std::fs;
use std::path::Path;

use crate::home::{Database, Home, column, items, root, sample};

both!(
    a_pack_changes_under_data_that_stays,
    filters_are_expressions_and_nothing_else,
);

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} holds {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn a_pack_changes_under_data_that_stays(database: Database) {
    let home = Home::with_pack(database);
    home.good(&["import", sample("s01_clean.xlsx").to_str().unwrap()]);
    let (entries, _) = home.verified();
    let before = home.csv("project");

    // The pack as it stands is no change.
    let folder = home.file("pack");
    copy(&root().join("packs/chongqing"), &folder);
    let pack = folder.to_str().unwrap();
    let plan = home.good(&["pack", "plan", pack]).out;
    assert!(plan.contains("没有改变"), "{plan}");
    home.good(&["pack", "apply", pack]);
    assert_eq!(home.verified().0, entries);

    // A field more.
    let new_field = "[[field]]\nid = \"villages_named\"\nlabel = \"受益村名\"\nlabel_en = \"Villages\"\n\
                     type = \"text\"\n\n[[rule]]";
    edit(&folder, "registers/project.toml", "[[rule]]", new_field);
    edit(
        &folder,
        "registers/project.toml",
        "columns = [\n",
        "columns = [\n  { field = \"villages_named\", width = 16 },\n",
    );
    let plan = home.good(&["pack", "plan", pack]).out;
    assert!(
        plan.contains("villages_named") || plan.contains("受益村名"),
        "{plan}"
    );
    assert_eq!(home.verified().0, entries, "a plan changes nothing");
    home.good(&["pack", "apply", pack]);
    assert_eq!(
        home.verified().0,
        entries + 1,
        "one journal entry tells of the new pack"
    );
    let after = home.csv("project");
    assert_eq!(column(&after, "villages_named").len(), 5);
    for field in ["code", "total_investment", "fund"] {
        assert_eq!(column(&after, field), column(&before, field));
    }
    // Sheets made for the old pack still say what they said.
    let again = home.json(&[
        "import",
        "--json",
        sample("s01_clean.xlsx").to_str().unwrap(),
    ]);
    assert_eq!(again["registers"][0]["unchanged"], 5, "{again:#}");

    // What would take facts away is refused, and nothing happens.
    edit(
        &folder,
        "registers/project.toml",
        "id = \"fund\"\nlabel = \"其中：对口帮扶资金\"\nlabel_en = \"Of which: assistance fund\"\ntype = \"money\"",
        "id = \"fund\"\nlabel = \"其中：对口帮扶资金\"\nlabel_en = \"Of which: assistance fund\"\ntype = \"text\"",
    );
    let run = home.run(&["pack", "apply", pack]);
    assert!(matches!(run.status, 1 | 3), "{run:?}");
    assert!(
        !run.err.is_empty() && !run.err.contains("panicked"),
        "{}",
        run.err
    );
    assert_eq!(home.csv("project"), after);

    // Mistakes are told with file, line and column, several at once.
    edit(&folder, "registers/park.toml", "type = ", "typ = ");
    edit(&folder, "units.csv", "district", "distrikt");
    let run = home.run(&["pack", "check", pack]).ends(1);
    for file in ["registers/park.toml", "units.csv"] {
        let line = run
            .out
            .lines()
            .find(|line| line.contains(file))
            .unwrap_or_else(|| panic!("{}", run.out));
        let place = line.split(file).nth(1).unwrap();
        assert!(
            place.starts_with(':') && place[1..].starts_with(|c: char| c.is_ascii_digit()),
            "{line}"
        );
    }
    home.verified();
}

fn filters_are_expressions_and_nothing_else(database: Database) {
    let home = Home::demo(database);
    let all = home.csv("project").lines().count() - 1;
    let count = |filter: &str| home.export("project", &["--where", filter]).lines().count() - 1;
    let started = count("has(start_date)");
    assert_eq!(started + count("!has(start_date)"), all);
    assert!(started > 0 && started < all);
    assert_eq!(count("supporter == 'jiangjin' && supporter == 'bishan'"), 0);
    assert!(count("recipient == 'kaizhou'") > 0);
    // Words of SQL are words.
    assert_eq!(count("name == \"x'; DROP TABLE project; --\""), 0);
    assert_eq!(home.csv("project").lines().count() - 1, all);
    let run = home.run(&[
        "export",
        "project",
        "--format",
        "csv",
        "-o",
        "x",
        "--where",
        "1 = 1; DROP TABLE project",
    ]);
    run.ends(2);
}

#[test]
fn the_environment_names_folder_and_database() {
    let home = Home::with_pack(Database::Sqlite);
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_qipan"))
        .args(["verify", "--json"])
        .env("QIPAN_DATA", home.data())
        .env_remove("QIPAN_DB")
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_qipan"))
        .args(["verify"])
        .env("QIPAN_DATA", home.data())
        .env("QIPAN_DB", "mysql://nowhere")
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(3));
    assert!(String::from_utf8(run.stderr).unwrap().contains("看不懂"));
}

/// Nothing moves when piped; quiet says the result alone; English on demand.
#[test]
fn output_is_for_pipes_too() {
    let home = Home::with_pack(Database::Sqlite);
    let file = sample("s01_clean.xlsx");
    let file = file.to_str().unwrap();
    let run = home.good(&["import", "--json", file]);
    assert!(
        !run.err.contains('\r') && !run.err.contains('\u{1b}'),
        "{:?}",
        run.err
    );
    assert_eq!(
        items(&run.json()["registers"]).len(),
        1,
        "the result alone is on standard output"
    );
    let out = home.file("out.csv");
    let run = home.good(&[
        "--quiet",
        "export",
        "project",
        "--format",
        "csv",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
    let run = home.good(&["--lang", "en", "verify"]);
    assert!(run.out.contains("entries"), "{}", run.out);
    let run = home
        .run(&["--lang", "en", "import", "nowhere.xlsx"])
        .ends(2);
    assert!(run.err.starts_with("error"), "{}", run.err);
}
