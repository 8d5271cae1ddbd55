SELECT study, revision, patient_id, study_date, modality, instances, running_jobs, analyses, refused, flagged,
    findings, findings_reviewed, signed, score, sort_name, search, imported_at, no_picture
FROM worklist
WHERE revision > ?1
ORDER BY revision
