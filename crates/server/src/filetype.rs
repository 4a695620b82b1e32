//! What a file is, told from its content: nobody's word is taken for it.

/// A kind of file that is taken as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pdf,
    Png,
    Jpeg,
    Webp,
    Docx,
    Xlsx,
    Ofd,
    Text,
}

impl Kind {
    /// Media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ofd => "application/ofd",
            Self::Text => "text/plain",
        }
    }

    /// Endings of names, the usual one first.
    pub(crate) fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &[".pdf"],
            Self::Png => &[".png"],
            Self::Jpeg => &[".jpg", ".jpeg"],
            Self::Webp => &[".webp"],
            Self::Docx => &[".docx"],
            Self::Xlsx => &[".xlsx"],
            Self::Ofd => &[".ofd"],
            Self::Text => &[".txt", ".csv", ".md"],
        }
    }
}

/// Media types that a browser may show in place: they carry no script.
pub(crate) fn is_shown(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/pdf" | "image/png" | "image/jpeg" | "image/webp"
    )
}

/// Bytes at the end of a container in which its directory is looked for.
const DIRECTORY: usize = 1 << 20;

/// What a file is; `None` when it is none of these.
pub(crate) fn of(content: &[u8]) -> Option<Kind> {
    if content.starts_with(b"%PDF-") {
        return Some(Kind::Pdf);
    }
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(Kind::Png);
    }
    if content.starts_with(b"\xff\xd8\xff") {
        return Some(Kind::Jpeg);
    }
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return Some(Kind::Webp);
    }
    if content.starts_with(b"PK\x03\x04") {
        // Names of members stand in the clear in the container's directory, which ends it.
        let directory = &content[content.len().saturating_sub(DIRECTORY)..];
        let holds = |name: &[u8]| directory.windows(name.len()).any(|part| part == name);
        if holds(b"word/document.xml") {
            return Some(Kind::Docx);
        }
        if holds(b"xl/workbook.xml") {
            return Some(Kind::Xlsx);
        }
        return holds(b"OFD.xml").then_some(Kind::Ofd);
    }
    is_text(content).then_some(Kind::Text)
}

/// Text of any encoding has no control characters but those that part lines; that of markup and
/// programs is shown to nobody, only handed out.
fn is_text(content: &[u8]) -> bool {
    !content.is_empty()
        && content
            .iter()
            .all(|byte| *byte >= b' ' && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_what_a_file_is() {
        let zip = |member: &str| [b"PK\x03\x04....".as_slice(), member.as_bytes()].concat();
        for (content, expect) in [
            (b"%PDF-1.7\n".to_vec(), Some(Kind::Pdf)),
            (b"\x89PNG\r\n\x1a\n0".to_vec(), Some(Kind::Png)),
            (b"\xff\xd8\xff\xe0".to_vec(), Some(Kind::Jpeg)),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), Some(Kind::Webp)),
            (zip("word/document.xml"), Some(Kind::Docx)),
            (zip("xl/workbook.xml"), Some(Kind::Xlsx)),
            (zip("OFD.xml"), Some(Kind::Ofd)),
            (zip("META-INF/MANIFEST.MF"), None),
            ("验收合格\n".into(), Some(Kind::Text)),
            (b"MZ\x90\0".to_vec(), None),
            (b"\x7fELF".to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(of(&content), expect, "{content:?}");
        }
    }
}
