-- What agents did to conversations: who, when, what, from where. An action's value is its label, agent, time or field.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    agent TEXT NOT NULL,
    action TEXT NOT NULL,
    value TEXT,
    origin TEXT,
    address TEXT
);
CREATE INDEX audit_conversation ON audit (conversation, id);
-- Only the last resolution of each was kept until now.
INSERT INTO audit (conversation, at, agent, action)
SELECT id, resolved_at, resolved_by, 'resolved' FROM conversations WHERE resolved_at IS NOT NULL AND resolved_by IS NOT NULL;
