//! The evaluator, SQLite and PostgreSQL give the same answers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod databases;
mod generate;

use databases::Database;
use generate::{COLUMNS, Dice, Table};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use qipan_expr::{Expr, MAX_SCALE, Node, NodeKind, Type, Value};
use qipan_sql::Dialect;

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

#[test]
fn random_expressions_over_random_rows() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let databases = runtime.block_on(Database::all());
    let databases = std::cell::RefCell::new(databases);
    let cases = match std::env::var("PROPTEST_CASES") {
        Ok(cases) => cases.parse().unwrap(),
        Err(_) => 64,
    };
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    runner
        .run(&proptest::num::u64::ANY.no_shrink(), |seed| {
            let mut dice = Dice(seed);
            let rows: Vec<_> = (0..ROWS).map(|_| dice.row()).collect();
            let sources: Vec<_> = (0..EXPRESSIONS).map(|_| dice.expression()).collect();
            runtime.block_on(async {
                for database in databases.borrow_mut().iter_mut() {
                    database.fill(&rows).await;
                    for source in &sources {
                        if let Some(found) = smallest(database, source, &rows).await {
                            return Err(TestCaseError::fail(found));
                        }
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}
