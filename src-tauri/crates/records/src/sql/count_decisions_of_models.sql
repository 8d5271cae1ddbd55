SELECT judged.model_version, standing.decision, count(*)
FROM judged_analysis AS judged
JOIN finding ON finding.analysis = judged.id
LEFT JOIN review AS standing
    ON standing.id = (SELECT max(id) FROM review WHERE review.finding_id = finding.finding_id)
WHERE judged.analysed_at >= ?1
    AND (
        ?2 IS NULL
        OR EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = judged.study)
        OR EXISTS (
            SELECT 1 FROM reading
            WHERE reading.study = judged.study AND reading.reader = ?2 AND reading.opinion IS NOT NULL
        )
    )
GROUP BY judged.model_version, standing.decision
