SELECT count(*) FROM finding
JOIN analysis ON analysis.id = finding.analysis
JOIN instance ON instance.id = analysis.instance
JOIN series ON series.id = instance.series
WHERE EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = series.study)
    OR EXISTS (
        SELECT 1 FROM reading
        WHERE reading.study = series.study AND reading.reader = ?1 AND reading.opinion IS NOT NULL
    )
