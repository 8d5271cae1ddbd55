-- Frozen once released: a change of the schema is a new file with the next number.

-- A reader may be unsure. SQLite cannot change a CHECK, so the table is made anew with its rows.
CREATE TABLE review_with_unsure (
    id INTEGER PRIMARY KEY,
    finding_id TEXT NOT NULL,
    study INTEGER NOT NULL REFERENCES study (id),
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected', 'changed', 'unsure')),
    label TEXT,
    note TEXT,
    reader TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    CHECK ((decision = 'changed') = (label IS NOT NULL))
) STRICT;
INSERT INTO review_with_unsure (id, finding_id, study, decision, label, note, reader, decided_at)
    SELECT id, finding_id, study, decision, label, note, reader, decided_at FROM review ORDER BY id;
DROP TABLE review;
ALTER TABLE review_with_unsure RENAME TO review;
CREATE INDEX review_of_finding ON review (finding_id, id);
CREATE INDEX review_of_study ON review (study, id);
CREATE TRIGGER review_no_update BEFORE UPDATE ON review BEGIN SELECT raise(ABORT, 'append_only: review'); END;
CREATE TRIGGER review_no_delete BEFORE DELETE ON review BEGIN SELECT raise(ABORT, 'append_only: review'); END;
CREATE TRIGGER review_insert_signed BEFORE INSERT ON review
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

-- What the reader writes of a study; saved at every pause of typing, fixed by the signature.
CREATE TABLE report_form (
    study INTEGER PRIMARY KEY REFERENCES study (id),
    indication TEXT NOT NULL,
    technique TEXT NOT NULL,
    findings TEXT NOT NULL,
    conclusion TEXT NOT NULL,
    recommendation TEXT NOT NULL,
    -- JSON: [{"sop_instance_uid": …, "frame": …}, …] in the reader's order.
    key_images TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
) STRICT;
CREATE TRIGGER report_form_insert_signed BEFORE INSERT ON report_form
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;
CREATE TRIGGER report_form_update_signed BEFORE UPDATE ON report_form
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study IN (old.study, new.study))
BEGIN SELECT raise(ABORT, 'study_signed'); END;
CREATE TRIGGER report_form_delete_signed BEFORE DELETE ON report_form
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = old.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

-- Measurements and words on a picture. A removed one stays, with the time of its removal.
CREATE TABLE annotation (
    id INTEGER PRIMARY KEY,
    annotation_id TEXT NOT NULL UNIQUE,
    study INTEGER NOT NULL REFERENCES study (id),
    instance INTEGER NOT NULL REFERENCES instance (id),
    frame INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- JSON: [[x, y], …] in pixels of the original frame.
    points TEXT NOT NULL,
    text TEXT,
    -- JSON: [{"name": …, "value": …, "unit": …}, …] as measured when it was saved.
    measured TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE INDEX annotation_of_study ON annotation (study, id);
CREATE TRIGGER annotation_no_delete BEFORE DELETE ON annotation
BEGIN SELECT raise(ABORT, 'append_only: annotation'); END;
CREATE TRIGGER annotation_insert_signed BEFORE INSERT ON annotation
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;
CREATE TRIGGER annotation_update_signed BEFORE UPDATE ON annotation
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study IN (old.study, new.study))
BEGIN SELECT raise(ABORT, 'study_signed'); END;

-- A reader's own opinion of a study before the model's answer is shown, and how long it took.
CREATE TABLE reading (
    reader TEXT NOT NULL,
    study INTEGER NOT NULL REFERENCES study (id),
    opened_at INTEGER NOT NULL,
    opinion TEXT CHECK (opinion IN ('normal', 'suspicious', 'unsure')),
    note TEXT,
    committed_at INTEGER,
    revealed_at INTEGER,
    PRIMARY KEY (reader, study),
    CHECK ((opinion IS NULL) = (committed_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX reading_of_study ON reading (study);
CREATE TRIGGER reading_once BEFORE UPDATE ON reading WHEN old.opinion IS NOT NULL
BEGIN SELECT raise(ABORT, 'opinion_given'); END;
CREATE TRIGGER reading_no_delete BEFORE DELETE ON reading
BEGIN SELECT raise(ABORT, 'append_only: reading'); END;
CREATE TRIGGER reading_insert_signed BEFORE INSERT ON reading
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;
CREATE TRIGGER reading_update_signed BEFORE UPDATE ON reading
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study IN (old.study, new.study))
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TABLE saved_filter (
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON, as the verb that lists studies takes it.
    query TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (user, name)
) STRICT, WITHOUT ROWID;

-- Which version of a bundle is in use; the newest row of a version stands.
CREATE TABLE bundle_state (
    id INTEGER PRIMARY KEY,
    bundle TEXT NOT NULL,
    version TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;
CREATE INDEX bundle_state_of_bundle ON bundle_state (bundle, id);
CREATE TRIGGER bundle_state_no_update BEFORE UPDATE ON bundle_state
BEGIN SELECT raise(ABORT, 'append_only: bundle_state'); END;
CREATE TRIGGER bundle_state_no_delete BEFORE DELETE ON bundle_state
BEGIN SELECT raise(ABORT, 'append_only: bundle_state'); END;

ALTER TABLE worklist ADD COLUMN description TEXT;
ALTER TABLE worklist ADD COLUMN birth_date TEXT;
ALTER TABLE worklist ADD COLUMN sex TEXT;
-- Newest import of an instance.
ALTER TABLE worklist ADD COLUMN imported_at INTEGER NOT NULL DEFAULT 0;
-- Rises with every change of a row, so that a reader of the list takes up only what changed.
ALTER TABLE worklist ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
UPDATE worklist SET
    description = (SELECT description FROM study WHERE study.id = worklist.study),
    birth_date = (SELECT birth_date FROM patient JOIN study ON study.patient = patient.id WHERE study.id = worklist.study),
    sex = (SELECT sex FROM patient JOIN study ON study.patient = patient.id WHERE study.id = worklist.study),
    imported_at = ifnull((
        SELECT max(instance.imported_at) FROM series
        CROSS JOIN instance ON instance.series = series.id
        WHERE series.study = worklist.study
    ), 0),
    revision = worklist.study;
CREATE UNIQUE INDEX worklist_by_revision ON worklist (revision);

-- The newest analysis of each frame by each version of a model, with its study: what that version
-- is judged by, also after a newer one has seen the same frames.
CREATE VIEW judged_analysis AS
    SELECT analysis.*, series.study AS study FROM analysis
    JOIN instance ON instance.id = analysis.instance
    JOIN series ON series.id = instance.series
    WHERE NOT EXISTS (
        SELECT 1 FROM analysis AS later
        WHERE later.instance = analysis.instance AND later.frame = analysis.frame
            AND later.model_version = analysis.model_version AND later.id > analysis.id
    );
