//! A pack goes over the tables like a migration; old rows keep their values and digests.

use qipan_model::Value;
use qipan_store::{Error, ListQuery, Outcome, Store};

use crate::both;
use crate::fixture::{Fixture, PROJECT, change, checked, indicators, project, source};
use crate::rollups::rollups;

both!(
    the_same_pack_again_is_no_change,
    another_process_reads_the_pack_in_force,
    a_field_is_added_and_one_renamed,
    a_new_indicator_counts_old_rows,
    what_would_lose_rows_is_refused,
    a_caller_with_an_old_pack_is_told,
);

async fn apply(
    store: &Store,
    project: &str,
    indicators: &str,
) -> Result<qipan_store::Receipt, Error> {
    let source = source(project, indicators);
    let checked = checked(&source);
    store
        .apply_pack(
            &source,
            &checked.pack.unwrap(),
            &checked.renames,
            change("pack"),
        )
        .await
}

async fn the_same_pack_again_is_no_change(f: Fixture) {
    let receipt = apply(&f.store, PROJECT, &indicators()).await.unwrap();
    assert!(receipt.is_empty());
    assert_eq!(receipt.last, 1);
}

async fn another_process_reads_the_pack_in_force(f: Fixture) {
    let other = f.reopen().await;
    assert_eq!(other.pack().await.unwrap().unwrap().digest, f.pack.digest);
    assert_eq!(
        other.pack_source().await.unwrap().unwrap(),
        source(PROJECT, &indicators())
    );
    f.write(vec![project("P-1").row()]).await;
    let page = other
        .reader()
        .await
        .unwrap()
        .list(f.project(), &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(page.total, 1);
}

const RENAMED: &str = r#"{ id = "leader", was = "owner", label = "牵头人", label_en = "Leader", type = "text" },
  { id = "note", label = "备注", label_en = "Note", type = "text" },"#;

fn evolved() -> (String, String) {
    let old = r#"{ id = "owner", label = "负责人", label_en = "Owner", type = "text" },"#;
    assert!(PROJECT.contains(old));
    let project = PROJECT.replace(old, RENAMED).replace(
        r#"{ field = "owner" }"#,
        r#"{ field = "leader" }, { field = "note" }"#,
    );
    (
        project,
        indicators().replace("distinct = \"owner\"", "distinct = \"leader\""),
    )
}

async fn a_field_is_added_and_one_renamed(f: Fixture) {
    let mut owned = project("P-1");
    owned.owner = "张三";
    f.write(vec![owned.clone().row()]).await;
    let kept = rollups(&f.store).await;
    let (register, figures) = evolved();
    apply(&f.store, &register, &figures).await.unwrap();
    let pack = f.store.pack().await.unwrap().unwrap();
    let register = pack.register("project").unwrap();
    let mut reader = f.store.reader().await.unwrap();
    let page = reader.list(register, &ListQuery::default()).await.unwrap();
    let values = &page.records[0].values;
    assert_eq!(
        values[register.index("leader").unwrap()],
        Value::Text("张三".into())
    );
    assert_eq!(values[register.index("note").unwrap()], Value::Null);
    drop(reader);
    assert_eq!(rollups(&f.store).await, kept);
    // The same row is still the same, and its digest still fits.
    let mut row = owned.row();
    row.values.push(Value::Null);
    let mut writer = f.store.begin(change("import")).await.unwrap();
    let same = writer.upsert(register, vec![row.clone()]).await.unwrap();
    assert_eq!(same, [Outcome::Unchanged { record: 1 }]);
    drop(writer);
    row.values[12] = Value::Text("补记".into());
    let mut writer = f.store.begin(change("edit")).await.unwrap();
    let noted = writer.upsert(register, vec![row]).await.unwrap();
    assert_eq!(noted, [Outcome::Updated { record: 1, rev: 2 }]);
    writer.commit().await.unwrap();
    let report = f.store.verify().await.unwrap();
    assert!(report.ok, "{:#?}", report.broken);
    // New columns are as well guarded as old ones.
    let refused = f
        .try_sql("UPDATE project SET note = ''", false)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("只增不改"));
    let refused = f
        .try_sql("UPDATE project SET leader = ''", false)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("只增不改"));
}

async fn a_new_indicator_counts_old_rows(f: Fixture) {
    f.write(vec![project("P-1").row()]).await;
    let more = indicators()
        + &indicators()
            .split("[[indicator]]")
            .nth(1)
            .map(|first| format!("[[indicator]]{}", first.replace("N-ISSUED", "N-AGAIN")))
            .unwrap();
    apply(&f.store, PROJECT, &more).await.unwrap();
    let lines = rollups(&f.store).await;
    assert!(
        lines.contains(&"rollup N-AGAIN r1 s1 0 202103 0 1 0 0 0".to_owned()),
        "{lines:#?}"
    );
}

async fn what_would_lose_rows_is_refused(f: Fixture) {
    let retyped = PROJECT.replace(
        r#"label_en = "Jobs", type = "int", measure = "人""#,
        r#"label_en = "Jobs", type = "text""#,
    );
    let error = apply(&f.store, &retyped, &indicators()).await.unwrap_err();
    assert!(
        error.to_string().contains("不能从 int 改成 text"),
        "{error}"
    );
    let dropped = PROJECT
        .replace(
            r#"{ id = "land", label = "占地", label_en = "Land", type = "area" },"#,
            "",
        )
        .replace(r#"{ field = "land" },"#, "");
    let error = apply(&f.store, &dropped, &indicators()).await.unwrap_err();
    assert!(error.to_string().contains("“land”不能删去"), "{error}");
    // Nothing of it has stayed.
    f.write(vec![project("P-1").row()]).await;
    assert!(f.store.verify().await.unwrap().ok);
}

async fn a_caller_with_an_old_pack_is_told(f: Fixture) {
    let (register, figures) = evolved();
    apply(&f.store, &register, &figures).await.unwrap();
    let mut writer = f.store.begin(change("import")).await.unwrap();
    let error = writer
        .upsert(f.project(), vec![project("P-1").row()])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::StalePack(_)), "{error}");
}
