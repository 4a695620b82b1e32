//! Ordinary tables and events: all or nothing with their journal entries, and `verify` walks over
//! them.

use qipan_store::{Error, Event};
use serde_json::json;

use crate::both;
use crate::fixture::{Fixture, project};

both!(
    events_stand_in_the_journal_with_who_and_where_from,
    a_desk_that_is_dropped_leaves_nothing,
    rows_and_events_are_written_together,
    a_changed_event_is_found,
    what_the_journal_cannot_hold_is_refused,
);

fn event(action: &str) -> Event {
    Event {
        action: action.to_owned(),
        actor: "zhang".to_owned(),
        origin: "10.1.2.3".to_owned(),
        reason: "试验".to_owned(),
        register: String::new(),
        payload: json!({"agent": "curl"}),
    }
}

async fn events_stand_in_the_journal_with_who_and_where_from(f: Fixture) {
    f.write(vec![project("P-1").row()]).await;
    let receipt = f.store.log(event("login")).await.unwrap();
    assert_eq!((receipt.first, receipt.last), (3, 3));
    f.write(vec![project("P-2").row()]).await;
    let mut reader = f.store.reader().await.unwrap();
    let entry = reader.journal(3, 3).await.unwrap().pop().unwrap();
    assert_eq!((entry.action.as_str(), entry.rows), ("login", 0));
    assert_eq!(
        entry.payload,
        json!({"origin": "10.1.2.3", "event": {"agent": "curl"}})
    );
    drop(reader);
    let report = f.store.verify().await.unwrap();
    assert_eq!((report.ok, report.entries), (true, 4), "{report:?}");
}

async fn a_desk_that_is_dropped_leaves_nothing(f: Fixture) {
    let mut desk = f.store.desk().await.unwrap();
    desk.exec(
        "INSERT INTO setting (key, value) VALUES (?, ?)",
        &["a".into(), "1".into()],
    )
    .await
    .unwrap();
    desk.log(event("setting")).unwrap();
    drop(desk);
    let mut look = f.store.look().await.unwrap();
    let rows = look.rows("SELECT value FROM setting", &[]).await.unwrap();
    assert!(rows.is_empty());
    assert_eq!(f.store.verify().await.unwrap().entries, 1);
}

async fn rows_and_events_are_written_together(f: Fixture) {
    let mut desk = f.store.desk().await.unwrap();
    let touched = desk
        .exec(
            "INSERT INTO setting (key, value) VALUES (?, ?)",
            &["a".into(), "1".into()],
        )
        .await
        .unwrap();
    assert_eq!(touched, 1);
    desk.log(event("setting")).unwrap();
    desk.log(Event {
        actor: "li".to_owned(),
        ..event("account")
    })
    .unwrap();
    let receipt = desk.commit().await.unwrap();
    assert_eq!((receipt.first, receipt.last), (2, 3));
    // A change without an event leaves the journal alone.
    let mut desk = f.store.desk().await.unwrap();
    desk.exec(
        "UPDATE setting SET value = ? WHERE key = ?",
        &["2".into(), "a".into()],
    )
    .await
    .unwrap();
    assert!(desk.commit().await.unwrap().is_empty());
    let mut look = f.store.look().await.unwrap();
    let row = look.row("SELECT value FROM setting", &[]).await.unwrap();
    assert_eq!(row.unwrap().text(0).unwrap(), "2");
    assert!(f.store.verify().await.unwrap().ok);
}

async fn a_changed_event_is_found(f: Fixture) {
    f.store.log(event("login")).await.unwrap();
    f.intrude(
        "UPDATE journal SET payload = replace(payload, '10.1.2.3', '10.9.9.9') WHERE seq = 2",
    )
    .await;
    let report = f.store.verify().await.unwrap();
    assert_eq!(report.broken[0].seq, 2, "{report:?}");
}

async fn what_the_journal_cannot_hold_is_refused(f: Fixture) {
    let long = Event {
        payload: json!("x".repeat(20_000)),
        ..event("login")
    };
    assert!(matches!(f.store.log(long).await, Err(Error::Limit(_))));
    let nul = Event {
        origin: "a\0b".to_owned(),
        ..event("login")
    };
    assert!(matches!(f.store.log(nul).await, Err(Error::Limit(_))));
    assert_eq!(f.store.verify().await.unwrap().entries, 1);
}
