//! Searching the journal, and how the store is kept.

use qipan_store::{Event, JournalQuery};
use serde_json::json;

use crate::both;
use crate::fixture::{Fixture, project};

both!(
    the_journal_is_searched_newest_first,
    moments_bound_a_search_to_the_entry,
    the_store_tells_how_it_is_kept,
);

async fn event(f: &Fixture, action: &str, actor: &str, reason: &str, payload: serde_json::Value) {
    let event = Event {
        action: action.to_owned(),
        actor: actor.to_owned(),
        origin: "127.0.0.1".to_owned(),
        reason: reason.to_owned(),
        payload,
        ..Event::default()
    };
    f.store.log(event).await.unwrap();
}

async fn found(f: &Fixture, query: JournalQuery<'_>) -> Vec<String> {
    let mut reader = f.store.reader().await.unwrap();
    let entries = reader.find_entries(&query).await.unwrap();
    assert!(entries.is_sorted_by(|later, earlier| later.seq > earlier.seq));
    entries
        .into_iter()
        .map(|entry| format!("{} {}", entry.action, entry.actor))
        .collect()
}

async fn journal(f: &Fixture) {
    f.write(vec![project("P-1").row()]).await;
    event(f, "login", "li.ming", "", json!({})).await;
    event(
        f,
        "export",
        "li.ming",
        "季度汇总",
        json!({"file": "项目_A50%.xlsx"}),
    )
    .await;
    event(f, "login", "wang.fang", "", json!({})).await;
    event(
        f,
        "export",
        "wang.fang",
        "交审计",
        json!({"file": "项目BA50X.xlsx"}),
    )
    .await;
}

async fn the_journal_is_searched_newest_first(f: Fixture) {
    journal(&f).await;
    let none = JournalQuery::default();
    let all = found(&f, none).await;
    assert_eq!(all.len(), 6, "{all:?}");
    assert_eq!(
        (all[0].as_str(), all[5].as_str()),
        ("export wang.fang", "pack 测试员")
    );
    let of = async |query: JournalQuery<'static>| found(&f, query).await;
    assert_eq!(
        of(JournalQuery {
            actor: Some("li.ming"),
            ..none
        })
        .await,
        ["export li.ming", "login li.ming"]
    );
    assert_eq!(
        of(JournalQuery {
            action: Some("login"),
            ..none
        })
        .await,
        ["login wang.fang", "login li.ming"]
    );
    assert_eq!(
        of(JournalQuery {
            register: Some("project"),
            ..none
        })
        .await,
        ["import 测试员"]
    );
    assert_eq!(
        of(JournalQuery {
            action: Some("login"),
            actor: Some("wang.fang"),
            ..none
        })
        .await,
        ["login wang.fang"]
    );
    // Who, why and the particulars; Latin letters in any case; wild cards are letters.
    assert_eq!(
        of(JournalQuery {
            text: Some("审计"),
            ..none
        })
        .await,
        ["export wang.fang"]
    );
    assert_eq!(
        of(JournalQuery {
            text: Some("a50%.XLSX"),
            ..none
        })
        .await,
        ["export li.ming"]
    );
    assert_eq!(
        of(JournalQuery {
            text: Some("_a50"),
            ..none
        })
        .await,
        ["export li.ming"]
    );
    assert_eq!(
        of(JournalQuery {
            text: Some("a50"),
            ..none
        })
        .await
        .len(),
        2
    );
    assert_eq!(
        of(JournalQuery {
            text: Some("WANG"),
            ..none
        })
        .await
        .len(),
        2
    );
    assert_eq!(
        of(JournalQuery {
            text: Some("' OR 1=1 --"),
            ..none
        })
        .await,
        [""; 0]
    );
    let query = JournalQuery {
        text: Some("a\0b"),
        ..none
    };
    assert_eq!(of(query).await, [""; 0]);
    // Pages go down by number.
    let page = of(JournalQuery { limit: 2, ..none }).await;
    assert_eq!(page, ["export wang.fang", "login wang.fang"]);
    let next = of(JournalQuery {
        limit: 2,
        last: 4,
        ..none
    })
    .await;
    assert_eq!(next, ["export li.ming", "login li.ming"]);
    assert_eq!(of(JournalQuery { first: 6, ..none }).await.len(), 1);
    assert_eq!(
        of(JournalQuery { limit: 0, ..none }).await.len(),
        1,
        "at least one"
    );
}

async fn moments_bound_a_search_to_the_entry(f: Fixture) {
    journal(&f).await;
    let mut reader = f.store.reader().await.unwrap();
    let third = reader.moment_of(3).await.unwrap().unwrap();
    let none = JournalQuery::default();
    let count = async |from, to| {
        let query = JournalQuery { from, to, ..none };
        found(&f, query).await.len()
    };
    assert_eq!(count(Some(third), None).await, 4);
    assert_eq!(count(None, Some(third)).await, 3);
    assert_eq!(count(Some(third), Some(third)).await, 1);
    let micro = jiff::SignedDuration::from_micros(1);
    let (later, earlier) = (third + micro, third - micro);
    assert_eq!(count(Some(later), None).await, 3);
    assert_eq!(count(None, Some(earlier)).await, 2);
    let end = jiff::Timestamp::from_second(4_000_000_000).unwrap();
    assert_eq!(count(Some(end), None).await, 0);
    assert_eq!(count(Some(later), Some(earlier)).await, 0);
}

async fn the_store_tells_how_it_is_kept(f: Fixture) {
    journal(&f).await;
    let health = f.store.health().await.unwrap();
    let kind = if f.url.is_some() {
        "postgres"
    } else {
        "sqlite"
    };
    assert_eq!(health.database, kind);
    assert!(
        health
            .database_version
            .starts_with(|c: char| c.is_ascii_digit())
    );
    assert!(health.bytes > 10_000 && health.schema >= 2, "{health:?}");
    assert!(health.key);
    let reader = f.store.reader().await.unwrap();
    let head = reader.head().clone();
    let checkpoint = health.checkpoint.unwrap();
    assert_eq!((checkpoint.seq, checkpoint.hash), (head.seq, head.hash));
    let disk = health.disk.unwrap();
    assert!(disk.free <= disk.total && disk.free_percent() <= 100);
}
