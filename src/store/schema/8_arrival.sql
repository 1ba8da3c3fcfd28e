-- When a message came here or was written here; null for imported ones and those of before.
ALTER TABLE messages ADD COLUMN arrived INTEGER;
-- No message that comes now is ordered before it: the newest place of what was here before the current burst, or of
-- what our side wrote here.
ALTER TABLE conversations ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
