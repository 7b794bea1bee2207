-- WHY: one gapless order over all streams that auditors can recompute. PostgreSQL hands out
-- positions before it commits, so a reader by position loses events; the sequencer takes what
-- committed between two snapshots instead, and gives it ordinals, digests and a chain.

CREATE TABLE event_log (
    ordinal    bigint PRIMARY KEY,
    position   bigint NOT NULL UNIQUE,             -- makes double sequencing impossible
    account_id text,                               -- absent where a foreign writer named none
    digest     bytea  NOT NULL CHECK (octet_length(digest) = 32),
    chain      bytea  NOT NULL CHECK (octet_length(chain) = 32)
);

CREATE INDEX event_log_account ON event_log (account_id, ordinal);

CREATE TRIGGER event_log_no_change BEFORE UPDATE OR DELETE ON event_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change('the log is append-only');
CREATE TRIGGER event_log_no_truncate BEFORE TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the log is append-only');

-- The end of the chain, and what of the committed it covers. Its row lock elects the sequencer; it
-- is seeded because a lock on no row would elect everybody.
CREATE TABLE sequencer (
    singleton      boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    cluster        bigint      NOT NULL,           -- snapshots mean nothing in another cluster
    seen           pg_snapshot NOT NULL,           -- everything visible in it has its ordinal
    ordinal        bigint      NOT NULL,
    chain          bytea       NOT NULL CHECK (octet_length(chain) = 32),
    -- A back-log is taken in pages. The page in progress is stored: with another snapshot, what
    -- committed late with a low position would be passed over.
    target         pg_snapshot,
    after_position bigint      NOT NULL DEFAULT 0
);

INSERT INTO sequencer (cluster, seen, ordinal, chain)
SELECT system_identifier, '3:3:', 0, decode(repeat('00', 32), 'hex') FROM pg_control_system();
