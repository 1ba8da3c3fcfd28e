-- Who resolved a conversation last, and when; it stays when the conversation opens again.
ALTER TABLE conversations ADD COLUMN resolved_by TEXT;
ALTER TABLE conversations ADD COLUMN resolved_at INTEGER;
