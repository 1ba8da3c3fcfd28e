-- A conversation's place in the queue: who waits for us, the longest waiting first; then the others, the latest activity
-- first. Lists go from the greatest place to the least.
ALTER TABLE conversations ADD COLUMN queue INTEGER GENERATED ALWAYS AS (
    CASE WHEN waiting_since IS NOT NULL AND state = 'open' THEN 4000000000000000000 - waiting_since ELSE last_order END
) VIRTUAL;
CREATE INDEX conversations_queue ON conversations (queue, id);
CREATE INDEX conversations_state_queue ON conversations (state, queue, id);
CREATE INDEX conversations_account_queue ON conversations (account, state, queue, id);
CREATE INDEX conversations_unread_queue ON conversations (queue, id) WHERE unread > 0;

-- The first message that nobody has answered, while a customer waits.
ALTER TABLE conversations ADD COLUMN waiting_message INTEGER;
UPDATE conversations SET waiting_message = (
    SELECT m.id FROM messages m WHERE m.conversation = conversations.id AND m.direction = 'in' AND m.author = 'contact'
    AND m.kind NOT IN ('reaction', 'system') AND m.history = 0 AND (m.order_ms, m.id) > (
        coalesce((SELECT a.order_ms FROM messages a WHERE a.conversation = conversations.id AND a.author = 'agent'
            AND a.direction = 'out' AND a.scheduled_at IS NULL
            AND a.status <> 'failed' AND a.status <> 'unsure' AND a.kind <> 'reaction'
            ORDER BY a.order_ms DESC, a.id DESC LIMIT 1), -9223372036854775808),
        coalesce((SELECT a.id FROM messages a WHERE a.conversation = conversations.id AND a.author = 'agent'
            AND a.direction = 'out' AND a.scheduled_at IS NULL
            AND a.status <> 'failed' AND a.status <> 'unsure' AND a.kind <> 'reaction'
            ORDER BY a.order_ms DESC, a.id DESC LIMIT 1), -9223372036854775808))
    ORDER BY m.order_ms, m.id LIMIT 1)
WHERE waiting_since IS NOT NULL;
