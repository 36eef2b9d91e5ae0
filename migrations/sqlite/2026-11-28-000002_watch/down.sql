UPDATE broadcast SET failed = failed + blocked;
ALTER TABLE broadcast DROP COLUMN blocked;
