-- WHY: a webhook that was answered 200 must survive everything that comes after. Its bytes are kept
-- as they came before the answer goes out, once for each event of a provider, and are applied from
-- here: in order for each subject, under a lease, and again whenever an operator says so.

CREATE TABLE inbox (
    number      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of arrival
    source      text        NOT NULL,                 -- the provider, as in /webhooks/{provider}
    event_id    text        NOT NULL,                 -- the provider's id
    kind        text        NOT NULL,
    key         text        NOT NULL,                 -- rows of one key are applied one after another
    object      text,
    api_version text,
    occurred_at timestamptz,
    headers     jsonb       NOT NULL,
    body        bytea,                                -- gone once forgotten; size and digest stay
    size        bigint      NOT NULL,
    digest      bytea       NOT NULL CHECK (octet_length(digest) = 32),
    received_at timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    state       text        NOT NULL CHECK (state IN
                    ('received', 'processing', 'applied', 'ignored', 'failed', 'dead')),
    cause       text,
    attempts    bigint      NOT NULL DEFAULT 0,
    replays     bigint      NOT NULL DEFAULT 0,
    fence       bigint      NOT NULL DEFAULT 0,
    lease_until timestamptz,
    settled_at  timestamptz,
    UNIQUE (source, event_id),
    CHECK ((state = 'processing') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('ignored', 'failed', 'dead')) = (cause IS NOT NULL)),
    CHECK ((state IN ('applied', 'ignored', 'dead')) = (settled_at IS NOT NULL)),
    CHECK (body IS NOT NULL OR state IN ('applied', 'ignored'))
);

-- Whatever two workers do: of one key, one row is in hands.
CREATE UNIQUE INDEX inbox_in_hands ON inbox (source, key) WHERE state = 'processing';

CREATE INDEX inbox_open     ON inbox (source, key, number)
    WHERE state IN ('received', 'processing', 'failed');
CREATE INDEX inbox_dead     ON inbox (number) WHERE state = 'dead';
CREATE INDEX inbox_received ON inbox (received_at);
CREATE INDEX inbox_bodies   ON inbox (settled_at)
    WHERE body IS NOT NULL AND state IN ('applied', 'ignored');

-- How far a provider's own list of events has been compared with ours.
CREATE TABLE inbox_cursors (
    source   text        NOT NULL PRIMARY KEY,
    cursor   text        NOT NULL,
    moved_at timestamptz NOT NULL
);
