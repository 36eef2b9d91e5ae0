-- What the operator has to know of, while it is so: told once, whatever restarts meanwhile.
CREATE TABLE incident (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- Who saw it.
  node UUID NOT NULL,
  since TIMESTAMPTZ NOT NULL,
  level BIGINT NOT NULL,
  said TEXT NOT NULL,
  told_at TIMESTAMPTZ,
  told_level BIGINT NOT NULL DEFAULT 0,
  -- Over, and that is not told yet.
  ended_at TIMESTAMPTZ,
  PRIMARY KEY (kind, subject)
);
