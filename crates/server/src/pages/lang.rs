//! The two languages of the pages.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

/// Language of a page's words. What people typed stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// The language that an address asks for with `lang=en`.
    pub(crate) fn of(uri: &Uri) -> Self {
        let english = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .any(|pair| pair == "lang=en");
        if english { Self::En } else { Self::Zh }
    }

    /// The word in this language; both stand at each place, so neither can be forgotten.
    pub(crate) fn say<'w>(self, zh: &'w str, en: &'w str) -> &'w str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// A name of the pack's; the Chinese one where the pack gives no English one.
    pub(crate) fn named<'w>(self, zh: &'w str, en: &'w str) -> &'w str {
        if en.is_empty() { zh } else { self.say(zh, en) }
    }

    /// The tag for `lang` attributes.
    pub(crate) fn tag(self) -> &'static str {
        self.say("zh-CN", "en")
    }
}

impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.uri))
    }
}
