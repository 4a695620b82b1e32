-- The layout of version 1, as that program made it. Never edited.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE journal (
  seq BIGINT PRIMARY KEY,
  at TEXT COLLATE "C" NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  register TEXT COLLATE "C" NOT NULL,
  rows BIGINT NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  digest BYTEA NOT NULL,
  prev BYTEA NOT NULL,
  hash BYTEA NOT NULL
);
CREATE UNIQUE INDEX journal_at ON journal (at, seq);
CREATE TABLE pack_version (
  seq BIGINT PRIMARY KEY,
  pack TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  archive BYTEA NOT NULL
);
CREATE TABLE register_column (
  register TEXT COLLATE "C" NOT NULL,
  born TEXT COLLATE "C" NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (register, born),
  UNIQUE (register, field)
);
CREATE TABLE "return" (
  _rid BIGINT PRIMARY KEY,
  _from BIGINT NOT NULL,
  register TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('filed', 'no-change', 'nil'))
);
CREATE INDEX return_place ON "return" (register, period, unit, _rid);
CREATE TABLE checkpoint (
  seq BIGINT PRIMARY KEY,
  hash BYTEA NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  signature BYTEA NOT NULL
);
CREATE TABLE rollup (
  indicator TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  source BIGINT NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  supporter TEXT COLLATE "C" NOT NULL,
  month BIGINT NOT NULL,
  done_month BIGINT NOT NULL,
  n BIGINT NOT NULL,
  sum BIGINT NOT NULL,
  n_open BIGINT NOT NULL,
  sum_open BIGINT NOT NULL,
  PRIMARY KEY (indicator, version, source, recipient, supporter, month, done_month)
);
CREATE TABLE rollup_key (
  indicator TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  source BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  supporter TEXT COLLATE "C" NOT NULL,
  month BIGINT NOT NULL,
  done_month BIGINT NOT NULL,
  n BIGINT NOT NULL,
  n_open BIGINT NOT NULL,
  PRIMARY KEY (indicator, version, source, key, recipient, supporter, month, done_month)
);
CREATE TABLE rollup_distinct (
  cut TEXT COLLATE "C" NOT NULL,
  indicator TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  supporter TEXT COLLATE "C" NOT NULL,
  month BIGINT NOT NULL,
  n BIGINT NOT NULL,
  n_with_open BIGINT NOT NULL,
  PRIMARY KEY (cut, indicator, version, recipient, supporter, month)
);
CREATE TABLE presence (
  register TEXT COLLATE "C" NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  supporter TEXT COLLATE "C" NOT NULL,
  month BIGINT NOT NULL,
  n BIGINT NOT NULL,
  n_open BIGINT NOT NULL,
  PRIMARY KEY (register, recipient, supporter, month)
);
CREATE TABLE unit (
  id TEXT COLLATE "C" PRIMARY KEY,
  nth BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  short TEXT COLLATE "C" NOT NULL,
  name_en TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  cluster TEXT COLLATE "C" NOT NULL,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C"
);
CREATE TABLE link (
  supporter TEXT COLLATE "C" NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  certainty TEXT COLLATE "C" NOT NULL,
  evidence TEXT COLLATE "C" NOT NULL
);
CREATE TABLE indicator (
  id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  nth BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  name_en TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  owner TEXT COLLATE "C" NOT NULL,
  definition TEXT COLLATE "C" NOT NULL,
  valid_from TEXT COLLATE "C",
  valid_to TEXT COLLATE "C",
  PRIMARY KEY (id, version)
);
CREATE OR REPLACE FUNCTION qipan_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER "journal__frozen" BEFORE UPDATE ON "journal" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "journal__kept" BEFORE DELETE ON "journal" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "journal__whole" BEFORE TRUNCATE ON "journal" EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "pack_version__frozen" BEFORE UPDATE ON "pack_version" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "pack_version__kept" BEFORE DELETE ON "pack_version" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "pack_version__whole" BEFORE TRUNCATE ON "pack_version" EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "return__frozen" BEFORE UPDATE ON "return" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "return__kept" BEFORE DELETE ON "return" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "return__whole" BEFORE TRUNCATE ON "return" EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "checkpoint__frozen" BEFORE UPDATE ON "checkpoint" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "checkpoint__kept" BEFORE DELETE ON "checkpoint" FOR EACH ROW EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
CREATE TRIGGER "checkpoint__whole" BEFORE TRUNCATE ON "checkpoint" EXECUTE FUNCTION qipan_refuse('日志、机制包、报送和检查点只增不改');
INSERT INTO meta (key, value) VALUES ('schema', '1');
