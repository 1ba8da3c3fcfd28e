-- What a person changed here, which no synchronisation takes back: {"name"?, "email"?, "custom_fields"?: {name: value or null}}.
ALTER TABLE contacts ADD COLUMN edited TEXT NOT NULL DEFAULT '{}';
-- A customer's files and notes, by kind.
CREATE INDEX messages_kept ON messages (conversation, kind, order_ms, id)
    WHERE kind IN ('image', 'video', 'audio', 'document', 'note');
