-- WHY: a database says whose it is. The mode is stamped once, so that a sandbox binary can never
-- write into production data, nor the other way round. It comes first, so that every later
-- migration knows that the database is Herald's.

CREATE TABLE installation (
    singleton  boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    mode       text        NOT NULL CHECK (mode IN ('sandbox', 'production')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text        NOT NULL                   -- the version of Herald that stamped it
);

-- One guard for every table that only grows; the trigger's argument is the reason.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER installation_no_change BEFORE UPDATE OR DELETE ON installation
    FOR EACH ROW EXECUTE FUNCTION refuse_change('an installation keeps its mode');
CREATE TRIGGER installation_no_truncate BEFORE TRUNCATE ON installation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('an installation keeps its mode');
