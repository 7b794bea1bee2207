-- WHY: the truth. Streams of events, appended only, in the table of cqrs-es, so that its own
-- repository for SQLite reads and writes it unchanged. The triggers guard against mistakes; the
-- chain of the next migration guards against malice.

CREATE TABLE events (
    aggregate_type text    NOT NULL,
    aggregate_id   text    NOT NULL,
    sequence       integer NOT NULL CHECK (sequence > 0),
    event_type     text    NOT NULL,
    event_version  text    NOT NULL,
    payload        text    NOT NULL CHECK (json_valid(payload)),
    metadata       text    NOT NULL CHECK (json_valid(metadata)),
    -- The order of commits, without gaps: SQLite has one writer at a time. Our own statement gives
    -- it, a trigger gives it to other writers; it cannot be NOT NULL for the latter.
    position       integer,
    recorded_at    text    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    -- The primary key, not a unique index: sqlite-es knows a conflict by the primary key's code.
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
) STRICT;

CREATE UNIQUE INDEX events_position ON events (position);

CREATE TRIGGER events_contiguous BEFORE INSERT ON events
WHEN NEW.sequence > 1 AND NOT EXISTS (
    SELECT 1 FROM events
     WHERE aggregate_type = NEW.aggregate_type AND aggregate_id = NEW.aggregate_id
       AND sequence = NEW.sequence - 1)
BEGIN SELECT RAISE(ABORT, 'gap in stream'); END;

CREATE TRIGGER events_position_given BEFORE INSERT ON events
WHEN NEW.position IS NOT NULL
 AND NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'position out of order'); END;

CREATE TRIGGER events_assign_position AFTER INSERT ON events
WHEN NEW.position IS NULL
BEGIN
    UPDATE events SET position = (SELECT coalesce(max(position), 0) + 1 FROM events)
     WHERE aggregate_type = NEW.aggregate_type AND aggregate_id = NEW.aggregate_id
       AND sequence = NEW.sequence;
END;

-- Every connection sets recursive_triggers, so that REPLACE meets events_no_delete as well.
CREATE TRIGGER events_no_update BEFORE UPDATE ON events WHEN OLD.position IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
