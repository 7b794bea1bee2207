-- WHY: what must be erasable although events are not. Personal values in events are sealed with the
-- account's data key; destroying the key forgets them all, and its tombstone keeps a second key
-- from ever making a forgotten account readable by halves. Secrets are ciphertexts only.

CREATE TABLE data_keys (
    account_id   text        NOT NULL PRIMARY KEY,
    master       text,
    wrapped      bytea,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed_at timestamptz,
    CHECK ((destroyed_at IS NULL) = (wrapped IS NOT NULL)),
    CHECK ((master IS NULL) = (wrapped IS NULL))
);

CREATE TRIGGER data_keys_stay_destroyed BEFORE UPDATE ON data_keys
    FOR EACH ROW WHEN (OLD.destroyed_at IS NOT NULL AND NEW.destroyed_at IS NULL)
    EXECUTE FUNCTION refuse_change('a destroyed key stays destroyed');

CREATE TABLE secrets (
    account_id text   NOT NULL,
    owner      text   NOT NULL,
    purpose    text   NOT NULL,
    version    bigint NOT NULL CHECK (version > 0),
    sealed     bytea  NOT NULL,
    PRIMARY KEY (account_id, owner, purpose)
);
