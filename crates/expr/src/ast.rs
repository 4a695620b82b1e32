//! What the parser makes: the shape of the text, names and types not yet looked up.

use crate::diagnostic::Span;
use crate::node::{ArithOp, CompareOp};

#[derive(Debug, Clone)]
pub(crate) struct Ast {
    pub kind: AstKind,
    pub span: Span,
    /// Longest way down to a leaf; bounds every later recursion.
    pub height: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum AstKind {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(i64, u8),
    Text(String),
    Name(String),
    Not(Box<Ast>),
    Neg(Box<Ast>),
    Arith(ArithOp, Box<Ast>, Box<Ast>),
    Divide(Box<Ast>, Box<Ast>),
    Compare(CompareOp, Box<Ast>, Box<Ast>),
    /// The list may only stand to the right of `in`.
    In(Box<Ast>, Box<Ast>),
    List(Vec<Ast>),
    And(Vec<Ast>),
    Or(Vec<Ast>),
    Cond(Box<Ast>, Box<Ast>, Box<Ast>),
    /// A method's receiver is its first argument.
    Call {
        name: String,
        name_span: Span,
        method: bool,
        args: Vec<Ast>,
    },
    /// Already reported.
    Bad,
}
