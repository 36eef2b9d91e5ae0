DROP TRIGGER entry_not_updated ON entry;
CREATE TRIGGER entry_not_updated BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION entry_is_final();
DROP FUNCTION entry_is_updated();
DROP TABLE forgetting;
