-- The files under media/ in the data directory, once for equal bytes. A file without a message has no row.
CREATE TABLE media_files (
    sha256 TEXT PRIMARY KEY,
    extension TEXT NOT NULL,
    mime TEXT NOT NULL,
    size INTEGER NOT NULL
) WITHOUT ROWID;
-- What has become of a message's file. state: waiting, here, failed, refused. file: of one that is here. error, detail: why
-- it is not here. since: when its first attempt could begin. next_at: when it is tried; null: when somebody asks. asked:
-- somebody did.
CREATE TABLE message_media (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    file TEXT REFERENCES media_files (sha256),
    error TEXT,
    detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL,
    next_at INTEGER,
    asked INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX message_media_file ON message_media (file) WHERE file IS NOT NULL;
CREATE INDEX message_media_due ON message_media (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX message_media_asked ON message_media (next_at) WHERE next_at IS NOT NULL AND asked = 1;
-- Files whose last message is gone, until they are removed from the directory: their names there.
CREATE TABLE media_leftovers (
    name TEXT PRIMARY KEY
) WITHOUT ROWID;
