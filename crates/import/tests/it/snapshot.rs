//! A dry run reads a snapshot: it says what the import then does, and holds nobody up.

use std::time::Duration;

use qipan_import::{Error, Options, Watch};

use crate::fixture::{Blind, Trial, change, counts, errors, projects, root};

#[tokio::test]
async fn a_dry_run_says_what_the_import_then_does() {
    let trial = Trial::new().await;
    let data = root().join("crates/sheets/tests/data");
    let generated = trial.dir.path().join("samples");
    let samples = root().join("packs/chongqing/samples/2021H1");
    let mut files =
        qipan_sheets::write::write_sample_workbooks(&trial.pack, &samples, &generated).unwrap();
    assert!(files.len() > 5);
    for name in [
        "s01_clean.xlsx",
        "s02_merged_head_subtotals.xlsx",
        "s03_numbers_dates_disguised.xlsx",
        "s06_bad_rows.xlsx",
        "c01_gbk.csv",
        "x01_excel97.xls",
    ] {
        files.push(data.join(name));
    }
    let mut rows = 0;
    for accept_good_rows in [false, true, true] {
        for file in &files {
            let options = Options {
                accept_good_rows,
                ..Options::default()
            };
            let before = trial.head().await;
            let dry = Options {
                dry_run: true,
                ..options.clone()
            };
            let foreseen = trial.import(file, &dry).await;
            assert_eq!(trial.head().await, before, "a dry run leaves no trace");
            let done = trial.import(file, &options).await;
            // Once a file is refused whole, what its rows would have done is no longer asked.
            if accept_good_rows || !done.has_errors() {
                assert_eq!(foreseen.registers, done.registers, "{}", file.display());
            }
            assert_eq!(foreseen.problems, done.problems, "{}", file.display());
            rows += done.rows();
        }
    }
    assert!(rows > 500, "{rows}");
    assert!(trial.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn a_dry_run_waits_for_no_writer() {
    let trial = Trial::new().await;
    let path = trial.file(
        "台账.csv",
        projects(&[["XT-1", "江津", "酉阳", "道路", "100"]]),
    );
    let writer = trial.store.begin(change()).await.unwrap();
    let dry = Options {
        dry_run: true,
        ..Options::default()
    };
    // A writer waits ten seconds for another one.
    let report = tokio::time::timeout(Duration::from_secs(5), trial.import(&path, &dry));
    assert_eq!(counts(&report.await.unwrap()), [1, 1, 0, 0, 0]);
    writer.rollback().await.unwrap();
}

/// Writes something in the middle of somebody else's dry run.
struct Meddling {
    store: qipan_store::Store,
    wrote: bool,
}

impl Watch for Meddling {
    fn read(&mut self, _: u64) {
        let store = self.store.clone();
        let wrote = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let writer = store.begin(change()).await?;
                writer.rollback().await
            })
        });
        self.wrote = wrote.join().unwrap().is_ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_a_dry_run_goes_on() {
    let trial = Trial::new().await;
    let path = trial.file(
        "台账.csv",
        projects(&[["XT-1", "江津", "酉阳", "道路", "100"]]),
    );
    let dry = Options {
        dry_run: true,
        ..Options::default()
    };
    let mut watch = Meddling {
        store: trial.store.clone(),
        wrote: false,
    };
    trial.run(&path, &dry, &mut watch).await.unwrap();
    assert!(watch.wrote);
}

/// Stops after so many rows.
struct Until(u64, u64);

impl Watch for Until {
    fn read(&mut self, rows: u64) {
        self.1 = rows;
    }

    fn stop(&self) -> bool {
        self.1 >= self.0
    }
}

#[tokio::test]
async fn an_import_that_is_stopped_leaves_nothing() {
    let trial = Trial::new().await;
    let codes: Vec<String> = (0..5_000).map(|nth| format!("XT-{nth}")).collect();
    let rows: Vec<[&str; 5]> = codes
        .iter()
        .map(|code| [code, "江津", "酉阳", "道路", "100"])
        .collect();
    let path = trial.file("台账.csv", projects(&rows));
    let before = trial.head().await;
    for dry_run in [true, false] {
        let options = Options {
            dry_run,
            ..Options::default()
        };
        let mut watch = Until(2_000, 0);
        let stopped = trial.run(&path, &options, &mut watch).await;
        assert!(matches!(stopped, Err(Error::Stopped)), "{stopped:?}");
        assert!(watch.1 < 5_000, "{}", watch.1);
    }
    assert_eq!(trial.head().await, before);
    assert!(trial.keys().await.is_empty());
    assert!(!trial.dir.path().join("files").exists());
    // Nothing is left locked either.
    let report = trial
        .run(&path, &Options::default(), &mut Blind)
        .await
        .unwrap();
    assert!(report.landed, "{:?}", errors(&report));
}
