SELECT instance.id, instance.content_sha256 FROM instance
JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study
WHERE instance.sop_instance_uid = ?1 AND series.series_instance_uid = ?2 AND study.study_instance_uid = ?3
    AND instance.header ->> '$.image.frames' = 0
