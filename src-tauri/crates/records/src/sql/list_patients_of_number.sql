SELECT study.id, patient.patient_id, patient.patient_name, patient.birth_date, patient.sex, patient.issuer,
    patient.issuer_id
FROM patient
JOIN study ON study.patient = patient.id
WHERE patient.patient_id = ?1 AND patient.patient_id <> '' AND study.id <> ?2
ORDER BY study.id
LIMIT 64
