-- The agent who deals with a conversation; null: nobody does.
ALTER TABLE conversations ADD COLUMN assignee TEXT;
CREATE INDEX conversations_assignee ON conversations (assignee, last_order, id) WHERE assignee IS NOT NULL;
