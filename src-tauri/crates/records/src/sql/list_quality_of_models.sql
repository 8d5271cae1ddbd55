SELECT model_version.id, model_version.bundle, model_version.version, count(*),
    sum(judged.flagged AND judged.says_whether), sum(judged.input_verdict = 'out_of_range'),
    avg(judged.decode_ms + judged.preprocess_ms + judged.infer_ms + judged.post_ms) / 1000.0,
    sum(judged.flagged AND NOT judged.says_whether),
    sum(judged.score IS NOT NULL AND NOT judged.says_whether)
FROM judged_analysis AS judged
JOIN model_version ON model_version.id = judged.model_version
WHERE judged.analysed_at >= ?1
    AND (
        ?2 IS NULL
        OR EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = judged.study)
        OR EXISTS (
            SELECT 1 FROM reading
            WHERE reading.study = judged.study AND reading.reader = ?2 AND reading.opinion IS NOT NULL
        )
    )
GROUP BY model_version.id
ORDER BY model_version.bundle, model_version.first_used_at, model_version.id
