SELECT job.state, job.parameters FROM job
JOIN study ON study.id = job.study
WHERE study.study_instance_uid = ?1 AND job.kind = 'analyze'
ORDER BY job.id DESC
LIMIT 1
