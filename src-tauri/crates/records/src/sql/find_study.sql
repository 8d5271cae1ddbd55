SELECT study.id, patient.patient_id FROM study
JOIN patient ON patient.id = study.patient
WHERE study.study_instance_uid = ?1
