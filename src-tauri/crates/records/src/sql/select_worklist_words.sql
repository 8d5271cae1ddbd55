SELECT patient.patient_name, patient.patient_id, study.study_date, study.accession_number, study.description,
    (SELECT group_concat(DISTINCT modality) FROM series WHERE series.study = study.id),
    (SELECT group_concat(description, ' ') FROM series WHERE series.study = study.id),
    report_form.indication, report_form.technique, report_form.findings, report_form.conclusion,
    report_form.recommendation
FROM study
JOIN patient ON patient.id = study.patient
LEFT JOIN report_form ON report_form.study = study.id
WHERE study.id = ?1
