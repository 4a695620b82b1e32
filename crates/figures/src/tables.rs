//! The store's tables as queries see them.

use qipan_model::Register;
use qipan_sql::Dialect;
use sea_query::{Alias, Cond, Condition, Expr, ExprTrait};

use crate::AsOf;

/// `_to` of a revision that still stands.
const STANDS: i64 = i64::MAX;

/// A column by its name in the database.
pub(crate) fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// The column of a register's field.
pub(crate) fn field(register: &Register, index: usize) -> Expr {
    column(&register.fields[index].id)
}

/// Whole numbers summed up, as a 64-bit integer in both databases (PostgreSQL's `SUM` widens).
pub(crate) fn sum(of: Expr) -> Expr {
    of.sum().cast_as(Alias::new("BIGINT"))
}

/// Revisions that stand, now or as of a past moment, and are not withdrawn.
pub(crate) fn standing(as_of: Option<AsOf>, dialect: Dialect) -> Condition {
    let gone = match dialect {
        Dialect::Sqlite => column("_gone").eq(0),
        Dialect::Postgres => column("_gone").eq(false),
    };
    let stands = match as_of {
        None => Cond::all().add(column("_to").eq(STANDS)),
        Some(as_of) => Cond::all()
            .add(column("_from").lte(as_of.seq))
            .add(column("_to").gt(as_of.seq)),
    };
    stands.add(gone)
}
