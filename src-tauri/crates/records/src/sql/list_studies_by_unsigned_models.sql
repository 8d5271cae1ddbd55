SELECT DISTINCT study.study_instance_uid
FROM analysis
JOIN instance ON instance.id = analysis.instance
JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study
WHERE analysis.model_signer = 'nobody' AND NOT EXISTS (
    SELECT 1 FROM analysis AS later
    WHERE later.instance = analysis.instance AND later.frame = analysis.frame AND later.id > analysis.id
)
