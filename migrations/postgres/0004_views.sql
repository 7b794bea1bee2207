-- WHY: what people read. Every row is derived from the log and can be thrown away; a new version of
-- a view is built beside the live one.

CREATE TABLE views (
    view       text        NOT NULL,
    version    integer     NOT NULL,
    id         text        COLLATE "C" NOT NULL,   -- so that pages go on alike on every server
    account_id text,                               -- absent for what belongs to no account
    status     text        NOT NULL,
    at         timestamptz NOT NULL,
    text       text        NOT NULL,
    folded     text        NOT NULL,               -- `text` in lower case, for the search
    doc        jsonb       NOT NULL,
    ordinal    bigint      NOT NULL,               -- the last event folded into the row
    PRIMARY KEY (view, version, id)
);

CREATE INDEX views_account ON views (view, version, account_id, at, id);
CREATE INDEX views_status  ON views (view, version, status, at, id);

-- How far each projection and process has read. The row lock elects who goes on.
CREATE TABLE checkpoints (
    projection text    NOT NULL,
    version    integer NOT NULL,
    ordinal    bigint  NOT NULL,
    status     text    NOT NULL CHECK (status IN ('building', 'live', 'retired')),
    error      text,
    PRIMARY KEY (projection, version)
);
