//! Slots in prose: `{PRJ-N-ISSUED}`, `{PRJ-V-TOTAL:number}`, `{period}`; `{{` and `}}` print braces.

/// A piece of a prose template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Words as they are.
    Text(String),
    /// The period's name.
    Period,
    /// A figure, with its unit or without.
    Figure { id: &'a str, number_only: bool },
}

/// Takes a template apart; `Err` holds the slot that cannot be read.
pub(crate) fn parse(template: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(beyond) = after.strip_prefix(brace) {
            text.push_str(brace);
            rest = beyond;
            continue;
        }
        let end = match (brace, after.find('}')) {
            ("{", Some(end)) => end,
            _ => return Err(rest[at..].chars().take(40).collect()),
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(slot(&after[..end]).ok_or_else(|| format!("{{{}}}", &after[..end]))?);
        rest = &after[end + 1..];
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

fn slot(inner: &str) -> Option<Piece<'_>> {
    if inner == "period" {
        return Some(Piece::Period);
    }
    let (id, number_only) = match inner.split_once(':') {
        None => (inner, false),
        Some((id, "number")) => (id, true),
        Some(_) => return None,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!id.is_empty() && id.chars().all(plain)).then_some(Piece::Figure { id, number_only })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words_slots_and_braces() {
        assert_eq!(
            parse("至{period}，{{下达}}{A-1}、{B:number}亿元").unwrap(),
            vec![
                Piece::Text("至".to_owned()),
                Piece::Period,
                Piece::Text("，{下达}".to_owned()),
                Piece::Figure {
                    id: "A-1",
                    number_only: false
                },
                Piece::Text("、".to_owned()),
                Piece::Figure {
                    id: "B",
                    number_only: true
                },
                Piece::Text("亿元".to_owned()),
            ]
        );
    }

    #[test]
    fn names_the_slot_it_cannot_read() {
        for (template, expect) in [
            ("一{A", "{A"),
            ("一}二", "}二"),
            ("一{}二", "{}"),
            ("一{A:bare}二", "{A:bare}"),
            ("一{A B}二", "{A B}"),
        ] {
            assert_eq!(parse(template).unwrap_err(), expect, "{template}");
        }
    }
}
