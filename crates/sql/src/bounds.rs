//! Between which bounds a number can lie, to know where an overflow is possible at all.

use qipan_expr::{ArithOp, COLUMN_LIMIT, Const, DatePart, Node, NodeKind, PickOp};

/// Least and greatest value, inclusive, in the smallest unit of the node.
pub(crate) type Bounds = (i128, i128);

const I64: Bounds = (i64::MIN as i128, i64::MAX as i128);

/// Whether every number between the bounds fits 64 bits.
pub(crate) fn fits(bounds: Bounds) -> bool {
    I64.0 <= bounds.0 && bounds.1 <= I64.1
}

/// Bounds of a node's value, given that its operands have been computed without overflow; may
/// exceed 64 bits where the node itself can overflow.
pub(crate) fn raw(node: &Node) -> Bounds {
    match node.kind() {
        NodeKind::Const(Const::Num(number)) => (i128::from(*number), i128::from(*number)),
        NodeKind::Column { .. } => symmetric(COLUMN_LIMIT.into()),
        NodeKind::Rescale(inner) | NodeKind::Round(inner) => {
            let (least, most) = of(inner);
            if node.scale() >= inner.scale() {
                let factor = power(node.scale() - inner.scale());
                (least * factor, most * factor)
            } else {
                let factor = power(inner.scale() - node.scale());
                (least / factor - 1, most / factor + 1)
            }
        }
        NodeKind::Neg(inner) => {
            let (least, most) = of(inner);
            (-most, -least)
        }
        NodeKind::Abs(inner) => (0, magnitude(of(inner))),
        NodeKind::Arith(op, left, right) => {
            let (left, right) = (of(left), of(right));
            match op {
                ArithOp::Add => (left.0 + right.0, left.1 + right.1),
                ArithOp::Sub => (left.0 - right.1, left.1 - right.0),
                // 2^63 · 2^63 fits 127 bits.
                ArithOp::Mul => symmetric(magnitude(left) * magnitude(right)),
                ArithOp::Rem => symmetric(magnitude(left).min(magnitude(right))),
            }
        }
        NodeKind::Div(left, right) => {
            let up = (node.scale() + right.scale()).saturating_sub(left.scale());
            symmetric(magnitude(of(left)) * power(up) + 1)
        }
        NodeKind::Cond(_, then, other) => around([of(then), of(other)]),
        NodeKind::Coalesce(parts) => around(parts.iter().map(of)),
        NodeKind::Pick(op, parts) => {
            let bounds = parts.iter().map(of);
            match op {
                PickOp::Min => bounds.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1))),
                PickOp::Max => bounds.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1))),
            }
            .unwrap_or(I64)
        }
        NodeKind::Part(DatePart::Year, _) => (1, 9999),
        NodeKind::Part(DatePart::Month, _) => (1, 12),
        NodeKind::Days(..) => symmetric(4_000_000),
        NodeKind::Size(_) => (0, 4_000_000_000),
        // Not numbers.
        _ => (0, 0),
    }
}

/// Bounds of a node's value once it has been computed: overflow has been refused.
pub(crate) fn of(node: &Node) -> Bounds {
    let (least, most) = raw(node);
    (least.max(I64.0), most.min(I64.1))
}

/// The greatest distance from zero.
pub(crate) fn magnitude(bounds: Bounds) -> i128 {
    bounds.0.abs().max(bounds.1.abs())
}

fn symmetric(most: i128) -> Bounds {
    (-most, most)
}

fn around(bounds: impl IntoIterator<Item = Bounds>) -> Bounds {
    bounds
        .into_iter()
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or(I64)
}

fn power(places: u8) -> i128 {
    10_i128.saturating_pow(places.into())
}
