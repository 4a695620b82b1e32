//! Every figure opens: its rows and its SQL give the number again, each on its own.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Column, Connection, Row, TypeInfo};

use crate::home::{Database, Home, block, items, number, pack};

both!(
    rows_recompute_every_figure,
    explain_tells_where_rows_come_from
);

/// How a person recomputes an indicator from its rows; written by hand from the cards.
enum How {
    Count,
    Sum(&'static str),
    Distinct(&'static [&'static str]),
    Rate(&'static str, &'static str),
}

fn how(indicator: &str) -> How {
    const SUPPORTER: &[&str] = &["supporter"];
    const RECIPIENT: &[&str] = &["recipient"];
    match indicator {
        "PRJ-N-ISSUED" | "PRJ-N-STARTED" | "PRK-N-PLANNED" | "PRK-N-OPEN" | "STF-N-EXCH"
        | "LAB-N-COURSE" => How::Count,
        "PRJ-V-TOTAL" => How::Sum("total_investment"),
        "FND-V-ISSUED" | "FND-V-INFRA" => How::Sum("issued"),
        "CON-V" => How::Sum("amount"),
        "SCI-N-INCUB" | "SCI-N-FIN" | "SCI-N-START" => How::Sum("value"),
        "LAB-N-POST" => How::Sum("posts"),
        "LAB-N-TRAIN" => How::Sum("attendances"),
        "ECO-V-SETTLED" => How::Sum("paid"),
        "PRJ-R-START" => How::Rate("PRJ-N-STARTED", "PRJ-N-ISSUED"),
        "INV-S-JOINT" | "TOU-S" | "CON-S" | "SCI-S" | "LAB-S" => How::Distinct(SUPPORTER),
        "INV-R-JOINT" | "TOU-R" | "CON-R-POOR" | "EDU-P" | "MKT-P" | "ECO-P" | "LND-P" => {
            How::Distinct(RECIPIENT)
        }
        "EDU-N-SCHOOL" | "MED-N-HOSP" => How::Distinct(&["recipient_org"]),
        "STF-N-STI" => How::Distinct(&["person_id"]),
        other => panic!("say how {other} is recomputed"),
    }
}

/// The figure from the rows that are shown and marked as counted.
fn from_rows(explanation: &Value) -> Decimal {
    let indicator = explanation["figure"]["indicator"].as_str().unwrap();
    let rows: Vec<&Value> = items(&explanation["rows"])
        .iter()
        .filter(|row| row["counted"] == true)
        .collect();
    match how(indicator) {
        How::Count => rows.len().into(),
        How::Sum(field) => rows
            .iter()
            .filter_map(|row| number(&row["values"][field]))
            .sum(),
        How::Distinct(fields) => {
            let named: BTreeSet<Vec<&str>> = rows
                .iter()
                .map(|row| {
                    fields
                        .iter()
                        .map(|field| row["values"][field].as_str().unwrap())
                        .collect()
                })
                .collect();
            named.len().into()
        }
        How::Rate(above, below) => {
            let part = |id: &str| {
                let parts = items(&explanation["parts"]);
                from_rows(
                    parts
                        .iter()
                        .find(|part| part["figure"]["indicator"] == *id)
                        .unwrap(),
                )
            };
            part(above) * Decimal::ONE_HUNDRED / part(below)
        }
    }
}

fn rows_recompute_every_figure(database: Database) {
    let home = Home::demo(database);
    for indicator in &pack().indicators {
        let args = ["explain", &indicator.id, "--period", "2021H1", "--json"];
        let explanation = home.json(&args);
        let value = number(&explanation["figure"]["value"]).unwrap();
        assert_eq!(from_rows(&explanation), value, "{}", indicator.id);
        if database == Database::Sqlite {
            assert_eq!(
                block(from_sql(&home, &explanation)),
                value,
                "SQL of {}",
                indicator.id
            );
        }
        // A day within the period is not a whole month: then the rows are asked, not the rollup.
        let args = [
            "explain",
            &indicator.id,
            "--period",
            "2021-01-01..2021-05-20",
            "--json",
        ];
        let explanation = home.json(&args);
        if let Some(value) = number(&explanation["figure"]["value"]) {
            assert_eq!(from_rows(&explanation), value, "{} by days", indicator.id);
        }
    }
}

/// Runs the SQL that is shown, as a person would in any tool, and adds its groups up.
async fn from_sql(home: &Home, explanation: &Value) -> Decimal {
    let indicator = explanation["figure"]["indicator"].as_str().unwrap();
    if let How::Rate(above, below) = how(indicator) {
        let mut numbers = Vec::new();
        for id in [above, below] {
            let parts = items(&explanation["parts"]);
            let part = parts
                .iter()
                .find(|part| part["figure"]["indicator"] == *id)
                .unwrap();
            numbers.push(Box::pin(from_sql(home, part)).await);
        }
        return numbers[0] * Decimal::ONE_HUNDRED / numbers[1];
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(home.data().join("qipan.db"))
        .read_only(true);
    let mut database = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    let mut groups: Vec<Vec<Value>> = Vec::new();
    let statements = items(&explanation["sql"]);
    assert!(!statements.is_empty(), "{indicator}");
    for statement in statements {
        let sql = sqlx::AssertSqlSafe(statement.as_str().unwrap().to_owned());
        for row in sqlx::query(sql).fetch_all(&mut database).await.unwrap() {
            let cells = row.columns().iter().map(|column| {
                let nth = column.ordinal();
                match row.try_get::<Option<i64>, _>(nth) {
                    Ok(number) => number.map_or(Value::Null, Value::from),
                    Err(_) => row
                        .try_get::<Option<String>, _>(nth)
                        .unwrap_or_else(|_| panic!("{}", column.type_info().name()))
                        .map_or(Value::Null, Value::from),
                }
            });
            groups.push(cells.collect());
        }
    }
    // recipient, supporter, state, then month or key where the indicator needs one, rows, sum.
    let counted: Vec<&Vec<Value>> = groups
        .iter()
        .filter(|group| group[2] == "agreed" || group[2] == "arbitrated")
        .collect();
    let text = |group: &[Value], nth: usize| group[nth].as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| Decimal::from(value.as_i64().unwrap());
    match how(indicator) {
        How::Count => counted
            .iter()
            .map(|group| number(group.last().unwrap()))
            .sum(),
        How::Sum(_) if indicator.starts_with("SCI-N") => {
            let mut newest: BTreeMap<String, (String, Decimal)> = BTreeMap::new();
            for group in counted {
                let (recipient, month) = (text(group, 0), text(group, 3));
                let sum = number(group.last().unwrap());
                let best = newest.entry(recipient).or_default();
                if month == best.0 {
                    best.1 += sum;
                } else if month > best.0 {
                    *best = (month, sum);
                }
            }
            // Statistics are kept with four places.
            newest.values().map(|(_, sum)| sum).sum::<Decimal>() / Decimal::from(10_000)
        }
        How::Sum(field) => {
            let sum: Decimal = counted
                .iter()
                .map(|group| number(group.last().unwrap()))
                .sum();
            match field {
                "posts" | "attendances" => sum,
                _ => sum / Decimal::ONE_HUNDRED, // kept in 分
            }
        }
        How::Distinct(fields) => {
            let nth = match fields[0] {
                "recipient" => 0,
                "supporter" => 1,
                _ => 3,
            };
            let named: BTreeSet<String> = counted.iter().map(|group| text(group, nth)).collect();
            named.len().into()
        }
        How::Rate(..) => unreachable!("handled above"),
    }
}

fn explain_tells_where_rows_come_from(database: Database) {
    let home = Home::demo(database);
    let explanation = home.json(&["explain", "PRJ-N-STARTED", "--period", "2021H1", "--json"]);
    assert_eq!(explanation["figure"]["display"], "53个");
    assert_eq!(explanation["definition"]["version"], 1);
    assert_eq!(explanation["definition"]["clause"], "2.1");
    assert!(
        explanation["definition"]["definition"]
            .as_str()
            .unwrap()
            .contains("开工日期")
    );
    assert_eq!(
        explanation["total"].as_u64().unwrap() as usize,
        items(&explanation["rows"]).len()
    );
    for row in items(&explanation["rows"]) {
        assert_eq!(row["register"], "project");
        assert_eq!(row["rev"], 1);
        // The evidence is the file itself, kept under its digest.
        let digest = row["source"].as_str().unwrap();
        let kept = home.data().join("files").join(&digest[..2]).join(digest);
        assert!(kept.is_file(), "{}", kept.display());
        assert!(
            row["place"].as_str().unwrap().starts_with("项目台账!"),
            "{row}"
        );
    }
    let text = home
        .good(&["explain", "PRJ-N-STARTED", "--period", "2021H1"])
        .out;
    for word in ["53个", "口径", "SQL：", "项目台账!", "共 53 行"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let run = home
        .run(&["explain", "PRJ-N-STARTEDD", "--period", "2021H1"])
        .ends(2);
    assert!(run.err.contains("没有指标“PRJ-N-STARTEDD”"), "{}", run.err);
}
