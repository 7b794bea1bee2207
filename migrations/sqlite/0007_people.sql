-- WHY: who is signed in, and the links that let them. Both are kept by the hash of a secret that
-- only the person holds, so that a copy of the database signs nobody in.

CREATE TABLE sessions (
    hash       blob    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    identity   text    NOT NULL,
    issuer     text    NOT NULL,
    subject    text    NOT NULL,
    created_at integer NOT NULL,
    used_at    integer NOT NULL,
    expires_at integer NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    hash       blob    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    purpose    text    NOT NULL,
    subject    text    NOT NULL,
    expires_at integer NOT NULL
) STRICT, WITHOUT ROWID;
