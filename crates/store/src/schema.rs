//! The store's own tables.
//!
//! Each noun's tables stand in a [`Part`] with the version of the layout that brought them. An
//! empty database gets all parts, an older one those that it lacks, in one transaction.

use qipan_sql::Dialect;

use crate::db::Tx;
use crate::ddl::append_only;
use crate::{Error, Result};

mod accounts;
mod records;
mod work;

/// Version of the layout; a change of it comes with a migration from every older one. A part that
/// has been released is never edited.
const VERSION: i64 = 2;

/// Tables of one noun.
struct Part {
    /// Version of the layout that brought them.
    since: i64,
    /// Statements, with the types as words: `TEXT_`, `INTEGER_`, `BLOB_`; `STRICT_` and
    /// `CLUSTERED_` end a table.
    tables: &'static str,
    /// Tables whose rows are never changed or deleted.
    kept: &'static [&'static str],
}

/// All parts, the oldest first. A new noun adds a module and a line.
const PARTS: &[Part] = &[
    Part {
        since: 1,
        tables: FIRST,
        kept: &["journal", "pack_version", "return", "checkpoint"],
    },
    Part {
        since: 2,
        tables: accounts::TABLES,
        kept: &[],
    },
    Part {
        since: 2,
        tables: records::TABLES,
        kept: &["evidence"],
    },
    Part {
        since: 2,
        tables: work::TABLES,
        kept: &[],
    },
];

const FIRST: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)STRICT_;
CREATE TABLE journal (
  seq INTEGER_ PRIMARY KEY,
  at TEXT_ NOT NULL,
  actor TEXT_ NOT NULL,
  reason TEXT_ NOT NULL,
  action TEXT_ NOT NULL,
  register TEXT_ NOT NULL,
  rows INTEGER_ NOT NULL,
  payload TEXT_ NOT NULL,
  digest BLOB_ NOT NULL,
  prev BLOB_ NOT NULL,
  hash BLOB_ NOT NULL
)STRICT_;
CREATE UNIQUE INDEX journal_at ON journal (at, seq);
CREATE TABLE pack_version (
  seq INTEGER_ PRIMARY KEY,
  pack TEXT_ NOT NULL,
  version TEXT_ NOT NULL,
  digest TEXT_ NOT NULL,
  archive BLOB_ NOT NULL
)STRICT_;
CREATE TABLE register_column (
  register TEXT_ NOT NULL,
  born TEXT_ NOT NULL,
  field TEXT_ NOT NULL,
  type TEXT_ NOT NULL,
  PRIMARY KEY (register, born),
  UNIQUE (register, field)
)STRICT_;
CREATE TABLE \"return\" (
  _rid INTEGER_ PRIMARY KEY,
  _from INTEGER_ NOT NULL,
  register TEXT_ NOT NULL,
  period TEXT_ NOT NULL,
  unit TEXT_ NOT NULL,
  kind TEXT_ NOT NULL CHECK (kind IN ('filed', 'no-change', 'nil'))
)STRICT_;
CREATE INDEX return_place ON \"return\" (register, period, unit, _rid);
CREATE TABLE checkpoint (
  seq INTEGER_ PRIMARY KEY,
  hash BLOB_ NOT NULL,
  at TEXT_ NOT NULL,
  signature BLOB_ NOT NULL
)STRICT_;
CREATE TABLE rollup (
  indicator TEXT_ NOT NULL,
  version INTEGER_ NOT NULL,
  source INTEGER_ NOT NULL,
  recipient TEXT_ NOT NULL,
  supporter TEXT_ NOT NULL,
  month INTEGER_ NOT NULL,
  done_month INTEGER_ NOT NULL,
  n INTEGER_ NOT NULL,
  sum INTEGER_ NOT NULL,
  n_open INTEGER_ NOT NULL,
  sum_open INTEGER_ NOT NULL,
  PRIMARY KEY (indicator, version, source, recipient, supporter, month, done_month)
)CLUSTERED_;
CREATE TABLE rollup_key (
  indicator TEXT_ NOT NULL,
  version INTEGER_ NOT NULL,
  source INTEGER_ NOT NULL,
  key TEXT_ NOT NULL,
  recipient TEXT_ NOT NULL,
  supporter TEXT_ NOT NULL,
  month INTEGER_ NOT NULL,
  done_month INTEGER_ NOT NULL,
  n INTEGER_ NOT NULL,
  n_open INTEGER_ NOT NULL,
  PRIMARY KEY (indicator, version, source, key, recipient, supporter, month, done_month)
)CLUSTERED_;
CREATE TABLE rollup_distinct (
  cut TEXT_ NOT NULL,
  indicator TEXT_ NOT NULL,
  version INTEGER_ NOT NULL,
  recipient TEXT_ NOT NULL,
  supporter TEXT_ NOT NULL,
  month INTEGER_ NOT NULL,
  n INTEGER_ NOT NULL,
  n_with_open INTEGER_ NOT NULL,
  PRIMARY KEY (cut, indicator, version, recipient, supporter, month)
)CLUSTERED_;
CREATE TABLE presence (
  register TEXT_ NOT NULL,
  recipient TEXT_ NOT NULL,
  supporter TEXT_ NOT NULL,
  month INTEGER_ NOT NULL,
  n INTEGER_ NOT NULL,
  n_open INTEGER_ NOT NULL,
  PRIMARY KEY (register, recipient, supporter, month)
)CLUSTERED_;
CREATE TABLE unit (
  id TEXT_ PRIMARY KEY,
  nth INTEGER_ NOT NULL,
  name TEXT_ NOT NULL,
  short TEXT_ NOT NULL,
  name_en TEXT_ NOT NULL,
  code TEXT_ NOT NULL,
  role TEXT_ NOT NULL,
  cluster TEXT_ NOT NULL,
  valid_from TEXT_,
  valid_to TEXT_
)STRICT_;
CREATE TABLE link (
  supporter TEXT_ NOT NULL,
  recipient TEXT_ NOT NULL,
  valid_from TEXT_,
  valid_to TEXT_,
  certainty TEXT_ NOT NULL,
  evidence TEXT_ NOT NULL
)STRICT_;
CREATE TABLE indicator (
  id TEXT_ NOT NULL,
  version INTEGER_ NOT NULL,
  nth INTEGER_ NOT NULL,
  name TEXT_ NOT NULL,
  name_en TEXT_ NOT NULL,
  unit TEXT_ NOT NULL,
  owner TEXT_ NOT NULL,
  definition TEXT_ NOT NULL,
  valid_from TEXT_,
  valid_to TEXT_,
  PRIMARY KEY (id, version)
)STRICT_;
";

/// What every refused change of these tables is told.
const KEPT: &str = "日志、机制包、报送和检查点只增不改";

/// Whether a table of this name is the store's own: no register may have it.
pub(crate) fn is_own(name: &str) -> bool {
    PARTS.iter().any(|part| {
        let created = part.tables.split("CREATE TABLE ").skip(1);
        created
            .filter_map(|rest| rest.split(' ').next())
            .any(|own| own.trim_matches('"') == name)
    })
}

/// A part's statements in a dialect.
fn written(dialect: Dialect, part: &Part) -> String {
    let (text, integer, blob, strict, clustered) = match dialect {
        Dialect::Sqlite => (
            "TEXT",
            "INTEGER",
            "BLOB",
            " STRICT",
            " STRICT, WITHOUT ROWID",
        ),
        Dialect::Postgres => ("TEXT COLLATE \"C\"", "BIGINT", "BYTEA", "", ""),
    };
    let mut sql = part
        .tables
        .replace("TEXT_", text)
        .replace("INTEGER_", integer)
        .replace("BLOB_", blob)
        .replace("STRICT_", strict)
        .replace("CLUSTERED_", clustered);
    for table in part.kept {
        sql.push_str(&append_only(dialect, table, KEPT, None));
    }
    sql
}

/// What the triggers of PostgreSQL call.
const REFUSE: &str =
    "CREATE OR REPLACE FUNCTION qipan_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$;\n";

/// The layout's version in the database; `None` when it is empty.
pub(crate) async fn version(tx: &mut Tx) -> Result<Option<i64>> {
    let probe = match tx.dialect() {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = 'meta'",
        Dialect::Postgres => {
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'"
        }
    };
    let args = tx.args();
    let there = tx.row(probe, args).await?.map_or(Ok(0), |row| row.int(0))?;
    if there == 0 {
        return Ok(None);
    }
    let args = tx.args();
    let row = tx
        .row("SELECT value FROM meta WHERE key = 'schema'", args)
        .await?;
    match row {
        None => Ok(None),
        Some(row) => Ok(row.text(0)?.parse().ok()),
    }
}

/// Whether the database is ready for this program; one of an older program, or an empty one, is
/// not.
pub(crate) fn is_current(found: Option<i64>) -> Result<bool> {
    match found {
        Some(found) if found > VERSION => Err(Error::TooNew {
            found,
            known: VERSION,
        }),
        found => Ok(found == Some(VERSION)),
    }
}

/// Makes the tables that a database lacks: all of them in an empty one, those that came later in
/// an older one.
pub(crate) async fn bring_up(tx: &mut Tx, found: Option<i64>) -> Result<()> {
    let found = found.unwrap_or(0);
    let dialect = tx.dialect();
    if dialect == Dialect::Postgres {
        tx.run(REFUSE).await?;
    }
    for part in PARTS.iter().filter(|part| part.since > found) {
        tx.run(&written(dialect, part)).await?;
    }
    let mut args = tx.args();
    args.text(&VERSION.to_string());
    tx.exec(
        "INSERT INTO meta (key, value) VALUES ('schema', ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        args,
    )
    .await?;
    Ok(())
}
