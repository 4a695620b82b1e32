//! Marks of answers (ETag), so that asking again for what has not changed costs nothing.
//!
//! What is read from the store is told apart by the newest journal entry, the pack, what the
//! caller may see, the question and the program: nothing of the answer has to be computed.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The mark over all that an answer depends on. Weak, for compression changes the bytes.
pub(crate) fn of(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let hex: String = digest[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("W/\"{hex}\"")
}

/// Whether the asker has the answer with this mark already.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || bare(known) == bare(tag))
}

/// 304 with the mark.
pub(crate) fn unchanged(tag: &str) -> Response {
    marked(StatusCode::NOT_MODIFIED.into_response(), tag)
}

/// An answer with its mark: kept by the asker alone, and asked about each time.
pub(crate) fn marked(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    // Hex digits and quotes are always a valid header.
    headers.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }

    #[test]
    fn knows_a_mark_among_others_strong_or_weak() {
        let tag = of(&["a"]);
        let known = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, value.parse().unwrap());
            is_known(&headers, &tag)
        };
        assert!(known(&tag));
        assert!(known(&format!("\"x\", {tag}")));
        assert!(known(tag.trim_start_matches("W/")));
        assert!(known("*"));
        assert!(!known("\"x\""));
        assert!(!is_known(&HeaderMap::new(), &tag));
    }
}
