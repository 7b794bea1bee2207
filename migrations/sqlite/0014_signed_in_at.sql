-- WHY: what gives a key more rights needs a sign-in of a moment ago, and to renew a session is not to
-- sign in: when the person did is carried from token to token. Of chains from before it is not known
-- when they began, so their tokens count as old.

ALTER TABLE sessions       ADD COLUMN signed_in_at integer NOT NULL DEFAULT 0;
ALTER TABLE refresh_tokens ADD COLUMN signed_in_at integer NOT NULL DEFAULT 0;

UPDATE sessions SET signed_in_at = created_at;
