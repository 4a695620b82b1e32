//! The canonical form: one spelling for equal trees, as few brackets as reading needs.

use std::fmt::{self, Display, Formatter};

use rust_decimal::Decimal;

use crate::Type;
use crate::check::QUOTIENT_SCALE;
use crate::node::{ArithOp, Const, DatePart, MatchOp, Node, NodeKind, PickOp};

/// How tightly a node's outermost operator binds.
fn power(node: &Node) -> u8 {
    match &node.kind {
        NodeKind::Rescale(inner) => power(inner),
        NodeKind::Cond(..) => 1,
        NodeKind::Or(_) => 2,
        NodeKind::And(_) => 3,
        NodeKind::Compare(..) | NodeKind::In(..) | NodeKind::IsNull { negated: false, .. } => 4,
        NodeKind::Arith(ArithOp::Add | ArithOp::Sub, ..) => 5,
        NodeKind::Arith(..) => 6,
        NodeKind::Div(..) if node.scale() == QUOTIENT_SCALE => 6,
        NodeKind::Not(_) | NodeKind::Neg(_) => 7,
        NodeKind::Const(Const::Num(number)) if *number < 0 => 7,
        _ => 8,
    }
}

/// A node where an operator of at least `least` may stand without brackets.
struct At<'a>(&'a Node, u8);

impl Display for At<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if power(self.0) < self.1 {
            write!(f, "({})", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

struct Joined<'a>(&'a [Node], &'a str, u8);

impl Display for Joined<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (nth, node) in self.0.iter().enumerate() {
            let between = if nth == 0 { "" } else { self.1 };
            write!(f, "{between}{}", At(node, self.2))?;
        }
        Ok(())
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
        for c in self.0.chars() {
            match c {
                '\'' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                _ => write!(f, "{c}")?,
            }
        }
        f.write_str("'")
    }
}

struct Literal<'a>(&'a Const, Type);

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Const::Bool(truth), _) => write!(f, "{truth}"),
            (Const::Num(number), Type::Decimal { scale }) => {
                write!(f, "{}", Decimal::new(*number, scale.into()))
            }
            (Const::Num(number), _) => write!(f, "{number}"),
            (Const::Date(date), _) => write!(f, "date('{date}')"),
            (Const::Text(text), _) => write!(f, "{}", Quoted(text)),
        }
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            NodeKind::Null => f.write_str("null"),
            NodeKind::Const(literal) => write!(f, "{}", Literal(literal, self.ty)),
            NodeKind::Column { name, .. } => f.write_str(name),
            NodeKind::Rescale(inner) => write!(f, "{inner}"),
            NodeKind::Round(inner) => write!(f, "round({inner}, {})", self.scale()),
            NodeKind::Neg(inner) => write!(f, "-{}", At(inner, 8)),
            NodeKind::Not(inner) => write!(f, "!{}", At(inner, 8)),
            NodeKind::Arith(op, left, right) => {
                let level = power(self);
                write!(
                    f,
                    "{} {} {}",
                    At(left, level),
                    op.sign(),
                    At(right, level + 1)
                )
            }
            NodeKind::Div(left, right) => {
                let (left, right) = (At(left, 6), At(right, 7));
                match self.scale() {
                    QUOTIENT_SCALE => write!(f, "{left} / {right}"),
                    places => write!(f, "round({left} / {right}, {places})"),
                }
            }
            NodeKind::Compare(op, left, right) => {
                write!(f, "{} {} {}", At(left, 5), op.sign(), At(right, 5))
            }
            NodeKind::IsNull { inner, negated } => {
                if *negated {
                    write!(f, "has({inner})")
                } else {
                    write!(f, "{} == null", At(inner, 5))
                }
            }
            NodeKind::In(inner, items) => {
                write!(f, "{} in [", At(inner, 5))?;
                for (nth, item) in items.iter().enumerate() {
                    let between = if nth == 0 { "" } else { ", " };
                    write!(f, "{between}{}", Literal(item, inner.ty))?;
                }
                f.write_str("]")
            }
            NodeKind::And(parts) => write!(f, "{}", Joined(parts, " && ", 4)),
            NodeKind::Or(parts) => write!(f, "{}", Joined(parts, " || ", 3)),
            NodeKind::Cond(test, then, other) => {
                write!(f, "{} ? {then} : {other}", At(test, 2))
            }
            NodeKind::Abs(inner) => write!(f, "abs({inner})"),
            NodeKind::Pick(op, parts) => {
                let name = match op {
                    PickOp::Min => "min",
                    PickOp::Max => "max",
                };
                write!(f, "{name}({})", Joined(parts, ", ", 0))
            }
            NodeKind::Coalesce(parts) => write!(f, "coalesce({})", Joined(parts, ", ", 0)),
            NodeKind::Part(DatePart::Year, inner) => write!(f, "year({inner})"),
            NodeKind::Part(DatePart::Month, inner) => write!(f, "month({inner})"),
            NodeKind::Days(later, earlier) => write!(f, "days({later}, {earlier})"),
            NodeKind::Size(inner) => write!(f, "size({inner})"),
            NodeKind::Match(op, inner, pattern) => {
                let name = match op {
                    MatchOp::Starts => "startsWith",
                    MatchOp::Ends => "endsWith",
                    MatchOp::Contains => "contains",
                };
                write!(f, "{}.{name}({})", At(inner, 8), Quoted(pattern))
            }
        }
    }
}
