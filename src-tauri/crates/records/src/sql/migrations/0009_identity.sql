-- Frozen once released: a change of the schema is a new file with the next number.

-- Who gave the patient ID; empty where the file does not say, and in older rows.
ALTER TABLE patient ADD COLUMN issuer TEXT;
DROP INDEX patient_identity;
CREATE UNIQUE INDEX patient_identity
    ON patient (patient_id, patient_name, ifnull(birth_date, ''), ifnull(sex, ''), ifnull(issuer, ''))
    WHERE patient_id <> '';
