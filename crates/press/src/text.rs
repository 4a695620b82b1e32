//! A text seen as characters, cut into sentences, clauses and the cells of tables.

use std::ops::Range;

use crate::clean::{Clean, clean, is_pictograph, is_row};

/// The characters of a text with the bounds of its sentences and clauses. Positions are those of
/// the reading form ([`crate::clean`]); [`Text::original`] gives the text's own.
pub(crate) struct Text {
    original: Vec<char>,
    chars: Vec<char>,
    places: Vec<usize>,
    sentences: Vec<Range<usize>>,
    clauses: Vec<Range<usize>>,
    tables: Vec<Table>,
}

/// Rows of cells one after another.
pub(crate) struct Table {
    /// The line above, which names the table and sometimes the unit of its numbers.
    pub(crate) caption: Option<Range<usize>>,
    /// The cells of each row.
    pub(crate) rows: Vec<Vec<Range<usize>>>,
}

/// Ends a sentence.
fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '\n' | '\r' | '；' | ';')
}

/// Ends a clause; the ASCII comma does so only between words (see [`Text::new`]).
fn ends_clause(c: char) -> bool {
    ends_sentence(c) || matches!(c, '，' | '：' | ':' | '—') || is_pictograph(c)
}

impl Text {
    /// Cuts a text.
    pub(crate) fn new(text: &str) -> Self {
        let original: Vec<char> = text.chars().collect();
        let Clean { chars, places } = clean(&original);
        // A mark between digits belongs to the number (36,891; 06:00); a dash may be its range.
        let within_number = |index: usize| {
            let like = |at: usize| {
                chars.get(at).is_some_and(|c| match chars[index] {
                    ',' | ':' => c.is_ascii_digit(),
                    '—' => c.is_ascii_digit() || matches!(c, '—' | '%' | '月' | '个'),
                    _ => false,
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
        let tables = tables(&chars);
        Self {
            original,
            chars,
            places,
            sentences,
            clauses,
            tables,
        }
    }

    /// The characters to read.
    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The place of a character in the text itself.
    pub(crate) fn original(&self, at: usize) -> usize {
        self.places.get(at).copied().unwrap_or(self.original.len())
    }

    /// What the text itself writes between two places of the reading form.
    pub(crate) fn written(&self, start: usize, end: usize) -> String {
        match end.checked_sub(1) {
            Some(last) if last >= start => self.original
                [self.original(start)..=self.original(last)]
                .iter()
                .collect(),
            _ => String::new(),
        }
    }

    /// The characters of a range as text.
    pub(crate) fn slice(&self, range: Range<usize>) -> String {
        self.chars[range].iter().collect()
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

    /// The heading that a line stands under: the nearest short line above it that states nothing.
    pub(crate) fn heading(&self, at: usize) -> Option<Range<usize>> {
        const LONGEST: usize = 20;
        const REACH: usize = 8;
        let line = |end: usize| {
            let start = self.chars[..end]
                .iter()
                .rposition(|c| *c == '\n')
                .map_or(0, |at| at + 1);
            start..end
        };
        let mut end = line(at).start.checked_sub(1)?;
        for _ in 0..REACH {
            let above = line(end);
            let words = &self.chars[above.clone()];
            let is_heading = !words.is_empty()
                && words.len() <= LONGEST
                && !words
                    .iter()
                    .any(|c| matches!(c, '。' | '，' | '；' | '\t' | '|') || c.is_ascii_digit());
            if is_heading {
                return Some(above);
            }
            end = above.start.checked_sub(1)?;
        }
        None
    }

    /// The clause around a position.
    pub(crate) fn clause(&self, at: usize) -> Range<usize> {
        find(&self.clauses, at)
    }

    /// The clauses of a range before a position, the nearest first.
    pub(crate) fn clauses_before(
        &self,
        at: usize,
        from: usize,
    ) -> impl Iterator<Item = Range<usize>> {
        let start = self.clause(at).start;
        let last = self.clauses.partition_point(|clause| clause.end <= start);
        self.clauses[..last]
            .iter()
            .rev()
            .take_while(move |clause| clause.start >= from)
            .cloned()
    }

    /// The table, row and column of a position.
    pub(crate) fn cell(&self, at: usize) -> Option<(&Table, usize, usize)> {
        self.tables.iter().find_map(|table| {
            table.rows.iter().enumerate().find_map(|(row, cells)| {
                let column = cells.iter().position(|cell| cell.contains(&at))?;
                Some((table, row, column))
            })
        })
    }

    /// Starts of a word within a range.
    pub(crate) fn occurrences<'a>(
        &'a self,
        word: &'a [char],
        range: Range<usize>,
    ) -> impl Iterator<Item = usize> + 'a {
        let last = (range.end + 1).saturating_sub(word.len());
        (range.start..last)
            .filter(move |&at| !word.is_empty() && self.chars[at..].starts_with(word))
    }
}

fn find(ranges: &[Range<usize>], at: usize) -> Range<usize> {
    let index = ranges.partition_point(|range| range.end <= at);
    ranges.get(index).or(ranges.last()).cloned().unwrap_or(0..0)
}

/// Neighbouring lines whose cells stand between tabs or bars.
fn tables(chars: &[char]) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut above: Option<Range<usize>> = None;
    let mut open = false;
    let mut start = 0;
    for line in chars.split_inclusive(|c| *c == '\n') {
        let range = start..start + line.len();
        start = range.end;
        let words: String = line.iter().collect();
        let words = words.trim();
        if !is_row(words) {
            open = open && words.is_empty() && above.is_none();
            if !words.is_empty() {
                (above, open) = (Some(range), false);
            }
            continue;
        }
        let cells = cells(chars, range);
        let ruler = |cell: &Range<usize>| {
            chars[cell.clone()]
                .iter()
                .all(|c| matches!(c, '-' | ':' | ' ' | '='))
        };
        if cells.iter().all(ruler) {
            continue;
        }
        // 附表1 ⇥ 主要指标: a title line that has a tab is no row of the table below it.
        match tables.last_mut() {
            Some(table) if open => table.rows.push(cells),
            _ => tables.push(Table {
                caption: above.take(),
                rows: vec![cells],
            }),
        }
        open = true;
    }
    tables
}

fn cells(chars: &[char], line: Range<usize>) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = line.start;
    let tabbed = chars[line.clone()].contains(&'\t');
    let splits = |c: char| if tabbed { c == '\t' } else { c == '|' };
    for at in line.clone() {
        if splits(chars[at]) || chars[at] == '\n' {
            cells.push(start..at);
            start = at + 1;
        }
    }
    if start < line.end {
        cells.push(start..line.end);
    }
    // Blanks around a cell's words are the layout's, an empty first cell the bar's.
    for cell in &mut cells {
        while cell.start < cell.end && chars[cell.start].is_whitespace() {
            cell.start += 1;
        }
        while cell.start < cell.end && chars[cell.end - 1].is_whitespace() {
            cell.end -= 1;
        }
    }
    if !tabbed && cells.first().is_some_and(Range::is_empty) {
        cells.remove(0);
    }
    cells
}

/// A sentence with its digits and quotation marks taken out, to tell repeats of its words.
pub(crate) fn without_digits(sentence: &str) -> String {
    sentence
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_numeric() && !matches!(c, '.' | ',' | '．'))
        .collect()
}
