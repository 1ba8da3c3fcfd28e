-- The full-text index stores no copy of the texts. It is filled from the backlog, after the commit.
CREATE VIRTUAL TABLE search USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);
CREATE TABLE search_backlog (message INTEGER PRIMARY KEY);
INSERT INTO search_backlog SELECT id FROM messages WHERE text <> '';
