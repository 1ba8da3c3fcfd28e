-- Private notes that an agent has begun and not saved. They are no drafts: nothing makes a message of them.
CREATE TABLE begun_notes (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent TEXT NOT NULL,
    text TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (conversation, agent)
) WITHOUT ROWID;
-- The message that an agent's draft answers.
CREATE TABLE draft_quotes (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (conversation, agent)
) WITHOUT ROWID;
CREATE INDEX draft_quotes_message ON draft_quotes (message);
