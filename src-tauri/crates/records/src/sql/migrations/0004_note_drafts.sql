-- Frozen once released: a change of the schema is a new file with the next number.

-- What a reader has typed of a finding before deciding on it. Nobody else sees it, no report prints it, no signature
-- covers it; the decision takes it along.
CREATE TABLE note_draft (
    reader TEXT NOT NULL,
    finding_id TEXT NOT NULL,
    study INTEGER NOT NULL REFERENCES study (id),
    note TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (reader, finding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX note_draft_of_study ON note_draft (study);
CREATE TRIGGER note_draft_insert_signed BEFORE INSERT ON note_draft
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;
CREATE TRIGGER note_draft_update_signed BEFORE UPDATE ON note_draft
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study IN (old.study, new.study))
BEGIN SELECT raise(ABORT, 'study_signed'); END;
