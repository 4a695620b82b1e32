//! What the SQL looks like where that matters: plain comparisons in `WHERE`, values bound.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use qipan_expr::{Expr, Scope, Type};
use qipan_sql::{Dialect, cast_date_text, compile, condition, date, month_of};
use rstest::rstest;
use sea_query::{PostgresQueryBuilder, Query, SqliteQueryBuilder};

struct Fields;

impl Scope for Fields {
    fn column(&self, name: &str) -> Option<(usize, Type)> {
        let (index, ty) = match name {
            "n" => (0, Type::Int),
            "fund" => (1, Type::Decimal { scale: 2 }),
            "start" => (2, Type::Date),
            "name" => (3, Type::Text),
            "done" => (4, Type::Bool),
            "today" => (5, Type::Date),
            _ => return None,
        };
        Some((index, ty))
    }
}

fn column(index: usize, dialect: Dialect) -> sea_query::Expr {
    match ["n", "fund", "start", "name", "done"].get(index) {
        Some(name) => sea_query::Expr::col(*name),
        None => date("2022-09-20".parse().unwrap(), dialect),
    }
}

/// SQL text with the values beside it.
fn written(dialect: Dialect, sql: sea_query::Expr) -> String {
    let select = Query::select().expr(sql).to_owned();
    let (text, values) = match dialect {
        Dialect::Sqlite => select.build(SqliteQueryBuilder),
        Dialect::Postgres => select.build(PostgresQueryBuilder),
    };
    let values: Vec<String> = values.0.iter().map(|value| format!("{value}")).collect();
    let text = text.trim_start_matches("SELECT ").replace('"', "");
    format!("{text} | {}", values.join(", "))
}

#[rstest]
#[case("fund >= 100", "fund >= ? | 10000")]
#[case("fund >= 100 && n < 3", "fund >= ? AND n < ? | 10000, 3")]
#[case(
    "start >= date('2021-01-01') && start <= today && name == 'x'",
    "start >= ? AND (start <= ? AND name = ?) | '2021-01-01', '2022-09-20', 'x'"
)]
#[case("name in ['b', 'a', 'b']", "name IN (?, ?) | 'a', 'b'")]
#[case("has(start)", "start IS NOT NULL | ")]
#[case("done", "done | ")]
#[case("!(n > 3)", "(n > ?) IS NOT TRUE | 3")]
#[case("name.contains('%')", "instr(name, ?) > 0 | '%'")]
fn conditions_stay_plain(#[case] source: &str, #[case] expect: &str) {
    let expr = Expr::compile(source, &Fields, None).unwrap();
    let dialect = Dialect::Sqlite;
    let sql = condition(&expr, dialect, &|index| column(index, dialect));
    assert_eq!(written(dialect, sql), expect);
}

#[rstest]
#[case(
    "fund >= 100 && n < 3",
    "fund >= (CAST($1 AS bigint)) AND n < (CAST($2 AS bigint)) | 10000, 3"
)]
#[case("start <= today", "start <= (CAST($1 AS date)) | '2022-09-20'")]
#[case(
    "name < 'b'",
    "((name) COLLATE C) < ((CAST($1 AS text)) COLLATE C) | 'b'"
)]
fn postgres_knows_the_types_of_parameters(#[case] source: &str, #[case] expect: &str) {
    let expr = Expr::compile(source, &Fields, None).unwrap();
    let dialect = Dialect::Postgres;
    let sql = condition(&expr, dialect, &|index| column(index, dialect));
    assert_eq!(written(dialect, sql), expect);
}

#[rstest]
#[case("fund >= 100", "(fund >= ?) IS TRUE | 10000")]
// Money within fifteen digits cannot leave 64 bits by additions: no guard.
#[case("fund + fund - 1", "(fund + fund) - ? | 100")]
// A product can.
#[case("fund * n", "json_extract(replace(fund * n, '.', 'x'), '$') | ")]
#[case("fund * 3", "fund * ? | 3")]
#[case("max(fund, 0)", "max(fund, ?) | 0")]
fn guards_stand_only_where_needed(#[case] source: &str, #[case] expect: &str) {
    let expr = Expr::compile(source, &Fields, None).unwrap();
    let dialect = Dialect::Sqlite;
    let sql = compile(&expr, dialect, &|index| column(index, dialect));
    assert_eq!(written(dialect, sql), expect);
}

#[test]
fn days_and_months_as_text() {
    let column = || sea_query::Expr::col("d");
    let (lite, pg) = (Dialect::Sqlite, Dialect::Postgres);
    assert_eq!(
        written(lite, month_of(column(), lite)),
        "substr(d, 1, 7) | "
    );
    assert_eq!(
        written(pg, month_of(column(), pg)),
        "to_char(d, 'YYYY-MM') | "
    );
    assert_eq!(written(lite, cast_date_text(column(), lite)), "d | ");
    assert_eq!(
        written(pg, cast_date_text(column(), pg)),
        "to_char(d, 'YYYY-MM-DD') | "
    );
}

#[test]
fn values_never_enter_the_text() {
    let source = r#"name == 'a\'; DROP TABLE x --' || name.startsWith('$1 ? {}') || name in ['"']"#;
    let expr = Expr::compile(source, &Fields, None).unwrap();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let sql = compile(&expr, dialect, &|index| column(index, dialect));
        let select = Query::select().expr(sql).to_owned();
        let (text, values) = match dialect {
            Dialect::Sqlite => select.build(SqliteQueryBuilder),
            Dialect::Postgres => select.build(PostgresQueryBuilder),
        };
        assert!(!text.contains("DROP") && !text.contains("{}"), "{text}");
        assert_eq!(values.0.len(), 3);
    }
}
