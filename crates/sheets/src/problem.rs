//! Problems: what was found in a workbook, where, and how to mend it.

use qipan_model::Severity;
use serde::{Deserialize, Deserializer, Serialize};

/// A code out of [`CODES`]. Under another name, or serde would want it from what is read.
type Code = &'static str;

/// One finding about a cell, a row or a whole sheet (promise 10).
///
/// Serialised with the keys `sheet`, `cell`, `field`, `code` and `message` that callers rely
/// on, and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Sheet name; empty for the file as a whole.
    pub sheet: String,
    /// Cell in A1 form; empty for a sheet or a file as a whole.
    pub cell: String,
    /// Row number as people count, from 1; 0 for a sheet or a file as a whole.
    pub row: u32,
    /// Field id; empty when no single field is meant.
    pub field: String,
    /// Stable code, `S2101`; `docs/import.md` lists them.
    #[serde(deserialize_with = "code")]
    pub code: Code,
    /// Whether the row is refused or only reported.
    pub severity: Severity,
    /// Place, what was found, what was expected, how to mend it; in Chinese.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// What the cell shows.
    pub found: String,
    /// What was expected, in Chinese.
    pub expected: String,
}

/// Every code of a problem, those of the import (`I…`) included; `docs/import.md` explains them.
#[rustfmt::skip]
pub const CODES: [&str; 66] = [
    "S1001", "S1002", "S1003", "S1004", "S1005", "S1006", "S1007", "S1008",
    "S1009", "S1010", "S1011", "S1012", "S1013", "S1014", "S1015", "S1016",
    "S1017", "S1018", "S1019", "S1020", "S2001", "S2002", "S2003", "S2004",
    "S2005", "S2007", "S2008", "S2101", "S2102", "S2103", "S2104", "S2105",
    "S2106", "S2107", "S2108", "S2109", "S2201", "S2202", "S2203", "S2204",
    "S2301", "S2302", "S2303", "S2304", "S2305", "S2306", "S2307", "S2308",
    "S2309", "S2310", "S2401", "S2402", "S2403", "S2404", "S2405", "S2501",
    "S2502", "S2503", "S2504", "S2505", "I3001", "I3002", "I3003", "I3004", "I3005",
    "I3006",
];

/// Reads a code: it must be one of [`CODES`].
fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    let written = String::deserialize(deserializer)?;
    CODES
        .into_iter()
        .find(|code| *code == written)
        .ok_or_else(|| serde::de::Error::custom(format!("no problem has the code {written}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code that is used must be in the list, else what was found could not be read again.
    #[test]
    fn every_code_in_use_is_listed() {
        let mut used = std::collections::BTreeSet::new();
        for folder in ["src", "../import/src"] {
            gather(
                &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
                &mut used,
            );
        }
        assert_eq!(
            used.iter().map(String::as_str).collect::<Vec<_>>(),
            {
                let mut listed = CODES.to_vec();
                listed.sort_unstable();
                listed
            },
            "in use, and listed"
        );
    }

    fn gather(folder: &std::path::Path, used: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, used);
                continue;
            }
            // Not this list itself.
            if path.ends_with("problem.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            used.extend(
                text.split('"')
                    .filter(|word| is_code(word))
                    .map(str::to_owned),
            );
        }
    }

    fn is_code(word: &str) -> bool {
        word.len() == 5
            && word.starts_with(['S', 'I'])
            && word[1..].bytes().all(|byte| byte.is_ascii_digit())
    }

    #[test]
    fn a_problem_comes_back_from_json() {
        let problem = Problem {
            sheet: "项目台账".to_owned(),
            cell: "C5".to_owned(),
            row: 5,
            field: "fund".to_owned(),
            code: "S2101",
            severity: Severity::Error,
            message: "不是数".to_owned(),
            message_en: "not a number".to_owned(),
            found: "七千".to_owned(),
            expected: "数".to_owned(),
        };
        let text = serde_json::to_string(&problem).unwrap();
        assert_eq!(serde_json::from_str::<Problem>(&text).unwrap(), problem);
        assert!(serde_json::from_str::<Problem>(&text.replace("S2101", "none")).is_err());
    }
}
