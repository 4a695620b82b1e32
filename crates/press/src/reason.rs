//! Why a claim was judged as it was, in a few words for people.

/// The same reason in both languages. Words of the text are quoted as they stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl Reason {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Nothing around the number speaks of anything that is counted.
    pub(crate) fn no_indicator() -> Self {
        Self::new(
            "附近的词语对不上任何指标",
            "the words around it fit no indicator",
        )
    }

    /// A word next to the number that makes it another than the one at the end of the period.
    pub(crate) fn not_the_end(word: &str) -> Self {
        Self::new(
            format!("说的是“{word}”，不是期末的数"),
            format!("it speaks of “{word}”, not of the end of the period"),
        )
    }
}
