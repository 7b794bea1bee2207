-- WHY: what stands beside the log because it is large, erasable, or observed rather than decided:
-- uploaded media, sealed prompts and outputs, metrics of published posts.

CREATE TABLE media (
    account_id  text    NOT NULL,
    id          text    NOT NULL,
    kind        text    NOT NULL,
    bytes       integer NOT NULL CHECK (bytes >= 0),
    fingerprint text    NOT NULL,
    name        text    NOT NULL,
    alt         text,
    uploaded_at integer NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_newest ON media (account_id, uploaded_at, id);

CREATE TABLE content (
    account_id text NOT NULL,
    reference  text NOT NULL,
    sealed     blob NOT NULL,
    PRIMARY KEY (account_id, reference)
) STRICT;

CREATE TABLE observations (
    account_id  text    NOT NULL,
    target_id   text    NOT NULL,
    at          integer NOT NULL,
    impressions integer,
    likes       integer,
    reposts     integer,
    replies     integer,
    quotes      integer,
    bookmarks   integer,
    PRIMARY KEY (account_id, target_id, at)
) STRICT, WITHOUT ROWID;
