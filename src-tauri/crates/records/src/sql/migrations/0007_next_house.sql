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

-- The set of an operating point was a sentence, and a specificity that was not measured was -1. The sentence stays
-- where it was, for signatures hold it; its facts are taken out of it here, once.
DROP TRIGGER analysis_no_update;
ALTER TABLE analysis ADD COLUMN sensitivity_low REAL;
ALTER TABLE analysis ADD COLUMN sensitivity_high REAL;
ALTER TABLE analysis ADD COLUMN specificity REAL;
ALTER TABLE analysis ADD COLUMN specificity_low REAL;
ALTER TABLE analysis ADD COLUMN specificity_high REAL;
ALTER TABLE analysis ADD COLUMN set_pack TEXT NOT NULL DEFAULT '';
ALTER TABLE analysis ADD COLUMN set_subset TEXT;
ALTER TABLE analysis ADD COLUMN set_split TEXT;
ALTER TABLE analysis ADD COLUMN set_images INTEGER;
ALTER TABLE analysis ADD COLUMN set_patients INTEGER;
ALTER TABLE analysis ADD COLUMN chosen_on_set INTEGER NOT NULL DEFAULT 0 CHECK (chosen_on_set IN (0, 1));

-- Each sentence once: "brain-mri/lgg-flair val, 367 pictures of 12 patients, chosen there".
CREATE TEMP TABLE sentence AS
WITH
    whole AS (SELECT DISTINCT operating_point_set AS words FROM analysis),
    cut AS (
        SELECT words, iif(instr(words, ', '), substr(words, 1, instr(words, ', ') - 1), words) AS name,
            iif(instr(words, ', '), substr(words, instr(words, ', ') + 2), '') AS rest
        FROM whole
    ),
    named AS (
        -- Up to the last blank, and what follows it.
        SELECT words, rest, rtrim(rtrim(name, replace(name, ' ', ''))) AS data,
            substr(name, length(rtrim(name, replace(name, ' ', ''))) + 1) AS split
        FROM cut
    )
SELECT words, split,
    iif(instr(data, '/'), substr(data, 1, instr(data, '/') - 1), data) AS pack,
    iif(instr(data, '/'), substr(data, instr(data, '/') + 1), NULL) AS subset,
    iif(rest GLOB '[0-9]* pictures*', CAST(rest AS INTEGER), NULL) AS images,
    iif(rest GLOB '[0-9]* pictures of [0-9]* patients*',
        CAST(substr(rest, instr(rest, ' pictures of ') + 13) AS INTEGER), NULL) AS patients,
    words GLOB '*, chosen there' AS chosen
FROM named;
-- A sentence that does not come out the same again was of another kind: it names the set as a whole.
UPDATE sentence SET pack = words, subset = NULL, split = NULL, images = NULL, patients = NULL, chosen = 0
WHERE pack = '' OR split = '' OR max(ifnull(images, 0), ifnull(patients, 0)) > 4294967295 OR words NOT IN (
    pack || ifnull('/' || subset, '') || ' ' || split || ifnull(', ' || images || ' pictures', '')
        || ifnull(' of ' || patients || ' patients', '') || iif(chosen, ', chosen there', ''),
    pack || ifnull('/' || subset, '') || ' ' || split || ifnull(', ' || images || ' pictures', '')
        || ifnull(' of ' || patients || ' patients', '') || ', each with a lesion' || iif(chosen, ', chosen there', '')
);
UPDATE analysis SET
    specificity = iif(operating_point_specificity < 0, NULL, operating_point_specificity),
    set_pack = sentence.pack, set_subset = sentence.subset, set_split = sentence.split,
    set_images = sentence.images, set_patients = sentence.patients, chosen_on_set = sentence.chosen
FROM sentence WHERE sentence.words = analysis.operating_point_set;
DROP TABLE sentence;
ALTER TABLE analysis DROP COLUMN operating_point_specificity;
ALTER TABLE analysis RENAME COLUMN specificity TO operating_point_specificity;
CREATE TRIGGER analysis_no_update BEFORE UPDATE ON analysis BEGIN SELECT raise(ABORT, 'append_only: analysis'); END;
