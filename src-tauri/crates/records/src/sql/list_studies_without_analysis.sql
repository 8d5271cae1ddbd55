SELECT study.study_instance_uid FROM study
WHERE NOT EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = study.id)
    AND (
        EXISTS (
            SELECT 1 FROM series
            CROSS JOIN instance ON instance.series = series.id
            WHERE series.study = study.id
                AND ifnull(instance.header ->> '$.image.frames', 1) > 0
                AND NOT EXISTS (
                    SELECT 1 FROM analysis
                    JOIN model_version ON model_version.id = analysis.model_version
                    JOIN json_each(?1) AS asked
                        ON model_version.bundle = asked.value ->> 0 AND model_version.version = asked.value ->> 1
                    WHERE analysis.instance = instance.id
                )
        )
        -- Cut short: frames of a multi-frame instance may be missing.
        OR study.id IN (
            SELECT study FROM job
            WHERE state IN ('failed', 'canceled')
                AND id IN (SELECT max(id) FROM job WHERE kind = 'analyze' AND study IS NOT NULL GROUP BY study)
        )
    )
ORDER BY study.id
