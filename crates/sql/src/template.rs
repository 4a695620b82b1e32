//! SQL text with holes, for what the query builder has no words for.

use crate::Dialect;

/// Fills each `{}` of a text of our own, in order, with an expression. An expression may be an
/// operator chain without brackets of its own: put brackets around the hole where that matters.
/// Outside quotes the text must not hold `?` or `$`, which are the builder's own marks.
pub(crate) fn template<const N: usize>(
    dialect: Dialect,
    text: &str,
    parts: [sea_query::Expr; N],
) -> sea_query::Expr {
    spread(dialect, text, parts.into())
}

/// As [`template`], with as many parts as there are holes.
pub(crate) fn spread(dialect: Dialect, text: &str, parts: Vec<sea_query::Expr>) -> sea_query::Expr {
    debug_assert_eq!(text.matches("{}").count(), parts.len(), "{text}");
    let mut sql = String::with_capacity(text.len());
    for (nth, piece) in text.split("{}").enumerate() {
        if nth > 0 {
            match dialect {
                Dialect::Sqlite => sql.push('?'),
                Dialect::Postgres => sql.push_str(&format!("${nth}")),
            }
        }
        sql.push_str(piece);
    }
    sea_query::Expr::cust_with_exprs(sql, parts)
}
