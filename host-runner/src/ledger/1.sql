-- Version 1. Times are UTC; hashes are SHA-256 in hexadecimal digits; nothing here names or describes a person.
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    state TEXT NOT NULL CHECK (state IN
        ('preparing', 'stopped', 'failed', 'sending', 'accepted', 'refused', 'unavailable', 'unknown')),
    as_of TEXT NOT NULL,           -- the processing date
    day TEXT NOT NULL,             -- the date in Japan on which the set may be sent
    endpoint TEXT NOT NULL,
    version TEXT NOT NULL,         -- of the program
    profile TEXT,                  -- hash
    module TEXT,                   -- hash
    source TEXT,                   -- hash of everything that the set was made from: the same source gives the same set
    summary TEXT,                  -- the report's counts, as JSON
    payload TEXT,                  -- hash
    bytes INTEGER,
    spool TEXT,                    -- name of the file in the spool folder, until it is removed
    added INTEGER,
    changed INTEGER,
    gone INTEGER,
    codes TEXT NOT NULL DEFAULT '',    -- what stopped it or made it fail
    passed TEXT NOT NULL DEFAULT '',   -- guards that a person passed
    settled_by INTEGER                 -- a later run by which PMH accepted the same payload
) STRICT;

CREATE TABLE request (
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- 1 for the first of a run
    first_byte INTEGER NOT NULL,   -- in the payload, after the bracket or comma
    end_byte INTEGER NOT NULL,
    records INTEGER NOT NULL,
    hash TEXT NOT NULL,            -- of the body
    serial_number TEXT,            -- given where PMH accepted it
    PRIMARY KEY (run, number)
) STRICT;

CREATE TABLE attempt (
    run INTEGER NOT NULL,
    request INTEGER NOT NULL,
    number INTEGER NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT CHECK (outcome IN ('accepted', 'refused', 'unavailable', 'unknown')),  -- null: under way, or never heard of again
    status INTEGER,
    code TEXT,                     -- ours
    pmh_code TEXT,                 -- PMH's, where it has the form of a code
    next_at TEXT,                  -- when it is tried again
    PRIMARY KEY (run, request, number),
    FOREIGN KEY (run, request) REFERENCES request (run, number) ON DELETE CASCADE
) STRICT;
