-- Frozen: a change of the schema is a new file with the next number.

CREATE TABLE patient (
    id INTEGER PRIMARY KEY,
    -- Empty when the file names no patient: such a row belongs to one study only.
    patient_id TEXT NOT NULL,
    patient_name TEXT NOT NULL,
    birth_date TEXT,
    sex TEXT,
    created_at INTEGER NOT NULL
) STRICT;
-- Everything a file says of its patient counts: two people who share an ID stay two.
CREATE UNIQUE INDEX patient_identity
    ON patient (patient_id, patient_name, ifnull(birth_date, ''), ifnull(sex, '')) WHERE patient_id <> '';

CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    study_instance_uid TEXT NOT NULL UNIQUE,
    patient INTEGER NOT NULL REFERENCES patient (id),
    study_date TEXT,
    study_time TEXT,
    accession_number TEXT,
    description TEXT,
    referring_physician TEXT,
    patient_age TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX study_of_patient ON study (patient);

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    series_instance_uid TEXT NOT NULL UNIQUE,
    study INTEGER NOT NULL REFERENCES study (id),
    modality TEXT NOT NULL,
    number INTEGER,
    description TEXT,
    protocol_name TEXT,
    body_part_examined TEXT,
    view_position TEXT,
    manufacturer TEXT
) STRICT;
CREATE INDEX series_of_study ON series (study);

CREATE TABLE instance (
    id INTEGER PRIMARY KEY,
    sop_instance_uid TEXT NOT NULL UNIQUE,
    series INTEGER NOT NULL REFERENCES series (id),
    instance_number INTEGER,
    -- domain::Header as JSON, exactly as it was decoded.
    header TEXT NOT NULL,
    content_sha256 TEXT NOT NULL UNIQUE,
    file_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    original_file_name TEXT,
    imported_at INTEGER NOT NULL,
    imported_by TEXT NOT NULL
) STRICT;
CREATE INDEX instance_of_series ON instance (series);

CREATE TABLE model_version (
    id INTEGER PRIMARY KEY,
    bundle TEXT NOT NULL,
    version TEXT NOT NULL,
    weights_sha256 TEXT NOT NULL,
    first_used_at INTEGER NOT NULL,
    UNIQUE (bundle, version, weights_sha256)
) STRICT;

CREATE TABLE analysis (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL REFERENCES instance (id),
    frame INTEGER NOT NULL,
    model_version INTEGER NOT NULL REFERENCES model_version (id),
    input_verdict TEXT NOT NULL CHECK (input_verdict IN ('in_range', 'out_of_range', 'unknown')),
    input_reason TEXT,
    input_score REAL,
    score REAL,
    flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    operating_point_name TEXT NOT NULL,
    operating_point_threshold REAL NOT NULL,
    operating_point_sensitivity REAL NOT NULL,
    operating_point_specificity REAL NOT NULL,
    operating_point_set TEXT NOT NULL,
    device TEXT NOT NULL,
    precision TEXT NOT NULL,
    decode_ms REAL NOT NULL,
    preprocess_ms REAL NOT NULL,
    infer_ms REAL NOT NULL,
    post_ms REAL NOT NULL,
    total_ms REAL NOT NULL,
    app_version TEXT NOT NULL,
    -- Vault file of the anomaly map.
    map_file TEXT,
    analysed_at INTEGER NOT NULL,
    analysed_by TEXT NOT NULL
) STRICT;
CREATE INDEX analysis_of_frame ON analysis (instance, frame, id);
CREATE INDEX analysis_by_model ON analysis (model_version, instance);

-- Only the newest analysis of each frame counts; newest is the row written last, whatever the clock said.
CREATE VIEW newest_analysis AS
    SELECT analysis.* FROM analysis
    WHERE NOT EXISTS (
        SELECT 1 FROM analysis AS later
        WHERE later.instance = analysis.instance AND later.frame = analysis.frame AND later.id > analysis.id
    );

CREATE TABLE finding (
    analysis INTEGER NOT NULL REFERENCES analysis (id),
    finding_id TEXT NOT NULL,
    -- Place in the analysis, 0 first.
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    score REAL NOT NULL,
    box_x INTEGER NOT NULL,
    box_y INTEGER NOT NULL,
    box_width INTEGER NOT NULL,
    box_height INTEGER NOT NULL,
    peak_x INTEGER NOT NULL,
    peak_y INTEGER NOT NULL,
    area_px INTEGER NOT NULL,
    area_mm2 REAL,
    -- JSON: closed outlines as [[[x, y], …], …].
    outlines TEXT NOT NULL,
    PRIMARY KEY (analysis, finding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_by_id ON finding (finding_id, analysis);

CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    finding_id TEXT NOT NULL,
    study INTEGER NOT NULL REFERENCES study (id),
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected', 'changed')),
    label TEXT,
    note TEXT,
    reader TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    CHECK ((decision = 'changed') = (label IS NOT NULL))
) STRICT;
CREATE INDEX review_of_finding ON review (finding_id, id);
CREATE INDEX review_of_study ON review (study, id);

CREATE TABLE sign_off (
    study INTEGER PRIMARY KEY REFERENCES study (id),
    reader TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    content_sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    study INTEGER REFERENCES study (id),
    -- JSON, as the verb that made the job needs it to go on after a restart.
    parameters TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'canceled')),
    phase TEXT,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    message TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX job_unfinished ON job (study) WHERE state IN ('queued', 'running');

CREATE TABLE report_export (
    id INTEGER PRIMARY KEY,
    study INTEGER NOT NULL REFERENCES study (id),
    format TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    exported_at INTEGER NOT NULL,
    exported_by TEXT NOT NULL
) STRICT;
CREATE INDEX report_export_of_study ON report_export (study);

CREATE TABLE user_account (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    retired_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    user TEXT NOT NULL,
    role TEXT NOT NULL,
    event TEXT NOT NULL,
    op TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome INTEGER NOT NULL,
    subject TEXT,
    detail TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, seq) WHERE subject IS NOT NULL;

-- What the list of studies shows, rewritten from the rows above whenever a study changes, in the
-- same transaction: 100,000 studies are listed without counting their findings each time.
CREATE TABLE worklist (
    study INTEGER PRIMARY KEY REFERENCES study (id),
    study_instance_uid TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    patient_name TEXT NOT NULL,
    study_date TEXT,
    modality TEXT NOT NULL,
    instances INTEGER NOT NULL,
    running_jobs INTEGER NOT NULL,
    analyses INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    findings INTEGER NOT NULL,
    findings_reviewed INTEGER NOT NULL,
    signed INTEGER NOT NULL,
    any_flagged INTEGER NOT NULL,
    score REAL,
    sort_name TEXT NOT NULL,
    search TEXT NOT NULL
) STRICT;
CREATE INDEX worklist_by_suspicion ON worklist (any_flagged DESC, score DESC, study_date DESC, study DESC);
CREATE INDEX worklist_by_date ON worklist (study_date DESC, study DESC);
CREATE INDEX worklist_by_name ON worklist (sort_name, study_date DESC, study DESC);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'append_only: audit'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'append_only: audit'); END;
CREATE TRIGGER review_no_update BEFORE UPDATE ON review BEGIN SELECT raise(ABORT, 'append_only: review'); END;
CREATE TRIGGER review_no_delete BEFORE DELETE ON review BEGIN SELECT raise(ABORT, 'append_only: review'); END;
CREATE TRIGGER sign_off_no_update BEFORE UPDATE ON sign_off BEGIN SELECT raise(ABORT, 'append_only: sign_off'); END;
CREATE TRIGGER sign_off_no_delete BEFORE DELETE ON sign_off BEGIN SELECT raise(ABORT, 'append_only: sign_off'); END;
CREATE TRIGGER analysis_no_update BEFORE UPDATE ON analysis BEGIN SELECT raise(ABORT, 'append_only: analysis'); END;
CREATE TRIGGER analysis_no_delete BEFORE DELETE ON analysis BEGIN SELECT raise(ABORT, 'append_only: analysis'); END;
CREATE TRIGGER finding_no_update BEFORE UPDATE ON finding BEGIN SELECT raise(ABORT, 'append_only: finding'); END;
CREATE TRIGGER finding_no_delete BEFORE DELETE ON finding BEGIN SELECT raise(ABORT, 'append_only: finding'); END;

CREATE TRIGGER sign_off_once BEFORE INSERT ON sign_off
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER series_insert_signed BEFORE INSERT ON series
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER instance_insert_signed BEFORE INSERT ON instance
WHEN EXISTS (SELECT 1 FROM sign_off JOIN series ON series.study = sign_off.study WHERE series.id = new.series)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER analysis_insert_signed BEFORE INSERT ON analysis
WHEN EXISTS (
    SELECT 1 FROM instance
    JOIN series ON series.id = instance.series
    JOIN sign_off ON sign_off.study = series.study
    WHERE instance.id = new.instance
)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER finding_insert_signed BEFORE INSERT ON finding
WHEN EXISTS (
    SELECT 1 FROM analysis
    JOIN instance ON instance.id = analysis.instance
    JOIN series ON series.id = instance.series
    JOIN sign_off ON sign_off.study = series.study
    WHERE analysis.id = new.analysis
)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER review_insert_signed BEFORE INSERT ON review
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = new.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER study_update_signed BEFORE UPDATE ON study
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = old.id)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER study_delete_signed BEFORE DELETE ON study
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = old.id)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER series_update_signed BEFORE UPDATE ON series
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study IN (old.study, new.study))
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER series_delete_signed BEFORE DELETE ON series
WHEN EXISTS (SELECT 1 FROM sign_off WHERE study = old.study)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER instance_update_signed BEFORE UPDATE ON instance
WHEN EXISTS (
    SELECT 1 FROM sign_off JOIN series ON series.study = sign_off.study WHERE series.id IN (old.series, new.series)
)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER instance_delete_signed BEFORE DELETE ON instance
WHEN EXISTS (SELECT 1 FROM sign_off JOIN series ON series.study = sign_off.study WHERE series.id = old.series)
BEGIN SELECT raise(ABORT, 'study_signed'); END;

CREATE TRIGGER patient_update_signed BEFORE UPDATE ON patient
WHEN EXISTS (SELECT 1 FROM sign_off JOIN study ON study.id = sign_off.study WHERE study.patient = old.id)
BEGIN SELECT raise(ABORT, 'study_signed'); END;
