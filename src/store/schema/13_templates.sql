-- The templates that gateways have listed, by which messages made of them are worded.
CREATE TABLE templates (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account, name, language)
) WITHOUT ROWID;
