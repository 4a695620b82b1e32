//! A backup opens like the data folder it was made of, as that stood then.

use std::fs;

use qipan_store::{Backups, Error, Store};

use crate::fixture::{Fixture, project, ticking};

async fn filled() -> Fixture {
    let f = Fixture::sqlite().await;
    f.store.init_key([7; 32]).unwrap();
    f.write(vec![project("P-1").row(), project("P-2").row()])
        .await;
    f
}

/// Opens a backup by itself.
async fn opened(backups: &Backups, name: &str) -> Store {
    Store::open(None, &backups.folder().join(name), ticking())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_backup_is_the_data_folder_as_it_stood() {
    let f = filled().await;
    let digest = f.store.files().put("佐证".as_bytes()).unwrap();
    fs::write(f.dir.path().join("illustrative.txt"), "示例").unwrap();
    let sheets = f.dir.path().join("imports/1/sheets");
    fs::create_dir_all(&sheets).unwrap();
    fs::write(sheets.join("0.json"), "[]").unwrap();
    let before = f.store.reader().await.unwrap().head().clone();
    let backups = Backups::of(&f.store);
    assert_eq!(backups.list().unwrap(), []);
    let made = backups.make(&f.store).await.unwrap();
    assert_eq!((made.head, &made.hash), (before.seq, &before.hash));
    assert_eq!(backups.list().unwrap(), std::slice::from_ref(&made));
    // What comes afterwards is not in it.
    f.write(vec![project("P-3").row()]).await;
    let copy = opened(&backups, &made.name).await;
    let report = copy.verify().await.unwrap();
    assert!(report.ok, "{:?}", report.broken);
    assert_eq!(report.entries, before.seq);
    assert_eq!(
        copy.files().read(&digest).unwrap().unwrap(),
        "佐证".as_bytes()
    );
    // It goes on from there, and its checkpoints are signed by the same key.
    let health = copy.health().await.unwrap();
    assert!(health.key, "the key comes along");
    assert_eq!(health.checkpoint.unwrap().seq, before.seq);
    assert!(copy.checkpoint().await.unwrap().is_some());
    let folder = backups.folder().join(&made.name);
    assert_eq!(
        fs::read_to_string(folder.join("illustrative.txt")).unwrap(),
        "示例"
    );
    let sheet = folder.join("imports/1/sheets/0.json");
    assert_eq!(fs::read_to_string(sheet).unwrap(), "[]", "imports go on");
    copy.close().await;
    assert!(f.store.verify().await.unwrap().ok);
}

#[tokio::test]
async fn writing_goes_on_while_a_backup_is_made() {
    let f = filled().await;
    let backups = Backups::of(&f.store);
    let writing = async {
        for nth in 0..20 {
            f.write(vec![project(&format!("W-{nth}")).row()]).await;
        }
    };
    let (made, ()) = tokio::join!(backups.make(&f.store), writing);
    let made = made.unwrap();
    let copy = opened(&backups, &made.name).await;
    let report = copy.verify().await.unwrap();
    assert!(report.ok, "{:?}", report.broken);
    assert_eq!(report.entries, made.head);
    copy.close().await;
}

#[tokio::test]
async fn old_backups_go_and_names_lead_nowhere_else() {
    let f = filled().await;
    let backups = Backups::of(&f.store);
    let mut names = Vec::new();
    for _ in 0..3 {
        names.push(backups.make(&f.store).await.unwrap().name);
    }
    let listed: Vec<String> = backups
        .list()
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect();
    names.reverse();
    assert_eq!(listed, names, "the newest first");
    let gone = backups.keep(2).unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].name, names[2]);
    for wrong in ["..", "../files", "", names[2].as_str()] {
        assert!(!backups.remove(wrong).unwrap(), "{wrong}");
    }
    assert!(backups.remove(&names[0]).unwrap());
    assert_eq!(backups.list().unwrap().len(), 1);
    assert!(
        f.store.verify().await.unwrap().ok,
        "the store has all it had"
    );
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing() {
    let f = filled().await;
    // A file where the folder of files should be.
    f.store.files().put(b"x").unwrap();
    let backups = Backups::new(f.dir.path().join("qipan.db/backups"));
    assert!(matches!(
        backups.make(&f.store).await,
        Err(Error::File { .. })
    ));
    let elsewhere = tempfile::tempdir().unwrap();
    let backups = Backups::new(elsewhere.path());
    // Something of the store is gone: told, and nothing half done stays.
    fs::write(f.dir.path().join("checkpoints.jsonl"), "nothing").unwrap();
    fs::remove_dir_all(f.dir.path().join("files")).unwrap();
    fs::write(f.dir.path().join("files"), "no folder").unwrap();
    assert!(backups.make(&f.store).await.is_err());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn postgresql_is_left_to_its_own_tools() {
    let Some(f) = Fixture::postgres().await else {
        return;
    };
    let backups = Backups::of(&f.store);
    assert!(matches!(
        backups.make(&f.store).await,
        Err(Error::OwnBackup)
    ));
    assert_eq!(backups.list().unwrap(), []);
}
