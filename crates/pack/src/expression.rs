//! Expressions inside TOML strings: compiled, with findings at their very place in the file.

use qipan_model::{Expr, Register, Type};

use crate::Source;
use crate::diagnostic::Code;
use crate::ids::Look;
use crate::spanned::Sp;

/// Compiles an expression over a register's fields; reports what is wrong with it.
pub(crate) fn compile(
    look: &mut Look,
    source: &Source,
    text: &Sp<String>,
    register: &Register,
    want: Option<Type>,
) -> Option<Expr> {
    match Expr::compile(text, register, want) {
        Ok(expr) => Some(expr),
        Err(findings) => {
            let raw = source.text(look.file).unwrap_or("");
            let raw = raw.get(text.at..text.end).unwrap_or("");
            for finding in findings {
                let at = text.at + place_in_literal(raw, finding.span.start);
                let (code, message) = (finding.code, &finding.message);
                look.at(
                    Code::P5003,
                    at,
                    format!("表达式 {code}：{message}"),
                    format!("expression {code}: {message}"),
                );
            }
            None
        }
    }
}

/// Where the byte at `offset` of a TOML string's value stands within its literal, quotes included.
fn place_in_literal(raw: &str, offset: usize) -> usize {
    let quote = if raw.starts_with('"') { "\"" } else { "'" };
    let triple = quote.repeat(3);
    let mut at = if raw.starts_with(&triple) { 3 } else { 1 };
    if at == 3 {
        // A line end right after the opening quotes is not part of the value.
        let rest = &raw[at..];
        at += match rest {
            _ if rest.starts_with("\r\n") => 2,
            _ if rest.starts_with('\n') => 1,
            _ => 0,
        };
    }
    let mut value = 0;
    while value < offset {
        let Some(next) = raw.get(at..).and_then(|rest| rest.chars().next()) else {
            break;
        };
        if next != '\\' || quote == "'" {
            at += next.len_utf8();
            value += next.len_utf8();
            continue;
        }
        let rest = &raw[at + 1..];
        let digits = match rest.chars().next() {
            Some('u') => 4,
            Some('U') => 8,
            Some('x') => 2,
            // A backslash at the end of a line swallows the blanks after it.
            Some(blank) if blank.is_whitespace() => {
                at += 1 + (rest.len() - rest.trim_start().len());
                continue;
            }
            _ => 0,
        };
        let escaped = rest
            .get(1..=digits)
            .filter(|_| digits > 0)
            .and_then(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?));
        value += escaped.map_or(1, char::len_utf8);
        at += 2 + digits;
    }
    at.min(raw.len())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#""a == b""#, 2, "== b\"")]
    #[case(r#"'a == b'"#, 2, "== b'")]
    #[case(r#""a == \"x\" && b""#, 12, "b\"")]
    #[case(r#""名 == b""#, 4, "== b\"")]
    #[case("\"\\u540d == b\"", 4, "== b\"")]
    #[case("\"\"\"\na == b\"\"\"", 2, "== b\"\"\"")]
    #[case("\"\"\"a \\\n   == b\"\"\"", 2, "== b\"\"\"")]
    #[case("'''a\n== b'''", 2, "== b'''")]
    fn finds_the_place(#[case] raw: &str, #[case] offset: usize, #[case] rest: &str) {
        let at = place_in_literal(raw, offset);
        // A swallowed line end may be counted to either side of the place.
        assert_eq!(raw[at..].trim_start_matches(['\\', '\n', ' ']), rest);
    }
}
