INSERT INTO patient (patient_id, patient_name, birth_date, sex, issuer, issuer_id, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
