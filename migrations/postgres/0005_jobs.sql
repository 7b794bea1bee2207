-- WHY: work that must happen later or again. Processes derive jobs from the log under natural keys;
-- a lease keeps two workers apart, a fence tells a worker that its job is no longer its own.

-- Fences never repeat, not even for a job that was finished and created again under its key.
CREATE SEQUENCE job_fences;

CREATE TABLE jobs (
    id          text        NOT NULL PRIMARY KEY,
    kind        text        NOT NULL,
    key         text        NOT NULL UNIQUE,
    account_id  text        NOT NULL,
    payload     jsonb       NOT NULL,
    due_at      timestamptz NOT NULL,
    priority    integer     NOT NULL,
    attempts    bigint      NOT NULL DEFAULT 0,
    lease_until timestamptz,
    fence       bigint      NOT NULL DEFAULT nextval('job_fences'),
    state       text        NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
    last_error  text,
    CHECK ((state = 'running') = (lease_until IS NOT NULL))
);

CREATE INDEX jobs_due     ON jobs (state, due_at);
CREATE INDEX jobs_account ON jobs (account_id, state, due_at);
