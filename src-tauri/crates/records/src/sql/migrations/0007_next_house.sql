-- Frozen once released: a change of the schema is a new file with the next number.

-- The code of a failed job's failure, by which the window says it in its language; empty for older rows.
ALTER TABLE job ADD COLUMN failure_code TEXT;

-- How often the program ended while the job ran. After two times it failed, and is set aside until a person decides.
ALTER TABLE job ADD COLUMN cuts INTEGER NOT NULL DEFAULT 0;
-- The file or study in work; written only by a job that was cut off before.
ALTER TABLE job ADD COLUMN working_on TEXT;

-- What holds for everybody who works in the vault; the newest row stands.
CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    -- The model's answer is hidden until the reader has given an opinion.
    read_first INTEGER NOT NULL CHECK (read_first IN (0, 1)),
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;
CREATE TRIGGER policy_no_update BEFORE UPDATE ON policy BEGIN SELECT raise(ABORT, 'append_only: policy'); END;
CREATE TRIGGER policy_no_delete BEFORE DELETE ON policy BEGIN SELECT raise(ABORT, 'append_only: policy'); END;

-- sha256 of the manifest that an activation holds for; empty in older rows and where a version was retired.
ALTER TABLE bundle_state ADD COLUMN manifest_sha256 TEXT;
