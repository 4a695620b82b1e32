//! The one place that writes to the terminal.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Lang;

/// Writes results to standard output and the rest to standard error.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    quiet: bool,
    lang: Lang,
}

impl Printer {
    /// A printer for one call.
    pub fn new(quiet: bool, lang: Lang) -> Self {
        Self { quiet, lang }
    }

    /// Picks the words of the call's language.
    pub fn say<T>(&self, zh: T, en: T) -> T {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// A word of the pack: in Chinese where the pack has no English for it.
    pub fn named<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        if en.is_empty() { zh } else { self.say(zh, en) }
    }

    /// Writes a line of the result. A closed pipe is not a fault of ours: it is left alone.
    pub fn result(&self, line: impl AsRef<str>) {
        let _ = writeln!(io::stdout().lock(), "{}", line.as_ref());
    }

    /// Writes a line about what is being done; silent when quiet.
    pub fn note(&self, line: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{}", line.as_ref());
        }
    }

    /// Writes what went wrong, quiet or not.
    pub fn error(&self, line: impl AsRef<str>) {
        let _ = writeln!(io::stderr().lock(), "{}", line.as_ref());
    }

    /// A counter of rows for people; nothing when piped or quiet. How many rows a file holds is
    /// not known before it has been read, so it counts up and shows the pace.
    pub fn progress(&self) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {human_pos} {per_sec}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        bar
    }
}

/// Lays out a plain table; Chinese characters take two columns.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .chain([width(head[column])])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (cell, wide) in cells.zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide - width(cell) + 2));
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.push(line(
        &mut widths
            .iter()
            .map(|wide| "─".repeat(*wide))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str),
    ));
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines.join("\n")
}

/// Columns a text takes in a terminal.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '─' => 1,
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '“'
            | '”'
            | '…'
            | '—' => 2,
            _ => 1,
        })
        .sum()
}
