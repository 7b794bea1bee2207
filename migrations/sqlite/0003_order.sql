-- WHY: one gapless order over all streams that auditors can recompute. The sequencer alone writes
-- here: an ordinal, a digest of the stored row, and a chain value over everything before it. On
-- SQLite the ordinal equals the position; the table exists so that both engines are audited alike.

CREATE TABLE event_log (
    ordinal    integer PRIMARY KEY,
    position   integer NOT NULL UNIQUE,
    account_id text,                               -- absent where a foreign writer named none
    digest     blob    NOT NULL CHECK (length(digest) = 32),
    chain      blob    NOT NULL CHECK (length(chain) = 32)
) STRICT;

CREATE INDEX event_log_account ON event_log (account_id, ordinal);

CREATE TRIGGER event_log_no_update BEFORE UPDATE ON event_log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER event_log_no_delete BEFORE DELETE ON event_log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- The end of the chain. Seeded, so that there is always a row to start from.
CREATE TABLE sequencer (
    singleton integer PRIMARY KEY CHECK (singleton = 1),
    ordinal   integer NOT NULL,
    chain     blob    NOT NULL CHECK (length(chain) = 32)
) STRICT;

INSERT INTO sequencer (singleton, ordinal, chain) VALUES (1, 0, zeroblob(32));
