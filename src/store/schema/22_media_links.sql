-- The links by which gateways fetch the files of our messages. mime: what the file is served as. fetches: how often a
-- gateway has fetched it; fetched_at: when last.
CREATE TABLE media_links (
    token TEXT PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    fetches INTEGER NOT NULL DEFAULT 0,
    fetched_at INTEGER
) WITHOUT ROWID;
CREATE INDEX media_links_message ON media_links (message, made_at);
CREATE INDEX media_links_age ON media_links (made_at);
