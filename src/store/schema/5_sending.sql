-- The outbox is written anew: leases have an owner, an epoch and an end; which row of a conversation may be sent next
-- is stored, so that no claim compares rows.
CREATE TABLE outbox_new (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    conversation INTEGER NOT NULL,
    account TEXT NOT NULL,
    -- 0: a person's, or before a person's in its conversation; 1: a rule's
    priority INTEGER NOT NULL,
    -- it is being sent, or nothing of its conversation is before it in the queue or being sent
    head INTEGER NOT NULL,
    -- when a person or rule last asked for it
    queued_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    -- a person wants it to go out whatever the window
    anyway INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL,
    outgoing TEXT NOT NULL,
    -- the lease: by whom (null: not leased), the number of the claim, and until when
    owner TEXT,
    epoch INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER
);
INSERT INTO outbox_new (position, message, conversation, account, priority, head, queued_at, not_before, attempt,
    outgoing, owner, leased_until)
SELECT o.position, o.message, o.conversation, o.account, m.author = 'rule', 0,
    max(m.at, min(o.not_before, CAST(strftime('%s', 'now') AS INTEGER) * 1000)), o.not_before, o.attempt,
    o.outgoing, iif(o.leased, '', NULL), iif(o.leased, 0, NULL)
FROM outbox o JOIN messages m ON m.id = o.message;
UPDATE outbox_new SET head = 1
WHERE owner IS NOT NULL OR position IN (SELECT min(position) FROM outbox_new GROUP BY conversation);
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_conversation ON outbox (conversation, position);
CREATE INDEX outbox_heads ON outbox (conversation) WHERE head = 1;
CREATE INDEX outbox_rules ON outbox (conversation) WHERE priority > 0;
CREATE INDEX outbox_next ON outbox (account, priority, position, not_before) WHERE head = 1 AND owner IS NULL;
CREATE INDEX outbox_due ON outbox (account, not_before) WHERE head = 1 AND owner IS NULL;
CREATE INDEX outbox_leased ON outbox (account, leased_until) WHERE owner IS NOT NULL;

-- The requests that all processes have begun lately, which an account's limit counts.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX requests_account ON requests (account, at);

-- Until when an account makes no request, as its gateway asked; resumed: how often a pause was ended early.
CREATE TABLE request_pauses (
    account TEXT PRIMARY KEY,
    until INTEGER NOT NULL,
    resumed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
