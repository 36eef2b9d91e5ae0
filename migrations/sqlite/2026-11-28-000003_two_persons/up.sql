-- Credits above what one operator may book alone: proposed by one, booked or refused by another. `cause` names the
-- one form that it came from; `amount` is negative where credits are taken back.
CREATE TABLE proposal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  cause TEXT NOT NULL UNIQUE,
  user_id INTEGER NOT NULL,
  generation BLOB CHECK (length(generation) = 16),
  amount INTEGER NOT NULL CHECK (amount <> 0 AND (generation IS NULL OR amount > 0)),
  reason TEXT NOT NULL CHECK (reason <> ''),
  author TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  outcome TEXT CHECK (outcome IN ('approved', 'refused')),
  decided_by TEXT,
  decided_at INTEGER,
  CHECK ((outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)),
  CHECK (outcome IS NULL OR outcome = 'refused' OR decided_by <> author)
) STRICT;
CREATE INDEX proposal_open ON proposal (created_at) WHERE outcome IS NULL;

-- Generations by why they failed, however rare that is.
CREATE INDEX generation_failure ON generation (failure, created_at, id) WHERE failure IS NOT NULL;
