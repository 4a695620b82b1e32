//! The checked tree: every node has a type, every number a scale, every name a column.
//!
//! Numbers are integers scaled by their type ([`Type::scale`]): `1.50` of scale 2 is 150.
//! Where scales differ the checker has put a [`NodeKind::Rescale`], so that whoever walks the
//! tree (the evaluator, the SQL compiler) only meets operands that fit each other.

use std::ops::Range;

use jiff::civil::Date;

use crate::Type;
use crate::diagnostic::Span;

/// One node of a checked expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) ty: Type,
    pub(crate) span: Span,
}

impl Node {
    /// What it does.
    #[must_use]
    pub fn kind(&self) -> &NodeKind {
        &self.kind
    }

    /// Type of its value. Factors inside `round(a * b, n)` may have up to 12 places.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// Places after the point; 0 for what is not a decimal.
    #[must_use]
    pub fn scale(&self) -> u8 {
        self.ty.scale().unwrap_or(0)
    }

    /// Where it stands in the source, in bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.range()
    }

    /// Its operands, in order.
    #[must_use]
    pub fn children(&self) -> Vec<&Node> {
        match &self.kind {
            NodeKind::Null | NodeKind::Const(_) | NodeKind::Column { .. } => Vec::new(),
            NodeKind::Rescale(inner)
            | NodeKind::Round(inner)
            | NodeKind::Neg(inner)
            | NodeKind::Not(inner)
            | NodeKind::Abs(inner)
            | NodeKind::Part(_, inner)
            | NodeKind::Size(inner)
            | NodeKind::IsNull { inner, .. }
            | NodeKind::In(inner, _)
            | NodeKind::Match(_, inner, _) => vec![inner],
            NodeKind::Arith(_, left, right)
            | NodeKind::Div(left, right)
            | NodeKind::Days(left, right)
            | NodeKind::Compare(_, left, right) => vec![left, right],
            NodeKind::Cond(test, then, other) => vec![test, then, other],
            NodeKind::And(parts)
            | NodeKind::Or(parts)
            | NodeKind::Pick(_, parts)
            | NodeKind::Coalesce(parts) => parts.iter().collect(),
        }
    }
}

/// A literal. Numbers are scaled by the type of their node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Const {
    /// Truth.
    Bool(bool),
    /// A scaled number.
    Num(i64),
    /// A day.
    Date(Date),
    /// Text.
    Text(String),
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// `null`, of the node's type.
    Null,
    /// A literal.
    Const(Const),
    /// A column of the row.
    Column {
        /// Its position.
        index: usize,
        /// Its name.
        name: String,
    },
    /// The same number with more places; not written in the source.
    Rescale(Box<Node>),
    /// `round(x, n)`: the node's scale may be less than that of `x` (half away from zero) or more.
    Round(Box<Node>),
    /// `-x`.
    Neg(Box<Node>),
    /// `+ - * %`. Operands of `+ - %` have the node's scale, those of `*` have their own.
    Arith(ArithOp, Box<Node>, Box<Node>),
    /// `a / b` or `round(a / b, n)`, each operand with its own scale, the quotient rounded half
    /// away from zero to the node's scale. Null when the divisor is zero.
    Div(Box<Node>, Box<Node>),
    /// `== != < <= > >=` of two values of one type; false when either is null.
    Compare(CompareOp, Box<Node>, Box<Node>),
    /// `x == null`, or `x != null` and `has(x)` when negated.
    IsNull {
        /// What may be null.
        inner: Box<Node>,
        /// Whether it must not be.
        negated: bool,
    },
    /// `x in [...]`: literals of the type of `x`, sorted, each once; false when `x` is null.
    In(Box<Node>, Vec<Const>),
    /// `a && b && …`; null counts as false.
    And(Vec<Node>),
    /// `a || b || …`; null counts as false.
    Or(Vec<Node>),
    /// `!x`; null counts as false, so `!null` is true.
    Not(Box<Node>),
    /// `test ? then : other`; a null test counts as false.
    Cond(Box<Node>, Box<Node>, Box<Node>),
    /// `abs(x)`.
    Abs(Box<Node>),
    /// `min(a, b, …)`, `max(a, b, …)` of numbers or dates; null when any is null.
    Pick(PickOp, Vec<Node>),
    /// `coalesce(a, b, …)`: the first that is not null.
    Coalesce(Vec<Node>),
    /// `year(d)`, `month(d)`.
    Part(DatePart, Box<Node>),
    /// `days(a, b)`: days from `b` to `a`.
    Days(Box<Node>, Box<Node>),
    /// `size(x)`: number of characters.
    Size(Box<Node>),
    /// `x.startsWith('…')` and its kin; case counts; false when `x` is null.
    Match(MatchOp, Box<Node>, String),
}

/// Arithmetic that keeps exact results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `%`: the remainder has the sign of the dividend; null when the divisor is zero.
    Rem,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl CompareOp {
    /// Whether it holds for operands that are ordered so.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

impl ArithOp {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Rem => "%",
        }
    }
}

/// Which of several values is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickOp {
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    /// The year.
    Year,
    /// The month, 1 to 12.
    Month,
}

/// How text is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchOp {
    /// At its start.
    Starts,
    /// At its end.
    Ends,
    /// Anywhere.
    Contains,
}
