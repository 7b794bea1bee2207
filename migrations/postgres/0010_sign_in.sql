-- WHY: people see where they are signed in and can end it, programs renew their sessions by tokens
-- that work once each, and owners see who signed in. Addresses and devices are sealed with a key of
-- the person's and kept for a while only; none of it is in the event log.

ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN family text;

CREATE INDEX sessions_identity ON sessions (identity, created_at);
CREATE INDEX sessions_family   ON sessions (family) WHERE family IS NOT NULL;
CREATE INDEX sessions_over     ON sessions (expires_at);
CREATE INDEX links_over        ON links (expires_at);

CREATE TABLE refresh_tokens (
    hash       bytea       NOT NULL PRIMARY KEY CHECK (octet_length(hash) = 32),
    family     text        NOT NULL,
    identity   text        NOT NULL,
    issuer     text        NOT NULL,
    subject    text        NOT NULL,
    device     text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX refresh_tokens_family   ON refresh_tokens (family);
CREATE INDEX refresh_tokens_identity ON refresh_tokens (identity);
CREATE INDEX refresh_tokens_over     ON refresh_tokens (expires_at);

CREATE TABLE sign_in_log (
    id         text        NOT NULL PRIMARY KEY,
    identity   text        NOT NULL,
    kind       text        NOT NULL,
    at         timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    sealed     bytea       NOT NULL
);

CREATE INDEX sign_in_log_identity ON sign_in_log (identity, at, id);
CREATE INDEX sign_in_log_over     ON sign_in_log (expires_at);
