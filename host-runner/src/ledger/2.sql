-- Version 2. Hashes of payloads and bodies are keyed; those of version 1 were not, and a My Number could be guessed from them.
UPDATE run SET payload = NULL;
UPDATE request SET hash = '';

ALTER TABLE run ADD COLUMN site TEXT;       -- the municipality, as the configuration names it
ALTER TABLE run ADD COLUMN user TEXT;       -- of the operating system; who passed the guards in `passed`
ALTER TABLE run ADD COLUMN host TEXT;
ALTER TABLE run ADD COLUMN process INTEGER;

-- What the ledger is and whom it belongs to.
CREATE TABLE fact (
    name TEXT PRIMARY KEY CHECK (name IN ('ledger', 'endpoint', 'site', 'key', 'checkpoint', 'unclean')),
    value TEXT NOT NULL
) STRICT;
-- The pages of version 1 still hold its hashes until the file is written anew.
INSERT INTO fact (name, value) VALUES ('ledger', lower(hex(randomblob(16)))), ('unclean', '1');

-- What happened, each entry hashed together with the one ahead of it; append only.
CREATE TABLE entry (
    number INTEGER PRIMARY KEY,    -- without a gap
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    run INTEGER,                   -- the run that it is about
    detail TEXT NOT NULL,          -- of a closed run the SHA-256 of its rows, otherwise words and numbers
    hash TEXT NOT NULL             -- SHA-256
) STRICT;
CREATE INDEX entry_of_run ON entry (run, number);
