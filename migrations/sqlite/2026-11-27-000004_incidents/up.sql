-- What the operator has to know of, while it is so: told once, whatever restarts meanwhile.
CREATE TABLE incident (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- Who saw it.
  node BLOB NOT NULL CHECK (length(node) = 16),
  since INTEGER NOT NULL,
  level INTEGER NOT NULL,
  said TEXT NOT NULL,
  told_at INTEGER,
  told_level INTEGER NOT NULL DEFAULT 0,
  -- Over, and that is not told yet.
  ended_at INTEGER,
  PRIMARY KEY (kind, subject)
) STRICT;
