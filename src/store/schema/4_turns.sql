-- Events that wait to be interpreted, by account: accounts take turns, and none reads past another's.
CREATE INDEX events_turn ON events (account, id) WHERE state = 0;
DROP INDEX events_waiting;
