-- What rules have answered, for their limits.
CREATE INDEX messages_rules ON messages (conversation, order_ms, author_name) WHERE author = 'rule';
-- Events that are read again come after those that were never read.
DROP INDEX events_turn;
CREATE INDEX events_turn ON events (account, (unknown IS NOT NULL), id) WHERE state = 0;
-- The version of the readers that last interpreted what was not understood.
CREATE TABLE readers (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL);
INSERT INTO readers (one, version) VALUES (1, '');
