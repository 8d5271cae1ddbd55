SELECT prior.id FROM study
JOIN patient ON patient.id = study.patient
JOIN patient AS same ON same.id = patient.id OR (patient.patient_id <> '' AND same.patient_id = patient.patient_id)
JOIN study AS prior ON prior.patient = same.id AND prior.id <> study.id
WHERE study.id = ?1
ORDER BY prior.study_date DESC, prior.id DESC
