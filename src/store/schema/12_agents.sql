-- Drafts belong to an agent. '': of a time before that; it becomes the draft of whoever opens the conversation first.
CREATE TABLE agent_drafts (
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent TEXT NOT NULL,
    text TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (conversation, agent)
) WITHOUT ROWID;
INSERT INTO agent_drafts (conversation, agent, text, saved_at) SELECT conversation, '', text, saved_at FROM drafts;
DROP TABLE drafts;
ALTER TABLE agent_drafts RENAME TO drafts;
ALTER TABLE conversations DROP COLUMN has_draft;

-- Which conversation each screen has open, and whether its agent is writing there. A dead screen's row is removed by
-- the engine.
CREATE TABLE presence (
    screen TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    writing INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX presence_conversation ON presence (conversation);

-- When a person wants a message to be sent; it comes into the outbox then. anyway: whatever the window.
ALTER TABLE messages ADD COLUMN scheduled_at INTEGER;
ALTER TABLE messages ADD COLUMN anyway INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_scheduled ON messages (scheduled_at) WHERE scheduled_at IS NOT NULL;
