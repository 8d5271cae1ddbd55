SELECT strftime('%Y-%m-%d', judged.analysed_at / 1000, 'unixepoch') AS day, model_version.bundle, count(*),
    sum(judged.flagged AND judged.says_whether), sum(judged.input_verdict = 'out_of_range'), avg(judged.score),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 0, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 1, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 2, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 3, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 4, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 5, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 6, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 7, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 8, 0)),
    sum(ifnull(min(cast(judged.score * 10 AS INTEGER), 9) = 9, 0)),
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
GROUP BY day, model_version.bundle
ORDER BY day, model_version.bundle
