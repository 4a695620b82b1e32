//! Whatever the text, compiling ends with an answer, and findings point into the text.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use qipan_expr::{Expr, Scope, Type};

struct Fields;

impl Scope for Fields {
    fn column(&self, name: &str) -> Option<(usize, Type)> {
        match name {
            "n" => Some((0, Type::Int)),
            "m" => Some((1, Type::Decimal { scale: 2 })),
            "d" => Some((2, Type::Date)),
            "t" => Some((3, Type::Text)),
            "b" => Some((4, Type::Bool)),
            _ => None,
        }
    }
}

/// Texts made of what expressions are made of, which get further than random ones.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("n"),
        Just("m"),
        Just("d"),
        Just("t"),
        Just("b"),
        Just("null"),
        Just("true"),
        Just("1"),
        Just("2.5"),
        Just("'x'"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just(","),
        Just("."),
        Just("+"),
        Just("-"),
        Just("*"),
        Just("/"),
        Just("%"),
        Just("&&"),
        Just("||"),
        Just("!"),
        Just("=="),
        Just("<"),
        Just("in"),
        Just("?"),
        Just(":"),
        Just("round("),
        Just("max("),
        Just("has("),
        Just(".contains("),
        Just("，"),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(source in prop_oneof![".{0,80}", pieces()]) {
        match Expr::compile(&source, &Fields, None) {
            Ok(expr) => {
                let canonical = Expr::compile(&expr.to_string(), &Fields, None);
                let canonical = canonical.map_err(|found| {
                    TestCaseError::fail(format!("{source} → {expr}: {found:?}"))
                })?;
                prop_assert_eq!(canonical.to_string(), expr.to_string());
                prop_assert_eq!(canonical.ty(), expr.ty());
            }
            Err(found) => {
                prop_assert!(!found.is_empty());
                for finding in found {
                    prop_assert!(source.get(finding.span.clone()).is_some(), "{}", finding);
                }
            }
        }
    }
}
