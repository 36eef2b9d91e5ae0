-- What is done to storage as a whole, one run at a time over all nodes. `seen_at`: the last word of the
-- process that does it; `found` is JSON.
CREATE TABLE upkeep (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('check', 'move', 'backfill')),
  author TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
  total INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0),
  is_stopping INTEGER NOT NULL DEFAULT 0 CHECK (is_stopping IN (0, 1)),
  outcome TEXT CHECK (outcome IN ('finished', 'failed', 'stopped', 'lost')),
  ended_at INTEGER,
  found TEXT NOT NULL DEFAULT '{}',
  CHECK ((outcome IS NULL) = (ended_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX upkeep_one ON upkeep ((ended_at IS NULL)) WHERE ended_at IS NULL;
