-- Times are milliseconds since 1970 UTC. Names stored as text (states, kinds, statuses) are the contract's.

CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    token TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'unknown',
    since INTEGER,
    detail TEXT NOT NULL DEFAULT '',
    last_event_at INTEGER,
    -- last_event_at as of the last recorded change
    told_event_at INTEGER
) WITHOUT ROWID;

-- The journal. state: 0 not interpreted, 1 interpreted. unknown: the gateway's names for what was not understood.
-- made: the ids of the messages that it added, so that replaying it does not add them twice.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    ack INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    unknown TEXT,
    made TEXT
);
CREATE INDEX events_key ON events (account, key, received_at);
CREATE INDEX events_waiting ON events (id) WHERE state = 0;
CREATE INDEX events_unknown ON events (id) WHERE unknown IS NOT NULL;
CREATE INDEX events_age ON events (received_at) WHERE state = 1 AND unknown IS NULL;

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    channel TEXT NOT NULL,
    peer TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    by_hand INTEGER NOT NULL DEFAULT 0,
    is_group INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    waiting_since INTEGER,
    -- the newest message by (order_ms, id); a reaction only where there is no other
    last_order INTEGER NOT NULL,
    last_message INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER NOT NULL,
    last_text TEXT NOT NULL DEFAULT '',
    last_kind TEXT NOT NULL DEFAULT 'text',
    last_status TEXT NOT NULL DEFAULT 'received',
    state TEXT NOT NULL DEFAULT 'open',
    -- when a snoozed conversation opens by itself; null: only when the customer writes
    until INTEGER,
    labels TEXT NOT NULL DEFAULT '[]',
    -- the account's window rule, so that a list needs no configuration
    window TEXT NOT NULL DEFAULT 'none',
    customer_at INTEGER,
    has_draft INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX conversations_list ON conversations (last_order, id);
CREATE INDEX conversations_account ON conversations (account, last_order, id);
CREATE INDEX conversations_state ON conversations (state, last_order, id);
CREATE INDEX conversations_account_state ON conversations (account, state, last_order, id);
CREATE INDEX conversations_unread ON conversations (last_order, id) WHERE unread > 0;
CREATE INDEX conversations_account_unread ON conversations (account, last_order, id) WHERE unread > 0;
CREATE INDEX conversations_waiting ON conversations (waiting_since, last_order, id) WHERE unread > 0;
CREATE INDEX conversations_wake ON conversations (until) WHERE state = 'snoozed' AND until IS NOT NULL;

-- Every id of the other side of a conversation.
CREATE TABLE peers (
    account TEXT NOT NULL,
    channel TEXT NOT NULL,
    alias TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    PRIMARY KEY (account, channel, alias)
) WITHOUT ROWID;
CREATE INDEX peers_conversation ON peers (conversation);

-- Conversations that were merged into an older one.
CREATE TABLE merged (
    younger INTEGER PRIMARY KEY,
    older INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE
);
CREATE INDEX merged_older ON merged (older);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversations (id),
    account TEXT NOT NULL,
    order_ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    media TEXT,
    payload TEXT,
    remote_id TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    inferred INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER,
    unread INTEGER NOT NULL DEFAULT 0,
    -- own messages: when the newest attempt began, and whether it has a receipt
    started_at INTEGER,
    receipted INTEGER NOT NULL DEFAULT 0,
    -- own messages that are not plain text: the content as JSON, for sending again
    content TEXT
);
CREATE INDEX messages_page ON messages (conversation, order_ms, id);
CREATE INDEX messages_account ON messages (account, order_ms, id);
CREATE INDEX messages_remote ON messages (account, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX messages_unread ON messages (conversation, id) WHERE unread = 1;
CREATE INDEX messages_answers ON messages (conversation, order_ms, id) 
    WHERE author = 'agent' AND status <> 'failed' AND kind <> 'reaction';
CREATE INDEX messages_silent ON messages (account, started_at) WHERE receipted = 0 AND started_at IS NOT NULL;

-- The remote ids by which gateways name the attempts of own messages.
CREATE TABLE wire_ids (
    account TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (account, remote_id)
) WITHOUT ROWID;
CREATE INDEX wire_ids_message ON wire_ids (message);

-- Receipts whose message is not known, or not yet.
CREATE TABLE orphan_receipts (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    status TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    recipient TEXT,
    may_infer INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (account, remote_id, status)
);
CREATE INDEX orphan_receipts_age ON orphan_receipts (account, received_at);

CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    conversation INTEGER NOT NULL,
    account TEXT NOT NULL,
    leased INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outgoing TEXT NOT NULL
);
CREATE INDEX outbox_account ON outbox (account, leased, position);
CREATE INDEX outbox_conversation ON outbox (conversation, position);

CREATE TABLE attempts (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    account TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    code TEXT,
    PRIMARY KEY (message, attempt)
) WITHOUT ROWID;
CREATE INDEX attempts_started ON attempts (account, started_at);

CREATE TABLE drafts (
    conversation INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    saved_at INTEGER NOT NULL
);

CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    remote_id TEXT,
    phone TEXT,
    name TEXT,
    email TEXT,
    tags TEXT NOT NULL,
    custom_fields TEXT NOT NULL,
    -- the sort key of name, phone number and id, which pages follow
    place TEXT NOT NULL
);
CREATE UNIQUE INDEX contacts_remote ON contacts (account, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX contacts_phone ON contacts (account, phone) WHERE phone IS NOT NULL;
CREATE INDEX contacts_place ON contacts (account, place);

CREATE TABLE imports (
    account TEXT NOT NULL,
    import TEXT NOT NULL,
    row INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (account, import, row)
) WITHOUT ROWID;

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    conversation INTEGER,
    message INTEGER,
    account TEXT
);
