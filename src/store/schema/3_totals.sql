-- Counts over all conversations, maintained by triggers, so that no reader scans the list.
-- waiting: open conversations in which a customer waits. probes: incremented to test whether the store can write.
CREATE TABLE totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    unread_messages INTEGER NOT NULL,
    unread_conversations INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    conversations INTEGER NOT NULL,
    probes INTEGER NOT NULL DEFAULT 0
);
INSERT INTO totals (one, unread_messages, unread_conversations, waiting, conversations)
SELECT 1, coalesce(sum(unread), 0), coalesce(sum(unread > 0), 0),
       coalesce(sum(waiting_since IS NOT NULL AND state = 'open'), 0), count(*)
FROM conversations;

CREATE TRIGGER totals_insert AFTER INSERT ON conversations BEGIN
    UPDATE totals SET
        unread_messages = unread_messages + new.unread,
        unread_conversations = unread_conversations + (new.unread > 0),
        waiting = waiting + (new.waiting_since IS NOT NULL AND new.state = 'open'),
        conversations = conversations + 1;
END;
CREATE TRIGGER totals_delete AFTER DELETE ON conversations BEGIN
    UPDATE totals SET
        unread_messages = unread_messages - old.unread,
        unread_conversations = unread_conversations - (old.unread > 0),
        waiting = waiting - (old.waiting_since IS NOT NULL AND old.state = 'open'),
        conversations = conversations - 1;
END;
CREATE TRIGGER totals_update AFTER UPDATE OF unread, waiting_since, state ON conversations
WHEN old.unread <> new.unread OR (old.waiting_since IS NULL) <> (new.waiting_since IS NULL) OR old.state <> new.state
BEGIN
    UPDATE totals SET
        unread_messages = unread_messages + new.unread - old.unread,
        unread_conversations = unread_conversations + (new.unread > 0) - (old.unread > 0),
        waiting = waiting + (new.waiting_since IS NOT NULL AND new.state = 'open')
                          - (old.waiting_since IS NOT NULL AND old.state = 'open');
END;
