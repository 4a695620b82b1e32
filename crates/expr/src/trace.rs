//! The way to a value, step by step, for people to read.

use serde::{Deserialize, Serialize};

use crate::Value;
use crate::eval::{Flow, Watch};
use crate::node::{Node, NodeKind};

/// How an expression came to its value over one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The expression as written.
    pub source: String,
    /// Its parts in the order in which they were computed; parts that could not matter any more
    /// (the rest of an `||` after a true part, the other branch of `? :`) are absent.
    pub steps: Vec<Step>,
    /// The value; `None` when the evaluation failed.
    pub value: Option<Value>,
    /// Why it failed, in Chinese.
    pub error: Option<String>,
}

/// One part and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The part as written.
    pub text: String,
    /// Its value.
    pub value: Value,
}

/// Records what it sees: neither literals nor the same text twice.
pub(crate) struct Recorder<'a> {
    pub source: &'a str,
    pub steps: Vec<Step>,
}

impl Watch for Recorder<'_> {
    fn seen(&mut self, node: &Node, value: Flow<'_>) {
        let told = matches!(
            node.kind,
            NodeKind::Null | NodeKind::Const(_) | NodeKind::Rescale(_)
        );
        let text = self.source.get(node.span()).unwrap_or_default();
        if told || self.steps.iter().any(|step| step.text == text) {
            return;
        }
        self.steps.push(Step {
            text: text.to_owned(),
            value: value.into_value(node.ty),
        });
    }
}
