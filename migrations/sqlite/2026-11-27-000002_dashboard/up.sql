-- What the dashboard reads. Pages go on from a place in an index, so each list has one in its order.

-- Names and usernames in lower case, as the program folds them, to be found by how they begin.
ALTER TABLE person ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN username_folded TEXT NOT NULL DEFAULT '';
UPDATE person SET name_folded = lower(first_name), username_folded = lower(coalesce(username, ''));
-- lower() knows no Cyrillic here.
UPDATE person SET name_folded = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(name_folded,
  'А', 'а'), 'Б', 'б'), 'В', 'в'), 'Г', 'г'), 'Д', 'д'), 'Е', 'е'),
  'Ё', 'ё'), 'Ж', 'ж'), 'З', 'з'), 'И', 'и'), 'Й', 'й');
UPDATE person SET name_folded = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(name_folded,
  'К', 'к'), 'Л', 'л'), 'М', 'м'), 'Н', 'н'), 'О', 'о'), 'П', 'п'),
  'Р', 'р'), 'С', 'с'), 'Т', 'т'), 'У', 'у'), 'Ф', 'ф');
UPDATE person SET name_folded = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(name_folded,
  'Х', 'х'), 'Ц', 'ц'), 'Ч', 'ч'), 'Ш', 'ш'), 'Щ', 'щ'), 'Ъ', 'ъ'),
  'Ы', 'ы'), 'Ь', 'ь'), 'Э', 'э'), 'Ю', 'ю'), 'Я', 'я');
CREATE INDEX person_name ON person (name_folded);
CREATE INDEX person_username ON person (username_folded);

-- People are listed newest first, in pages that go on from a place.
CREATE INDEX person_newest ON person (created_at, id);

-- When a move was made, as far as no other row tells: the last one of its kind. Columns of the row that
-- is written anyway, in no index, so that a move costs what it did.
ALTER TABLE generation ADD COLUMN queued_at INTEGER;
ALTER TABLE generation ADD COLUMN resulted_at INTEGER;
ALTER TABLE generation ADD COLUMN captured_at INTEGER;
ALTER TABLE generation ADD COLUMN cancel_asked_at INTEGER;
ALTER TABLE picture ADD COLUMN settled_at INTEGER;

-- Generations in the order in which they were made: all, of one model, and those that nobody paid for
-- (failed, expired, cancelled). The columns in these conditions change at a generation's end only.
CREATE INDEX generation_newest ON generation (created_at, id);
CREATE INDEX generation_of_model ON generation (model, created_at, id);
CREATE INDEX generation_unpaid ON generation (created_at, id)
  WHERE finished_at IS NOT NULL AND captured = 0;
CREATE INDEX generation_finished ON generation (finished_at) WHERE finished_at IS NOT NULL;

-- Pictures that are not where they should be, those whose address ends first at the top. One without a
-- promise counts from its making.
CREATE INDEX picture_unsettled ON picture (state, coalesce(url_expires_at, created_at), generation, n)
  WHERE state IN ('fallback', 'lost', 'trashed');

CREATE INDEX entry_newest ON entry (at, seq);
CREATE INDEX entry_of_kind ON entry (kind, at, seq);
CREATE INDEX entry_by_hand ON entry (at, seq) WHERE actor <> 'system';

-- One minute of the whole bot, summed from the rows once it is over, whoever does it.
CREATE TABLE sample (
  minute INTEGER PRIMARY KEY,
  updates INTEGER NOT NULL,
  begun INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  -- How long the delivered ones took: 'bucket:count …', none that is empty.
  latencies TEXT NOT NULL,
  -- The newest update that had come in by then: where the next minutes are looked for.
  inbox_seq INTEGER NOT NULL
) STRICT;

-- What lies in the buckets, counted now and then. No bucket: not stored yet.
CREATE TABLE bucket_count (
  bucket TEXT NOT NULL,
  state TEXT NOT NULL,
  pictures INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (bucket, state)
) STRICT;

-- What the audit of the books found, and when.
CREATE TABLE ledger_check (
  at INTEGER PRIMARY KEY,
  breaches INTEGER NOT NULL,
  -- The first of them, a line each.
  lines TEXT NOT NULL,
  -- The books as a whole.
  issued INTEGER NOT NULL,
  promo INTEGER NOT NULL,
  revenue INTEGER NOT NULL,
  held INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  entries INTEGER NOT NULL
) STRICT;

-- An operator's word on a model, which wins over the file's until it is lifted.
CREATE TABLE model_override (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  on_sale INTEGER NOT NULL CHECK (on_sale IN (0, 1)),
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  at INTEGER NOT NULL,
  lifted_at INTEGER,
  lifted_by TEXT,
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX model_override_one ON model_override (model) WHERE lifted_at IS NULL;

CREATE TABLE switch (
  name TEXT PRIMARY KEY NOT NULL,
  is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  note TEXT NOT NULL,
  author TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- One text to many people, who are walked in the order of their ids; `walked` is the last one.
CREATE TABLE broadcast (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  text_en TEXT NOT NULL,
  text_ru TEXT NOT NULL,
  segment TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'draft'
    CHECK (state IN ('draft', 'running', 'paused', 'done', 'cancelled')),
  author TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  walked INTEGER,
  is_walked INTEGER NOT NULL DEFAULT 0 CHECK (is_walked IN (0, 1)),
  queued INTEGER NOT NULL DEFAULT 0,
  sent INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'cancelled'))),
  CHECK (state = 'draft' OR started_at IS NOT NULL OR state = 'cancelled')
) STRICT;

-- SQLite cannot change a table's conditions: it is made anew.
CREATE TABLE outbox_new (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'outcome', 'granted', 'refunded', 'apology', 'broadcast')),
  generation BLOB REFERENCES generation (id),
  n INTEGER,
  amount INTEGER,
  note TEXT,
  placed INTEGER,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'dead', 'quarantined')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 255),
  deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0),
  error TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER,
  broadcast INTEGER REFERENCES broadcast (seq),
  is_open INTEGER NOT NULL GENERATED ALWAYS AS (state = 'open') STORED,
  FOREIGN KEY (generation, n) REFERENCES picture (generation, n),
  CHECK ((kind IN ('picture', 'outcome', 'refunded')) = (generation IS NOT NULL)),
  CHECK ((kind = 'picture') = (n IS NOT NULL)),
  CHECK ((kind IN ('granted', 'refunded')) = (amount IS NOT NULL)),
  CHECK ((kind = 'granted') = (note IS NOT NULL)),
  CHECK ((kind = 'broadcast') = (broadcast IS NOT NULL)),
  CHECK ((state = 'open') = (settled_at IS NULL))
) STRICT;
INSERT INTO outbox_new (seq, user_id, kind, generation, n, amount, note, placed, state, attempts, deaths,
    error, created_at, settled_at)
  SELECT seq, user_id, kind, generation, n, amount, note, placed, state, attempts, deaths, error,
    created_at, settled_at FROM outbox;
-- A number that was given out once is not given out again.
DELETE FROM sqlite_sequence WHERE name = 'outbox_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox_new', seq FROM sqlite_sequence WHERE name = 'outbox';
DROP TABLE outbox;
-- The views that name it stay as they are.
PRAGMA legacy_alter_table = ON;
ALTER TABLE outbox_new RENAME TO outbox;
PRAGMA legacy_alter_table = OFF;
CREATE INDEX outbox_open ON outbox (seq) WHERE is_open;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state IN ('done', 'dead');
CREATE INDEX outbox_quarantined ON outbox (seq) WHERE state = 'quarantined';
CREATE UNIQUE INDEX outbox_once ON outbox (generation, kind, coalesce(n, 0))
  WHERE generation IS NOT NULL;
CREATE UNIQUE INDEX outbox_broadcast ON outbox (broadcast, user_id) WHERE broadcast IS NOT NULL;

-- What the planner should take for granted, as in the first version.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('generation', 'generation_newest', '5000000 1 1'),
  ('generation', 'generation_of_model', '5000000 1000000 1 1'),
  ('generation', 'generation_unpaid', '200000 1 1'),
  ('generation', 'generation_finished', '5000000 1'),
  ('picture', 'picture_unsettled', '1000 500 1 1 1'),
  ('person', 'person_newest', '100000 1 1'),
  ('person', 'person_name', '100000 20'),
  ('person', 'person_username', '100000 2'),
  ('entry', 'entry_newest', '10000000 1 1'),
  ('entry', 'entry_of_kind', '10000000 2000000 1 1'),
  ('entry', 'entry_by_hand', '10000 1 1'),
  ('entry', 'entry_of_user', '10000000 60000 1'),
  ('entry', 'entry_of_generation', '10000000 3 1');
