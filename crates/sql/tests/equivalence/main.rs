//! The evaluator, SQLite and PostgreSQL give the same answers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod databases;
mod generate;

use databases::Database;
use generate::{COLUMNS, Dice, Table};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use qipan_expr::{COLUMN_LIMIT, Expr, MAX_SCALE, Node, NodeKind, Type, Value};
use qipan_sql::Dialect;
use rust_decimal::Decimal;

const ROWS: usize = 24;
const EXPRESSIONS: usize = 10;

fn compiled(source: &str) -> Expr {
    match Expr::compile(source, &Table, None) {
        Ok(expr) => expr,
        Err(found) => panic!("{source}\n{found:?}"),
    }
}

/// A part of an expression as one of its own; wide products only stand inside `round`.
fn part(node: &Node) -> String {
    if node.scale() > MAX_SCALE {
        format!("round({node}, {MAX_SCALE})")
    } else {
        node.to_string()
    }
}

/// Whether the evaluator fails somewhere in the expression when every part of it is computed.
fn fails_somewhere(node: &Node, row: &[Value]) -> bool {
    let own = match node.kind() {
        // Synthetic: its text is that of its operand.
        NodeKind::Rescale(_) | NodeKind::Null => false,
        _ => compiled(&part(node)).eval(row).is_err(),
    };
    own || node
        .children()
        .into_iter()
        .any(|child| fails_somewhere(child, row))
}

/// Whether a database may leave parts uncomputed, and so answer where the evaluator fails.
fn may_skip(node: &Node, row: &[Value], dialect: Dialect) -> bool {
    match node.kind() {
        NodeKind::And(_) | NodeKind::Or(_) | NodeKind::Cond(..) | NodeKind::Coalesce(_) => true,
        // PostgreSQL divides by greater numbers than the evaluator does, and rightly.
        NodeKind::Div(..) if dialect == Dialect::Postgres => true,
        NodeKind::Null => true,
        NodeKind::Rescale(inner) => may_skip(inner, row, dialect),
        // Next to a null nothing else matters.
        _ if compiled(&part(node)).eval(row) == Ok(Value::Null) => true,
        _ => node
            .children()
            .into_iter()
            .any(|child| may_skip(child, row, dialect)),
    }
}

/// What differs between the evaluator and a database, if anything does.
async fn difference(database: &mut Database, source: &str, rows: &[Vec<Value>]) -> Option<String> {
    let dialect = database.dialect();
    let expr = compiled(source);
    let expected: Vec<_> = rows.iter().map(|row| expr.eval(row)).collect();
    let told = |id: usize, met: &dyn std::fmt::Debug| {
        Some(format!(
            "{dialect:?}: {source}\nrow {:?}\nevaluator {:?}\ndatabase {met:?}",
            COLUMNS
                .iter()
                .map(|(name, _)| name)
                .zip(&rows[id])
                .collect::<Vec<_>>(),
            expected[id],
        ))
    };
    if let Ok(values) = database.values(&expr, None).await
        && values
            .iter()
            .map(Ok)
            .eq(expected.iter().map(Result::as_ref))
    {
        // The common case: no failure anywhere.
    } else {
        for (id, row) in rows.iter().enumerate() {
            match (database.values(&expr, Some(id)).await, &expected[id]) {
                (Ok(values), Ok(value)) if &values[0] == value => {}
                (Ok(_), Err(_)) if may_skip(expr.root(), &rows[id], dialect) => {}
                (Err(sqlx::Error::Database(_)), _) if fails_somewhere(expr.root(), row) => {}
                (met, _) => return told(id, &met),
            }
        }
    }
    if expr.ty() != Type::Bool {
        return None;
    }
    match database.chosen(&expr).await {
        Ok(chosen) => (0..rows.len()).find_map(|id| {
            let taken = chosen.contains(&Value::Int(id as i64));
            let right = match &expected[id] {
                Ok(value) => taken == (value == &Value::Bool(true)),
                Err(_) => true,
            };
            if right {
                None
            } else {
                told(id, &format!("WHERE takes it: {taken}"))
            }
        }),
        // PostgreSQL computes conditions in an order of its own.
        Err(_) if rows.iter().any(|row| fails_somewhere(expr.root(), row)) => None,
        Err(error) => Some(format!("{dialect:?}: {source}\nWHERE fails: {error}")),
    }
}

/// The smallest part of an expression that still differs.
async fn smallest(database: &mut Database, source: &str, rows: &[Vec<Value>]) -> Option<String> {
    let found = difference(database, source, rows).await?;
    for child in compiled(source).root().children() {
        if child.kind() == &NodeKind::Null {
            continue;
        }
        if let Some(smaller) = Box::pin(smallest(database, &part(child), rows)).await {
            return Some(smaller);
        }
    }
    Some(found)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn random_expressions_over_random_rows() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    // `EQUIVALENCE_SEED` repeats a case that failed.
    let only = number("EQUIVALENCE_SEED");
    let cases = only.map_or(number("PROPTEST_CASES").unwrap_or(64), |_| 1);
    let mut runner = TestRunner::default();
    runtime().block_on(async {
        let mut databases = Database::all().await;
        for _ in 0..cases {
            let random = proptest::num::u64::ANY.new_tree(&mut runner).unwrap();
            let seed = only.unwrap_or_else(|| random.current());
            let mut dice = Dice(seed);
            let rows: Vec<_> = (0..ROWS).map(|_| dice.row()).collect();
            let sources: Vec<_> = (0..EXPRESSIONS).map(|_| dice.expression()).collect();
            for database in &mut databases {
                database.fill(&rows).await;
                for source in &sources {
                    if let Some(found) = smallest(database, source, &rows).await {
                        panic!("EQUIVALENCE_SEED={seed}\n{found}");
                    }
                }
            }
        }
    });
}

/// A row with these numbers, dates and text null.
fn numbers(n: i64, money: i64) -> Vec<Value> {
    let mut row = vec![Value::Null; COLUMNS.len() + 1];
    row[0] = Value::Int(n);
    row[2] = Value::Decimal(Decimal::new(money, 2));
    row
}

#[rstest::rstest]
#[case("i * i", numbers(COLUMN_LIMIT, 0))]
#[case("-i * i", numbers(COLUMN_LIMIT, 0))]
#[case("i + 9223372036854775807", numbers(1, 0))]
#[case("-i - 9223372036854775807", numbers(2, 0))]
#[case("m * i * i", numbers(COLUMN_LIMIT, 1))]
// Back within 64 bits in the end, but not on the way.
#[case("i * i - i * i", numbers(COLUMN_LIMIT, 0))]
#[case("i * i % 7", numbers(COLUMN_LIMIT, 0))]
#[case("i * i > 3", numbers(COLUMN_LIMIT, 0))]
#[case("min(i * i, 3)", numbers(COLUMN_LIMIT, 0))]
#[case("round(i * i / 2, 0)", numbers(COLUMN_LIMIT, 0))]
#[case("i / 3", numbers(COLUMN_LIMIT, 0))]
#[case("i > 0.000001", numbers(COLUMN_LIMIT, 0))]
#[case("round(i, 6)", numbers(COLUMN_LIMIT, 0))]
fn overflow_fails_everywhere(#[case] source: &str, #[case] row: Vec<Value>) {
    let expr = compiled(source);
    expr.eval(&row).unwrap_err();
    let rows = [row];
    runtime().block_on(async {
        for database in &mut Database::all().await {
            database.fill(&rows).await;
            let met = database.values(&expr, None).await;
            assert!(
                matches!(met, Err(sqlx::Error::Database(_))),
                "{source}: {met:?}"
            );
        }
    });
}

#[test]
fn edges_agree() {
    let limit = COLUMN_LIMIT;
    let rows: Vec<_> = [
        -limit,
        1 - limit,
        -5,
        -3,
        -1,
        0,
        1,
        2,
        3,
        5,
        15,
        25,
        limit / 2,
        limit,
    ]
    .into_iter()
    .flat_map(|n| [-limit, -250, -1, 0, 1, 3, 50, 150, limit].map(|money| numbers(n, money)))
    .collect();
    let sources = [
        "round(i / 2, 0)",
        "round(i / 10, 0)",
        "round(m, 1)",
        "round(m, 0)",
        "round(m / i, 2)",
        "round(m / m, 6)",
        "round(i / m, 0)",
        "round(m / 3, 2)",
        "round(m / 0.000003, 0)",
        "round(i / 7, 3)",
        "i % m",
        "m % -3",
        "m == i",
        "abs(m) > abs(i)",
        "max(i, m) - min(i, m)",
        "coalesce(q, m, 1)",
        "max(q, m)",
    ];
    runtime().block_on(async {
        for database in &mut Database::all().await {
            database.fill(&rows).await;
            for source in sources {
                if let Some(found) = difference(database, source, &rows).await {
                    panic!("{found}");
                }
            }
        }
    });
}

/// As deep and as long as the language allows: no database may refuse the SQL.
#[test]
fn the_largest_expressions_are_taken() {
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let sources = [
        vec!["i"; 64].join(" + "),
        vec!["i > 1"; 450].join(" && "),
        vec!["b"; 1000].join("||"),
        nested("!", "b", "", 63),
        nested("-(", "i", ")", 31),
        nested("round(", "m", " / 3, 2)", 31),
        nested("max(1, ", "m", ")", 60),
        nested("(b ? 1 : ", "i", ")", 31),
        nested("((i > 1 ? i : ", "2", ") > 1 ? i : 3)", 15),
        nested("coalesce(", "m", ", 1)", 60),
        format!(
            "i in [{}]",
            (0..800)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join(",")
        ),
    ];
    let rows = [
        numbers(3, 150),
        numbers(0, -1),
        vec![Value::Null; COLUMNS.len() + 1],
    ];
    runtime().block_on(async {
        for database in &mut Database::all().await {
            database.fill(&rows).await;
            for source in &sources {
                if let Some(found) = difference(database, source, &rows).await {
                    panic!("{found}");
                }
            }
        }
    });
}

#[test]
fn indexes_serve_conditions() {
    runtime().block_on(async {
        for database in &mut Database::all().await {
            for column in ["m", "d", "u"] {
                let sql = format!("CREATE INDEX by_{column} ON rows ({column})");
                database.run(sql).await.unwrap();
            }
            if database.dialect() == Dialect::Postgres {
                // The table is empty: reading it whole would be cheaper.
                database
                    .run("SET enable_seqscan = off".to_owned())
                    .await
                    .unwrap();
            }
            for (source, index) in [
                ("m >= 1000 && b", "by_m"),
                ("d <= today && i > 3", "by_d"),
                ("u in ['a', 'b'] && has(t)", "by_u"),
                ("i > 3 && (u == 'a')", "by_u"),
            ] {
                let plan = database.plan(&compiled(source)).await;
                assert!(plan.contains(index), "{source}: {plan}");
            }
        }
    });
}
