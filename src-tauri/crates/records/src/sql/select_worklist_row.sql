SELECT worklist.study_instance_uid, worklist.patient_id, worklist.patient_name, worklist.study_date, worklist.modality,
    worklist.instances, worklist.running_jobs, worklist.analyses, worklist.refused, worklist.flagged,
    worklist.findings, worklist.findings_reviewed, worklist.signed, worklist.score, worklist.description,
    worklist.birth_date, worklist.sex, worklist.imported_at, worklist.study, job.done, job.total, worklist.no_picture,
    worklist.outlined, worklist.says_where, worklist.frames, worklist.waiting
FROM worklist
LEFT JOIN job ON job.id = (
    SELECT max(id) FROM job WHERE study = worklist.study AND state IN ('queued', 'running')
)
WHERE worklist.study = ?1
