SELECT series.study, newest_analysis.score, newest_analysis.prevalence
FROM newest_analysis
JOIN instance ON instance.id = newest_analysis.instance
JOIN series ON series.id = instance.series
JOIN model_version ON model_version.id = newest_analysis.model_version
WHERE model_version.bundle = ?1 AND model_version.weights_sha256 = ?2 AND newest_analysis.score IS NOT NULL
ORDER BY newest_analysis.id DESC
