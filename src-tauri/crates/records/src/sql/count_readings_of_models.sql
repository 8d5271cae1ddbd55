WITH answered AS (
    SELECT model_version AS model, study, max(flagged) AS flagged
    FROM judged_analysis
    WHERE analysed_at >= ?1 AND says_whether
        AND (
            ?2 IS NULL
            OR EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = judged_analysis.study)
            OR EXISTS (
                SELECT 1 FROM reading
                WHERE reading.study = judged_analysis.study AND reading.reader = ?2 AND reading.opinion IS NOT NULL
            )
        )
    GROUP BY model_version, study
)
SELECT answered.model, count(*),
    sum((reading.opinion = 'suspicious' AND answered.flagged) OR (reading.opinion = 'normal' AND NOT answered.flagged)),
    avg(reading.committed_at - reading.opened_at) / 1000.0
FROM answered
JOIN reading ON reading.study = answered.study AND reading.opinion IS NOT NULL
GROUP BY answered.model
