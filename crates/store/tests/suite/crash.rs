//! Kill −9 among single changes: nothing that was acknowledged is lost, nothing half-written stays.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use qipan_store::{Edit, ListQuery, NewRow, Outcome, Submission, Work};

use crate::both;
use crate::fixture::{Fixture, change, open, project};
use crate::rollups::rollups;

both!(acknowledged_changes_outlive_a_kill);

const DIR: &str = "QIPAN_TEST_CRASH_DIR";
const URL: &str = "QIPAN_TEST_CRASH_URL";
const RUN: &str = "QIPAN_TEST_CRASH_RUN";

/// What is killed: sixteen callers who enter records and change each once, and say so when they
/// have been told that it is durable.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the test beside it kills"]
async fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let url = std::env::var(URL).ok();
    let run = std::env::var(RUN).unwrap();
    let store = open(url.as_deref(), std::path::Path::new(&dir)).await;
    let pack = store.pack().await.unwrap().unwrap();
    let submit = async |edit: Edit| {
        let submission = Submission {
            change: change("edit"),
            pack: Arc::clone(&pack),
            register: "project".to_owned(),
            work: Work::Records(vec![edit]),
            once: None,
        };
        store.submit(submission).await.unwrap().unwrap()
    };
    let caller = async |nth: usize| {
        for round in 0.. {
            let code = format!("{run}-{nth}-{round}");
            let row = |fund: &'static str| {
                let mut row = project(&code);
                row.fund = fund;
                NewRow {
                    place: String::new(),
                    ..row.row()
                }
            };
            let made = submit(Edit::Create { row: row("1") }).await;
            let [Outcome::Inserted { record }] = made.outcomes[..] else {
                panic!("{made:?}")
            };
            println!("\nack {code} 1");
            let row = row("2");
            submit(Edit::Revise {
                record,
                rev: 1,
                row,
            })
            .await;
            println!("\nack {code} 2");
        }
    };
    futures::future::join_all((0..16).map(caller)).await;
}

async fn acknowledged_changes_outlive_a_kill(f: Fixture) {
    let mut acknowledged: BTreeMap<String, i64> = BTreeMap::new();
    for (run, after) in [40, 300, 1_000].into_iter().enumerate() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--ignored", "--exact", "crash::child", "--nocapture"])
            .env(DIR, f.dir.path())
            .env(RUN, format!("R{run}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(url) = &f.url {
            command.env(URL, url);
        }
        let mut child = command.spawn().unwrap();
        let mut told = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).split(b'\n') {
            let line = String::from_utf8(line.unwrap()).unwrap();
            let mut words = line.split(' ');
            if words.next() != Some("ack") {
                continue;
            }
            // A last line may have been cut off: then nobody heard it.
            let (Some(code), Some(rev)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(rev) = rev.parse() else { continue };
            acknowledged.insert(code.to_owned(), rev);
            told += 1;
            if told == after {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(told >= after, "only {told} changes were acknowledged");

        let report = f.store.verify().await.unwrap();
        assert!(report.ok, "{:#?}", report.broken);
        let mut reader = f.store.reader().await.unwrap();
        for (code, rev) in &acknowledged {
            let found = reader.by_key(f.project(), code).await.unwrap();
            let found = found.unwrap_or_else(|| panic!("{code} was acknowledged and is lost"));
            assert!(found.rev >= *rev, "{code}: revision {rev} is lost");
        }
        let all = reader
            .list(f.project(), &ListQuery::default())
            .await
            .unwrap();
        assert!(all.total >= i64::try_from(acknowledged.len()).unwrap());
    }
    let kept = rollups(&f.store).await;
    f.store.rebuild_rollups().await.unwrap();
    assert_eq!(kept, rollups(&f.store).await);
}
