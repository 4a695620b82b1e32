//! Whatever is changed behind the store's back, `verify` names it: the first entry first.

use std::fs;

use qipan_store::VerifyReport;

use crate::both;
use crate::fixture::{Fixture, change, project};

both!(
    an_untouched_database_fits,
    a_changed_value_is_named_with_its_record,
    a_changed_value_with_its_digest_made_anew_is_found,
    removed_added_and_reopened_rows_are_found,
    a_changed_journal_is_found,
    a_cut_journal_contradicts_its_checkpoints,
    forged_checkpoints_are_found,
    lines_of_two_writers_may_change_places,
    a_changed_pack_and_return_are_found,
    a_changed_source_file_is_found,
    the_first_entry_comes_first,
    changed_rollups_are_found,
);

/// Entry 1 the pack, 2 three rows, 3 a revision of P-2, 4 a return.
async fn filled(f: &Fixture) {
    f.write(vec![
        project("P-1").row(),
        project("P-2").row(),
        project("P-3").row(),
    ])
    .await;
    let mut changed = project("P-2");
    changed.fund = "1";
    f.write(vec![changed.row()]).await;
    let mut writer = f.store.begin(change("return")).await.unwrap();
    let period = "2021-06".parse().unwrap();
    writer
        .file_return(f.project(), period, "r1", qipan_store::ReturnKind::Nil)
        .await
        .unwrap();
    writer.commit().await.unwrap();
}

async fn report(f: &Fixture) -> VerifyReport {
    let report = f.store.verify().await.unwrap();
    assert_eq!(report.ok, report.broken.is_empty());
    report
}

/// The first finding: entry, record and revision, words.
fn first(report: &VerifyReport) -> (i64, Option<(i64, i64)>, &str) {
    let broken = report.broken.first().expect("something is found");
    // In English too, but for names, which are quoted as they stand.
    let mut outside = broken.what_en.split(['“', '”']).step_by(2);
    assert!(
        !broken.what_en.is_empty() && outside.all(str::is_ascii),
        "{}",
        broken.what_en
    );
    (broken.seq, broken.record.zip(broken.rev), &broken.what)
}

async fn an_untouched_database_fits(f: Fixture) {
    filled(&f).await;
    let report = report(&f).await;
    assert_eq!((report.ok, report.entries), (true, 4));
    assert_eq!(report.head, f.store.reader().await.unwrap().head().hash);
    let keys: Vec<String> = serde_json::to_value(&report)
        .unwrap()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(keys, ["broken", "entries", "head", "ok"]);
}

async fn a_changed_value_is_named_with_its_record(f: Fixture) {
    filled(&f).await;
    for (sql, seq, row) in [
        (
            "UPDATE project SET fund = fund + 1 WHERE _rid = 4",
            3,
            (2, 2),
        ),
        (
            "UPDATE project SET fund = fund + 1 WHERE _rid = 2",
            2,
            (2, 1),
        ),
        (
            "UPDATE project SET _state = 'pending' WHERE _rid = 1",
            2,
            (1, 1),
        ),
    ] {
        f.intrude(sql).await;
        let report = report(&f).await;
        let (at, record, what) = first(&report);
        assert_eq!((at, record), (seq, Some(row)), "{sql}: {what}");
        assert!(what.contains("被改过"), "{what}");
    }
}

async fn a_changed_value_with_its_digest_made_anew_is_found(f: Fixture) {
    filled(&f).await;
    // P-1 gets the content and the digest of P-3's twin, so that row and digest fit each other.
    let other = Fixture::sqlite().await;
    let mut forged = project("P-1");
    forged.fund = "999";
    other.write(vec![forged.row()]).await;
    let path = other.dir.path().join("qipan.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    let digest: String = sqlx::query_scalar("SELECT hex(_digest) FROM project")
        .fetch_one(&pool)
        .await
        .unwrap();
    let literal = match f.url {
        None => format!("x'{digest}'"),
        Some(_) => format!("'\\x{digest}'::bytea"),
    };
    f.intrude(&format!(
        "UPDATE project SET fund = 99900, _digest = {literal} WHERE _rid = 1"
    ))
    .await;
    let report = report(&f).await;
    let (seq, _, what) = first(&report);
    assert_eq!(seq, 2);
    assert!(what.contains("有行被换过"), "{what}");
}

async fn removed_added_and_reopened_rows_are_found(f: Fixture) {
    filled(&f).await;
    for (sql, undo, seq, word) in [
        (
            "UPDATE project SET _to = 9223372036854775807, _key = 'X' WHERE _rid = 2",
            "UPDATE project SET _to = 3, _key = 'P-2' WHERE _rid = 2",
            2,
            "被改过",
        ),
        (
            "UPDATE project SET _to = 3 WHERE _rid = 3",
            "UPDATE project SET _to = 9223372036854775807 WHERE _rid = 3",
            3,
            "没有它的下一次修订",
        ),
        (
            "UPDATE project SET _rid = 9 WHERE _rid = 3",
            "UPDATE project SET _rid = 3 WHERE _rid = 9",
            2,
            "不见了",
        ),
        (
            "CREATE TABLE aside AS SELECT * FROM project WHERE _rid = 4; DELETE FROM project WHERE _rid = 4",
            "INSERT INTO project SELECT * FROM aside",
            3,
            "不见了",
        ),
        (
            "INSERT INTO \"return\" VALUES (7, 4, 'project', '2021', 'r2', 'nil')",
            "DELETE FROM \"return\" WHERE _rid = 7",
            4,
            "没有日志",
        ),
    ] {
        f.intrude(sql).await;
        let found = report(&f).await;
        let (at, _, what) = first(&found);
        assert_eq!(at, seq, "{sql}: {what}");
        assert!(
            found.broken.iter().any(|broken| broken.what.contains(word)),
            "{found:#?}"
        );
        f.intrude(undo).await;
        assert!(report(&f).await.ok, "{undo}");
    }
    // A superseded revision that is made to stand again.
    f.intrude("UPDATE project SET _to = 9223372036854775807, _key = 'P-2 ' WHERE _rid = 2")
        .await;
    assert!(!report(&f).await.ok);
}

async fn a_changed_journal_is_found(f: Fixture) {
    filled(&f).await;
    f.intrude("UPDATE journal SET actor = '别人' WHERE seq = 3")
        .await;
    let found = report(&f).await;
    assert_eq!(first(&found).0, 3);
    assert!(first(&found).2.contains("日志被改过"));
    f.intrude("UPDATE journal SET actor = '测试员' WHERE seq = 3")
        .await;
    assert!(report(&f).await.ok);
    f.intrude("DELETE FROM journal WHERE seq = 2").await;
    let found = report(&f).await;
    assert_eq!(first(&found).0, 2);
    assert!(
        first(&found).2.contains("日志缺少第 2 条"),
        "{}",
        first(&found).2
    );
}

async fn a_cut_journal_contradicts_its_checkpoints(f: Fixture) {
    filled(&f).await;
    // Cut cleanly: with its rows, its checkpoint in the table and the revision reopened.
    f.intrude(
        "DELETE FROM journal WHERE seq = 4; DELETE FROM checkpoint WHERE seq = 4;
         DELETE FROM \"return\"",
    )
    .await;
    let found = report(&f).await;
    assert_eq!(found.broken.len(), 1, "{found:#?}");
    assert_eq!(first(&found).0, 4);
    assert!(first(&found).2.contains("日志被截断"));
}

async fn forged_checkpoints_are_found(f: Fixture) {
    filled(&f).await;
    let path = f.dir.path().join("checkpoints.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 4);
    let forged = text.replacen("\"at\":\"2021", "\"at\":\"2020", 1);
    fs::write(&path, forged).unwrap();
    let found = report(&f).await;
    assert_eq!(first(&found).0, 1);
    assert!(first(&found).2.contains("签名不对"), "{}", first(&found).2);
    // A line cut short by a loss of power says nothing.
    fs::write(&path, &text[..text.len() - 9]).unwrap();
    assert!(report(&f).await.ok);
    fs::write(&path, &text).unwrap();
    f.intrude("UPDATE checkpoint SET at = '2020' WHERE seq = 2")
        .await;
    let found = report(&f).await;
    assert_eq!(first(&found).0, 2);
}

async fn lines_of_two_writers_may_change_places(f: Fixture) {
    filled(&f).await;
    let path = f.dir.path().join("checkpoints.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.len() - 1;
    lines.swap(last - 1, last);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let report = report(&f).await;
    assert!(report.ok, "{:?}", report.broken);
}

async fn a_changed_pack_and_return_are_found(f: Fixture) {
    filled(&f).await;
    f.intrude("UPDATE \"return\" SET kind = 'filed'").await;
    let found = report(&f).await;
    assert_eq!(first(&found).0, 4);
    let empty = if f.url.is_some() { "''::bytea" } else { "x''" };
    f.intrude(&format!("UPDATE pack_version SET archive = {empty}"))
        .await;
    let found = f.reopen().await.verify().await.unwrap();
    assert_eq!(first(&found).0, 1);
    assert!(
        first(&found).2.contains("机制包被改过"),
        "{}",
        first(&found).2
    );
}

async fn a_changed_source_file_is_found(f: Fixture) {
    let digest = f.store.files().put("原件".as_bytes()).unwrap();
    let mut change = change("import");
    change.source = Some(qipan_store::SourceFile {
        digest: digest.clone(),
        name: "六月.xlsx".to_owned(),
    });
    let mut writer = f.store.begin(change).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap();
    writer.commit().await.unwrap();
    assert!(report(&f).await.ok);
    let path = f.store.files().path(&digest).unwrap();
    fs::write(&path, "换过").unwrap();
    let found = report(&f).await;
    assert!(first(&found).2.contains("六月.xlsx"), "{}", first(&found).2);
    fs::remove_file(path).unwrap();
    assert!(first(&report(&f).await).2.contains("不在"));
}

async fn the_first_entry_comes_first(f: Fixture) {
    filled(&f).await;
    f.intrude(
        "UPDATE \"return\" SET kind = 'filed'; UPDATE project SET owner = '换' WHERE _rid = 4;
         UPDATE journal SET reason = '' WHERE seq = 2",
    )
    .await;
    let found = report(&f).await;
    let seqs: Vec<i64> = found.broken.iter().map(|broken| broken.seq).collect();
    assert!(seqs.is_sorted());
    assert_eq!((seqs[0], found.broken[0].register.as_str()), (2, ""));
}

async fn changed_rollups_are_found(f: Fixture) {
    let mut owned = project("P-9");
    owned.owner = "张三";
    f.write(vec![owned.row()]).await;
    filled(&f).await;
    for (sql, undo, word) in [
        (
            "UPDATE rollup SET sum = sum + 1",
            "UPDATE rollup SET sum = sum - 1",
            "rollup（V-FUND，1，0，r1，s1，202103，0）",
        ),
        (
            "UPDATE rollup_key SET n = 2",
            "UPDATE rollup_key SET n = 1",
            "rollup_key（N-OWNERS，1，0，张三，r1，s1，202103，0）",
        ),
        (
            "UPDATE presence SET month = 0",
            "UPDATE presence SET month = 202103",
            "presence（project，r1，s1，0）",
        ),
        (
            "INSERT INTO presence VALUES ('project', 'r9', '', 0, 1, 0)",
            "DELETE FROM presence WHERE recipient = 'r9'",
            "presence（project，r9，，0）",
        ),
    ] {
        f.intrude(sql).await;
        let found = report(&f).await;
        assert!(
            found.broken.iter().any(|broken| broken.what.contains(word)),
            "{found:#?}"
        );
        f.intrude(undo).await;
        assert!(report(&f).await.ok, "{undo}");
    }
    f.intrude("DELETE FROM rollup").await;
    assert!(first(&report(&f).await).2.contains("缺少"));
    f.store.rebuild_rollups().await.unwrap();
    assert!(report(&f).await.ok);
}

/// One byte flipped anywhere in the rows or the journal of the file is found.
#[tokio::test]
async fn flipped_bytes_in_the_file_are_found() {
    let f = Fixture::sqlite().await;
    filled(&f).await;
    f.store.close().await;
    let path = f.dir.path().join("qipan.db");
    let bytes = fs::read(&path).unwrap();
    let flip_all = |needle: &[u8]| -> Vec<usize> {
        let at = bytes
            .windows(needle.len())
            .position(|window| window == needle)
            .unwrap();
        (at..at + needle.len()).collect()
    };
    let mut places = flip_all("项目台账!P-3".as_bytes());
    places.extend(flip_all("测试员".as_bytes()));
    places.extend(flip_all(b"\"inserted\":3"));
    for place in places {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x01;
        fs::write(&path, &damaged).unwrap();
        let store = f.reopen().await;
        let found = store.verify().await.unwrap();
        assert!(!found.ok, "byte {place}");
        store.close().await;
    }
    fs::write(&path, &bytes).unwrap();
    let store = f.reopen().await;
    assert!(store.verify().await.unwrap().ok);
}
