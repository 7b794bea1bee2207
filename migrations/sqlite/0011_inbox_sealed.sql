-- WHY: what a provider writes of people, and what people write into its forms, lies in the bodies of
-- webhooks for weeks. Bodies are sealed with a key of the inbox from here on; those that came before
-- stay as they are until they are forgotten, and the column tells the two apart.

ALTER TABLE inbox ADD COLUMN sealed integer NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1));
