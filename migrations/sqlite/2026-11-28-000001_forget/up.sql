-- People whom an operator deletes, while that goes on. `pseudonym`: under what their books stand afterwards; drawn,
-- not derived. `emptied_at`: since then nobody stands under the id any more, or somebody new.
CREATE TABLE forgetting (
  pseudonym INTEGER PRIMARY KEY CHECK (pseudonym BETWEEN -8999999999999999999 AND -1000000000000000000),
  user_id INTEGER NOT NULL UNIQUE CHECK (user_id > 0),
  operator TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  emptied_at INTEGER
) STRICT;

-- The one exception: the Telegram id becomes the pseudonym. The id of a welcome is derived from the Telegram id,
-- and a reason may say anything of the person.
DROP TRIGGER entry_not_updated;
CREATE TRIGGER entry_not_updated BEFORE UPDATE ON entry WHEN NOT (
  EXISTS (SELECT 1 FROM forgetting WHERE forgetting.user_id = OLD.user_id
    AND forgetting.pseudonym = NEW.user_id AND forgetting.emptied_at IS NULL)
  AND NEW.debit = CASE OLD.debit WHEN OLD.user_id THEN NEW.user_id ELSE OLD.debit END
  AND NEW.credit = CASE OLD.credit WHEN OLD.user_id THEN NEW.user_id ELSE OLD.credit END
  AND (NEW.id = OLD.id OR OLD.kind = 'welcome') AND (NEW.reason = OLD.reason OR NEW.reason = '')
  AND NEW.seq = OLD.seq AND NEW.kind = OLD.kind AND NEW.amount = OLD.amount
  AND NEW.generation IS OLD.generation AND NEW.actor = OLD.actor AND NEW.at = OLD.at)
BEGIN
  SELECT RAISE(ABORT, 'refused: the ledger is append-only');
END;
