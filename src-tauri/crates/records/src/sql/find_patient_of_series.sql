SELECT study.id, patient.patient_id, patient.patient_name, patient.birth_date, patient.sex, patient.issuer,
    patient.issuer_id, study.study_instance_uid, series.modality
FROM series
JOIN study ON study.id = series.study
JOIN patient ON patient.id = study.patient
WHERE series.series_instance_uid = ?1
