-- WHY: who is signed in, and the links that let them. Both are kept by the hash of a secret that
-- only the person holds, so that a copy of the database signs nobody in.

CREATE TABLE sessions (
    hash       bytea       NOT NULL PRIMARY KEY CHECK (octet_length(hash) = 32),
    identity   text        NOT NULL,
    issuer     text        NOT NULL,
    subject    text        NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE links (
    hash       bytea       NOT NULL PRIMARY KEY CHECK (octet_length(hash) = 32),
    purpose    text        NOT NULL,
    subject    text        NOT NULL,
    expires_at timestamptz NOT NULL
);
