//! Ids, references and other checks that every part of a pack shares.

use std::collections::BTreeSet;

use jiff::civil::Date;
use qipan_model::Validity;

use crate::diagnostic::{Code, Report};
use crate::nearest::hint;
use crate::spanned::{Day, Sp};

/// Most characters in an id.
pub(crate) const MAX_ID: usize = 48;

/// Words that PostgreSQL or SQLite keep for themselves, so that a column or table of that name
/// would have to be quoted by everyone who reads the tables with other tools; and words of the
/// expression language.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "add", "all", "alter", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "binary", "both", "case", "cast", "check", "collate", "collation",
    "column", "commit", "concurrently", "constraint", "create", "cross", "current_catalog",
    "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
    "current_user", "default", "deferrable", "delete", "desc", "distinct", "do", "drop", "else",
    "end", "escape", "except", "exists", "false", "fetch", "for", "foreign", "freeze", "from",
    "full", "grant", "group", "has", "having", "if", "ilike", "in", "index", "initially", "inner",
    "insert", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like",
    "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on",
    "only", "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning",
    "right", "rowid", "select", "session_user", "set", "similar", "some", "symmetric",
    "system_user", "table", "tablesample", "then", "to", "today", "trailing", "transaction",
    "true", "union", "unique", "update", "user", "using", "values", "variadic", "verbose", "when",
    "where", "window", "with",
];

/// What an id is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `[a-z][a-z0-9_]*`, a name in SQL.
    Sql,
    /// `[a-z][a-z0-9-]*`.
    Slug,
    /// `PRJ-N-ISSUED`.
    Indicator,
    /// `2.3`, anything without blanks.
    Number,
}

impl Form {
    pub(crate) fn fits(self, id: &str) -> bool {
        let first = id.bytes().next().unwrap_or(b' ');
        let rest = |ok: fn(u8) -> bool| id.bytes().all(ok);
        id.chars().count() <= MAX_ID
            && match self {
                Self::Sql => {
                    first.is_ascii_lowercase()
                        && rest(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                        && !RESERVED.contains(&id)
                        && !id.starts_with("sqlite_")
                        && !id.starts_with("pg_")
                }
                Self::Slug => {
                    first.is_ascii_lowercase()
                        && rest(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                }
                Self::Indicator => {
                    first.is_ascii_uppercase()
                        && rest(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
                        && !id.ends_with('-')
                }
                Self::Number => !id.is_empty() && !id.contains(char::is_whitespace),
            }
    }

    fn rule(self) -> (&'static str, &'static str) {
        match self {
            Self::Sql => (
                "以小写字母开头，只用小写字母、数字和下划线，不用 SQL 或表达式的保留词",
                "begin with a lower-case letter, use only lower-case letters, digits and `_`, and no word reserved in SQL or expressions",
            ),
            Self::Slug => (
                "以小写字母开头，只用小写字母、数字和连字符",
                "begin with a lower-case letter, use only lower-case letters, digits and `-`",
            ),
            Self::Indicator => (
                "以大写字母开头，只用大写字母、数字和连字符，如 PRJ-N-ISSUED",
                "begin with a capital, use only capitals, digits and `-`, like PRJ-N-ISSUED",
            ),
            Self::Number => ("写成 2.3 这样、中间没有空格", "be like 2.3, without blanks"),
        }
    }
}

/// The report together with the file that is being looked at.
pub(crate) struct Look<'r, 'a> {
    pub(crate) report: &'r mut Report<'a>,
    pub(crate) file: &'r str,
}

impl Look<'_, '_> {
    /// A finding at a byte offset of the file.
    pub(crate) fn at(
        &mut self,
        code: Code,
        at: usize,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.report.at(code, self.file, at, zh, en);
    }

    /// Whether an id is well formed. A missing one was reported already.
    pub(crate) fn id(&mut self, id: &Sp<String>, form: Form) -> bool {
        if id.is_missing() {
            return false;
        }
        if form.fits(id) {
            return true;
        }
        let (zh, en) = form.rule();
        let id_text = &id.value;
        self.at(
            Code::P4001,
            id.at,
            format!("`{id_text}` 不能作编号：应{zh}，不超过 {MAX_ID} 个字符"),
            format!("`{id_text}` is no id: it must {en}, in at most {MAX_ID} characters"),
        );
        false
    }

    /// Reports an id that was used before. `seen` grows.
    pub(crate) fn unique(&mut self, id: &Sp<String>, what: &str, seen: &mut BTreeSet<String>) {
        if !id.is_missing() && !seen.insert(id.value.clone()) {
            let id_text = &id.value;
            self.at(
                Code::P4002,
                id.at,
                format!("{what}编号 `{id_text}` 前面已经用过：请换一个"),
                format!("id `{id_text}` is used above: choose another"),
            );
        }
    }

    /// Whether a word is one of the known ids; reports when not.
    pub(crate) fn known<'k>(
        &mut self,
        written: &Sp<String>,
        what: (&str, &str),
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> bool {
        if written.is_missing() {
            return false;
        }
        if known.clone().into_iter().any(|id| id == written.value) {
            return true;
        }
        let (zh, en) = hint(written, known);
        let id = &written.value;
        self.at(
            Code::P4003,
            written.at,
            format!("没有{} `{id}`{zh}", what.0),
            format!("there is no {} `{id}`{en}", what.1),
        );
        false
    }

    /// Reports words that are there but empty.
    pub(crate) fn words(&mut self, text: &Sp<String>, key: &str) {
        if !text.is_missing() && text.trim().is_empty() {
            self.at(
                Code::P4005,
                text.at,
                format!("`{key}` 是空的：请填上"),
                format!("`{key}` is empty: fill it in"),
            );
        }
    }

    /// A span of days; reports when it ends before it begins.
    pub(crate) fn span(&mut self, from: Option<&Sp<Day>>, to: Option<&Sp<Day>>) -> Validity {
        let validity = Validity {
            from: from.map(|day| day.0),
            to: to.map(|day| day.0),
        };
        if let (Some(_), Some(to)) = (from, to)
            && is_reversed(validity)
        {
            self.at(
                Code::P4004,
                to.at,
                "valid_to 早于 valid_from：请核对两个日期",
                "valid_to is before valid_from: check both days",
            );
        }
        validity
    }
}

/// Whether a span ends before it begins.
pub(crate) fn is_reversed(span: Validity) -> bool {
    matches!((span.from, span.to), (Some(from), Some(to)) if to < from)
}

/// Whether two spans share a day.
pub(crate) fn overlap(a: Validity, b: Validity) -> bool {
    a.overlaps(b.from.unwrap_or(Date::MIN), b.to.unwrap_or(Date::MAX))
}
