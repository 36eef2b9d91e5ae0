DELETE FROM outbox WHERE kind = 'note';
ALTER TABLE outbox DROP CONSTRAINT outbox_check3;
ALTER TABLE outbox ADD CONSTRAINT outbox_check3 CHECK ((kind = 'granted') = (note IS NOT NULL));
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
  CHECK (kind IN ('picture', 'outcome', 'granted', 'refunded', 'apology', 'broadcast'));
