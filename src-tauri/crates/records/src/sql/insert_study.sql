INSERT INTO study (
    study_instance_uid, patient, study_date, study_time, accession_number, description, referring_physician,
    patient_age, created_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
