//! What belongs to records beside their rows: evidence, requests that must not be carried out
//! twice, saved views, and how far the search indexes have come.

pub(super) const TABLES: &str = "
CREATE TABLE evidence (
  _rid INTEGER_ PRIMARY KEY,
  _from INTEGER_ NOT NULL,
  register TEXT_ NOT NULL,
  record INTEGER_ NOT NULL,
  digest TEXT_ NOT NULL,
  name TEXT_ NOT NULL,
  type TEXT_ NOT NULL,
  size INTEGER_ NOT NULL,
  gone INTEGER_ NOT NULL CHECK (gone IN (0, 1))
)STRICT_;
CREATE INDEX evidence_record ON evidence (register, record, _rid);
CREATE INDEX evidence_file ON evidence (digest, _rid);
CREATE INDEX journal_import ON journal (seq) WHERE action = 'import';
CREATE TABLE request (
  id TEXT_ PRIMARY KEY,
  body TEXT_ NOT NULL,
  answer TEXT_ NOT NULL,
  at TEXT_ NOT NULL
)CLUSTERED_;
CREATE INDEX request_at ON request (at);
CREATE TABLE saved_view (
  id INTEGER_ PRIMARY KEY,
  account INTEGER_ NOT NULL,
  register TEXT_ NOT NULL,
  name TEXT_ NOT NULL,
  query TEXT_ NOT NULL,
  created TEXT_ NOT NULL,
  UNIQUE (account, register, name)
)STRICT_;
CREATE TABLE search_position (
  register TEXT_ PRIMARY KEY,
  rid INTEGER_ NOT NULL,
  columns TEXT_ NOT NULL
)CLUSTERED_;
";
