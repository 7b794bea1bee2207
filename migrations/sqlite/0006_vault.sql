-- WHY: what must be erasable although events are not. Personal values in events are sealed with the
-- account's data key; destroying the key forgets them all, and its tombstone keeps a second key
-- from ever making a forgotten account readable by halves. Secrets are ciphertexts only.

CREATE TABLE data_keys (
    account_id   text NOT NULL PRIMARY KEY,
    master       text,
    wrapped      blob,
    created_at   text NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    destroyed_at text,
    CHECK ((destroyed_at IS NULL) = (wrapped IS NOT NULL)),
    CHECK ((master IS NULL) = (wrapped IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER data_keys_stay_destroyed BEFORE UPDATE ON data_keys
WHEN OLD.destroyed_at IS NOT NULL AND NEW.destroyed_at IS NULL
BEGIN SELECT RAISE(ABORT, 'a destroyed key stays destroyed'); END;

CREATE TABLE secrets (
    account_id text    NOT NULL,
    owner      text    NOT NULL,
    purpose    text    NOT NULL,
    version    integer NOT NULL CHECK (version > 0),
    sealed     blob    NOT NULL,
    PRIMARY KEY (account_id, owner, purpose)
) STRICT, WITHOUT ROWID;
