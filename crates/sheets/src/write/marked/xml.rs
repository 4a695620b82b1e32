//! Small tools over XML events: attributes, and adding children to an element, whatever prefix
//! the writer of the file used.

use std::io::{BufRead, Write};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use crate::write::WriteError;

/// Name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Prefix of a name with its colon, empty for none.
pub(super) fn prefix(name: &str) -> &str {
    name.rsplit_once(':')
        .map_or("", |(prefix, _)| &name[..=prefix.len()])
}

/// An attribute by its local name, unescaped.
pub(super) fn attribute(tag: &BytesStart<'_>, key: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|found| local(found.key.as_ref()) == key)
        .map(|found| match quick_xml::escape::unescape(&found.value) {
            Ok(text) => text.into_owned(),
            Err(_) => found.value.into_owned(),
        })
}

/// The same tag without an attribute, or with another value for it. The value must need no
/// escaping.
pub(super) fn with_attribute(
    tag: &BytesStart<'_>,
    key: &str,
    value: Option<&str>,
) -> BytesStart<'static> {
    let name = tag.name();
    let mut content = name.as_ref().to_owned();
    for found in tag.attributes().with_checks(false).filter_map(Result::ok) {
        if found.key.as_ref() != key {
            let quoted = found.value.replace('"', "&quot;");
            content.push_str(&format!(" {}=\"{quoted}\"", found.key.as_ref()));
        }
    }
    if let Some(value) = value {
        content.push_str(&format!(" {key}=\"{value}\""));
    }
    BytesStart::from_content(content, name.as_ref().len())
}

/// Text for the inside of an element; characters that XML 1.0 forbids are dropped.
pub(super) fn escaped(text: &str) -> String {
    let allowed: String = text
        .chars()
        .filter(|&c| {
            matches!(c, '\t' | '\n') || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
        })
        .collect();
    quick_xml::escape::escape(allowed).into_owned()
}

/// A tag of the part being walked.
pub(super) enum Tag<'a, 'b> {
    /// `<tag>`, or `<tag/>` with true.
    Open(&'a BytesStart<'b>, bool),
    /// `</tag>` with its full name.
    Close(&'a str),
}

/// What becomes of a tag after it was seen.
pub(super) enum Then {
    /// It is written as it is.
    Copy,
    /// The visitor has written what stands in its place.
    Done,
    /// The same, and for everything up to its end tag too.
    DoneWithInside,
}

/// Copies XML event by event. `visit` sees each tag before it is written and may write
/// something in front of it or in its place.
pub(super) fn copy<R: BufRead, W: Write>(
    input: R,
    out: &mut Writer<W>,
    mut visit: impl FnMut(&Tag<'_, '_>, &mut Writer<W>) -> Result<Then, WriteError>,
) -> Result<(), WriteError> {
    let mut reader = Reader::from_reader(input);
    let mut buffer = Vec::new();
    // Open elements within the one that is left out, itself included.
    let mut left_out = 0_u32;
    loop {
        let event = reader.read_event_into(&mut buffer)?;
        let then = match &event {
            Event::Eof => return Ok(()),
            Event::Start(_) if left_out > 0 => {
                left_out += 1;
                Then::Done
            }
            Event::End(_) if left_out > 0 => {
                left_out -= 1;
                Then::Done
            }
            _ if left_out > 0 => Then::Done,
            Event::Start(tag) => visit(&Tag::Open(tag, false), out)?,
            Event::Empty(tag) => visit(&Tag::Open(tag, true), out)?,
            Event::End(tag) => {
                let name = tag.name();
                visit(&Tag::Close(name.as_ref()), out)?
            }
            _ => Then::Copy,
        };
        match then {
            Then::Copy => out.write_event(event)?,
            Then::DoneWithInside if matches!(event, Event::Start(_)) => left_out = 1,
            Then::Done | Then::DoneWithInside => {}
        }
        buffer.clear();
    }
}

/// Writes text as it is.
pub(super) fn raw<W: Write>(out: &mut Writer<W>, text: &str) -> Result<(), WriteError> {
    out.get_mut().write_all(text.as_bytes())?;
    Ok(())
}

/// Adds children at the end of the first element with a local name, and sets its `count`
/// attribute when one is given. `children` is told the prefix in use. `None` when there is no
/// such element.
pub(super) fn append(
    xml: &str,
    parent: &str,
    count: Option<usize>,
    children: impl Fn(&str) -> String,
) -> Result<Option<String>, WriteError> {
    let mut out = Writer::new(Vec::with_capacity(xml.len() + 1024));
    let mut done = false;
    let counted = |tag: &BytesStart<'_>| match count {
        Some(count) => with_attribute(tag, "count", Some(&count.to_string())),
        None => tag.to_owned(),
    };
    copy(xml.as_bytes(), &mut out, |tag, out| {
        match tag {
            Tag::Open(tag, empty) if !done && local(tag.name().as_ref()) == parent => {
                out.write_event(Event::Start(counted(tag)))?;
                if *empty {
                    raw(out, &children(prefix(tag.name().as_ref())))?;
                    out.write_event(Event::End(tag.to_end()))?;
                    done = true;
                }
                return Ok(Then::Done);
            }
            Tag::Close(name) if !done && local(name) == parent => {
                raw(out, &children(prefix(name)))?;
                done = true;
            }
            _ => {}
        }
        Ok(Then::Copy)
    })?;
    let text = String::from_utf8(out.into_inner()).map_err(|_| WriteError::Text)?;
    Ok(done.then_some(text))
}

/// All tags with a local name, read into something.
pub(super) fn collect<T>(
    xml: &str,
    name: &str,
    mut read: impl FnMut(&BytesStart<'_>) -> Option<T>,
) -> Result<Vec<T>, WriteError> {
    let mut found = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(found),
            Event::Start(tag) | Event::Empty(tag) if local(tag.name().as_ref()) == name => {
                found.extend(read(&tag));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_whatever_the_prefix_and_keeps_the_rest() {
        let xml = "<?xml version=\"1.0\"?>\n<x:a  b='\"1\"'><!--c--><x:list count=\"1\"><x:i/></x:list>&amp; t</x:a>";
        let got = append(xml, "list", Some(2), |p| format!("<{p}i/>")).unwrap();
        assert_eq!(
            got.unwrap(),
            "<?xml version=\"1.0\"?>\n<x:a  b='\"1\"'><!--c--><x:list count=\"2\"><x:i/><x:i/></x:list>&amp; t</x:a>"
        );
        let got = append("<list/>", "list", None, |p| format!("<{p}i/>")).unwrap();
        assert_eq!(got.unwrap(), "<list><i/></list>");
        assert_eq!(
            append("<a/>", "list", None, |_| String::new()).unwrap(),
            None
        );
    }
}
