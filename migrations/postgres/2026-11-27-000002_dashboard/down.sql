DROP INDEX outbox_broadcast;
DELETE FROM outbox WHERE kind = 'broadcast';
ALTER TABLE outbox DROP CONSTRAINT outbox_of_broadcast;
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
  CHECK (kind IN ('picture', 'outcome', 'granted', 'refunded', 'apology'));
ALTER TABLE outbox DROP COLUMN broadcast;
DROP TABLE broadcast;
DROP TABLE switch;
DROP TABLE model_override;
DROP TABLE ledger_check;
DROP TABLE bucket_count;
DROP TABLE sample;
DROP INDEX entry_by_hand;
DROP INDEX entry_of_kind;
DROP INDEX entry_newest;
DROP INDEX picture_unsettled;
DROP INDEX generation_finished;
DROP INDEX generation_unpaid;
DROP INDEX generation_of_model;
DROP INDEX generation_newest;
DROP INDEX person_newest;
DROP INDEX person_username;
DROP INDEX person_name;
ALTER TABLE picture DROP COLUMN settled_at;
ALTER TABLE generation
  DROP COLUMN queued_at,
  DROP COLUMN resulted_at,
  DROP COLUMN captured_at,
  DROP COLUMN cancel_asked_at;
ALTER TABLE person DROP COLUMN name_folded, DROP COLUMN username_folded;
