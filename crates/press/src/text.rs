//! A text seen as characters, cut into paragraphs, sentences and clauses.

use std::ops::Range;

/// The characters of a text with the bounds of its sentences and clauses.
pub(crate) struct Text {
    chars: Vec<char>,
    sentences: Vec<Range<usize>>,
    clauses: Vec<Range<usize>>,
}

/// Ends a sentence.
fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '\n' | '\r' | '；' | ';')
}

/// Ends a clause; the ASCII comma does so only between words (see [`Text::new`]).
fn ends_clause(c: char) -> bool {
    ends_sentence(c) || matches!(c, '，' | '：' | ':' | '—')
}

impl Text {
    /// Cuts a text.
    pub(crate) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        // A mark between digits of its own width belongs to the number (36,891; 06:00).
        let within_number = |index: usize| {
            let like = |at: usize| {
                chars.get(at).is_some_and(|c| match chars[index] {
                    ',' | ':' => c.is_ascii_digit(),
                    _ => ('０'..='９').contains(c),
                })
            };
            index > 0 && like(index - 1) && like(index + 1)
        };
        let cut = |ends: &dyn Fn(char) -> bool| {
            let mut ranges = Vec::new();
            let mut start = 0;
            for (index, &c) in chars.iter().enumerate() {
                if (ends(c) || (c == ',' && ends('，'))) && !within_number(index) {
                    ranges.push(start..index + 1);
                    start = index + 1;
                }
            }
            ranges.push(start..chars.len());
            ranges
        };
        let sentences = cut(&ends_sentence);
        let clauses = cut(&ends_clause);
        Self {
            chars,
            sentences,
            clauses,
        }
    }

    /// The characters.
    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The characters of a range as text.
    pub(crate) fn slice(&self, start: usize, end: usize) -> String {
        self.chars[start..end].iter().collect()
    }

    /// The sentence around a position.
    pub(crate) fn sentence(&self, at: usize) -> Range<usize> {
        find(&self.sentences, at)
    }

    /// The sentence before the one around a position, within the same paragraph.
    pub(crate) fn previous_sentence(&self, at: usize) -> Option<Range<usize>> {
        let start = self.sentence(at).start;
        let before = start.checked_sub(1)?;
        (!matches!(self.chars[before], '\n' | '\r')).then(|| self.sentence(before))
    }

    /// The clause around a position.
    pub(crate) fn clause(&self, at: usize) -> Range<usize> {
        find(&self.clauses, at)
    }

    /// Starts of a word within a range.
    pub(crate) fn occurrences<'a>(
        &'a self,
        word: &'a [char],
        range: Range<usize>,
    ) -> impl Iterator<Item = usize> + 'a {
        let last = range.end.saturating_sub(word.len());
        (range.start..=last)
            .filter(move |&at| !word.is_empty() && self.chars[at..].starts_with(word))
    }
}

fn find(ranges: &[Range<usize>], at: usize) -> Range<usize> {
    let index = ranges.partition_point(|range| range.end <= at);
    ranges.get(index).or(ranges.last()).cloned().unwrap_or(0..0)
}

/// A sentence with its digits and quotation marks taken out, to tell repeats of its words.
pub(crate) fn without_digits(sentence: &str) -> String {
    sentence
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_numeric() && !matches!(c, '.' | ',' | '．'))
        .collect()
}
