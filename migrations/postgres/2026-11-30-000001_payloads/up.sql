-- Why FAL does not delete its copies of what a person asked for. NULL: it does, or nobody has asked it yet.
ALTER TABLE forgetting ADD COLUMN payload_trouble TEXT CHECK (payload_trouble IN ('refused', 'away'));
