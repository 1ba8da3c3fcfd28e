-- inferred: the id was matched with the attempt by evidence, and may be matched with another by later evidence.
ALTER TABLE wire_ids ADD COLUMN inferred INTEGER NOT NULL DEFAULT 0;
-- The gateway's time. Receipts that are matched by evidence stay here, for they are the evidence.
ALTER TABLE orphan_receipts ADD COLUMN at INTEGER;
CREATE INDEX orphan_receipts_recipient ON orphan_receipts (account, recipient, received_at) WHERE may_infer = 1;
