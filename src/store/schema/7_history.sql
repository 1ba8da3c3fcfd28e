-- history: from before the account was connected; read, and nobody waits for an answer to it.
ALTER TABLE messages ADD COLUMN history INTEGER NOT NULL DEFAULT 0;
-- The customer wants no marketing messages.
ALTER TABLE conversations ADD COLUMN no_marketing INTEGER NOT NULL DEFAULT 0;
-- The latest notice of the messaging service about the account; '': none.
ALTER TABLE accounts ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN notice_detail TEXT NOT NULL DEFAULT '';
