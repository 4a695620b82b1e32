//! Accounts, sessions, tokens, settings. What happens to them is in the journal; the rows
//! themselves are changed in place, so that what is secret and over can be forgotten.
//!
//! Moments are RFC 3339 texts as in the journal, empty where there is none; truths are 0 and 1.

pub(super) const TABLES: &str = "
CREATE TABLE account (
  id INTEGER_ PRIMARY KEY,
  login TEXT_ NOT NULL UNIQUE,
  name TEXT_ NOT NULL,
  unit TEXT_ NOT NULL,
  password TEXT_ NOT NULL,
  password_at TEXT_ NOT NULL,
  must_change INTEGER_ NOT NULL CHECK (must_change IN (0, 1)),
  disabled INTEGER_ NOT NULL CHECK (disabled IN (0, 1)),
  created TEXT_ NOT NULL,
  last_login TEXT_ NOT NULL
)STRICT_;
CREATE TABLE account_role (
  account INTEGER_ NOT NULL REFERENCES account (id),
  role TEXT_ NOT NULL,
  PRIMARY KEY (account, role)
)CLUSTERED_;
CREATE TABLE account_register (
  account INTEGER_ NOT NULL REFERENCES account (id),
  register TEXT_ NOT NULL,
  PRIMARY KEY (account, register)
)CLUSTERED_;
CREATE TABLE account_identity (
  issuer TEXT_ NOT NULL,
  subject TEXT_ NOT NULL,
  account INTEGER_ NOT NULL REFERENCES account (id),
  PRIMARY KEY (issuer, subject)
)CLUSTERED_;
CREATE TABLE password_history (
  account INTEGER_ NOT NULL REFERENCES account (id),
  at TEXT_ NOT NULL,
  password TEXT_ NOT NULL,
  PRIMARY KEY (account, at)
)CLUSTERED_;
CREATE TABLE session (
  id INTEGER_ PRIMARY KEY,
  token BLOB_ NOT NULL UNIQUE,
  account INTEGER_ NOT NULL REFERENCES account (id),
  created TEXT_ NOT NULL,
  seen TEXT_ NOT NULL,
  method TEXT_ NOT NULL,
  origin TEXT_ NOT NULL,
  agent TEXT_ NOT NULL,
  revoked TEXT_ NOT NULL
)STRICT_;
CREATE INDEX session_account ON session (account, id);
CREATE TABLE token (
  id INTEGER_ PRIMARY KEY,
  token BLOB_ NOT NULL UNIQUE,
  account INTEGER_ NOT NULL REFERENCES account (id),
  name TEXT_ NOT NULL,
  actions TEXT_ NOT NULL,
  machine INTEGER_ NOT NULL CHECK (machine IN (0, 1)),
  created TEXT_ NOT NULL,
  expires TEXT_ NOT NULL,
  used TEXT_ NOT NULL,
  revoked TEXT_ NOT NULL
)STRICT_;
CREATE INDEX token_account ON token (account, id);
CREATE TABLE login_attempt (
  login TEXT_ PRIMARY KEY,
  failures INTEGER_ NOT NULL,
  at TEXT_ NOT NULL,
  until TEXT_ NOT NULL
)CLUSTERED_;
CREATE TABLE setting (
  key TEXT_ PRIMARY KEY,
  value TEXT_ NOT NULL
)CLUSTERED_;
";
