//! What is wrong with a pack: place, stable code, a sentence with the remedy.

use serde::{Serialize, Serializer};
use std::fmt;

use qipan_model::Severity;

use crate::Source;

/// Declares the codes once: for matching, for printing and for the reference in `docs/pack.md`.
macro_rules! codes {
    ($($code:ident $severity:ident $about:literal,)+) => {
        /// Stable codes of the findings of a pack check.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $about] $code,)+
        }

        impl Code {
            /// Every code in order.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The code as printed, `P2001`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => stringify!($code)),+ }
            }

            /// How bad a finding with this code is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$code => Severity::$severity),+ }
            }
        }
    };
}

codes! {
    P1001 Error "a file that every pack needs is missing",
    P1002 Error "a file is not UTF-8",
    P1003 Error "TOML that cannot be read",
    P1004 Error "a file that nothing reads",
    P1005 Error "a limit is passed",
    P1006 Error "a file's name differs from the id inside",
    P1007 Error "boundaries that are no GeoJSON",
    P1008 Warning "a recipient without a boundary",
    P2001 Error "unknown key",
    P2002 Error "missing key",
    P2003 Error "value of the wrong type",
    P2004 Error "word that is not in the list",
    P2005 Error "number outside its bounds",
    P3001 Error "header of a table with a missing, unknown or doubled column",
    P3002 Error "row with the wrong number of cells",
    P3003 Error "cell that cannot be understood",
    P3004 Error "two rows that say the same",
    P3005 Error "one code belongs to two units at the same time",
    P3006 Error "a unit of the wrong role",
    P3007 Warning "one name belongs to two units at the same time",
    P3008 Warning "a pair outlives one of its units",
    P4001 Error "malformed or reserved id",
    P4002 Error "id used twice",
    P4003 Error "reference to something that does not exist",
    P4004 Error "span that ends before it begins",
    P4005 Error "empty text where words are needed",
    P5001 Error "field that cannot play its part",
    P5002 Error "two fields or options that go by the same name",
    P5003 Error "expression with a mistake",
    P5004 Error "key that does not belong to the field's type",
    P5005 Error "bounds that leave nothing",
    P5006 Error "layout that cannot be written as a sheet",
    P5007 Warning "a required field is not in the layout",
    P6001 Error "versions of an indicator that contradict each other",
    P6002 Error "key that does not go with the indicator's measure or time type",
    P6003 Error "a percentage of something that cannot be divided",
    P6004 Error "a register lacks what the indicator asks of it",
    P6005 Error "printing rule that makes no sense",
    P7001 Error "slot that is not closed or not understood",
    P7002 Error "key that does not belong to the part of the brief",
    P8001 Warning "clause that no register records",
    P8002 Warning "clause with a register that no indicator counts",
    P8101 Error "action that does not go with the role's reach or office",
    P9001 Error "sample record or expected figure that cannot be understood",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Path within the pack.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Stable code.
    pub code: Code,
    /// How bad it is: an error keeps the pack from being applied.
    pub severity: Severity,
    /// What is wrong and how to mend it, in Chinese.
    pub message: String,
    /// The same in English.
    pub message_en: String,
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

impl fmt::Display for Diagnostic {
    /// `registers/project.toml:12:8 P2001 …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            code,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column} {code} {message}")
    }
}

/// Most findings that are reported at once; more would bury the first ones.
pub const MAX_DIAGNOSTICS: usize = 500;

/// Collects findings while a pack is read.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    source: &'a Source,
    found: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self {
            source,
            found: Vec::new(),
        }
    }

    /// A finding at a byte offset of a file.
    pub(crate) fn at(
        &mut self,
        code: Code,
        file: &str,
        offset: usize,
        message: impl Into<String>,
        message_en: impl Into<String>,
    ) {
        let text = self.source.files.get(file).map_or(&[][..], Vec::as_slice);
        let before = String::from_utf8_lossy(&text[..offset.min(text.len())]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        self.place(code, file, (line, column), message, message_en);
    }

    /// A finding at a line and column of a file.
    pub(crate) fn place(
        &mut self,
        code: Code,
        file: &str,
        (line, column): (usize, usize),
        message: impl Into<String>,
        message_en: impl Into<String>,
    ) {
        if self.found.len() < MAX_DIAGNOSTICS {
            self.found.push(Diagnostic {
                file: file.to_owned(),
                line,
                column,
                code,
                severity: code.severity(),
                message: message.into(),
                message_en: message_en.into(),
            });
        }
    }

    pub(crate) fn has(&self, code: Code) -> bool {
        self.found.iter().any(|finding| finding.code == code)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// All findings by place.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| {
            (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code))
        });
        self.found.dedup();
        self.found
    }
}
