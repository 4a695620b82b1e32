//! The table: on the terminal and in `RESULTS.md`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::Failure;
use crate::measure::{Samples, Throughput};

/// What was hoped for.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// No aim was set.
    None,
    /// The median is at most this.
    Below(Duration),
    /// The longest is at most this.
    Longest(Duration),
    /// At most so many kB.
    Weight { most: f64 },
    /// So many rows a second at the median, and at most so many times the raw median.
    Rate { per_second: f64, ratio: f64 },
    /// At most so many times another median, which is given.
    Against {
        what: &'static str,
        other: Duration,
        ratio: f64,
    },
    /// At most so many MB.
    Memory { most: f64 },
    /// So many calls a second at the least; the hundredth slowest at most so long.
    Load {
        per_second: f64,
        p99: Option<Duration>,
    },
}

/// One line.
#[derive(Debug)]
pub struct Line {
    what: String,
    size: usize,
    ours: String,
    raw: String,
    ratio: String,
    aim: String,
    met: Option<bool>,
}

/// The whole table, as it grows.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
    notes: Vec<String>,
}

/// A duration with three figures.
fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 0.001 {
        format!("{:.2} ms", seconds * 1e3)
    } else {
        format!("{:.0} µs", seconds * 1e6)
    }
}

fn spread(samples: &Samples) -> String {
    format!(
        "{} / **{}** / {}",
        shown(samples.min()),
        shown(samples.median()),
        shown(samples.max())
    )
}

fn rate(rows: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "rows stay far below 2^53")]
    let rows = rows as f64;
    rows / time.as_secs_f64().max(1e-9)
}

impl Report {
    /// Adds a timing. `rows` are those that passed through; 0 when a rate means nothing.
    pub fn time(
        &mut self,
        what: &str,
        size: usize,
        rows: usize,
        ours: &Samples,
        raw: Option<&Samples>,
        aim: Aim,
    ) {
        let ratio =
            raw.map(|raw| ours.median().as_secs_f64() / raw.median().as_secs_f64().max(1e-9));
        let per_second = rate(rows, ours.median());
        let (aim, met) = match aim {
            Aim::None | Aim::Memory { .. } | Aim::Weight { .. } | Aim::Load { .. } => {
                (String::new(), None)
            }
            Aim::Longest(most) => (
                format!("longest < {}", shown(most)),
                Some(ours.max() < most),
            ),
            Aim::Below(most) => (format!("< {}", shown(most)), Some(ours.median() < most)),
            Aim::Rate {
                per_second: least,
                ratio: most,
            } => (
                format!("≥ {least:.0} rows/s, ≤ {most} × raw"),
                Some(per_second >= least && ratio.is_none_or(|ratio| ratio <= most)),
            ),
            Aim::Against { what, other, ratio } => (
                format!("≤ {ratio} × {} ({what})", shown(other)),
                Some(ours.median() <= other.mul_f64(ratio)),
            ),
        };
        let mut ours = spread(ours);
        if rows > 0 {
            let _ = write!(ours, " ({per_second:.0} rows/s)");
        }
        self.push(Line {
            what: what.to_owned(),
            size,
            ours,
            raw: raw.map(|raw| shown(raw.median())).unwrap_or_default(),
            ratio: ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            aim,
            met,
        });
    }

    /// Adds what so many connections got done side by side; the ratio is ours over raw, calls a
    /// second.
    pub fn load(
        &mut self,
        what: &str,
        size: usize,
        connections: usize,
        ours: &Throughput,
        raw: Option<&Throughput>,
        aim: Aim,
    ) {
        let told = |it: &Throughput| {
            format!(
                "{:.0}/s, p50 {}, p99 {}",
                it.per_second(),
                shown(it.p50()),
                shown(it.p99())
            )
        };
        let (aim, met) = match aim {
            Aim::Load { per_second, p99 } => {
                let mut words = format!("≥ {per_second:.0}/s");
                if let Some(most) = p99 {
                    let _ = write!(words, ", p99 < {}", shown(most));
                }
                let met =
                    ours.per_second() >= per_second && p99.is_none_or(|most| ours.p99() < most);
                (words, Some(met))
            }
            _ => (String::new(), None),
        };
        self.push(Line {
            what: format!("{what}, {connections} connections"),
            size,
            ours: told(ours),
            raw: raw.map(told).unwrap_or_default(),
            ratio: raw
                .map(|raw| format!("{:.2}", ours.per_second() / raw.per_second().max(1e-9)))
                .unwrap_or_default(),
            aim,
            met,
        });
    }

    /// Adds a measure of memory, in MB.
    pub fn memory(&mut self, what: &str, size: usize, megabytes: f64, aim: Aim) {
        let aim = match aim {
            Aim::Memory { most } => (format!("< {most:.0} MB"), Some(megabytes < most)),
            _ => (String::new(), None),
        };
        self.amount(what, size, format!("{megabytes:.1} MB"), aim);
    }

    /// Adds what went over the wire, in kB.
    pub fn weight(&mut self, what: &str, size: usize, kilobytes: f64, aim: Aim) {
        let aim = match aim {
            Aim::Weight { most } => (format!("< {most:.0} kB"), Some(kilobytes < most)),
            _ => (String::new(), None),
        };
        self.amount(what, size, format!("{kilobytes:.0} kB"), aim);
    }

    fn amount(&mut self, what: &str, size: usize, ours: String, aim: (String, Option<bool>)) {
        let (aim, met) = aim;
        self.push(Line {
            what: what.to_owned(),
            size,
            ours,
            raw: String::new(),
            ratio: String::new(),
            aim,
            met,
        });
    }

    /// Adds a sentence below the table.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    fn push(&mut self, line: Line) {
        println!("{}", row(&line).replace("**", ""));
        self.lines.push(line);
    }

    /// The report as Markdown.
    pub fn written(&self, machine: &[(&str, String)]) -> String {
        let mut text = String::from(
            "# Speed and memory\n\nWritten by `make bench`; what fell short stands here too.\n\n",
        );
        for (what, value) in machine {
            let _ = writeln!(text, "- {what}: {value}");
        }
        text.push_str(
            "\nTimes are minimum / **median** / maximum of several runs. *Raw* is the bare \
             equivalent in the same run (same rows, columns, indexes and settings; nothing of ours \
             around it), *ratio* our median over its median. A size of N means N rows of \
             `consumption`, N of `project` and 0.7 N over the thirteen other registers that the 32 \
             indicators take rows from, except where the row names one register or a database.\n\n\
             | what | size | ours | raw | ratio | aim | met |\n|---|---:|---|---:|---:|---|---|\n",
        );
        for line in &self.lines {
            let _ = writeln!(text, "{}", row(line));
        }
        let missed = self
            .lines
            .iter()
            .filter(|line| line.met == Some(false))
            .count();
        let met = self
            .lines
            .iter()
            .filter(|line| line.met == Some(true))
            .count();
        let _ = writeln!(text, "\n{met} aims met, {missed} not met.\n");
        for note in &self.notes {
            let _ = writeln!(text, "- {note}");
        }
        text
    }

    /// Writes the report.
    pub fn write(&self, path: &Path, machine: &[(&str, String)]) -> Result<(), Failure> {
        std::fs::write(path, self.written(machine))?;
        Ok(())
    }
}

fn row(line: &Line) -> String {
    let met = match line.met {
        None => "",
        Some(true) => "met",
        Some(false) => "**NOT met**",
    };
    let size = if line.size == 0 {
        String::new()
    } else {
        grouped(line.size)
    };
    format!(
        "| {} | {size} | {} | {} | {} | {} | {met} |",
        line.what, line.ours, line.raw, line.ratio, line.aim
    )
}

/// 1 000 000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_that_is_missed_says_so() {
        let mut report = Report::default();
        let slow = Samples::of(vec![Duration::from_secs(2)]);
        let fast = Samples::of(vec![Duration::from_millis(100)]);
        let aim = Aim::Rate {
            per_second: 100.0,
            ratio: 4.0,
        };
        report.time("import", 1_000, 1_000, &slow, Some(&fast), aim);
        report.time(
            "page",
            1_000,
            0,
            &fast,
            None,
            Aim::Below(Duration::from_secs(1)),
        );
        let text = report.written(&[("CPU", "two".to_owned())]);
        assert!(text.contains("| import | 1 000 | 2.00 s / **2.00 s** / 2.00 s (500 rows/s) | 100.00 ms | 20.00 | ≥ 100 rows/s, ≤ 4 × raw | **NOT met** |"), "{text}");
        assert!(text.contains("1 aims met, 1 not met."), "{text}");
    }
}
