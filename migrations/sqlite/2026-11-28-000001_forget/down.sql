DROP TRIGGER entry_not_updated;
CREATE TRIGGER entry_not_updated BEFORE UPDATE ON entry BEGIN
  SELECT RAISE(ABORT, 'refused: the ledger is append-only');
END;
DROP TABLE forgetting;
