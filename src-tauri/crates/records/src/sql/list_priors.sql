SELECT prior.id FROM study
JOIN patient ON patient.id = study.patient
-- The same number is no proof: who gave it, and the date of birth, may say that it is another person's.
JOIN patient AS same ON same.id = patient.id OR (
    patient.patient_id <> '' AND same.patient_id = patient.patient_id
    AND ifnull(same.issuer = patient.issuer, TRUE) AND ifnull(same.birth_date = patient.birth_date, TRUE)
)
JOIN study AS prior ON prior.patient = same.id AND prior.id <> study.id
WHERE study.id = ?1
ORDER BY prior.study_date DESC, prior.id DESC
