//! Cell addresses as people read them: `A1`, `AB12`, `C3:D9`.

/// The letters of a column counted from 0: 0 is `A`, 26 is `AA`.
#[must_use]
pub fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or(0));
        rest /= 26;
    }
    letters
        .iter()
        .rev()
        .map(|&letter| char::from(letter))
        .collect()
}

/// The address of a cell; the column is counted from 0, the row from 1.
#[must_use]
pub fn address(column: u32, row: u32) -> String {
    format!("{}{row}", column_name(column))
}

/// Reads `C12` (or `$C$12`) as column from 0 and row from 1.
#[must_use]
pub fn parse(text: &str) -> Option<(u32, u32)> {
    let mut column = 0_u32;
    let mut row = 0_u32;
    let mut in_digits = false;
    for byte in text.bytes().filter(|&byte| byte != b'$') {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' if !in_digits => {
                column = column
                    .checked_mul(26)?
                    .checked_add(u32::from(byte.to_ascii_uppercase() - b'A') + 1)?;
            }
            b'0'..=b'9' => {
                in_digits = true;
                row = row.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
            }
            _ => return None,
        }
    }
    (column > 0 && row > 0).then(|| (column - 1, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (column, row, text) in [
            (0, 1, "A1"),
            (25, 9, "Z9"),
            (26, 10, "AA10"),
            (16383, 1_048_576, "XFD1048576"),
        ] {
            assert_eq!(address(column, row), text);
            assert_eq!(parse(text), Some((column, row)));
        }
        assert_eq!(parse("12"), None);
        assert_eq!(parse("A"), None);
        assert_eq!(parse("ZZZZZZZZZZZZ1"), None);
    }
}
