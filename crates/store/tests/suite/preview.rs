//! A change that is thought through says what the change then does, and holds nobody up.

use qipan_model::Confirmation;
use qipan_store::{NewRow, Outcome};

use crate::both;
use crate::fixture::{Fixture, change, project};

both!(
    a_preview_says_what_the_change_then_does,
    a_preview_waits_for_no_writer_and_no_writer_for_it,
    a_preview_refuses_what_the_change_refuses,
);

/// New ones, a changed one, one that stands, a withdrawn one, one of another state, and a key
/// stated twice.
async fn rows(f: &Fixture) -> Vec<NewRow> {
    f.write(vec![
        project("P-1").row(),
        project("P-2").row(),
        project("P-3").row(),
        project("P-4").row(),
    ])
    .await;
    f.retract("P-3").await;
    let mut changed = project("P-2");
    changed.fund = "7";
    let mut contested = project("P-4");
    contested.state = Confirmation::Contested;
    vec![
        project("P-1").row(),
        changed.row(),
        project("P-3").row(),
        contested.row(),
        project("P-5").row(),
        project("P-6").row(),
        project("P-5").row(),
        project("P-1").row(),
    ]
}

async fn a_preview_says_what_the_change_then_does(f: Fixture) {
    let rows = rows(&f).await;
    let mut preview = f.store.preview().await.unwrap();
    assert!(!preview.is_untouched(f.project()).await.unwrap());
    let visit = f.pack.register("visit").unwrap();
    assert!(preview.is_untouched(visit).await.unwrap());
    // In two parts, as a file is read.
    let mut foreseen = preview.upsert(f.project(), &rows[..5]).await.unwrap();
    foreseen.extend(preview.upsert(f.project(), &rows[5..]).await.unwrap());
    drop(preview);

    let mut writer = f.store.begin(change("import")).await.unwrap();
    let mut outcomes = writer
        .upsert(f.project(), rows[..5].to_vec())
        .await
        .unwrap();
    outcomes.extend(
        writer
            .upsert(f.project(), rows[5..].to_vec())
            .await
            .unwrap(),
    );
    writer.rollback().await.unwrap();
    let said: Vec<&Outcome> = foreseen.iter().map(|foreseen| &foreseen.outcome).collect();
    assert_eq!(said, outcomes.iter().collect::<Vec<_>>());
    assert!(matches!(outcomes[2], Outcome::Updated { rev: 3, .. }));
    assert!(matches!(outcomes[6], Outcome::Duplicate { .. }));

    // Of what would be revised, the standing revision.
    let before: Vec<Option<&str>> = foreseen
        .iter()
        .map(|foreseen| foreseen.before.as_ref().map(|record| record.key.as_str()))
        .collect();
    assert_eq!(
        before,
        [
            None,
            Some("P-2"),
            Some("P-3"),
            Some("P-4"),
            None,
            None,
            None,
            None
        ]
    );
    let was = foreseen[2].before.as_ref().unwrap();
    assert!(was.retracted && was.rev == 2);
    // Nothing was written.
    let mut reader = f.store.reader().await.unwrap();
    assert!(reader.by_key(f.project(), "P-5").await.unwrap().is_none());
}

async fn a_preview_waits_for_no_writer_and_no_writer_for_it(f: Fixture) {
    f.write(vec![project("P-1").row()]).await;
    // Somebody is in the middle of a change …
    let mut writer = f.store.begin(change("import")).await.unwrap();
    writer
        .upsert(f.project(), vec![project("P-2").row()])
        .await
        .unwrap();
    let mut preview = f.store.preview().await.unwrap();
    let rows = [project("P-2").row()];
    let foreseen = preview.upsert(f.project(), &rows).await.unwrap();
    assert!(matches!(foreseen[0].outcome, Outcome::Inserted { .. }));
    // … and ends it while the preview is open.
    writer.commit().await.unwrap();
    let rows = [project("P-1").row()];
    let foreseen = preview.upsert(f.project(), &rows).await.unwrap();
    assert!(matches!(foreseen[0].outcome, Outcome::Unchanged { .. }));
    // The next one sees it.
    let mut preview = f.store.preview().await.unwrap();
    let rows = [project("P-2").row()];
    let foreseen = preview.upsert(f.project(), &rows).await.unwrap();
    assert!(matches!(foreseen[0].outcome, Outcome::Unchanged { .. }));
}

async fn a_preview_refuses_what_the_change_refuses(f: Fixture) {
    let mut keyless = project("P-1").row();
    keyless.values[0] = qipan_model::Value::Null;
    let rows = vec![keyless];
    let mut preview = f.store.preview().await.unwrap();
    let refused = preview.upsert(f.project(), &rows).await.unwrap_err();
    let mut writer = f.store.begin(change("import")).await.unwrap();
    let expect = writer.upsert(f.project(), rows).await.unwrap_err();
    assert_eq!(refused.to_string(), expect.to_string());
    assert_eq!(refused.code(), "store.no-key");
}
