-- Frozen once released: a change of the schema is a new file with the next number.

-- The issuer of a patient ID by a name that no other has; empty where the file does not say, and in older rows.
ALTER TABLE patient ADD COLUMN issuer_id TEXT;
DROP INDEX patient_identity;
CREATE UNIQUE INDEX patient_identity
    ON patient (
        patient_id, patient_name, ifnull(birth_date, ''), ifnull(sex, ''), ifnull(issuer, ''), ifnull(issuer_id, '')
    )
    WHERE patient_id <> '';
-- One order of two persons is told when the second comes in.
CREATE INDEX study_by_accession ON study (accession_number) WHERE accession_number IS NOT NULL;
