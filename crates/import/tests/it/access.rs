//! Rows by access: an account writes what its roles give it, row by row.

use std::sync::Arc;

use qipan_import::Options;
use qipan_model::Access;

use crate::fixture::{Trial, counts, errors, projects};

fn options(access: &Arc<Access>) -> Options {
    Options {
        access: Arc::clone(access),
        accept_good_rows: true,
        ..Options::default()
    }
}

#[tokio::test]
async fn rows_of_other_units_are_refused_one_by_one() {
    let trial = Trial::new().await;
    let path = trial.file(
        "台账.csv",
        projects(&[
            ["XT-1", "江津", "酉阳", "道路", "100"],
            ["XT-2", "璧山", "梁平", "桥梁", "100"],
            ["XT-3", "江津", "开州", "码头", "100"],
        ]),
    );
    let clerk = trial.of("clerk", Some("jiangjin"), &[]);
    let strict = Options {
        accept_good_rows: false,
        ..options(&clerk)
    };
    let refused = trial.import(&path, &strict).await;
    assert!(!refused.landed && trial.keys().await.is_empty());

    let report = trial.import(&path, &options(&clerk)).await;
    // The cell is that of the first side; whose row it is stands in the sender's own file.
    assert_eq!(errors(&report), ["C3 I3003"], "{report:#?}");
    assert_eq!(counts(&report), [3, 2, 0, 0, 1]);
    let problem = &report.problems[0];
    assert!(
        problem.message.contains("璧山区") && problem.message.contains("删去这一行"),
        "{}",
        problem.message
    );
    assert_eq!(problem.field, "supporter");
    assert_eq!(trial.keys().await, ["XT-1", "XT-3"]);

    // Whoever reaches all units may send all of them.
    let all = trial.of("coordinator", None, &[]);
    let report = trial.import(&path, &options(&all)).await;
    assert!(errors(&report).is_empty(), "{report:#?}");
    assert_eq!(counts(&report), [3, 1, 0, 2, 0]);
}

#[tokio::test]
async fn a_record_of_other_units_cannot_be_taken_over_by_its_key() {
    let trial = Trial::new().await;
    let all = trial.of("coordinator", None, &[]);
    let theirs = trial.file(
        "他.csv",
        projects(&[["XT-1", "璧山", "梁平", "机密工程", "100"]]),
    );
    trial.import(&theirs, &options(&all)).await;

    // The same key as one's own row, with and without the columns that would be filled from what
    // stands.
    let whole = projects(&[["XT-1", "江津", "开州", "道路", "100"]]);
    let part = "项目编号,帮扶区县,受援区县,项目名称\nXT-1,江津,开州,道路\n".to_owned();
    let clerk = trial.of("clerk", Some("jiangjin"), &[]);
    for text in [whole.clone(), part] {
        for dry_run in [true, false] {
            let path = trial.file("我.csv", &text);
            let options = Options {
                dry_run,
                register: Some("project".to_owned()),
                ..options(&clerk)
            };
            let report = trial.import(&path, &options).await;
            assert!(
                errors(&report).iter().any(|error| error == "A2 I3004"),
                "{report:#?}"
            );
            let said = serde_json::to_string(&report).unwrap();
            for secret in ["机密工程", "璧山", "梁平", "bishan"] {
                assert!(!said.contains(secret), "{secret}: {said}");
            }
        }
    }
    // Nor once it is withdrawn: its history would come along.
    let mut writer = trial.store.begin(crate::fixture::change()).await.unwrap();
    let register = trial.pack.register("project").unwrap();
    writer.retract(register, "XT-1").await.unwrap();
    writer.commit().await.unwrap();
    let path = trial.file("我.csv", &whole);
    let report = trial.import(&path, &options(&clerk)).await;
    assert_eq!(errors(&report), ["A2 I3004"]);
    assert!(trial.keys().await.is_empty());
}

#[tokio::test]
async fn a_row_cannot_be_moved_out_of_ones_reach() {
    let trial = Trial::new().await;
    let clerk = trial.of("clerk", Some("jiangjin"), &[]);
    let mine = trial.file(
        "我.csv",
        projects(&[["XT-1", "江津", "酉阳", "道路", "100"]]),
    );
    trial.import(&mine, &options(&clerk)).await;
    let moved = trial.file(
        "我.csv",
        projects(&[["XT-1", "璧山", "梁平", "道路", "100"]]),
    );
    let report = trial.import(&moved, &options(&clerk)).await;
    assert_eq!(errors(&report), ["C2 I3003"]);
    assert_eq!(counts(&report), [1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_register_that_is_not_the_senders_refuses_its_table() {
    let trial = Trial::new().await;
    let path = trial.file(
        "台账.csv",
        projects(&[["XT-1", "江津", "酉阳", "道路", "100"]]),
    );
    for access in [
        trial.of("department", None, &["training"]),
        trial.of("clerk", None, &[]),
        trial.of("auditor", None, &[]),
    ] {
        let report = trial.import(&path, &options(&access)).await;
        assert_eq!(errors(&report), ["A1 I3005"], "{report:#?}");
        assert!(report.registers.iter().all(|register| register.read == 0));
    }
    let named = trial.of("department", None, &["project"]);
    let report = trial.import(&path, &options(&named)).await;
    assert_eq!(counts(&report), [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn nobody_files_in_anothers_name() {
    let trial = Trial::new().await;
    // Nothing in it, so it would file a nil return for 开州.
    let text = format!(
        "2021年上半年项目台账,,,,,,,\n填报单位：开州区,,,,,,,\n{}",
        projects(&[])
    );
    let path = trial.file("台账.csv", &text);
    let clerk = trial.of("clerk", Some("jiangjin"), &[]);
    let before = trial.head().await;
    let report = trial.import(&path, &options(&clerk)).await;
    assert_eq!(errors(&report), ["A3 I3006"], "{report:#?}");
    assert_eq!(trial.head().await, before, "nothing was filed");

    let theirs = trial.of("clerk", Some("kaizhou"), &[]);
    let report = trial.import(&path, &options(&theirs)).await;
    assert!(errors(&report).is_empty(), "{report:#?}");
    assert!(trial.head().await > before);
}
