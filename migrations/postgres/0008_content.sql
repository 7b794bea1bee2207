-- WHY: what stands beside the log because it is large, erasable, or observed rather than decided:
-- uploaded media, sealed prompts and outputs, metrics of published posts.

CREATE TABLE media (
    account_id  text        NOT NULL,
    id          text        COLLATE "C" NOT NULL,
    kind        text        NOT NULL,
    bytes       bigint      NOT NULL CHECK (bytes >= 0),
    fingerprint text        NOT NULL,
    name        text        NOT NULL,
    alt         text,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX media_newest ON media (account_id, uploaded_at, id);

CREATE TABLE content (
    account_id text  NOT NULL,
    reference  text  NOT NULL,
    sealed     bytea NOT NULL,
    PRIMARY KEY (account_id, reference)
);

CREATE TABLE observations (
    account_id  text        NOT NULL,
    target_id   text        NOT NULL,
    at          timestamptz NOT NULL,
    impressions bigint,
    likes       bigint,
    reposts     bigint,
    replies     bigint,
    quotes      bigint,
    bookmarks   bigint,
    PRIMARY KEY (account_id, target_id, at)
);
