//! The expression language of packs: parse, type-check, evaluate with a trace.
//!
//! Syntax is a documented subset of the Common Expression Language (CEL); the
//! semantics are Qipan's own: exact decimals, three-valued nulls made
//! two-valued at comparisons, and only what both databases can compute too.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod value;

pub use value::{Type, Value};

/// What names an expression may use.
pub trait Scope {
    /// The position of a column in the row and its type.
    fn column(&self, name: &str) -> Option<(usize, Type)>;
}

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expr {
    source: String,
}

/// Why an evaluation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError;

impl Expr {
    /// Evaluates over a row laid out as the scope said.
    pub fn eval(&self, _row: &[Value]) -> Result<Value, EvalError> {
        Err(EvalError)
    }
    /// The text it was written as.
    pub fn source(&self) -> &str {
        &self.source
    }
}
