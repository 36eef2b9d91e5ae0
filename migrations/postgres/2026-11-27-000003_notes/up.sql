-- A few words of the operator to one person.

ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
  CHECK (kind IN ('picture', 'outcome', 'granted', 'refunded', 'apology', 'broadcast', 'note'));
-- The fourth of the table's own conditions: (kind = 'granted') = (note IS NOT NULL).
ALTER TABLE outbox DROP CONSTRAINT outbox_check3;
ALTER TABLE outbox ADD CONSTRAINT outbox_check3
  CHECK ((kind IN ('granted', 'note')) = (note IS NOT NULL));
