//! What is found in a file is kept, and can be looked at a part at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use qipan_import::analysis::{Analysis, Folder, Signal, analyse};
use qipan_import::{Error, Options, What};

use crate::fixture::{TODAY, Trial, projects, root};

#[derive(Default)]
struct Heard {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

impl Signal for Heard {
    fn at(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

async fn read(
    trial: &Trial,
    name: &str,
    content: impl AsRef<[u8]>,
    options: &Options,
) -> (Folder, Analysis) {
    let folder = Folder::new(trial.dir.path().join("imports/1"));
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(folder.original(), content).unwrap();
    let signal: Arc<dyn Signal> = Arc::new(Heard::default());
    let found = analyse(
        &trial.store,
        &trial.pack,
        &folder,
        name,
        options,
        TODAY,
        &signal,
    )
    .await
    .unwrap();
    (folder, found)
}

#[tokio::test]
async fn rows_are_shown_with_what_they_would_do() {
    let trial = Trial::new().await;
    let first = projects(&[
        ["XT-1", "江津", "酉阳", "道路", "100"],
        ["XT-2", "江津", "酉阳", "桥梁", "100"],
    ]);
    let path = trial.file("台账.csv", first);
    trial.import(&path, &Options::default()).await;
    let second = projects(&[
        ["XT-1", "江津", "酉阳", "道路", "250.5"],
        ["XT-2", "江津", "酉阳", "桥梁", "100"],
        ["XT-3", "江津", "酉阳", "码头", "七千"],
        ["XT-4", "江津", "酉阳", "学校", "100"],
    ]);
    let (folder, found) = read(&trial, "第二次.csv", &second, &Options::default()).await;
    assert_eq!((found.errors, found.unread), (1, false));
    let [register] = &found.registers[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(
        (
            register.inserted,
            register.updated,
            register.unchanged,
            register.rejected
        ),
        (1, 1, 1, 1),
        "as if the good rows were taken"
    );
    let page = folder.page(None, None, None, 3).unwrap();
    let whats: Vec<&str> = page.rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(whats, ["update", "unchanged", "refused"]);
    let rest = folder.page(None, None, page.next, 3).unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
    assert_eq!(rest.rows[0].key, "XT-4");
    assert_eq!(rest.rows[0].place, "第二次!A5");

    let [change] = &page.rows[0].changes[..] else {
        panic!("{page:#?}")
    };
    assert_eq!(change.field, "fund");
    assert_eq!(
        (change.before.to_string(), change.after.to_string()),
        ("100".to_owned(), "250.5".to_owned())
    );
    let only = folder
        .page(Some("project"), Some(What::Refused), None, 10)
        .unwrap();
    assert_eq!(only.rows.len(), 1);
    assert_eq!(only.rows[0].values["name"], "码头");
    assert!(only.rows[0].values["fund"].is_null());
    let none = folder.page(Some("training"), None, None, 10).unwrap();
    assert!(none.rows.is_empty());
    for wrong in [1, 7, 1 << 40] {
        let error = folder.page(None, None, Some(wrong), 10).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{wrong}");
    }

    assert_eq!(
        folder.outcomes(0, 1, 100).unwrap(),
        [
            (2, What::Update),
            (3, What::Unchanged),
            (4, What::Refused),
            (5, What::Insert)
        ]
    );
    assert_eq!(
        folder.outcomes(0, 3, 4).unwrap(),
        [(3, What::Unchanged), (4, What::Refused)]
    );
    assert!(folder.outcomes(1, 1, 100).unwrap().is_empty());

    let sheet = &found.sheets[0];
    assert_eq!(
        (sheet.name.as_str(), sheet.rows, sheet.cols),
        ("第二次", 5, 8)
    );
    let window = folder.window(sheet, 3, 2).unwrap();
    assert_eq!(window.rows[0][5], "七千");
    let problems = folder.problems().unwrap();
    assert!(
        problems
            .iter()
            .any(|problem| problem.cell == "F4" && problem.code == "S2101"),
        "{problems:#?}"
    );
    let table = &found.tables[0];
    assert_eq!(table.register.as_deref(), Some("project"));
    assert_eq!((table.sheet, table.header_rows), (0, (1, 1)));
    let fund = &table.columns[5];
    assert_eq!(
        (fund.col.as_str(), fund.field.as_deref()),
        ("F", Some("fund"))
    );
    assert_eq!(fund.measure, "元");
    folder.remove().unwrap();
    folder.remove().unwrap();
    assert!(!folder.path().exists());
}

#[tokio::test]
async fn a_mapping_is_followed_when_the_file_is_read_again() {
    let trial = Trial::new().await;
    let text =
        projects(&[["XT-1", "江津", "酉阳", "道路", "100"]]).replace("帮扶资金（元）", "拨款");
    let (folder, found) = read(&trial, "台账.csv", &text, &Options::default()).await;
    assert_eq!(found.tables[0].columns[5].target, "unknown");
    let page = folder.page(None, None, None, 10).unwrap();
    assert!(page.rows.iter().all(|row| row.values["fund"].is_null()));
    let options = Options {
        mappings: vec![qipan_sheets::recognise::SheetMapping {
            columns: [(5, Some("fund".to_owned()))].into(),
            money: Some(qipan_model::MoneyUnit::Yuan),
            ..Default::default()
        }],
        ..Options::default()
    };
    let (folder, found) = read(&trial, "台账.csv", &text, &options).await;
    assert_eq!(found.errors, 0, "{found:#?}");
    let page = folder.page(None, None, None, 10).unwrap();
    assert_eq!(page.rows[0].values["fund"].to_string(), "100");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_costs_nothing() {
    let trial = Trial::new().await;
    let data = root().join("crates/sheets/tests/data");
    let bomb = std::fs::read(data.join("h03_zip_bomb_200MB.xlsx")).unwrap();
    let clean = std::fs::read(data.join("s01_clean.xlsx")).unwrap();
    for (content, code) in [
        (bomb, "S1005"),
        (clean[..clean.len() / 2].to_vec(), "S1008"),
        (Vec::new(), "S1001"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "S1002"),
    ] {
        let (folder, found) = read(&trial, "台账.xlsx", content, &Options::default()).await;
        assert!(found.unread, "{code}: {found:#?}");
        let problems = folder.problems().unwrap();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, code);
        assert!(folder.page(None, None, None, 10).unwrap().rows.is_empty());
    }
}

#[tokio::test]
async fn merged_and_hidden_parts_are_kept() {
    let trial = Trial::new().await;
    let data = root().join("crates/sheets/tests/data");
    let content = std::fs::read(data.join("s02_merged_head_subtotals.xlsx")).unwrap();
    let (folder, found) = read(&trial, "合并.xlsx", content, &Options::default()).await;
    let sheet = &found.sheets[0];
    let window = folder.window(sheet, 0, 100).unwrap();
    assert!(!window.merges.is_empty());
    assert_eq!(window.rows.len() as u32, sheet.rows);
    // What a merged range covers is blank, so that it can be drawn as one cell.
    let [top, left, bottom, right] = window.merges[0];
    for row in top..=bottom {
        for col in left..=right {
            if (row, col) != (top, left) {
                let cells = &window.rows[row as usize - 1];
                assert_eq!(cells.get(col as usize).map_or("", String::as_str), "");
            }
        }
    }
}

#[tokio::test]
async fn an_analysis_that_is_told_to_stop_stops() {
    let trial = Trial::new().await;
    let folder = Folder::new(trial.dir.path().join("imports/1"));
    std::fs::create_dir_all(folder.path()).unwrap();
    std::fs::write(
        folder.original(),
        projects(&[["XT-1", "江津", "酉阳", "道路", "100"]]),
    )
    .unwrap();
    let heard = Heard::default();
    heard.stop.store(true, Ordering::Relaxed);
    let signal: Arc<dyn Signal> = Arc::new(heard);
    let stopped = analyse(
        &trial.store,
        &trial.pack,
        &folder,
        "台账.csv",
        &Options::default(),
        TODAY,
        &signal,
    )
    .await;
    assert!(matches!(stopped, Err(Error::Stopped)));
}
