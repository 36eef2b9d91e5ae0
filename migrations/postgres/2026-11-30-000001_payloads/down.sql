ALTER TABLE forgetting DROP COLUMN payload_trouble;
