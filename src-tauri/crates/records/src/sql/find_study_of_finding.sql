SELECT study.id, study.study_instance_uid FROM finding
JOIN analysis ON analysis.id = finding.analysis
JOIN instance ON instance.id = analysis.instance
JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study
WHERE finding.finding_id = ?1
ORDER BY finding.analysis DESC
LIMIT 1
