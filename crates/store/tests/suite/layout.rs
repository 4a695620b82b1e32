//! A database of an older layout is brought up to date when it is opened.

use crate::both;
use crate::fixture::{Fixture, project};

both!(
    version_1_is_migrated_and_goes_on,
    a_newer_layout_is_left_alone,
);

async fn version_1_is_migrated_and_goes_on(f: Fixture) {
    let f = f.of_version_1().await;
    f.write(vec![project("P-1").row()]).await;
    let mut look = f.store.look().await.unwrap();
    let row = look.row("SELECT count(*) FROM account", &[]).await.unwrap();
    assert_eq!(row.unwrap().int(0).unwrap(), 0);
    let row = look
        .row("SELECT value FROM meta WHERE key = 'schema'", &[])
        .await
        .unwrap();
    assert_eq!(row.unwrap().text(0).unwrap(), "2");
    look.close().await.unwrap();
    assert!(f.store.verify().await.unwrap().ok);
    // The journal is as untouchable as before.
    assert!(f.try_sql("DELETE FROM journal", false).await.is_err());
    // Once is enough.
    let again = f.reopen().await;
    assert!(again.verify().await.unwrap().ok);
}

async fn a_newer_layout_is_left_alone(f: Fixture) {
    f.try_sql("UPDATE meta SET value = '99' WHERE key = 'schema'", false)
        .await
        .unwrap();
    let clock = std::sync::Arc::new(Never);
    let refused = qipan_store::Store::open(f.url.as_deref(), f.dir.path(), clock)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "store.too-new");
}

struct Never;

impl qipan_store::Clock for Never {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}
