SELECT study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid, instance.file_id
FROM instance
JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study
WHERE instance.content_sha256 = ?1
