//! Findings about the text of an expression.

use std::fmt;
use std::ops::Range;

/// One finding about an expression's text: where, which, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Byte range within the source.
    pub span: Range<usize>,
    /// Stable code, `E1001` and on; `docs/expressions.md` lists them all.
    pub code: &'static str,
    /// What was found and how to mend it, in Chinese.
    pub message: String,
}

impl Diagnostic {
    pub(crate) fn new(span: Span, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            span: span.range(),
            code,
            message: message.into(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = self.span;
        write!(f, "{} 第{start}–{end}字节：{}", self.code, self.message)
    }
}

/// A byte range that is `Copy`; sources are at most 4 KiB long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u16,
    pub end: u16,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        let short = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        Self {
            start: short(start),
            end: short(end),
        }
    }

    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    pub fn range(self) -> Range<usize> {
        usize::from(self.start)..usize::from(self.end)
    }
}
