//! HTML: one file, nothing fetched from elsewhere, printable on A4.

use std::fmt::Write;

use crate::document::{Align, Block, Document, Inline, MISSING, Picture, Table, anchor};
use crate::markdown::day;
use crate::svg::escape;

const STYLE: &str = include_str!("brief.css");

/// Writes a document as a self-contained HTML page. There is no script in it, and its content
/// security policy forbids any, as well as any request.
#[must_use]
pub fn to_html(document: &Document) -> String {
    let mut out = String::with_capacity(64 << 10);
    let title = escape(&document.title);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    if let Some(label) = &document.label {
        let _ = writeln!(
            out,
            "<div class=\"label\" role=\"note\"><span>{}</span></div>",
            escape(label)
        );
    }
    let _ = writeln!(out, "<main>\n<h1>{title}</h1>");
    for block in &document.blocks {
        match block {
            Block::Heading {
                level,
                number,
                text,
            } => {
                let level = level + 1;
                let _ = writeln!(
                    out,
                    "<h{level}>{}{}</h{level}>",
                    escape(number),
                    escape(text)
                );
            }
            Block::Addressee(text) => {
                let _ = writeln!(out, "<p class=\"to\">{}</p>", escape(text));
            }
            Block::Paragraph(inlines) => {
                let _ = writeln!(out, "<p>{}</p>", line(inlines));
            }
            Block::Note(text) => {
                let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(text));
            }
            Block::Table(table) => write_table(table, &mut out),
            Block::Picture(picture) => write_picture(picture, &mut out),
        }
    }
    let _ = write!(
        out,
        "<footer>\n<p>{}</p>\n<p>{}</p>\n</footer>\n</main>\n</body>\n</html>\n",
        escape(&document.issuer),
        day(document)
    );
    out
}

fn write_picture(picture: &Picture, out: &mut String) {
    let _ = write!(
        out,
        "<figure style=\"max-width:{}mm;margin-inline:auto\">\n{}\n<figcaption>{} {}</figcaption>\n<details><summary>数据</summary>\n",
        picture.width_mm,
        picture.svg,
        escape(&picture.number),
        escape(&picture.caption)
    );
    write_table(&picture.data, out);
    out.push_str("</details>\n</figure>\n");
}

fn write_table(table: &Table, out: &mut String) {
    let small = if table.small { " class=\"small\"" } else { "" };
    let _ = write!(out, "<div class=\"wide\"><table{small}>");
    let caption = format!("{} {}", table.number, table.caption);
    let _ = write!(
        out,
        "<caption>{}</caption>\n<thead><tr>",
        escape(caption.trim())
    );
    let shares: u32 = table
        .columns
        .iter()
        .map(|column| u32::from(column.share))
        .sum();
    for column in &table.columns {
        let percent = 100 * u32::from(column.share) / shares.max(1);
        let _ = write!(
            out,
            "<th scope=\"col\" style=\"width:{percent}%\">{}</th>",
            escape(&column.head)
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        match &row.defines {
            Some(indicator) => {
                let _ = write!(out, "<tr id=\"{}\">", anchor(indicator));
            }
            None => out.push_str("<tr>"),
        }
        for (cell, column) in row.cells.iter().zip(&table.columns) {
            let class = match column.align {
                Align::Left => "",
                Align::Centre => " class=\"c\"",
                Align::Right => " class=\"r\"",
            };
            let _ = write!(out, "<td{class}>{}</td>", line(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn line(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => escape(text),
            Inline::Figure(figure) => {
                let missing = if figure.display == MISSING {
                    " missing"
                } else {
                    ""
                };
                let title = format!(
                    "指标 {}，口径第{}版，数据时点 {}",
                    figure.indicator, figure.version, figure.as_of
                );
                format!(
                    "<a class=\"fig{missing}\" href=\"#{}\" title=\"{}\">{}</a>",
                    figure.anchor(),
                    escape(&title),
                    escape(&figure.display)
                )
            }
        })
        .collect()
}
