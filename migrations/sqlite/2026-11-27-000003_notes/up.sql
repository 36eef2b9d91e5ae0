-- A few words of the operator to one person.

-- SQLite cannot change a table's conditions: it is made anew.
CREATE TABLE outbox_new (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'outcome', 'granted', 'refunded', 'apology', 'broadcast', 'note')),
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
  CHECK ((kind IN ('granted', 'note')) = (note IS NOT NULL)),
  CHECK ((kind = 'broadcast') = (broadcast IS NOT NULL)),
  CHECK ((state = 'open') = (settled_at IS NULL))
) STRICT;
INSERT INTO outbox_new (seq, user_id, kind, generation, n, amount, note, placed, state, attempts, deaths,
    error, created_at, settled_at, broadcast)
  SELECT seq, user_id, kind, generation, n, amount, note, placed, state, attempts, deaths, error,
    created_at, settled_at, broadcast FROM outbox;
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
