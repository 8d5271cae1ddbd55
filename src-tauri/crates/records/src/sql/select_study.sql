SELECT patient.patient_id, patient.patient_name, patient.birth_date, patient.sex, study.study_date, study.study_time,
    study.accession_number, study.description, study.referring_physician, study.patient_age, worklist.running_jobs,
    worklist.analyses, worklist.refused, worklist.flagged, worklist.findings, worklist.findings_reviewed,
    worklist.signed, study.id, worklist.no_picture, worklist.outlined, worklist.says_where, worklist.frames,
    worklist.waiting, patient.issuer, patient.issuer_id
FROM study
JOIN patient ON patient.id = study.patient
JOIN worklist ON worklist.study = study.id
WHERE study.study_instance_uid = ?1
