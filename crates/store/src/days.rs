//! Filters that only say between which days a field lies: lists know such rows by their month.

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};
use qipan_expr::{CompareOp, Const, Node, NodeKind};
use qipan_model::Expr;

/// First and last day.
pub(crate) type Days = (Date, Date);

/// All days that a column holds.
const ALL: Days = (date(1, 1, 1), date(9999, 12, 31));

/// The days that a filter admits when it compares a field with days and does nothing else; its
/// first day is after its last one when it admits none.
pub(crate) fn of_filter(filter: &Expr, field: usize) -> Option<Days> {
    of_node(filter.root(), field)
}

fn of_node(node: &Node, field: usize) -> Option<Days> {
    match node.kind() {
        NodeKind::And(parts) => parts
            .iter()
            .try_fold(ALL, |days, part| Some(both(days, of_node(part, field)?))),
        NodeKind::Compare(op, left, right) => match (left.kind(), right.kind()) {
            (NodeKind::Column { index, .. }, NodeKind::Const(Const::Date(day)))
                if *index == field =>
            {
                compared(*op, *day)
            }
            (NodeKind::Const(Const::Date(day)), NodeKind::Column { index, .. })
                if *index == field =>
            {
                compared(turned(*op), *day)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The days that compare so with a day.
fn compared(op: CompareOp, day: Date) -> Option<Days> {
    Some(match op {
        CompareOp::Eq => (day, day),
        CompareOp::Le => (ALL.0, day),
        CompareOp::Ge => (day, ALL.1),
        CompareOp::Lt => (ALL.0, day.yesterday().ok().filter(|day| *day >= ALL.0)?),
        CompareOp::Gt => (day.tomorrow().ok()?, ALL.1),
        CompareOp::Ne => return None,
    })
}

/// The comparison with its sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Eq | CompareOp::Ne => op,
    }
}

/// Whether they begin with a month and end with one.
pub(crate) fn are_whole_months((first, last): Days) -> bool {
    first.day() == 1 && last == last.last_of_month()
}

/// The months in which they lie, 202106.
pub(crate) fn months((first, last): Days) -> RangeInclusive<i64> {
    let number = |day: Date| i64::from(day.year()) * 100 + i64::from(day.month());
    number(first)..=number(last)
}

/// The days that are within both.
pub(crate) fn both(a: Days, b: Days) -> Days {
    (a.0.max(b.0), a.1.min(b.1))
}

#[cfg(test)]
mod tests {
    use qipan_expr::{Scope, Type};

    use super::*;

    struct Row;

    impl Scope for Row {
        fn column(&self, name: &str) -> Option<(usize, Type)> {
            match name {
                "day" => Some((0, Type::Date)),
                "due" => Some((1, Type::Date)),
                _ => None,
            }
        }
    }

    #[test]
    fn days_are_read_out_of_comparisons_and_nothing_else() {
        let days = |text: &str| of_filter(&Expr::compile(text, &Row, Some(Type::Bool)).unwrap(), 0);
        let (june, july) = (date(2021, 6, 1), date(2021, 7, 1));
        assert_eq!(
            days("day >= date('2021-06-01') && day <= date('2021-06-30')"),
            Some((june, date(2021, 6, 30)))
        );
        assert_eq!(
            days("date('2021-06-01') <= day && date('2021-07-01') > day"),
            Some((june, date(2021, 6, 30)))
        );
        assert_eq!(days("day == date('2021-06-01')"), Some((june, june)));
        assert_eq!(
            days("day > date('2021-05-31')"),
            Some((june, date(9999, 12, 31)))
        );
        assert_eq!(
            days("day >= date('2021-07-01') && day < date('2021-06-02')"),
            Some((july, june)),
            "none"
        );
        for other in [
            "day != date('2021-06-01')",
            "due >= date('2021-06-01')",
            "day >= date('2021-06-01') || day <= date('2020-06-30')",
            "day >= date('2021-06-01') && due <= date('2021-06-30')",
            "!(day >= date('2021-06-01'))",
            "day < date('0001-01-01')",
            "day >= due",
        ] {
            assert_eq!(days(other), None, "{other}");
        }
    }
}
