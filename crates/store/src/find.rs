//! Searching the journal.

use jiff::Timestamp;
use qipan_model::Action;

use crate::clock::written;
use crate::db::{STANDS, Tx};
use crate::journal::{self, Stored};
use crate::{Entry, Reader, Result};

/// Which entries of the journal are wanted; the newest come first.
#[derive(Debug, Clone, Copy)]
pub struct JournalQuery<'a> {
    /// First entry.
    pub first: i64,
    /// Last entry.
    pub last: i64,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub to: Option<Timestamp>,
    /// Who.
    pub actor: Option<&'a str>,
    /// What sort of change.
    pub action: Option<&'a str>,
    /// Register touched.
    pub register: Option<&'a str>,
    /// Words that stand in who, why or the particulars.
    pub text: Option<&'a str>,
    /// Most entries, 1 to 1000.
    pub limit: u32,
}

impl Default for JournalQuery<'_> {
    fn default() -> Self {
        Self {
            first: 1,
            last: STANDS,
            from: None,
            to: None,
            actor: None,
            action: None,
            register: None,
            text: None,
            limit: 100,
        }
    }
}

impl Reader {
    /// The entries that fit a search, the newest first.
    ///
    /// Moments are turned into numbers first, which grow with them, so that the walk along the
    /// primary key begins and ends where it must; other words are compared entry by entry, which
    /// costs less than an index would cost each write.
    ///
    /// The journal tells of everybody's rows: only callers with [`Action::Journal`] find any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn find_entries(&mut self, query: &JournalQuery<'_>) -> Result<Vec<Entry>> {
        if !self.may(Action::Journal) {
            return Ok(Vec::new());
        }
        let words = [query.actor, query.action, query.register, query.text];
        // No text of the journal holds NUL, and PostgreSQL takes none.
        if words.iter().flatten().any(|word| word.contains('\0')) {
            return Ok(Vec::new());
        }
        let mut first = query.first.max(1);
        let mut last = query.last;
        if let Some(from) = query.from {
            let sql = "SELECT coalesce(min(seq), ?) FROM journal WHERE at >= ?";
            let mut args = self.tx.args();
            args.int(STANDS);
            args.text(&written(from));
            first = first.max(number(&mut self.tx, sql, args).await?);
        }
        if let Some(to) = query.to {
            last = last.min(self.seq_at(to).await?);
        }
        let mut sql = format!(
            "SELECT {} FROM journal WHERE seq BETWEEN ? AND ?",
            journal::COLUMNS
        );
        let mut args = self.tx.args();
        args.int(first);
        args.int(last);
        for (column, word) in [
            ("actor", query.actor),
            ("action", query.action),
            ("register", query.register),
        ] {
            if let Some(word) = word {
                sql.push_str(&format!(" AND {column} = ?"));
                args.text(word);
            }
        }
        if let Some(text) = query.text {
            let columns = ["actor", "reason", "payload"];
            let any: Vec<String> = columns
                .iter()
                .map(|column| format!("lower({column}) LIKE ? ESCAPE '!'"))
                .collect();
            sql.push_str(&format!(" AND ({})", any.join(" OR ")));
            for _ in columns {
                args.text(&pattern(text));
            }
        }
        sql.push_str(" ORDER BY seq DESC LIMIT ?");
        args.int(query.limit.clamp(1, 1000).into());
        let rows = self.tx.rows(&sql, args).await?;
        rows.iter()
            .map(|row| Entry::of(Stored::read(row)?))
            .collect()
    }
}

async fn number(tx: &mut Tx, sql: &str, args: crate::cells::Args) -> Result<i64> {
    tx.row(sql, args).await?.map_or(Ok(0), |row| row.int(0))
}

/// A text as a pattern that finds it anywhere; its own wild cards are letters like others.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        // As `lower` does it in both databases: Latin letters alone.
        pattern.push(letter.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    #[test]
    fn wild_cards_are_letters() {
        assert_eq!(super::pattern("A_50%!"), "%a!_50!%!!%");
    }
}
