SELECT judged.study, judged.score, judged.prevalence
FROM judged_analysis AS judged
JOIN model_version ON model_version.id = judged.model_version
WHERE model_version.bundle = ?1 AND model_version.weights_sha256 = ?2 AND judged.score IS NOT NULL
    AND (
        ?3 IS NULL
        OR EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = judged.study)
        OR EXISTS (
            SELECT 1 FROM reading
            WHERE reading.study = judged.study AND reading.reader = ?3 AND reading.opinion IS NOT NULL
        )
    )
ORDER BY judged.id DESC
