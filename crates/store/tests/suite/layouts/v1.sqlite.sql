-- The layout of version 1, as that program made it. Never edited.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  action TEXT NOT NULL,
  register TEXT NOT NULL,
  rows INTEGER NOT NULL,
  payload TEXT NOT NULL,
  digest BLOB NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX journal_at ON journal (at, seq);
CREATE TABLE pack_version (
  seq INTEGER PRIMARY KEY,
  pack TEXT NOT NULL,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  archive BLOB NOT NULL
) STRICT;
CREATE TABLE register_column (
  register TEXT NOT NULL,
  born TEXT NOT NULL,
  field TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (register, born),
  UNIQUE (register, field)
) STRICT;
CREATE TABLE "return" (
  _rid INTEGER PRIMARY KEY,
  _from INTEGER NOT NULL,
  register TEXT NOT NULL,
  period TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('filed', 'no-change', 'nil'))
) STRICT;
CREATE INDEX return_place ON "return" (register, period, unit, _rid);
CREATE TABLE checkpoint (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  at TEXT NOT NULL,
  signature BLOB NOT NULL
) STRICT;
CREATE TABLE rollup (
  indicator TEXT NOT NULL,
  version INTEGER NOT NULL,
  source INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  supporter TEXT NOT NULL,
  month INTEGER NOT NULL,
  done_month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  n_open INTEGER NOT NULL,
  sum_open INTEGER NOT NULL,
  PRIMARY KEY (indicator, version, source, recipient, supporter, month, done_month)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_key (
  indicator TEXT NOT NULL,
  version INTEGER NOT NULL,
  source INTEGER NOT NULL,
  key TEXT NOT NULL,
  recipient TEXT NOT NULL,
  supporter TEXT NOT NULL,
  month INTEGER NOT NULL,
  done_month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n_open INTEGER NOT NULL,
  PRIMARY KEY (indicator, version, source, key, recipient, supporter, month, done_month)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_distinct (
  cut TEXT NOT NULL,
  indicator TEXT NOT NULL,
  version INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  supporter TEXT NOT NULL,
  month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n_with_open INTEGER NOT NULL,
  PRIMARY KEY (cut, indicator, version, recipient, supporter, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE presence (
  register TEXT NOT NULL,
  recipient TEXT NOT NULL,
  supporter TEXT NOT NULL,
  month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  n_open INTEGER NOT NULL,
  PRIMARY KEY (register, recipient, supporter, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE unit (
  id TEXT PRIMARY KEY,
  nth INTEGER NOT NULL,
  name TEXT NOT NULL,
  short TEXT NOT NULL,
  name_en TEXT NOT NULL,
  code TEXT NOT NULL,
  role TEXT NOT NULL,
  cluster TEXT NOT NULL,
  valid_from TEXT,
  valid_to TEXT
) STRICT;
CREATE TABLE link (
  supporter TEXT NOT NULL,
  recipient TEXT NOT NULL,
  valid_from TEXT,
  valid_to TEXT,
  certainty TEXT NOT NULL,
  evidence TEXT NOT NULL
) STRICT;
CREATE TABLE indicator (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  nth INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  definition TEXT NOT NULL,
  valid_from TEXT,
  valid_to TEXT,
  PRIMARY KEY (id, version)
) STRICT;
CREATE TRIGGER "journal__frozen" BEFORE UPDATE ON "journal" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "journal__kept" BEFORE DELETE ON "journal" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "pack_version__frozen" BEFORE UPDATE ON "pack_version" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "pack_version__kept" BEFORE DELETE ON "pack_version" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "return__frozen" BEFORE UPDATE ON "return" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "return__kept" BEFORE DELETE ON "return" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "checkpoint__frozen" BEFORE UPDATE ON "checkpoint" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
CREATE TRIGGER "checkpoint__kept" BEFORE DELETE ON "checkpoint" BEGIN SELECT RAISE(ABORT, '日志、机制包、报送和检查点只增不改'); END;
INSERT INTO meta (key, value) VALUES ('schema', '1');
