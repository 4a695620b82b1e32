//! Two-sided facts: one side states, the other answers, and nobody agrees with themselves.

use serde_json::{Value, json};

use crate::fixture::{Answer, Web};

const RECORDS: &str = "/api/v1/registers/project/records";

async fn answer(web: &Web, record: i64, rev: i64, word: &str) -> Answer {
    let body = json!({"values": {}, "reason": "表态", "confirmation": word});
    let tag = format!("\"r{rev}\"");
    let path = format!("{RECORDS}/{record}");
    web.with("PATCH", &path, &[("if-match", &tag)], body).await
}

async fn may_answer(web: &Web, record: i64) -> Value {
    let card = web.ok(&format!("{RECORDS}/{record}")).await.json();
    card["answers"].clone()
}

#[tokio::test]
async fn what_one_side_states_the_other_answers() {
    let web = Web::new().await;
    let (kaizhou, jiangjin) = (
        web.as_("kaizhou-clerk").await,
        web.as_("jiangjin-clerk").await,
    );
    let register = "/api/v1/registers/project";
    let usual = |shape: Value| shape["confirmations"].clone();
    assert_eq!(
        usual(kaizhou.ok(register).await.json()),
        json!(["pending", "agreed"])
    );
    assert_eq!(
        usual(web.ok(register).await.json()),
        json!(["agreed", "pending"])
    );
    let auditor = web.as_("auditor").await;
    assert_eq!(usual(auditor.ok(register).await.json()), json!([]));

    let values = json!({
        "code": "XT-9", "name": "示例道路", "supporter": "jiangjin", "recipient": "kaizhou",
        "issued_date": "2021-03-18",
    });
    // Nothing said is the usual: it waits for the other side.
    let body = json!({"values": values});
    let entered = kaizhou.send("POST", RECORDS, body).await.is(201);
    let record = entered["record"].as_i64().unwrap();
    let open = |web: Web| async move {
        let page = web.ok(&format!("{RECORDS}?open=true")).await.json();
        page["total"].as_i64().unwrap()
    };
    assert_eq!(open(kaizhou.clone()).await, 1);

    // The side that stated it, whoever of it.
    let reviewer = web.as_("kaizhou-reviewer").await;
    for own in [&kaizhou, &reviewer] {
        assert_eq!(may_answer(own, record).await, json!([]));
        let refused = answer(own, record, 1, "agreed").await.is(422);
        assert_eq!(refused["code"], "Q4232", "{refused}");
    }
    assert_eq!(may_answer(&auditor, record).await, json!([]));
    // The other side contests; who is contested asks again.
    assert_eq!(
        may_answer(&jiangjin, record).await,
        json!(["agreed", "contested"])
    );
    answer(&jiangjin, record, 1, "contested").await.is(200);
    assert_eq!(may_answer(&jiangjin, record).await, json!(["agreed"]));
    assert_eq!(may_answer(&kaizhou, record).await, json!(["pending"]));
    answer(&kaizhou, record, 2, "agreed").await.is(422);
    // Nor does an earlier revision bring back what was said then.
    let body = json!({"rev": 1, "reason": "还原"});
    let path = format!("{RECORDS}/{record}/restore");
    let tag = [("if-match", "\"r2\"")];
    let restored = kaizhou.with("POST", &path, &tag, body).await.is(200);
    assert_eq!(restored["confirmation"], "contested");
    answer(&kaizhou, record, 2, "pending").await.is(200);
    assert_eq!(open(jiangjin.clone()).await, 1);
    let body = json!({
        "records": [{"record": record, "rev": 3}], "reason": "核对一致", "confirmation": "agreed",
    });
    let bulk = "/api/v1/registers/project/bulk";
    kaizhou.send("POST", bulk, body.clone()).await.is(422);
    jiangjin.send("POST", bulk, body).await.is(200);
    assert_eq!(open(jiangjin.clone()).await, 0);
    // Both sides may come back to it; what the coordinator decides stands.
    assert_eq!(may_answer(&kaizhou, record).await, json!(["contested"]));
    answer(&web, record, 4, "arbitrated").await.is(200);
    assert_eq!(may_answer(&kaizhou, record).await, json!([]));
    assert_eq!(may_answer(&web, record).await, json!(["pending"]));
}
