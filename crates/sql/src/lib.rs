//! Expressions as SQL for both databases.
//!
//! The SQL gives what [`qipan_expr::Expr::eval`] gives, over rows stored as the store stores
//! them: decimals as 64-bit integers scaled by their type, days as `YYYY-MM-DD` text in SQLite
//! and `DATE` in PostgreSQL, truth as 0/1 in SQLite and `BOOLEAN` in PostgreSQL. Values from
//! the expression are bound as parameters, never written into the text.
//!
//! Range. Stored numbers have at most fifteen digits in their smallest unit
//! ([`qipan_expr::COLUMN_LIMIT`]); results have 64 bits. What does not fit makes the statement
//! fail on both databases: PostgreSQL says `bigint out of range`; SQLite, which would go on
//! with a floating-point number, is stopped by a guard and says `malformed JSON` or
//! `integer overflow`. Guards stand only where the bounds of the operands call for them. A
//! statement may compute parts that the evaluator skips (`a || b`), and so fail where the
//! evaluator does not; it never gives another value.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod bounds;
mod lower;
mod template;

use jiff::civil::Date;
use qipan_expr::Expr;

use lower::Lower;
use template::template;

/// Which database the SQL is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, 3.38 or newer (JSON built in).
    Sqlite,
    /// PostgreSQL, 13 or newer.
    Postgres,
}

/// The value of an expression, for a select list, an aggregate or a derived column.
///
/// `columns` gives the SQL of each column position that the expression reads: a column, or a
/// bound value such as [`date`] for the parameter `today`. Decimals come out scaled by
/// [`Expr::ty`]. Conditions come out true or false, never null (a bare column of truth values
/// excepted).
pub fn compile(
    expr: &Expr,
    dialect: Dialect,
    columns: &dyn Fn(usize) -> sea_query::Expr,
) -> sea_query::Expr {
    Lower { dialect, columns }.value(expr.root())
}

/// A condition for `WHERE`: takes the rows for which the expression is true.
///
/// It may be null where the expression is false, which `WHERE` does not tell apart; in return
/// `a == 1 && b > 2` stays a plain chain of comparisons that indexes can serve.
pub fn condition(
    expr: &Expr,
    dialect: Dialect,
    columns: &dyn Fn(usize) -> sea_query::Expr,
) -> sea_query::Expr {
    Lower { dialect, columns }.condition(expr.root())
}

/// A day as a bound parameter.
#[must_use]
pub fn date(day: Date, dialect: Dialect) -> sea_query::Expr {
    let text = sea_query::Expr::val(day.to_string());
    match dialect {
        Dialect::Sqlite => text,
        Dialect::Postgres => template(dialect, "CAST({} AS date)", [text]),
    }
}

/// The month of a date expression as text, `2021-06`; null stays null.
#[must_use]
pub fn month_of(date: sea_query::Expr, dialect: Dialect) -> sea_query::Expr {
    match dialect {
        Dialect::Sqlite => template(dialect, "substr({}, 1, 7)", [date]),
        Dialect::Postgres => template(dialect, "to_char({}, 'YYYY-MM')", [date]),
    }
}

/// A date expression as text, `2021-06-30`; null stays null.
#[must_use]
pub fn cast_date_text(date: sea_query::Expr, dialect: Dialect) -> sea_query::Expr {
    match dialect {
        Dialect::Sqlite => date,
        Dialect::Postgres => template(dialect, "to_char({}, 'YYYY-MM-DD')", [date]),
    }
}
