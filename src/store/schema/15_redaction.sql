-- The events of before credentials were taken out when they are stored: up to which one that is done, and to be done.
ALTER TABLE readers ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE readers ADD COLUMN redact_until INTEGER NOT NULL DEFAULT 0;
UPDATE readers SET redact_until = (SELECT coalesce(max(id), 0) FROM events);
