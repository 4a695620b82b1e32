//! Who may do what to which row: every role, every action on records, every register, rows of every
//! side, through each way in (session, token, link to a file). What is expected stands here in
//! words of its own and is never asked of the product.

use axum::http::StatusCode;
use qipan_model::{Confirmation, Pack, Register, Type, Value};
use qipan_store::{Change, NewRow, Outcome, SourceFile};
use serde_json::json;

use crate::fixture::{ROLES, Web};

/// One row of a register: whose it is, its number, the file it came from.
struct Planted {
    register: String,
    supporter: Option<&'static str>,
    recipient: Option<&'static str>,
    record: i64,
    digest: String,
}

/// Jiangjin supports Kaizhou, Bishan supports Liangping: two links that have nothing in common.
const SIDES: [(Option<&str>, Option<&str>); 5] = [
    (Some("jiangjin"), Some("kaizhou")),
    (Some("bishan"), Some("liangping")),
    (None, Some("kaizhou")),
    (Some("jiangjin"), None),
    (None, Some("liangping")),
];

/// Whether an account sees a row, after domain §1.2 and the roles' own words.
fn sees(login: &str, row: &Planted) -> bool {
    let (own, counterpart) = match login {
        "coordinator" | "auditor" => return true,
        "commerce" => return ["consumption", "marketing"].contains(&row.register.as_str()),
        "kaizhou-clerk" | "kaizhou-reviewer" => ("kaizhou", "jiangjin"),
        "jiangjin-clerk" | "jiangjin-leader" => ("jiangjin", "kaizhou"),
        _ => return false,
    };
    let names = |unit: &str| [row.supporter, row.recipient].contains(&Some(unit));
    let one_sided = row.supporter.is_none() || row.recipient.is_none();
    names(own) || (one_sided && names(counterpart))
}

/// What an account's role may do at all.
fn may(login: &str, action: &str) -> bool {
    let actions: &[&str] = match login {
        "kaizhou-clerk" | "jiangjin-clerk" | "commerce" => &["read", "write", "export", "evidence"],
        "kaizhou-reviewer" | "coordinator" => &["read", "write", "export", "evidence"],
        "jiangjin-leader" | "auditor" => &["read", "export"],
        _ => &[],
    };
    actions.contains(&action)
}

/// The status of an action on one row that has to fit nothing but access; `done` where permitted.
fn expected(login: &str, action: &str, row: &Planted, done: u16) -> u16 {
    match (may(login, action), sees(login, row)) {
        (false, _) => 403,
        (true, false) => 404,
        (true, true) => done,
    }
}

fn values(
    register: &Register,
    name: &str,
    supporter: Option<&str>,
    recipient: Option<&str>,
) -> Vec<Value> {
    let side = |unit: Option<&str>| unit.map_or(Value::Null, |unit| Value::Text(unit.to_owned()));
    let day = jiff::civil::date(2021, 3, 5);
    let value = |index: usize| match index {
        _ if register.supporter == Some(index) => side(supporter),
        _ if register.recipient == Some(index) => side(recipient),
        _ if register.date == Some(index) => Value::Date(day),
        _ if !register.key.contains(&index) => Value::Null,
        _ => match register.fields[index].ty.value_type() {
            Type::Text => Value::Text(name.to_owned()),
            Type::Int => Value::Int(2021),
            Type::Decimal { .. } => Value::Decimal(1.into()),
            Type::Date => Value::Date(day),
            Type::Bool => Value::Bool(false),
        },
    };
    (0..register.fields.len()).map(value).collect()
}

/// Puts a row of each side that a register has into each register.
async fn plant(web: &Web, pack: &Pack) -> Vec<Planted> {
    let mut planted = Vec::new();
    for register in &pack.registers {
        for (nth, (supporter, recipient)) in SIDES.into_iter().enumerate() {
            let supporter = supporter.filter(|_| register.supporter.is_some());
            let recipient = recipient.filter(|_| register.recipient.is_some());
            let again = planted.iter().any(|row: &Planted| {
                row.register == register.id
                    && (row.supporter, row.recipient) == (supporter, recipient)
            });
            let bare = |unit: Option<&str>, field: Option<usize>| {
                unit.is_none() && field.is_some_and(|field| register.key.contains(&field))
            };
            // A row without its key is no row.
            let keyless =
                bare(supporter, register.supporter) || bare(recipient, register.recipient);
            if again || keyless || (supporter.is_none() && recipient.is_none()) {
                continue;
            }
            let name = format!("{}-{nth}", register.id);
            // Where a side belongs to the key there is no row without it.
            if register
                .key_of(&values(register, &name, supporter, recipient))
                .is_none()
            {
                continue;
            }
            let digest = web.store.files().put(name.as_bytes()).unwrap();
            let change = Change {
                actor: "测试员".to_owned(),
                reason: "走查".to_owned(),
                action: "import".to_owned(),
                source: Some(SourceFile {
                    digest: digest.clone(),
                    name: format!("{name}.csv"),
                }),
                origin: "命令行".to_owned(),
            };
            let mut writer = web.store.begin(change).await.unwrap();
            let row = NewRow {
                values: values(register, &name, supporter, recipient),
                confirmation: Confirmation::Agreed,
                source: digest.as_str().into(),
                place: name.clone(),
            };
            let outcomes = writer.upsert(register, vec![row]).await.unwrap();
            writer.commit().await.unwrap();
            let [Outcome::Inserted { record }] = outcomes[..] else {
                panic!("{name}: {outcomes:?}");
            };
            planted.push(Planted {
                register: register.id.clone(),
                supporter,
                recipient,
                record,
                digest,
            });
        }
    }
    planted
}

/// A web with rows, and each account twice: by its session and by a token of its own.
async fn walked() -> (Vec<(&'static str, &'static str, Web)>, Vec<Planted>) {
    let web = Web::bare(true).await;
    let pack = web.store.pack().await.unwrap().unwrap();
    let planted = plant(&web, &pack).await;
    assert!(planted.len() > 21 * 2, "{} rows", planted.len());
    let mut callers = Vec::new();
    for (login, ..) in ROLES {
        let session = web.as_(login).await;
        // Who keeps accounts or the system does so in person.
        if ["security", "system"].contains(&login) {
            callers.push((login, "session", session));
            continue;
        }
        let body = json!({"name": "走查", "actions": null, "expires_days": 1});
        let made = session.send("POST", "/api/v1/tokens", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{login}: {}", made.body);
        let token = web.with_token(made.json()["secret"].as_str().unwrap());
        callers.push((login, "session", session));
        callers.push((login, "token", token));
    }
    (callers, planted)
}

#[tokio::test]
async fn rows_are_read_by_those_who_may_and_are_not_there_for_others() {
    let (callers, planted) = walked().await;
    let mut seen = 0;
    for (login, way, web) in &callers {
        for row in &planted {
            // Nobody asks so often that they are told to wait.
            web.clock.jump(1);
            let records = format!("/api/v1/registers/{}/records/{}", row.register, row.record);
            let wanted = expected(login, "read", row, 200);
            for path in [
                records.clone(),
                format!("{records}/revisions"),
                format!("{records}/evidence"),
            ] {
                let answer = web.get(&path).await;
                assert_eq!(
                    answer.status.as_u16(),
                    wanted,
                    "{login} by {way}: {path}: {}",
                    answer.body
                );
            }
            // A link to the file the row came from opens just when the row does.
            let file = web.get(&format!("/api/v1/files/{}", row.digest)).await;
            assert_eq!(
                file.status.as_u16(),
                wanted,
                "{login} by {way}: file of {records}"
            );
            seen += u32::from(wanted == 200);
        }
    }
    assert!(seen > 400, "only {seen} were seen");
}

#[tokio::test]
async fn lists_totals_searches_and_exports_hold_just_what_one_sees() {
    let (callers, planted) = walked().await;
    for (login, way, web) in &callers {
        let mut registers: Vec<&str> = planted.iter().map(|row| row.register.as_str()).collect();
        registers.dedup();
        for register in registers {
            web.clock.jump(1);
            let theirs = planted
                .iter()
                .filter(|row| row.register == register && sees(login, row))
                .count();
            let base = format!("/api/v1/registers/{register}");
            let outside = *login == "commerce" && theirs == 0;
            let wanted = match may(login, "read") {
                false => 403,
                true if outside => 404,
                true => 200,
            };
            for path in ["records", "records?q=2021", "totals", "export?format=json"] {
                let answer = web.get(&format!("{base}/{path}")).await;
                let place = format!("{login} by {way}: {base}/{path}");
                assert_eq!(answer.status.as_u16(), wanted, "{place}: {}", answer.body);
                if wanted != 200 {
                    continue;
                }
                let body = answer.json();
                match path {
                    "records" => {
                        assert_eq!(body["total"], theirs, "{place}");
                        assert_eq!(body["records"].as_array().unwrap().len(), theirs, "{place}");
                    }
                    "totals" => assert_eq!(body["total"], theirs, "{place}"),
                    "export?format=json" => {
                        assert_eq!(body.as_array().unwrap().len(), theirs, "{place}");
                    }
                    _ => assert!(body["total"].as_u64().unwrap() <= theirs as u64, "{place}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn rows_are_changed_by_those_who_may_and_by_nobody_else() {
    let (callers, planted) = walked().await;
    let mut tried = 0;
    for (login, way, web) in &callers {
        for row in &planted {
            web.clock.jump(1);
            let path = format!("/api/v1/registers/{}/records/{}", row.register, row.record);
            // A revision that nobody has: whoever may change the row is told so, and nothing moves.
            let stale = [("if-match", "\"r99\"")];
            let body = json!({"values": {}, "reason": "走查"});
            let wanted = expected(login, "write", row, 412);
            let changed = web.with("PATCH", &path, &stale, body).await;
            assert_eq!(
                changed.status.as_u16(),
                wanted,
                "{login} by {way}: PATCH {path}: {}",
                changed.body
            );
            let gone = web
                .with(
                    "DELETE",
                    &format!("{path}?reason=zoucha"),
                    &stale,
                    serde_json::Value::Null,
                )
                .await;
            assert_eq!(
                gone.status.as_u16(),
                wanted,
                "{login} by {way}: DELETE {path}: {}",
                gone.body
            );
            let back = web
                .with(
                    "POST",
                    &format!("{path}/restore"),
                    &stale,
                    json!({"rev": 1, "reason": "走查"}),
                )
                .await;
            assert_eq!(
                back.status.as_u16(),
                wanted,
                "{login} by {way}: restore {path}: {}",
                back.body
            );
            let many = json!({
                "records": [{"record": row.record, "rev": 99}], "values": {}, "reason": "走查",
            });
            let bulk = format!("/api/v1/registers/{}/bulk", row.register);
            let bulk = web.send("POST", &bulk, many).await;
            assert_eq!(
                bulk.status.as_u16(),
                wanted,
                "{login} by {way}: bulk with {path}: {}",
                bulk.body
            );
            tried += u32::from(wanted == 412);
        }
    }
    assert!(tried > 200, "only {tried} could be tried");
    let still = callers[0].2.store.verify().await.unwrap();
    assert!(still.ok, "{:?}", still.broken);
}

#[tokio::test]
async fn evidence_is_bound_by_those_who_may_and_by_nobody_else() {
    let (callers, planted) = walked().await;
    let mut bound = 0;
    for (nth, (login, way, web)) in callers.iter().enumerate() {
        for row in planted.iter().step_by(3) {
            web.clock.jump(1);
            let path = format!(
                "/api/v1/registers/{}/records/{}/evidence",
                row.register, row.record
            );
            let wanted = expected(login, "evidence", row, 201);
            let content = format!("%PDF-1.7\n{nth} {path}");
            let answer = web.attach(&path, "佐证.pdf", content.as_bytes()).await;
            assert_eq!(
                answer.status.as_u16(),
                wanted,
                "{login} by {way}: {path}: {}",
                answer.body
            );
            if wanted != 201 {
                continue;
            }
            bound += 1;
            // Its file is there for those who see the row, and for nobody else.
            let digest = answer.json()["digest"].as_str().unwrap().to_owned();
            for (reader, _, other) in callers.iter().filter(|(_, way, _)| *way == "session") {
                let file = other.get(&format!("/api/v1/files/{digest}")).await;
                let wanted = expected(reader, "read", row, 200);
                assert_eq!(file.status.as_u16(), wanted, "{reader}: evidence of {path}");
            }
        }
    }
    assert!(bound > 60, "only {bound} were bound");
}

#[tokio::test]
async fn nobody_comes_in_without_credentials() {
    let (callers, planted) = walked().await;
    let nobody = callers[0].2.nobody();
    for row in planted.iter().step_by(7) {
        let base = format!("/api/v1/registers/{}", row.register);
        for path in [
            format!("{base}/records"),
            format!("{base}/records/{}", row.record),
            format!("/api/v1/files/{}", row.digest),
        ] {
            assert_eq!(
                nobody.get(&path).await.status,
                StatusCode::UNAUTHORIZED,
                "{path}"
            );
        }
    }
    let forged = nobody.with_token("qp_0000000000000000000000000000000000000000000");
    assert_eq!(
        forged.get("/api/v1/figures").await.status,
        StatusCode::UNAUTHORIZED
    );
}
