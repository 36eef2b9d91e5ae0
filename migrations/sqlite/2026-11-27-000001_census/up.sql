-- What each node says of itself, for the operator and the other nodes. Only nodes on PostgreSQL write here:
-- a file has one process, which is asked itself.
CREATE TABLE node_report (
  node BLOB PRIMARY KEY NOT NULL CHECK (length(node) = 16),
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

-- What a node is told to do by others. The one process of a file stands under the id of sixteen zeros.
CREATE TABLE node_order (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  node BLOB NOT NULL CHECK (length(node) = 16),
  kind TEXT NOT NULL CHECK (kind IN ('restart', 'retire', 'drain', 'undrain')),
  subject TEXT,
  author TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'done', 'refused', 'lost')),
  outcome TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER,
  CHECK ((kind IN ('restart', 'retire')) = (subject IS NOT NULL)),
  CHECK ((state IN ('open', 'taken')) = (settled_at IS NULL)),
  CHECK ((settled_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE INDEX node_order_unsettled ON node_order (node, seq) WHERE settled_at IS NULL;

-- A node that drains gives its lanes to the others and claims none.
ALTER TABLE node ADD COLUMN draining INTEGER NOT NULL DEFAULT 0 CHECK (draining IN (0, 1));

-- Storage jobs that were set aside. 255 attempts: the operator gave the job up.
CREATE INDEX picture_aside ON picture (created_at, generation, n)
  WHERE state IN ('fallback', 'trashed') AND (attempts >= 3 OR deaths >= 5) AND attempts < 255;
