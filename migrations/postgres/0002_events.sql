-- WHY: the truth. Streams of events, appended only, in the table of cqrs-es, so that its own
-- repository for PostgreSQL reads and writes it unchanged. The triggers guard against mistakes; the
-- chain of the next migration guards against malice.

CREATE TABLE events (
    aggregate_type text   NOT NULL,
    aggregate_id   text   NOT NULL,
    sequence       bigint NOT NULL CHECK (sequence > 0),
    event_type     text   NOT NULL,
    event_version  text   NOT NULL,
    payload        jsonb  NOT NULL,
    metadata       jsonb  NOT NULL,
    -- Unique, but neither gapless nor in the order of commits: only the sequencer may rely on it.
    position       bigint GENERATED ALWAYS AS IDENTITY,
    -- What the sequencer compares with its snapshots; meaningless in another cluster.
    transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
    -- No infinity and no year of five digits: neither has a canonical form to digest.
    recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp()
                   CHECK (recorded_at BETWEEN '1970-01-01Z' AND '9999-12-31Z'),
    CONSTRAINT events_pk PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);

CREATE UNIQUE INDEX events_position    ON events (position);
CREATE INDEX        events_transaction ON events (transaction_id, position);

-- Volatile, so that it sees the rows that the same statement has inserted before.
CREATE FUNCTION events_contiguous() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NEW.sequence > 1 AND NOT EXISTS (
        SELECT 1 FROM events
         WHERE aggregate_type = NEW.aggregate_type AND aggregate_id = NEW.aggregate_id
           AND sequence = NEW.sequence - 1)
    THEN
        RAISE EXCEPTION 'gap in stream'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'events_contiguous';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER events_contiguous BEFORE INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION events_contiguous();
CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change('events are append-only');
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('events are append-only');
