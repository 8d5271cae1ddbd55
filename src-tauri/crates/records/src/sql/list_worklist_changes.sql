SELECT study, revision, study_date, modality, instances, running_jobs, analyses, refused, flagged, findings,
    findings_reviewed, signed, score, imported_at, no_picture, outlined, says_where, frames,
    waiting, patient_id, sort_name, search
FROM worklist
WHERE revision > ?1
ORDER BY revision
