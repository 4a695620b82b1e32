//! The expression language of packs: parse, type-check, evaluate with a trace.
//!
//! Syntax is a documented subset of the Common Expression Language (CEL); the
//! semantics are Qipan's own: exact decimals, nulls made two-valued at
//! comparisons, and only what both databases can compute too.
//! `docs/expressions.md` is the reference.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod ast;
mod check;
mod diagnostic;
mod eval;
mod functions;
mod lexer;
mod node;
mod parser;
mod print;
mod trace;
mod value;

use std::fmt;

pub use diagnostic::Diagnostic;
pub use eval::{DIVISOR_LIMIT, EvalError, Failure};
pub use node::{ArithOp, CompareOp, Const, DatePart, MatchOp, Node, NodeKind, PickOp};
pub use parser::{MAX_DEPTH, MAX_LIST, MAX_SOURCE};
pub use trace::{Step, Trace};
pub use value::{COLUMN_LIMIT, MAX_SCALE, Type, Value};

/// What names an expression may use.
pub trait Scope {
    /// The position of a column in the row and its type.
    fn column(&self, name: &str) -> Option<(usize, Type)>;
}

/// A checked expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    source: String,
    root: Node,
    columns: Vec<usize>,
}

impl Expr {
    /// Parses and checks a source against a scope; with `want`, also that the result fits that
    /// type (whole numbers and fewer places widen by themselves, nothing is ever cut off).
    ///
    /// # Errors
    /// Everything found, in the order of the source; never empty.
    pub fn compile(
        source: &str,
        scope: &dyn Scope,
        want: Option<Type>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Vec::new();
        let ast = parser::parse(source, &mut found);
        // After a mistake in the text, names and types are still looked at: one round, all news.
        let root = check::check(&ast, scope, want, &mut found);
        match root {
            Some(root) if found.is_empty() => {
                let mut columns = Vec::new();
                gather_columns(&root, &mut columns);
                columns.sort_unstable();
                columns.dedup();
                Ok(Self {
                    source: source.to_owned(),
                    root,
                    columns,
                })
            }
            _ => {
                found.sort_by_key(|finding| (finding.span.start, finding.code));
                Err(found)
            }
        }
    }

    /// Evaluates over a row laid out as the scope said.
    ///
    /// # Errors
    /// When a number does not fit, or the row is not what the scope said.
    pub fn eval(&self, row: &[Value]) -> Result<Value, EvalError> {
        match eval::run(&self.root, row, &mut ()) {
            Ok(value) => Ok(value.into_value(self.root.ty)),
            Err(broken) => Err(self.error(broken)),
        }
    }

    /// Evaluates and tells the steps.
    #[must_use]
    pub fn trace(&self, row: &[Value]) -> Trace {
        let mut recorder = trace::Recorder {
            source: &self.source,
            steps: Vec::new(),
        };
        let (value, error) = match eval::run(&self.root, row, &mut recorder) {
            Ok(value) => (Some(value.into_value(self.root.ty)), None),
            Err(broken) => (None, Some(self.error(broken).to_string())),
        };
        Trace {
            source: self.source.clone(),
            steps: recorder.steps,
            value,
            error,
        }
    }

    fn error(&self, (node, reason): eval::Broken<'_>) -> EvalError {
        EvalError {
            reason,
            text: self.source.get(node.span()).unwrap_or_default().to_owned(),
            span: node.span(),
        }
    }

    /// The text it was written as.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Type of its value.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.root.ty
    }

    /// The checked tree.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Positions of the columns that it reads, ascending.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }
}

impl fmt::Display for Expr {
    /// The canonical form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

fn gather_columns(node: &Node, columns: &mut Vec<usize>) {
    if let NodeKind::Column { index, .. } = node.kind {
        columns.push(index);
    }
    for child in node.children() {
        gather_columns(child, columns);
    }
}
