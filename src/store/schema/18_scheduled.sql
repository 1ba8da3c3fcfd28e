-- When a conversation's next message goes out that waits for its time.
CREATE INDEX messages_scheduled_here ON messages (conversation, scheduled_at) WHERE scheduled_at IS NOT NULL;
