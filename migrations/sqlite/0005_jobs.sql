-- WHY: work that must happen later or again. Processes derive jobs from the log under natural keys;
-- a lease keeps two workers apart, a fence tells a worker that its job is no longer its own.

CREATE TABLE jobs (
    id          text    NOT NULL PRIMARY KEY,
    kind        text    NOT NULL,
    key         text    NOT NULL UNIQUE,
    account_id  text    NOT NULL,
    payload     text    NOT NULL CHECK (json_valid(payload)),
    due_at      integer NOT NULL,
    priority    integer NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    lease_until integer,
    fence       integer NOT NULL,
    state       text    NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
    last_error  text,
    CHECK ((state = 'running') = (lease_until IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_due     ON jobs (state, due_at);
CREATE INDEX jobs_account ON jobs (account_id, state, due_at);

-- Fences never repeat, not even for a job that was finished and created again under its key.
CREATE TABLE job_fences (
    singleton integer PRIMARY KEY CHECK (singleton = 1),
    last      integer NOT NULL
) STRICT;

INSERT INTO job_fences (singleton, last) VALUES (1, 0);
