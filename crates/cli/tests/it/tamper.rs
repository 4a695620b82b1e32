//! Tampering shows: whatever another tool changes, the database refuses or `verify` names.

use std::fs;

use sqlx::Connection;

use crate::home::{Database, Home, block, items, sample};

/// Entry 1 the pack, entry 2 five projects, then what the second file changes.
fn filled() -> Home {
    let home = Home::with_pack(Database::Sqlite);
    home.good(&["import", sample("s01_clean.xlsx").to_str().unwrap()]);
    home.verified();
    home
}

/// SQL as any other tool would run it.
fn sql(home: &Home, without_triggers: bool, script: &str) -> Result<(), sqlx::Error> {
    block(async {
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(home.data().join("qipan.db"));
        let mut database = sqlx::SqliteConnection::connect_with(&options).await?;
        if without_triggers {
            let names: Vec<String> =
                sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                    .fetch_all(&mut database)
                    .await?;
            assert!(!names.is_empty());
            for name in names {
                let drop = sqlx::AssertSqlSafe(format!("DROP TRIGGER \"{name}\""));
                sqlx::raw_sql(drop).execute(&mut database).await?;
            }
        }
        let script = sqlx::AssertSqlSafe(script.to_owned());
        sqlx::raw_sql(script).execute(&mut database).await?;
        database.close().await
    })
}

/// What `verify` names first: entry, record, words. It must end with 1.
#[track_caller]
fn first(home: &Home) -> (i64, Option<i64>, String) {
    let report = home.run(&["verify", "--json"]).ends(1).json();
    assert_eq!(report["ok"], false);
    let first = &items(&report["broken"])[0];
    let what = first["what"].as_str().unwrap().to_owned();
    (
        first["seq"].as_i64().unwrap(),
        first["record"].as_i64(),
        what,
    )
}

#[test]
fn the_database_itself_refuses_changes() {
    let home = filled();
    for script in [
        "UPDATE project SET fund = 1 WHERE _rid = 1",
        "UPDATE project SET _key = 'x' WHERE _rid = 1",
        "UPDATE project SET _digest = zeroblob(32) WHERE _rid = 1",
        "DELETE FROM project WHERE _rid = 1",
        "DELETE FROM project",
        "UPDATE journal SET actor = '别人' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "DELETE FROM journal",
        "UPDATE pack_version SET archive = x'00'",
        "DELETE FROM pack_version",
        "UPDATE checkpoint SET at = ''",
        "DELETE FROM checkpoint",
    ] {
        assert!(sql(&home, false, script).is_err(), "{script}");
    }
    home.verified();
}

#[test]
fn what_is_changed_past_the_triggers_is_named() {
    for (script, entry, record, word) in [
        (
            "UPDATE project SET fund = fund + 1 WHERE _rid = 3",
            2,
            Some(3),
            "这一行被改过",
        ),
        (
            "UPDATE project SET name = name || ' ' WHERE _rid = 1",
            2,
            Some(1),
            "这一行被改过",
        ),
        (
            "UPDATE project SET _state = 'pending' WHERE _rid = 5",
            2,
            Some(5),
            "这一行被改过",
        ),
        (
            "UPDATE project SET _gone = 1 WHERE _rid = 2",
            2,
            Some(2),
            "这一行被改过",
        ),
        ("UPDATE project SET _to = 7 WHERE _rid = 2", 2, Some(2), ""),
        ("DELETE FROM project WHERE _rid = 4", 2, None, "不见了"),
        ("DELETE FROM project WHERE _rid = 5", 2, None, "不见了"),
        (
            "UPDATE journal SET reason = reason || '。' WHERE seq = 1",
            1,
            None,
            "被改过",
        ),
        (
            "UPDATE journal SET hash = zeroblob(32) WHERE seq = 2",
            2,
            None,
            "哈希",
        ),
        (
            "UPDATE journal SET prev = zeroblob(32) WHERE seq = 2",
            2,
            None,
            "",
        ),
        ("DELETE FROM journal WHERE seq = 1", 1, None, "缺少"),
        ("DELETE FROM journal WHERE seq >= 2", 2, None, ""),
        (
            "DELETE FROM journal WHERE seq >= 2; DELETE FROM checkpoint WHERE seq >= 2; \
             DELETE FROM project; DELETE FROM \"return\"",
            2,
            None,
            "截断",
        ),
    ] {
        let home = filled();
        sql(&home, true, script).unwrap();
        let found = first(&home);
        assert_eq!(found.0, entry, "{script}: {}", found.2);
        if record.is_some() {
            assert_eq!(found.1, record, "{script}: {}", found.2);
        }
        assert!(found.2.contains(word), "{script}: {}", found.2);
        let text = home.run(&["verify"]).ends(1).out;
        assert!(text.starts_with(&format!("日志第 {entry} 条：")), "{text}");
    }
}

/// REPLACE passes SQLite's triggers by; `verify` does not let it pass.
#[test]
fn what_is_replaced_is_named() {
    for (table, key, change) in [
        ("project", "_rid = 3", "UPDATE aside SET fund = 1"),
        ("journal", "seq = 2", "UPDATE aside SET actor = '别人'"),
    ] {
        let home = filled();
        let script = format!(
            "CREATE TEMP TABLE aside AS SELECT * FROM {table} WHERE {key}; {change}; \
             INSERT OR REPLACE INTO {table} SELECT * FROM aside"
        );
        if sql(&home, false, &script).is_ok() {
            assert_eq!(first(&home).0, 2);
        }
    }
}

/// One byte flipped somewhere in a row or a journal entry of the database file.
#[test]
fn flipped_bytes_are_found() {
    let home = filled();
    let path = home.data().join("qipan.db");
    // What is still in the write-ahead log goes into the file.
    sql(&home, false, "PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let bytes = fs::read(&path).unwrap();
    let digests: Vec<Vec<u8>> = block(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(&path)
            .read_only(true);
        let mut database = sqlx::SqliteConnection::connect_with(&options)
            .await
            .unwrap();
        let mut all: Vec<Vec<u8>> = sqlx::query_scalar("SELECT _digest FROM project ORDER BY _rid")
            .fetch_all(&mut database)
            .await
            .unwrap();
        all.extend(
            sqlx::query_scalar::<_, Vec<u8>>("SELECT digest FROM journal WHERE seq = 2")
                .fetch_all(&mut database)
                .await
                .unwrap(),
        );
        database.close().await.unwrap();
        all
    });
    assert_eq!(digests.len(), 6);
    // A row's digest has its head before and its fields behind it, all in one cell of a page.
    let mut random = 0x2021_0809_u32;
    let mut next = move |below: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % below
    };
    let mut found = 0;
    for round in 0..24 {
        let digest = &digests[round % digests.len()];
        let at = bytes
            .windows(32)
            .position(|window| window == &digest[..])
            .unwrap();
        let place = at - 80 + next(80 + 32 + 40);
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << next(8);
        fs::write(&path, &damaged).unwrap();
        for beside in ["qipan.db-wal", "qipan.db-shm"] {
            // There is none when the last run closed in order.
            let _ = fs::remove_file(home.data().join(beside));
        }
        let run = home.run(&["verify", "--json"]);
        assert!(
            matches!(run.status, 1 | 3),
            "byte {place} ({round}): {run:?}"
        );
        assert!(!run.err.contains("panicked"), "{}", run.err);
        if run.status == 1 {
            assert!(!items(&run.json()["broken"]).is_empty());
            found += 1;
        } else {
            assert!(run.err.starts_with("出错："), "{}", run.err);
        }
    }
    assert!(
        found > 12,
        "most damage is named by the entry: {found} of 24"
    );
    fs::write(&path, &bytes).unwrap();
    home.verified();
}
