WITH decided AS (
    SELECT judged.model_version AS model, max(judged.flagged) AS flagged,
        max(EXISTS (
            SELECT 1 FROM finding
            WHERE finding.analysis = judged.id
                AND (
                    SELECT decision FROM review
                    WHERE review.finding_id = finding.finding_id
                    ORDER BY id DESC
                    LIMIT 1
                ) IN ('accepted', 'changed')
        )) AS kept
    FROM judged_analysis AS judged
    JOIN worklist ON worklist.study = judged.study
    WHERE judged.analysed_at >= ?1 AND judged.says_whether
        AND (worklist.signed OR (worklist.findings > 0 AND worklist.findings_reviewed >= worklist.findings))
        AND (
            ?2 IS NULL
            OR EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = judged.study)
            OR EXISTS (
                SELECT 1 FROM reading
                WHERE reading.study = judged.study AND reading.reader = ?2 AND reading.opinion IS NOT NULL
            )
        )
    GROUP BY judged.model_version, judged.study
)
SELECT model, sum(flagged AND kept), sum(flagged AND NOT kept), sum(NOT flagged AND kept), sum(NOT flagged AND NOT kept)
FROM decided
GROUP BY model
