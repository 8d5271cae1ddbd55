SELECT job.id, job.kind, study.study_instance_uid, job.parameters, job.state, job.phase, job.done, job.total,
    job.message, job.failure_code, job.created_by, job.created_at, job.updated_at, job.cuts, job.working_on
FROM job
LEFT JOIN study ON study.id = job.study
WHERE job.state = 'failed' AND job.cuts >= ?1
ORDER BY job.id
