-- The id of the member of a group who wrote a message.
ALTER TABLE messages ADD COLUMN member TEXT;

-- Edits and revocations whose message has not come yet. direction: 'in', 'out' or null; text: null for a revocation.
CREATE TABLE early_edits (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    peer TEXT NOT NULL,
    is_group INTEGER NOT NULL,
    aliases TEXT NOT NULL,
    direction TEXT,
    member TEXT,
    text TEXT,
    received_at INTEGER NOT NULL
);
CREATE INDEX early_edits_message ON early_edits (account, remote_id);
CREATE INDEX early_edits_age ON early_edits (account, received_at);
