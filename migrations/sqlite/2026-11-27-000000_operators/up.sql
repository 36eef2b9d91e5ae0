-- Who may use the dashboard, and what they did there.

CREATE TABLE operator (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32),
  -- argon2id as a PHC string. NULL: nobody signs in with a password.
  password TEXT,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'support', 'finance', 'owner')),
  -- The secret is derived from the secret key and this: the row alone gives no code.
  totp_salt BLOB CHECK (length(totp_salt) = 16),
  -- The last span of time whose code was used.
  totp_used INTEGER NOT NULL DEFAULT 0,
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE admin_session (
  -- SHA-256 of the token in the cookie.
  token BLOB PRIMARY KEY CHECK (length(token) = 32),
  operator INTEGER NOT NULL REFERENCES operator (id),
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  -- When the operator last proved who they are.
  proved_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT;
CREATE INDEX admin_session_of_operator ON admin_session (operator, created_at);
CREATE INDEX admin_session_seen ON admin_session (seen_at);

-- One row a try to sign in that has not succeeded; `account` as it was typed, whether it exists or not.
CREATE TABLE login_failure (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failure_of_account ON login_failure (account, at);
CREATE INDEX login_failure_of_address ON login_failure (address, at);
CREATE INDEX login_failure_at ON login_failure (at);

CREATE TABLE login_link (
  -- SHA-256 of the word in the link.
  token BLOB PRIMARY KEY CHECK (length(token) = 32),
  operator INTEGER NOT NULL REFERENCES operator (id),
  expires_at INTEGER NOT NULL
) STRICT;

-- Append-only. `hash` covers the row and the hash before it.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT NOT NULL,
  value_before TEXT,
  value_after TEXT,
  request_id TEXT NOT NULL,
  address TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_of_actor ON audit (actor, seq);
CREATE INDEX audit_of_subject ON audit (subject, seq);
CREATE TRIGGER audit_not_updated BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'refused: the audit log is append-only');
END;
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'refused: the audit log is append-only');
END;

-- Where the log ends. Whoever appends locks this one row first.
CREATE TABLE audit_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
