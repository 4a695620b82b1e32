//! Search in Chinese: every word of one character and more, found wherever it stands in a text.
//!
//! What is found is told by the texts themselves (`instr`, letters of ASCII without regard to
//! case), so a search is right whatever state its index is in. The index only says where to look:
//! for each row the pairs of neighbouring characters in its texts, in FTS5 or as a `tsvector`.
//! Rows never change, so it is only ever added to. It is not kept with the rows but brought up to
//! date afterwards, in steps, when somebody searches and finds it far behind
//! (`docs/decisions/0008`); rows beyond its end are looked at one by one.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use qipan_model::{FieldType, Register, Units, Value};
use qipan_sql::Dialect;
use sea_query::{Alias, Condition, Expr, ExprTrait, Func, Query, SelectStatement};

use crate::bulk::Bulk;
use crate::db::{STANDS, Tx, quoted};
use crate::store::Store;
use crate::table::Table;
use crate::{Error, Result};

/// Most words of a search, and characters of each.
const MOST_WORDS: usize = 8;
const MOST_CHARACTERS: usize = 100;
/// Rows beyond the end of an index from which it is brought up to date.
const BEHIND: i64 = 500;
/// Rows that one step adds to an index: other writers wait for no more than that.
const STEP: i64 = 2_000;

/// What is searched for: records in which every word stands somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// Letters of ASCII in lower case.
    text: String,
    /// Units whose names hold the word: records name them by id.
    units: Vec<String>,
}

impl Search {
    /// Words parted by blanks; `None` when there are none. Of very long searches the beginning
    /// counts.
    #[must_use]
    pub fn new(asked: &str, units: &Units) -> Option<Self> {
        let words: Vec<Word> = asked
            .split_whitespace()
            .take(MOST_WORDS)
            .map(|word| {
                // PostgreSQL cannot hold NUL in a text, so it stands nowhere.
                let text: String = word
                    .chars()
                    .filter(|c| *c != '\0')
                    .take(MOST_CHARACTERS)
                    .collect();
                let text = text.to_ascii_lowercase();
                let named = units.all().iter().filter(|unit| {
                    let names = [unit.name.as_str(), unit.short.as_str()];
                    let aliases = unit.aliases.iter().map(|(alias, _)| alias.as_str());
                    names
                        .into_iter()
                        .chain(aliases)
                        .any(|name| name.to_ascii_lowercase().contains(&text))
                });
                Word {
                    units: named.map(|unit| unit.id.to_string()).collect(),
                    text,
                }
            })
            .filter(|word| !word.text.is_empty())
            .collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// Whether a record is found; what the SQL says, said again for tests and for single rows.
    #[must_use]
    pub fn finds(&self, register: &Register, values: &[Value]) -> bool {
        self.words.iter().all(|word| {
            let texts = texts(register)
                .filter_map(|field| values.get(field)?.as_text())
                .any(|text| text.to_ascii_lowercase().contains(&word.text));
            let units = sides(register)
                .filter_map(|field| values.get(field)?.as_text())
                .any(|unit| word.units.iter().any(|id| id == unit));
            texts || units
        })
    }

    /// The rows in which every word stands.
    fn exact(&self, register: &Register, dialect: Dialect) -> Condition {
        let place = match dialect {
            Dialect::Sqlite => "instr",
            Dialect::Postgres => "strpos",
        };
        let column = |field: usize| Expr::col(Alias::new(&register.fields[field].id));
        let mut all = Condition::all();
        for word in &self.words {
            let mut any = Condition::any().add(Expr::cust("1 = 0"));
            for field in texts(register) {
                let stands = Func::cust(Alias::new(place))
                    .arg(Func::lower(column(field)))
                    .arg(word.text.as_str());
                any = any.add(Expr::from(stands).gt(0));
            }
            if !word.units.is_empty() {
                for field in sides(register) {
                    any = any.add(column(field).is_in(word.units.iter().map(String::as_str)));
                }
            }
            all = all.add(any);
        }
        all
    }

    /// What to ask the index for the words that cannot be meant by the name of a unit; `None`
    /// when there are none.
    fn asked(&self, dialect: Dialect) -> Option<String> {
        let words = self.words.iter().filter(|word| word.units.is_empty());
        let parts: BTreeSet<String> = words.flat_map(|word| word.asked(dialect)).collect();
        joined(parts, dialect)
    }
}

/// Parts of a question to the index, all of which must hold.
fn joined(parts: BTreeSet<String>, dialect: Dialect) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().collect();
    (!parts.is_empty()).then(|| match dialect {
        Dialect::Sqlite => parts.join(" AND "),
        Dialect::Postgres => parts.join(" & "),
    })
}

impl Word {
    /// The pairs that stand wherever the word stands; what begins with a single character.
    fn asked(&self, dialect: Dialect) -> Vec<String> {
        let characters: Vec<char> = self.text.chars().map(letter).collect();
        if let [single] = characters[..] {
            return vec![match dialect {
                Dialect::Sqlite => format!("\"{single}\"*"),
                Dialect::Postgres => format!("'{single}':*"),
            }];
        }
        let pairs = characters.windows(2).map(|pair| match dialect {
            Dialect::Sqlite => format!("\"{}{}\"", pair[0], pair[1]),
            Dialect::Postgres => format!("'{}{}'", pair[0], pair[1]),
        });
        pairs.collect()
    }
}

/// Fields whose texts are searched. Personal ones are not: a search would tell what the mask
/// hides.
fn texts(register: &Register) -> impl Iterator<Item = usize> {
    register
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| {
            !field.personal && matches!(field.ty, FieldType::Text { .. } | FieldType::Choice { .. })
        })
        .map(|(index, _)| index)
}

/// Fields that name units.
fn sides(register: &Register) -> impl Iterator<Item = usize> {
    register
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| !field.personal && matches!(field.ty, FieldType::Unit { .. }))
        .map(|(index, _)| index)
}

/// A character as the index holds it: letters and digits of ASCII as they are, its other
/// characters moved out of the way of both query languages.
fn letter(c: char) -> char {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        char::from_u32(0xE000 + u32::from(c)).unwrap_or(c)
    } else {
        c
    }
}

/// Between two texts of a row, in one column.
const BETWEEN: char = '\u{1}';

/// The pairs of neighbouring characters of some texts, each once, parted by blanks. The last
/// character of a text stands alone too, so that each character begins something.
fn pairs(texts: &str) -> String {
    let mut seen: BTreeSet<[char; 2]> = BTreeSet::new();
    for text in texts.split(BETWEEN) {
        let mut before: Option<char> = None;
        for c in text.chars().map(|c| letter(c.to_ascii_lowercase())) {
            if let Some(before) = before {
                seen.insert([before, c]);
            }
            before = Some(c);
        }
        seen.extend(before.map(|last| [last, '\0']));
    }
    let mut written = String::with_capacity(seen.len() * 7);
    for [first, second] in seen {
        if !written.is_empty() {
            written.push(' ');
        }
        written.push(first);
        if second != '\0' {
            written.push(second);
        }
    }
    written
}

/// Name of a register's index. No register's own name begins so.
fn index_of(register: &str) -> String {
    format!("_search_{register}")
}

/// How far an index has come.
struct Position {
    rid: i64,
    columns: BTreeSet<String>,
}

async fn position(tx: &mut Tx, register: &str) -> Result<Option<Position>> {
    let mut args = tx.args();
    args.text(register);
    let sql = "SELECT rid, columns FROM search_position WHERE register = ?";
    let Some(row) = tx.row(sql, args).await? else {
        return Ok(None);
    };
    Ok(Some(Position {
        rid: row.int(0)?,
        columns: row.text(1)?.split(' ').map(str::to_owned).collect(),
    }))
}

fn columns(register: &Register) -> BTreeSet<String> {
    texts(register)
        .map(|field| register.fields[field].id.clone())
        .collect()
}

/// The rows that a search finds, and whether its index is far behind. `as_of` is the state that
/// is searched; `None` is now.
pub(crate) async fn condition(
    tx: &mut Tx,
    register: &Register,
    search: &Search,
    as_of: Option<i64>,
) -> Result<(Condition, bool)> {
    let dialect = tx.dialect();
    let exact = search.exact(register, dialect);
    let args = tx.args();
    let last = format!(
        "SELECT coalesce(max(_rid), 0) FROM {}",
        quoted(&register.id)
    );
    let last = tx.row(&last, args).await?.map_or(Ok(0), |row| row.int(0))?;
    // An index of a pack with other fields is of no use until it is made anew.
    let wanted = columns(register);
    let position = position(tx, &register.id)
        .await?
        .filter(|position| wanted.is_subset(&position.columns));
    let reached = position.map_or(0, |position| position.rid);
    let behind = last - reached > BEHIND;
    let mut found = Condition::all();
    if reached > 0 {
        let among = |places| Expr::col(Alias::new("_rid")).in_subquery(places);
        if let Some(asked) = search.asked(dialect) {
            found = found.add(among(candidates(dialect, &register.id, &asked, reached)));
        }
        // Records name units by id, and their indexes find those that stand now.
        for word in search.words.iter().filter(|word| !word.units.is_empty()) {
            let parts = word.asked(dialect).into_iter().collect();
            let Some(asked) = joined(parts, dialect).filter(|_| as_of.is_none()) else {
                continue;
            };
            let mut places = candidates(dialect, &register.id, &asked, reached);
            for side in sides(register) {
                let column = Expr::col(Alias::new(&register.fields[side].id));
                let mut named = Query::select();
                named
                    .column(Alias::new("_rid"))
                    .from(Alias::new(&register.id))
                    .and_where(Expr::cust(format!("\"_to\" = {STANDS}")))
                    .and_where(column.is_in(word.units.iter().map(String::as_str)));
                places.union(sea_query::UnionType::All, named);
            }
            found = found.add(among(places));
        }
    }
    Ok((found.add(exact), behind))
}

/// Rows of which the index says that they may be meant, and those that it does not know yet.
fn candidates(dialect: Dialect, register: &str, asked: &str, reached: i64) -> SelectStatement {
    use sea_query::extension::postgres::PgExpr;
    use sea_query::extension::sqlite::SqliteExpr;

    let index = index_of(register);
    let mut known = Query::select();
    match dialect {
        Dialect::Sqlite => known
            .expr(Expr::cust("rowid"))
            .from(Alias::new(&index))
            .and_where(SqliteExpr::matches(Expr::col(Alias::new(&index)), asked))
            .and_where(Expr::cust("rowid").lte(reached)),
        Dialect::Postgres => known
            .column(Alias::new("_rid"))
            .from(Alias::new(&index))
            .and_where(PgExpr::matches(
                Expr::col(Alias::new("tokens")),
                Expr::val(asked).cast_as(Alias::new("tsquery")),
            ))
            .and_where(Expr::col(Alias::new("_rid")).lte(reached)),
    };
    let mut beyond = Query::select();
    beyond
        .column(Alias::new("_rid"))
        .from(Alias::new(register))
        .and_where(Expr::col(Alias::new("_rid")).gt(reached));
    known.union(sea_query::UnionType::All, beyond);
    known
}

/// Adds the next rows to a register's index; says whether there are more.
async fn step(store: &Store, register: &str) -> Result<bool> {
    let mut tx = store.db().write().await?;
    let schema = store.schema(&mut tx).await?.ok_or(Error::NoPack)?;
    let (Some(register), Some(table)) =
        (schema.pack.register(register), schema.tables.get(register))
    else {
        return Ok(false);
    };
    let wanted = columns(register);
    let position = position(&mut tx, &register.id).await?;
    let reached = match position {
        Some(position) if position.columns == wanted => position.rid,
        _ => {
            let script = made_anew(tx.dialect(), &register.id);
            tx.run(&script).await?;
            0
        }
    };
    let rows = unknown(&mut tx, register, table, reached).await?;
    let next = rows.last().map_or(reached, |(rid, _)| *rid);
    let more = i64::try_from(rows.len()).unwrap_or(0) == STEP;
    add(&mut tx, &register.id, rows).await?;
    let mut args = tx.args();
    args.text(&register.id);
    args.int(next);
    let written: Vec<String> = wanted.into_iter().collect();
    args.text(&written.join(" "));
    tx.exec(
        "INSERT INTO search_position (register, rid, columns) VALUES (?, ?, ?)
         ON CONFLICT (register) DO UPDATE SET rid = excluded.rid, columns = excluded.columns",
        args,
    )
    .await?;
    tx.commit().await?;
    Ok(more)
}

/// The texts of the rows that follow.
async fn unknown(
    tx: &mut Tx,
    register: &Register,
    table: &Table,
    reached: i64,
) -> Result<Vec<(i64, String)>> {
    let between = match tx.dialect() {
        Dialect::Sqlite => " || char(1) || ",
        Dialect::Postgres => " || chr(1) || ",
    };
    let texts: Vec<String> = texts(register)
        .map(|field| format!("coalesce({}, '')", quoted(&register.fields[field].id)))
        .collect();
    let texts = if texts.is_empty() {
        "''".to_owned()
    } else {
        texts.join(between)
    };
    let sql = format!(
        "SELECT _rid, {texts} FROM {} WHERE _rid > ? ORDER BY _rid LIMIT {STEP}",
        table.name
    );
    let mut args = tx.args();
    args.int(reached);
    let rows = tx.rows(&sql, args).await?;
    rows.iter()
        .map(|row| Ok((row.int(0)?, pairs(&row.text(1)?))))
        .collect()
}

async fn add(tx: &mut Tx, register: &str, rows: Vec<(i64, String)>) -> Result<()> {
    let index = quoted(&index_of(register));
    if tx.dialect() == Dialect::Postgres {
        let (rids, texts): (Vec<i64>, Vec<String>) = rows.into_iter().unzip();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut args = tx.args();
        args.ints(&rids);
        args.texts(&texts);
        let sql = format!(
            "INSERT INTO {index} (_rid, tokens)
             SELECT a, array_to_tsvector(string_to_array(b, ' '))
             FROM unnest(?::bigint[], ?::text[]) AS u (a, b)"
        );
        tx.exec(&sql, args).await?;
        return Ok(());
    }
    let bulk = Bulk::new(
        Dialect::Sqlite,
        &format!("INSERT INTO {index} (rowid, t)"),
        2,
        "",
    );
    let mut rows = rows.as_slice();
    while !rows.is_empty() {
        let (takes, sql) = bulk.fitting(rows.len());
        let (now, later) = rows.split_at(takes.min(rows.len()));
        let mut args = tx.args();
        for (rid, pairs) in now {
            args.int(*rid);
            args.text(pairs);
        }
        tx.execute(sql, args).await?;
        rows = later;
    }
    Ok(())
}

/// Statements that make an empty index, in place of the one that was there.
fn made_anew(dialect: Dialect, register: &str) -> String {
    let index = quoted(&index_of(register));
    match dialect {
        Dialect::Sqlite => format!(
            "DROP TABLE IF EXISTS {index};
             CREATE VIRTUAL TABLE {index} USING
             fts5(t, content='', detail=none, columnsize=0, tokenize='ascii');"
        ),
        Dialect::Postgres => format!(
            "DROP TABLE IF EXISTS {index};
             CREATE TABLE {index} (_rid BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL);
             CREATE INDEX {} ON {index} USING gin (tokens);",
            quoted(&format!("{}_tokens", index_of(register)))
        ),
    }
}

/// Registers whose indexes are being brought up to date.
#[derive(Default)]
pub(crate) struct Indexing(Mutex<BTreeSet<String>>);

impl Indexing {
    fn running(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Brings a register's search index up to date in the background, step by step, so that
    /// others write in between. Once at a time.
    pub(crate) fn catch_up(&self, register: &str) {
        if !self.indexing().running().insert(register.to_owned()) {
            return;
        }
        let (store, register) = (self.clone(), register.to_owned());
        tokio::spawn(async move {
            if let Err(error) = store.index(&register).await {
                // The search works without, and the next one tries again.
                tracing::warn!(%error, register, "search index is behind");
            }
            store.indexing().running().remove(&register);
        });
    }

    /// Brings a register's search index up to date.
    ///
    /// # Errors
    /// When the database refuses or is being written by somebody else for long.
    pub async fn index(&self, register: &str) -> Result<()> {
        while step(self, register).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_cover_every_character_and_no_border() {
        assert_eq!(pairs("万州区"), "万州 区 州区");
        assert_eq!(pairs(&format!("ab{BETWEEN}c")), "ab b c");
        assert_eq!(pairs(""), "");
        assert_eq!(pairs("A\"b"), "a\u{e022} b \u{e022}b");
    }
}
