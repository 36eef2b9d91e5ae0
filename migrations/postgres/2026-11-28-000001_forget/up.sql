-- People whom an operator deletes, while that goes on. `pseudonym`: under what their books stand afterwards; drawn,
-- not derived. `emptied_at`: since then nobody stands under the id any more, or somebody new.
CREATE TABLE forgetting (
  pseudonym BIGINT PRIMARY KEY CHECK (pseudonym BETWEEN -8999999999999999999 AND -1000000000000000000),
  user_id BIGINT NOT NULL UNIQUE CHECK (user_id > 0),
  operator TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_at TIMESTAMPTZ NOT NULL,
  emptied_at TIMESTAMPTZ
);

-- The one exception: the Telegram id becomes the pseudonym. The id of a welcome is derived from the Telegram id,
-- and a reason may say anything of the person.
CREATE FUNCTION entry_is_updated() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.debit = (CASE OLD.debit WHEN OLD.user_id THEN NEW.user_id ELSE OLD.debit END)
    AND NEW.credit = (CASE OLD.credit WHEN OLD.user_id THEN NEW.user_id ELSE OLD.credit END)
    AND (NEW.id = OLD.id OR OLD.kind = 'welcome') AND (NEW.reason = OLD.reason OR NEW.reason = '')
    AND NEW.seq = OLD.seq AND NEW.kind = OLD.kind AND NEW.amount = OLD.amount
    AND NEW.generation IS NOT DISTINCT FROM OLD.generation AND NEW.actor = OLD.actor AND NEW.at = OLD.at
    AND EXISTS (SELECT 1 FROM forgetting WHERE forgetting.user_id = OLD.user_id
      AND forgetting.pseudonym = NEW.user_id AND forgetting.emptied_at IS NULL) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'refused: the ledger is append-only';
END $$;
DROP TRIGGER entry_not_updated ON entry;
CREATE TRIGGER entry_not_updated BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION entry_is_updated();
