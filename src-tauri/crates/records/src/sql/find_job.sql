SELECT job.state, job.kind, study.study_instance_uid, study.id, job.cuts
FROM job LEFT JOIN study ON study.id = job.study
WHERE job.id = ?1
