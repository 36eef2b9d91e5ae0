-- Those who blocked the bot, apart from what failed. Broadcasts that have ended keep their old counts: `failed` is
-- the sum of both there.
ALTER TABLE broadcast ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
