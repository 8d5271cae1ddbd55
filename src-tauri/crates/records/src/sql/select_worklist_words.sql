SELECT patient.patient_name, patient.patient_id, study.study_date, study.accession_number, study.description,
    (SELECT group_concat(DISTINCT modality) FROM series WHERE series.study = study.id),
    (SELECT group_concat(description, ' ') FROM series WHERE series.study = study.id)
FROM study
JOIN patient ON patient.id = study.patient
WHERE study.id = ?1
