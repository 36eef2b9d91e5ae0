-- Moments are microseconds since the Unix epoch, ids 16 bytes, JSON is text.
-- Generated columns (`is_open`, `is_live`, `has_job`) stand in the partial indexes, so that a query
-- names the column instead of repeating a list of states.

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  first_name TEXT NOT NULL,
  username TEXT,
  language_code TEXT,
  blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
  stopped INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
  created_at INTEGER NOT NULL,
  gallery_version INTEGER NOT NULL DEFAULT 0 CHECK (gallery_version >= 0)
) STRICT;

CREATE TABLE conversation (
  user_id INTEGER PRIMARY KEY REFERENCES person (id),
  version INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL CHECK (source IN ('telegram', 'operator')),
  update_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'quarantined')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 255),
  deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0),
  error TEXT,
  received_at INTEGER NOT NULL,
  settled_at INTEGER,
  is_open INTEGER NOT NULL GENERATED ALWAYS AS (state = 'open') STORED,
  UNIQUE (source, update_id),
  CHECK ((state = 'open') = (settled_at IS NULL))
) STRICT;
CREATE INDEX inbox_open ON inbox (seq) WHERE is_open;
CREATE INDEX inbox_done ON inbox (settled_at) WHERE state = 'done';
CREATE INDEX inbox_quarantined ON inbox (seq) WHERE state = 'quarantined';

CREATE TABLE generation (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  user_id INTEGER NOT NULL REFERENCES person (id),
  model TEXT NOT NULL,
  prompt TEXT NOT NULL,
  ratio TEXT NOT NULL,
  resolution TEXT,
  count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 4),
  seed INTEGER NOT NULL CHECK (seed BETWEEN 0 AND 4294967295),
  price INTEGER NOT NULL CHECK (price >= 0),
  state TEXT NOT NULL CHECK (state IN ('reserved', 'submitting', 'queued', 'resulted', 'captured',
    'delivered', 'cancelling', 'cancelled', 'failed', 'expired')),
  message INTEGER,
  request_id TEXT,
  status_url TEXT,
  response_url TEXT,
  cancel_url TEXT,
  submits INTEGER NOT NULL DEFAULT 0 CHECK (submits BETWEEN 0 AND 255),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 255),
  deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0),
  failure TEXT,
  captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND count),
  created_at INTEGER NOT NULL,
  submitted_at INTEGER,
  finished_at INTEGER,
  deadline_at INTEGER NOT NULL,
  is_open INTEGER NOT NULL GENERATED ALWAYS AS
    (state IN ('reserved', 'submitting', 'queued', 'resulted', 'cancelling')) STORED,
  is_live INTEGER NOT NULL GENERATED ALWAYS AS
    (state IN ('reserved', 'submitting', 'queued', 'resulted', 'cancelling', 'captured')) STORED,
  CHECK ((request_id IS NULL) = (status_url IS NULL)),
  CHECK ((request_id IS NULL) = (response_url IS NULL)),
  CHECK ((request_id IS NULL) = (cancel_url IS NULL))
) STRICT;
CREATE INDEX generation_live ON generation (created_at, id) WHERE is_live;
CREATE INDEX generation_open ON generation (user_id, created_at, id) WHERE is_open;
CREATE INDEX generation_of_user ON generation (user_id, created_at, id);
CREATE INDEX generation_request ON generation (request_id) WHERE request_id IS NOT NULL;
CREATE TRIGGER generation_ends BEFORE UPDATE OF state ON generation
WHEN NEW.state <> OLD.state AND (
  OLD.state IN ('delivered', 'cancelled', 'failed', 'expired')
  OR (OLD.state = 'captured' AND NEW.state <> 'delivered'))
BEGIN
  SELECT RAISE(ABORT, 'refused: a generation only moves forward');
END;

-- Failures of ours while working on something, for the operator.
CREATE TABLE failure (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  generation BLOB NOT NULL REFERENCES generation (id),
  n INTEGER,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX failure_of_generation ON failure (generation, seq);

CREATE TABLE picture (
  generation BLOB NOT NULL REFERENCES generation (id),
  n INTEGER NOT NULL CHECK (n BETWEEN 1 AND 255),
  owner INTEGER NOT NULL REFERENCES person (id),
  model TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('pending', 'stored', 'fallback', 'lost', 'trashed', 'purged')),
  url TEXT NOT NULL,
  url_expires_at INTEGER,
  bucket TEXT,
  object_key TEXT,
  mime TEXT,
  size INTEGER CHECK (size >= 0),
  hash BLOB CHECK (length(hash) = 32),
  width INTEGER CHECK (width >= 0),
  height INTEGER CHECK (height >= 0),
  file_id TEXT,
  favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1)),
  listed INTEGER NOT NULL DEFAULT 0 CHECK (listed IN (0, 1)),
  listed_at INTEGER,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 255),
  deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0),
  -- Set aside after the third failure, or the fifth death with nothing else in hand.
  has_job INTEGER NOT NULL GENERATED ALWAYS AS
    (state IN ('fallback', 'trashed') AND attempts < 3 AND deaths < 5) STORED,
  PRIMARY KEY (generation, n),
  CHECK (listed = 0 OR (listed_at IS NOT NULL AND state IN ('stored', 'fallback'))),
  CHECK ((bucket IS NULL) = (object_key IS NULL)),
  CHECK ((mime IS NULL) = (size IS NULL) AND (mime IS NULL) = (hash IS NULL)
    AND (mime IS NULL) = (width IS NULL) AND (mime IS NULL) = (height IS NULL))
) STRICT;
-- One index for each combination of filters, all in the order of the gallery. The flags at their ends
-- make counting read the index alone.
CREATE INDEX picture_gallery ON picture (owner, listed_at, generation, n, listed) WHERE listed;
CREATE INDEX picture_model ON picture (owner, model, listed_at, generation, n, listed) WHERE listed;
CREATE INDEX picture_favourites ON picture (owner, listed_at, generation, n, listed, favourite)
  WHERE listed AND favourite;
CREATE INDEX picture_model_favourites
  ON picture (owner, model, listed_at, generation, n, listed, favourite) WHERE listed AND favourite;
CREATE INDEX picture_jobs ON picture (attempts, created_at, generation, n) WHERE has_job;

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'outcome', 'granted', 'refunded', 'apology')),
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
  is_open INTEGER NOT NULL GENERATED ALWAYS AS (state = 'open') STORED,
  FOREIGN KEY (generation, n) REFERENCES picture (generation, n),
  CHECK ((kind IN ('picture', 'outcome', 'refunded')) = (generation IS NOT NULL)),
  CHECK ((kind = 'picture') = (n IS NOT NULL)),
  CHECK ((kind IN ('granted', 'refunded')) = (amount IS NOT NULL)),
  CHECK ((kind = 'granted') = (note IS NOT NULL)),
  CHECK ((state = 'open') = (settled_at IS NULL))
) STRICT;
CREATE INDEX outbox_open ON outbox (seq) WHERE is_open;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state IN ('done', 'dead');
CREATE INDEX outbox_quarantined ON outbox (seq) WHERE state = 'quarantined';
CREATE UNIQUE INDEX outbox_once ON outbox (generation, kind, coalesce(n, 0))
  WHERE generation IS NOT NULL;

-- Users stand under their Telegram id. The three house accounts stand far below any such id, and have
-- no counters: they are summed from the entries on demand, so that no row is hot.
CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'issued', 'promo', 'revenue')),
  credited INTEGER NOT NULL DEFAULT 0 CHECK (credited >= 0),
  debited INTEGER NOT NULL DEFAULT 0 CHECK (debited >= 0),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  CONSTRAINT no_overdraft CHECK (credited - debited - held >= 0),
  CHECK (kind = 'user' OR (credited = 0 AND debited = 0 AND held = 0))
) STRICT;
INSERT INTO account (id, kind) VALUES
  (-9000000000000000001, 'issued'), (-9000000000000000002, 'promo'),
  (-9000000000000000003, 'revenue');

CREATE TABLE entry (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  kind TEXT NOT NULL CHECK (kind IN
    ('welcome', 'grant', 'withdrawal', 'hold', 'capture', 'release', 'refund')),
  user_id INTEGER NOT NULL REFERENCES account (id),
  debit INTEGER NOT NULL REFERENCES account (id),
  credit INTEGER NOT NULL REFERENCES account (id),
  amount INTEGER NOT NULL,
  generation BLOB CHECK (length(generation) = 16),
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  CHECK (CASE kind
    WHEN 'welcome' THEN debit = -9000000000000000002 AND credit = user_id
    WHEN 'grant' THEN debit = -9000000000000000001 AND credit = user_id
    WHEN 'withdrawal' THEN debit = user_id AND credit = -9000000000000000001
    WHEN 'refund' THEN debit = -9000000000000000003 AND credit = user_id
    ELSE debit = user_id AND credit = -9000000000000000003 END),
  CHECK (amount <= 1000000000000 AND (amount > 0 OR (amount = 0 AND kind = 'release'))),
  CHECK ((kind IN ('hold', 'capture', 'release', 'refund')) = (generation IS NOT NULL))
) STRICT;
CREATE INDEX entry_of_user ON entry (user_id, seq);
CREATE INDEX entry_of_generation ON entry (generation, kind) WHERE generation IS NOT NULL;
CREATE UNIQUE INDEX entry_one_hold ON entry (generation) WHERE kind = 'hold';
CREATE UNIQUE INDEX entry_one_end ON entry (generation) WHERE kind IN ('capture', 'release');
CREATE UNIQUE INDEX entry_one_refund ON entry (generation) WHERE kind = 'refund';
CREATE TRIGGER entry_not_updated BEFORE UPDATE ON entry BEGIN
  SELECT RAISE(ABORT, 'refused: the ledger is append-only');
END;
CREATE TRIGGER entry_not_deleted BEFORE DELETE ON entry BEGIN
  SELECT RAISE(ABORT, 'refused: the ledger is append-only');
END;
CREATE TRIGGER entry_of_hold BEFORE INSERT ON entry WHEN NEW.kind IN ('capture', 'release') BEGIN
  SELECT RAISE(ABORT, 'refused: no such hold, or less than that') WHERE NOT EXISTS (
    SELECT 1 FROM entry AS hold WHERE hold.generation = NEW.generation AND hold.kind = 'hold'
      AND hold.user_id = NEW.user_id AND (NEW.kind = 'release' OR NEW.amount <= hold.amount));
END;
CREATE TRIGGER entry_of_capture BEFORE INSERT ON entry WHEN NEW.kind = 'refund' BEGIN
  SELECT RAISE(ABORT, 'refused: no such capture, or less than that') WHERE NOT EXISTS (
    SELECT 1 FROM entry AS capture WHERE capture.generation = NEW.generation
      AND capture.kind = 'capture' AND capture.user_id = NEW.user_id AND NEW.amount <= capture.amount);
END;
CREATE TRIGGER entry_counts AFTER INSERT ON entry BEGIN
  UPDATE account SET
    credited = credited
      + CASE WHEN NEW.kind IN ('welcome', 'grant', 'refund') THEN NEW.amount ELSE 0 END,
    debited = debited
      + CASE WHEN NEW.kind IN ('withdrawal', 'capture') THEN NEW.amount ELSE 0 END,
    held = held + CASE
      WHEN NEW.kind = 'hold' THEN NEW.amount
      WHEN NEW.kind IN ('capture', 'release') THEN -(SELECT hold.amount FROM entry AS hold
        WHERE hold.generation = NEW.generation AND hold.kind = 'hold')
      ELSE 0 END
  WHERE id = NEW.user_id;
END;

-- Who works. Only nodes on PostgreSQL write here: a file has one process, which works for all.
CREATE TABLE node (
  id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
  epoch INTEGER NOT NULL,
  until INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  joined_at INTEGER NOT NULL,
  buried INTEGER NOT NULL DEFAULT 0 CHECK (buried IN (0, 1)),
  version TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT;
CREATE TABLE lane (
  lane INTEGER PRIMARY KEY CHECK (lane BETWEEN 0 AND 256),
  node BLOB REFERENCES node (id)
) STRICT;
INSERT INTO lane (lane)
  WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 256)
  SELECT n FROM number;

-- What was really moved: both halves of every entry but holds and releases.
CREATE VIEW posting (account, entry, debit, credit) AS
  SELECT debit, seq, amount, 0 FROM entry WHERE kind NOT IN ('hold', 'release')
  UNION ALL
  SELECT credit, seq, 0, amount FROM entry WHERE kind NOT IN ('hold', 'release');

-- How each hold stands.
CREATE VIEW holding (generation, user_id, amount, ended, captured) AS
  SELECT hold.generation, hold.user_id, hold.amount, ending.kind,
    CASE WHEN ending.kind = 'capture' THEN ending.amount ELSE 0 END
  FROM entry AS hold LEFT JOIN entry AS ending
    ON ending.generation = hold.generation AND ending.kind IN ('capture', 'release')
  WHERE hold.kind = 'hold';

-- Every row is a breach.
CREATE VIEW violations (rule, subject) AS
  SELECT 'the trial balance is off', CAST(sum(debit) - sum(credit) AS TEXT) FROM posting
    HAVING sum(debit) <> sum(credit)
  UNION ALL
  SELECT 'the users'' counters are not what the houses gave',
    CAST((SELECT coalesce(sum(credited - debited), 0) FROM account) AS TEXT)
    WHERE (SELECT coalesce(sum(credited - debited), 0) FROM account)
       <> (SELECT coalesce(sum(posting.debit - posting.credit), 0) FROM posting
           JOIN account ON account.id = posting.account WHERE account.kind <> 'user')
  UNION ALL
  SELECT 'a counter is not the sum of its entries', CAST(account.id AS TEXT) FROM account
    WHERE account.kind = 'user' AND (
      account.credited <> (SELECT coalesce(sum(amount), 0) FROM entry
        WHERE entry.user_id = account.id AND kind IN ('welcome', 'grant', 'refund'))
      OR account.debited <> (SELECT coalesce(sum(amount), 0) FROM entry
        WHERE entry.user_id = account.id AND kind IN ('withdrawal', 'capture'))
      OR account.held <> (SELECT coalesce(sum(holding.amount), 0) FROM holding
        WHERE holding.user_id = account.id AND holding.ended IS NULL))
  UNION ALL
  SELECT 'an account is overdrawn', CAST(id AS TEXT) FROM account
    WHERE credited - debited - held < 0
  UNION ALL
  SELECT 'a hold is open but its generation is not', lower(hex(holding.generation)) FROM holding
    WHERE ended IS NULL AND NOT EXISTS (
      SELECT 1 FROM generation WHERE generation.id = holding.generation AND generation.is_open)
  UNION ALL
  SELECT 'a generation is open without a hold', lower(hex(id)) FROM generation
    WHERE is_open AND NOT EXISTS (SELECT 1 FROM holding
      WHERE holding.generation = generation.id AND holding.ended IS NULL
        AND holding.user_id = generation.user_id)
  UNION ALL
  SELECT 'a paid generation has no capture', lower(hex(id)) FROM generation
    WHERE state IN ('captured', 'delivered') AND NOT EXISTS (SELECT 1 FROM entry
      WHERE entry.generation = generation.id AND entry.kind = 'capture'
        AND entry.user_id = generation.user_id)
  UNION ALL
  SELECT 'a generation without pictures was paid', lower(hex(id)) FROM generation
    WHERE state IN ('cancelled', 'failed', 'expired')
      AND (SELECT coalesce(sum(CASE kind WHEN 'capture' THEN amount ELSE -amount END), 0)
           FROM entry WHERE entry.generation = generation.id AND kind IN ('capture', 'refund')) > 0
  UNION ALL
  SELECT 'more was captured than held', lower(hex(generation)) FROM holding
    WHERE captured > amount
  UNION ALL
  SELECT 'more was given back than captured', lower(hex(refund.generation)) FROM entry AS refund
    WHERE refund.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM entry AS capture
      WHERE capture.generation = refund.generation AND capture.kind = 'capture'
        AND capture.amount >= refund.amount)
  UNION ALL
  SELECT 'a paid picture is neither shown nor owed', lower(hex(id)) FROM generation
    WHERE state = 'captured' AND NOT EXISTS (SELECT 1 FROM outbox
      WHERE outbox.generation = generation.id AND outbox.kind = 'picture')
  UNION ALL
  SELECT 'a listed picture is not safe', lower(hex(generation)) || '_' || n FROM picture
    WHERE listed AND state NOT IN ('stored', 'fallback')
  UNION ALL
  SELECT 'two generations share a request', request_id FROM generation
    WHERE request_id IS NOT NULL GROUP BY request_id HAVING count(*) > 1;

-- What the planner should take for granted, in place of guesses: without this it walks a whole gallery
-- to find the pictures of one model. Figures: rows of the index, then rows per value of each column.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('picture', 'picture_gallery', '10000000 100000 1 1 1'),
  ('picture', 'picture_model', '10000000 100000 25000 1 1 1'),
  ('picture', 'picture_favourites', '500000 5000 1 1 1'),
  ('picture', 'picture_model_favourites', '500000 5000 1000 1 1 1'),
  ('picture', 'picture_jobs', '1000 500 1 1 1'),
  ('picture', 'sqlite_autoindex_picture_1', '10000000 3 1'),
  ('generation', 'generation_live', '1000 1 1'),
  ('generation', 'generation_open', '1000 2 1 1'),
  ('generation', 'generation_of_user', '5000000 30000 1 1'),
  ('generation', 'generation_request', '5000000 1'),
  ('generation', 'sqlite_autoindex_generation_1', '5000000 1');
