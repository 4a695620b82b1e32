//! Keeps text from becoming a live formula when a CSV file is opened in a spreadsheet.
//!
//! A spreadsheet takes a CSV cell that starts with `=`, `+`, `-`, `@`, a tab or a line break
//! (and their full-width forms) for a formula. The writer puts one `'` before such text; the
//! reader takes exactly one off again, so that every text comes back as it was.

use std::borrow::Cow;

/// Whether text could start a formula once leading apostrophes are gone.
fn could_be_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Text as it may stand in a CSV cell: one `'` in front when it could start a formula, also
/// when it already begins with `'`, so that [`unguard`] is its exact inverse.
#[must_use]
pub fn guard(text: &str) -> Cow<'_, str> {
    if could_be_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that [`guard`] protected; any other text as it is.
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if could_be_formula(text) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn guards_what_a_spreadsheet_would_run() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+86 23", "'+86 23"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("学校'", "学校'"),
            ("", ""),
        ] {
            assert_eq!(guard(text), cell);
            assert_eq!(unguard(cell), text);
        }
    }

    proptest! {
        #[test]
        fn comes_back_unchanged(text in "['=+@\t＝a学-]{0,5}") {
            let cell = guard(&text);
            prop_assert_eq!(unguard(&cell), text.as_str());
        }
    }
}
