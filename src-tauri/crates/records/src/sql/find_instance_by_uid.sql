SELECT instance.id, study.id, study.study_instance_uid FROM instance
JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study
WHERE instance.sop_instance_uid = ?1
