//! Kill −9 and failing disks: an import is there whole or not at all, and what was acknowledged
//! stays.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::home::{Database, Home};

both!(
    killed_imports_are_whole_or_absent,
    acknowledged_imports_stay,
    readers_wait_for_nobody_and_writers_for_each_other,
);

/// Projects as CSV with field ids for a head.
fn projects(rows: usize) -> String {
    let mut csv = String::from(
        "code,name,supporter,recipient,total_investment,fund,issued_date,start_date,note\n",
    );
    for nth in 0..rows {
        let day = nth % 28 + 1;
        writeln!(
            csv,
            "K{nth:06},示例项目{nth},江津区,开州区,{}.25,{}.5,2021-03-{day:02},2021-05-{day:02},示例",
            nth + 20_000,
            nth + 10_000,
        )
        .unwrap();
    }
    csv
}

const ROWS: usize = 4_000;

fn rows(home: &Home) -> usize {
    home.csv("project").lines().count() - 1
}

#[track_caller]
fn all_or_nothing(home: &Home, when: Duration) -> bool {
    home.verified();
    let rows = rows(home);
    assert!(
        rows == 0 || rows == ROWS,
        "{rows} rows when killed after {when:?}"
    );
    let figure = home.figure("PRJ-N-ISSUED", &["--period", "2021H1"]);
    assert_eq!(figure.is_some(), rows > 0, "rollups fit the rows");
    assert!(figure.is_none_or(|figure| figure == ROWS.into()));
    rows > 0
}

fn killed_imports_are_whole_or_absent(database: Database) {
    let home = Home::with_pack(database);
    let file = home.write("projects.csv", projects(ROWS));
    let begin = Instant::now();
    home.good(&["import", &file]);
    let whole = begin.elapsed();
    assert_eq!(rows(&home), ROWS);

    let points = if database == Database::Sqlite { 14 } else { 5 };
    let mut home = Home::with_pack(database);
    let mut file = home.write("projects.csv", projects(ROWS));
    let mut interrupted = 0;
    for point in 0..points {
        // From before the first row to after the last.
        let after = whole * (point * 2 + 1) / (points * 2 - 3);
        let mut child = home
            .command(&["import", &file])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(after);
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        interrupted += usize::from(was_running);
        if all_or_nothing(&home, after) {
            home = Home::with_pack(database);
            file = home.write("projects.csv", projects(ROWS));
        }
    }
    // How many depends on what else the machine does; some must have been caught at work.
    assert!(
        interrupted > 1,
        "{interrupted} of {points} were still running"
    );
    // What was begun and killed is in nobody's way.
    home.good(&["import", &file]);
    assert!(all_or_nothing(&home, whole));
    let parts = std::fs::read_dir(home.data().join("files"))
        .unwrap()
        .flatten();
    let digests = parts.filter(|entry| entry.path().is_dir()).count();
    assert_eq!(digests, 1, "one file, kept once");
}

fn acknowledged_imports_stay(database: Database) {
    let home = Home::with_pack(database);
    let file = home.write("projects.csv", projects(ROWS));
    let mut child = home
        .command(&["import", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.find(|line| line.as_ref().unwrap().contains("已导入"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.is_some(), "the import was acknowledged");
    assert!(
        all_or_nothing(&home, Duration::ZERO),
        "an acknowledged import is there"
    );
}

/// While one import writes, figures are read at once, as they stood; another import waits its
/// turn or says who is in its way. Nobody spoils the other's work.
fn readers_wait_for_nobody_and_writers_for_each_other(database: Database) {
    let home = Home::with_pack(database);
    let file = home.write("projects.csv", projects(ROWS));
    let other = home.write("other.csv", projects(3).replace("K0", "L0"));
    let begin = |file: &str| {
        let mut import = home.command(&["import", file]);
        import
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut first = begin(&file);
    let second = begin(&other);
    let mut during = 0;
    while first.try_wait().unwrap().is_none() {
        let figure = home.figure("PRJ-N-ISSUED", &["--period", "2021H1"]);
        let whole: [Option<rust_decimal::Decimal>; 4] = [
            None,
            Some(3.into()),
            Some(ROWS.into()),
            Some((ROWS + 3).into()),
        ];
        assert!(
            whole.contains(&figure),
            "a reader saw half an import: {figure:?}"
        );
        during += usize::from(first.try_wait().unwrap().is_none());
    }
    assert!(during > 0, "figures were read while the import ran");
    assert!(first.wait().unwrap().success());
    let second = second.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&second.stderr);
    let landed = match second.status.code() {
        Some(0) => 3,
        Some(3) => {
            assert!(err.contains("正被另一个"), "{err}");
            0
        }
        other => panic!("{other:?}: {err}"),
    };
    assert_eq!(rows(&home), ROWS + landed);
    home.verified();
}

/// A disk that takes no more, at several points of an import.
#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let home = Home::with_pack(Database::Sqlite);
    let file = home.write("projects.csv", projects(ROWS));
    let mut failed = 0;
    // In blocks of 512 bytes: the copy of the file fails, then the write-ahead log, sooner or later.
    for blocks in [200, 1_200, 1_800, 2_600] {
        let program = home.command(&["import", &file]);
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\""
            ))
            .arg(program.get_program())
            .args(program.get_args())
            .env_remove("QIPAN_DB")
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(3),
            "{blocks} blocks: {out}\n{err}"
        );
        assert!(!err.contains("panicked"), "{err}");
        assert!(
            format!("{out}{err}").contains("磁盘"),
            "{blocks} blocks: the sentence names the disk: {out}\n{err}"
        );
        assert!(!all_or_nothing(&home, Duration::ZERO));
        failed += 1;
    }
    assert_eq!(failed, 4);
    home.good(&["import", &file]);
    assert_eq!(rows(&home), ROWS);
    home.verified();
}
