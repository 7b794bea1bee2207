-- WHY: an address that bounced for good or complained gets no more mail that it can do without,
-- whoever carries mail. Kept is a MAC of the address under the installation's key, never the address.

CREATE TABLE mail_suppressions (
    mark  bytea       NOT NULL PRIMARY KEY CHECK (octet_length(mark) = 32),
    cause text        NOT NULL,
    since timestamptz NOT NULL
);

CREATE INDEX mail_suppressions_since ON mail_suppressions (since, mark);
