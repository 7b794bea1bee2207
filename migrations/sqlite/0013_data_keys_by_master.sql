-- WHY: after the master key was changed, the keys that an earlier one still wraps are looked for: at
-- every start, whether one of them is wrapped by a key that is not there, and page by page when they
-- are wrapped anew. Neither may read every key.

CREATE INDEX data_keys_by_master ON data_keys (master, account_id) WHERE master IS NOT NULL;
