//! Takes the plain text out of a plain, HTML or DOCX file.

use std::io::{Cursor, Read};

use quick_xml::events::Event;

/// Limits on what is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes of the file.
    pub file: u64,
    /// Most bytes of a DOCX's unpacked text part.
    pub unpacked: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 16 << 20,
            unpacked: 64 << 20,
        }
    }
}

/// Why no text could be taken out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The file is larger than the limit.
    #[error("文件有 {found} 字节，超过上限 {limit} 字节：请只提交要核对的正文")]
    TooLarge {
        /// Bytes found.
        found: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A DOCX without a text part, or one that cannot be unpacked.
    #[error("不是完好的 DOCX 文件（{0}）：请用 Word 或 WPS 打开后另存为 .docx，或粘贴为纯文本")]
    BadDocx(String),
}

/// The text of a file: DOCX by its zip signature, HTML by its tags, else plain text in UTF-8
/// (with or without a byte order mark) or GB18030.
pub fn extract(bytes: &[u8], limits: &Limits) -> Result<String, ExtractError> {
    let found = bytes.len() as u64;
    if found > limits.file {
        return Err(ExtractError::TooLarge {
            found,
            limit: limits.file,
        });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return docx(bytes, limits);
    }
    let text = decode(bytes);
    let head: String = text
        .chars()
        .take(2000)
        .collect::<String>()
        .to_ascii_lowercase();
    let is_html = ["<html", "<!doctype html", "<body", "<p>", "<p ", "<div"]
        .iter()
        .any(|tag| head.contains(tag));
    Ok(if is_html {
        html(&text)
    } else {
        without_links(text)
    })
}

/// Markdown's links as their words alone: where a link leads stands between a number and the
/// words beside it.
fn without_links(text: String) -> String {
    if !text.contains("](") {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let parts = link.split_once("](").and_then(|(words, after)| {
            let (target, after) = after.split_once(')')?;
            let is_link =
                !words.contains(['[', ']', '\n']) && !target.contains(char::is_whitespace);
            is_link.then_some((words, after))
        });
        match parts {
            Some((words, after)) => {
                plain.push_str(words);
                rest = after;
            }
            None => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(&bytes[mark..])
            .0
            .into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

fn docx(bytes: &[u8], limits: &Limits) -> Result<String, ExtractError> {
    let bad = |cause: &dyn std::fmt::Display| ExtractError::BadDocx(cause.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
    let part = archive
        .by_name("word/document.xml")
        .map_err(|_| bad(&"没有 word/document.xml"))?;
    let mut xml = Vec::new();
    // The declared size may lie: read no further than the limit whatever it says.
    part.take(limits.unpacked + 1)
        .read_to_end(&mut xml)
        .map_err(|error| bad(&error))?;
    if xml.len() as u64 > limits.unpacked {
        return Err(ExtractError::TooLarge {
            found: xml.len() as u64,
            limit: limits.unpacked,
        });
    }
    let mut reader = quick_xml::Reader::from_reader(xml.as_slice());
    let mut text = String::new();
    let (mut in_text, mut cells) = (false, 0_usize);
    loop {
        match reader.read_event().map_err(|error| bad(&error))? {
            Event::Start(tag) => {
                in_text = tag.local_name().as_ref() == "t";
                cells += usize::from(tag.local_name().as_ref() == "tc");
            }
            Event::Text(run) if in_text => {
                text.push_str(&run);
            }
            Event::GeneralRef(entity) if in_text => {
                text.push_str(&entity_text(&entity));
            }
            Event::End(tag) => {
                in_text = false;
                match tag.local_name().as_ref() {
                    // The cells of a row stand beside each other, whatever is in them.
                    "tc" => {
                        cells = cells.saturating_sub(1);
                        text.push('\t');
                    }
                    "p" if cells > 0 => text.push(' '),
                    "p" | "tr" => text.push('\n'),
                    _ => {}
                }
            }
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "tab" => text.push(' '),
                "br" | "cr" => text.push('\n'),
                _ => {}
            },
            Event::Eof => return Ok(text),
            _ => {}
        }
    }
}

/// Tags that end a line of text.
const BLOCKS: [&str; 14] = [
    "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "section", "title",
];
/// Elements whose text is no running text: code, the labels of drawings, and what a site puts
/// around every page.
const SKIPPED: [&str; 10] = [
    "script", "style", "noscript", "svg", "nav", "footer", "aside", "select", "button", "template",
];

fn html(source: &str) -> String {
    let mut text = String::new();
    let mut rest = source;
    let mut in_cell = false;
    while let Some(open) = rest.find('<') {
        running(&mut text, &unescape(&rest[..open]));
        rest = &rest[open..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        let Some(close) = rest.find('>') else {
            rest = "";
            break;
        };
        let tag = rest[1..close].trim_start_matches('/');
        let name: String = tag
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        let opening = !rest[1..close].starts_with('/');
        rest = &rest[close + 1..];
        if opening && (SKIPPED.contains(&name.as_str()) || is_masthead(&name, rest)) {
            rest = &rest[end_of(&name, rest)..];
        } else if matches!(name.as_str(), "td" | "th") {
            // The cells of a row stand beside each other, whatever is in them.
            in_cell = opening;
            if !opening {
                text.push('\t');
            }
        } else if BLOCKS.contains(&name.as_str()) {
            text.push(if in_cell && name != "tr" { ' ' } else { '\n' });
        }
    }
    running(&mut text, &unescape(rest));
    text
}

/// Appends running text: a page's own line breaks are blanks.
fn running(text: &mut String, words: &str) {
    for c in words.chars() {
        let blank = c.is_ascii_whitespace();
        if !blank {
            text.push(c);
        } else if !text.ends_with([' ', '\n', '\t']) {
            text.push(' ');
        }
    }
}

/// A page's header, which has no headline, unlike an article's.
fn is_masthead(name: &str, rest: &str) -> bool {
    name == "header"
        && !rest[..end_of(name, rest)]
            .to_ascii_lowercase()
            .contains("<h1")
}

/// Where an element's closing tag begins in what follows its opening tag.
fn end_of(name: &str, rest: &str) -> usize {
    let end = format!("</{name}");
    rest.as_bytes()
        .windows(end.len())
        .position(|part| part.eq_ignore_ascii_case(end.as_bytes()))
        .unwrap_or(rest.len())
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        // No entity name is longer than this; an & that starts none is kept as it is.
        match rest.find(';').filter(|&end| end <= 10) {
            Some(end) => {
                plain.push_str(&entity_text(&rest[..end]));
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain + rest
}

fn entity_text(name: &str) -> String {
    let numeric = name.strip_prefix('#').and_then(|digits| {
        digits
            .strip_prefix(['x', 'X'])
            .map_or_else(
                || digits.parse().ok(),
                |hex| u32::from_str_radix(hex, 16).ok(),
            )
            .and_then(char::from_u32)
    });
    match (numeric, name) {
        (Some(c), _) => c.to_string(),
        (None, "nbsp" | "ensp" | "emsp") => " ".to_owned(),
        (None, "amp") => "&".to_owned(),
        (None, "lt") => "<".to_owned(),
        (None, "gt") => ">".to_owned(),
        (None, "quot") => "\"".to_owned(),
        (None, "apos") => "'".to_owned(),
        (None, "ldquo") => "“".to_owned(),
        (None, "rdquo") => "”".to_owned(),
        (None, "middot") => "·".to_owned(),
        (None, other) => format!("&{other};"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_text_out_of_html() {
        let page = "<html><head><style>p{width:36px}</style><script>var a='12个'</script></head>\
                    <body><p>项目&nbsp;144<b>个</b></p><!-- 53个 --><p>总投资&#55;.5亿元 &amp; 其他</p></body>";
        let text = extract(page.as_bytes(), &Limits::default()).unwrap();
        assert!(text.contains("项目 144个"), "{text}");
        assert!(text.contains("总投资7.5亿元 & 其他"), "{text}");
        assert!(
            !text.contains("12个") && !text.contains("53个") && !text.contains("36px"),
            "{text}"
        );
    }

    #[test]
    fn leaves_out_what_surrounds_an_article_and_keeps_cells_apart() {
        let page = "<!DOCTYPE html><body><header><a>在线1280人</a></header><NAV>区县38个</NAV>\
                    <article><header><h1>半年</h1></header><table><tr><th>指标</th><th><p>数值</p></th></tr>\
                    <tr><td>项目</td><td><div>144个</div></td></tr></table></article>\
                    <footer>员工200人</footer></body>";
        let text = extract(page.as_bytes(), &Limits::default()).unwrap();
        assert!(
            text.contains("半年") && !text.contains("1280") && !text.contains("38"),
            "{text}"
        );
        assert!(!text.contains("200"), "{text}");
        let row = text.lines().find(|line| line.contains("项目")).unwrap();
        let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
        assert_eq!(cells[..2], ["项目", "144个"], "{text:?}");
    }

    #[test]
    fn takes_rows_out_of_docx() {
        use std::io::Write;
        let xml = "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>项目</w:t></w:r><w:r><w:t>144个</w:t></w:r></w:p>\
                   <w:tbl><w:tr><w:tc><w:p><w:r><w:t>开工</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>53个</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
                   </w:body></w:document>";
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive
            .start_file(
                "word/document.xml",
                zip::write::SimpleFileOptions::default(),
            )
            .unwrap();
        archive.write_all(xml.as_bytes()).unwrap();
        let bytes = archive.finish().unwrap().into_inner();
        let text = extract(&bytes, &Limits::default()).unwrap();
        let lines: Vec<String> = text
            .lines()
            .map(|line| {
                line.split('\t')
                    .map(str::trim)
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect();
        assert_eq!(lines[..2], ["项目144个", "开工|53个|"], "{text:?}");
    }

    #[test]
    fn reads_gbk_and_marks() {
        let (gbk, _, _) = encoding_rs::GBK.encode("项目144个");
        assert_eq!(extract(&gbk, &Limits::default()).unwrap(), "项目144个");
        assert_eq!(
            extract("\u{feff}项目144个".as_bytes(), &Limits::default()).unwrap(),
            "项目144个"
        );
    }

    #[test]
    fn refuses_what_is_too_large_or_broken() {
        let small = Limits {
            file: 4,
            unpacked: 4,
        };
        assert!(matches!(
            extract(b"12345", &small),
            Err(ExtractError::TooLarge { .. })
        ));
        let error = extract(b"PK\x03\x04rubbish", &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("另存为"));
    }
}
