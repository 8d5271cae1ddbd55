SELECT prior.id, patient.patient_id, patient.patient_name, patient.birth_date, patient.sex, patient.issuer,
    patient.issuer_id, same.patient_id, same.patient_name, same.birth_date, same.sex, same.issuer, same.issuer_id,
    same.id = patient.id
FROM study
JOIN patient ON patient.id = study.patient
-- The same number is no proof: the other fields may say that it is another person's.
JOIN patient AS same ON same.id = patient.id OR (patient.patient_id <> '' AND same.patient_id = patient.patient_id)
JOIN study AS prior ON prior.patient = same.id AND prior.id <> study.id
WHERE study.id = ?1
ORDER BY prior.study_date DESC, prior.id DESC
