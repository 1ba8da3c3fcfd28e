-- Voice notes of customers that are to be transcribed. attempts: how often a program was begun on it. next_at: when the next
-- attempt may begin; of one that was never begun, when its file came.
CREATE TABLE transcriptions (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL
);
CREATE INDEX transcriptions_due ON transcriptions (next_at);
