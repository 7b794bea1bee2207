-- WHY: a database says whose it is. The mode is stamped once, so that a sandbox binary can never
-- write into production data, nor the other way round. It comes first, so that every later
-- migration knows that the database is Herald's.

CREATE TABLE installation (
    singleton  integer PRIMARY KEY CHECK (singleton = 1),
    mode       text    NOT NULL CHECK (mode IN ('sandbox', 'production')),
    created_at text    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    created_by text    NOT NULL                       -- the version of Herald that stamped it
) STRICT;

CREATE TRIGGER installation_no_update BEFORE UPDATE ON installation
BEGIN SELECT RAISE(ABORT, 'an installation keeps its mode'); END;

CREATE TRIGGER installation_no_delete BEFORE DELETE ON installation
BEGIN SELECT RAISE(ABORT, 'an installation keeps its mode'); END;
