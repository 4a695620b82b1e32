//! Markdown. Pictures become the table of their data: text stays text.

use std::fmt::Write;

use crate::document::{Align, Block, Document, Inline, Table, anchor};
use crate::svg::printable;

/// Writes a document as Markdown (CommonMark with tables).
#[must_use]
pub fn to_markdown(document: &Document) -> String {
    let mut out = String::new();
    if let Some(label) = &document.label {
        let _ = writeln!(out, "> **{}**\n", escape(label));
    }
    let _ = writeln!(out, "# {}\n", escape(&document.title));
    for block in &document.blocks {
        match block {
            Block::Heading {
                level,
                number,
                text,
            } => {
                let marks = "#".repeat(usize::from(*level) + 1);
                let _ = writeln!(out, "{marks} {}{}\n", escape(number), escape(text));
            }
            Block::Addressee(text) => {
                let _ = writeln!(out, "{}\n", escape(text));
            }
            Block::Paragraph(inlines) => {
                let _ = writeln!(out, "{}\n", line(inlines));
            }
            Block::Note(text) => {
                let _ = writeln!(out, "*{}*\n", escape(text));
            }
            Block::Table(table) => {
                let _ = writeln!(
                    out,
                    "**{} {}**\n",
                    escape(&table.number),
                    escape(&table.caption)
                );
                write_table(table, &mut out);
            }
            Block::Picture(picture) => {
                write_table(&picture.data, &mut out);
                let _ = writeln!(
                    out,
                    "**{} {}**\n",
                    escape(&picture.number),
                    escape(&picture.caption)
                );
            }
        }
    }
    let _ = writeln!(out, "{}  \n{}\n", escape(&document.issuer), day(document));
    if let Some(label) = &document.label {
        let _ = writeln!(out, "> **{}**", escape(label));
    }
    out
}

/// The document's day in words: 2021年8月1日.
pub(crate) fn day(document: &Document) -> String {
    let date = document.date;
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

fn write_table(table: &Table, out: &mut String) {
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|column| escape(&column.head))
        .collect();
    let _ = writeln!(out, "| {} |", heads.join(" | "));
    let rules: Vec<&str> = table
        .columns
        .iter()
        .map(|column| match column.align {
            Align::Left => ":--",
            Align::Centre => ":-:",
            Align::Right => "--:",
        })
        .collect();
    let _ = writeln!(out, "| {} |", rules.join(" | "));
    for row in &table.rows {
        let mut cells: Vec<String> = row.cells.iter().map(|cell| line(cell)).collect();
        if let (Some(indicator), Some(first)) = (&row.defines, cells.first_mut()) {
            *first = format!("<a id=\"{}\"></a>{first}", anchor(indicator));
        }
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out.push('\n');
}

fn line(inlines: &[Inline]) -> String {
    let line: String = inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => escape(text),
            Inline::Figure(figure) => {
                format!("[{}](#{})", escape(&figure.display), figure.anchor())
            }
        })
        .collect();
    // A paragraph must not turn into a list because of its first character.
    match line.chars().next() {
        Some('+' | '-') => format!("\\{line}"),
        Some(c) if c.is_ascii_digit() => ordinal(&line),
        _ => line,
    }
}

/// `1. ` at the start of a line would open a list.
fn ordinal(line: &str) -> String {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let mark = rest.starts_with(['.', ')']) && rest[1..].chars().next().is_none_or(|c| c == ' ');
    if mark {
        let digits = &line[..line.len() - rest.len()];
        format!("{digits}\\{rest}")
    } else {
        line.to_owned()
    }
}

/// Escapes what Markdown or HTML within it would take for marks; keeps it on one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if printable(c) => out.push(c),
            _ => {}
        }
    }
    out
}
