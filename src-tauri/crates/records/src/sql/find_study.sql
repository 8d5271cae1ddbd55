SELECT study.id, patient.patient_id, patient.patient_name, patient.birth_date, patient.sex, patient.issuer,
    patient.issuer_id
FROM study
JOIN patient ON patient.id = study.patient
WHERE study.study_instance_uid = ?1
