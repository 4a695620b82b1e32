//! Long work and the workbooks that people send in. These rows are changed in place and removed
//! when they are old: what they did to the registers is in the journal.
//!
//! Moments are RFC 3339 texts as in the journal, empty where there is none.

pub(super) const TABLES: &str = "
CREATE TABLE job (
  id INTEGER_ PRIMARY KEY,
  kind TEXT_ NOT NULL,
  account INTEGER_ NOT NULL,
  login TEXT_ NOT NULL,
  origin TEXT_ NOT NULL,
  state TEXT_ NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  done INTEGER_ NOT NULL,
  total INTEGER_ NOT NULL,
  message TEXT_ NOT NULL,
  message_en TEXT_ NOT NULL,
  payload TEXT_ NOT NULL,
  result TEXT_ NOT NULL,
  attempts INTEGER_ NOT NULL,
  cancel INTEGER_ NOT NULL CHECK (cancel IN (0, 1)),
  runner TEXT_ NOT NULL,
  created TEXT_ NOT NULL,
  started TEXT_ NOT NULL,
  beat TEXT_ NOT NULL,
  finished TEXT_ NOT NULL
)STRICT_;
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_account ON job (account, id);
CREATE TABLE import_file (
  id INTEGER_ PRIMARY KEY,
  account INTEGER_ NOT NULL,
  login TEXT_ NOT NULL,
  name TEXT_ NOT NULL,
  size INTEGER_ NOT NULL,
  digest TEXT_ NOT NULL,
  state TEXT_ NOT NULL CHECK (state IN ('analysing', 'ready', 'committing', 'committed',
    'refused', 'failed', 'discarded')),
  options TEXT_ NOT NULL,
  mapping TEXT_ NOT NULL,
  summary TEXT_ NOT NULL,
  report TEXT_ NOT NULL,
  receipt TEXT_ NOT NULL,
  job INTEGER_ NOT NULL,
  kept INTEGER_ NOT NULL CHECK (kept IN (0, 1)),
  at TEXT_ NOT NULL,
  touched TEXT_ NOT NULL
)STRICT_;
CREATE INDEX import_file_account ON import_file (account, id);
CREATE INDEX import_file_digest ON import_file (digest);
";
