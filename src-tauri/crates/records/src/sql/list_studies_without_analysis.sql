WITH asked AS MATERIALIZED (
    SELECT model_version.id FROM model_version
    JOIN json_each(?1) AS named
        ON model_version.bundle = named.value ->> 0 AND model_version.version = named.value ->> 1
)
SELECT study.study_instance_uid, sum(ifnull(instance.header ->> '$.image.frames', 1) - (
    SELECT count(DISTINCT analysis.frame) FROM analysis
    WHERE analysis.instance = instance.id
        AND analysis.model_version IN (SELECT id FROM asked)
        AND analysis.frame < ifnull(instance.header ->> '$.image.frames', 1)
        AND NOT (
            analysis.input_verdict = 'out_of_range'
            AND ifnull(analysis.input_reason_coded ->> '$.code', '') NOT IN (
                'gate.blank', 'gate.noise', 'gate.not_finite', 'gate.no_such_frame', 'gate.samples'
            )
            AND analysis.id <= ifnull(instance.planes ->> '$.stated.after', 0)
        )
        -- Of what was seen before a statement the newest counts.
        AND (analysis.id > ifnull(instance.planes ->> '$.stated.after', 0) OR NOT EXISTS (
            SELECT 1 FROM analysis AS later
            WHERE later.instance = analysis.instance AND later.frame = analysis.frame AND later.id > analysis.id
                AND later.model_version IN (SELECT id FROM asked)
        ))
)) AS missing
FROM study
JOIN series ON series.study = study.id
JOIN instance ON instance.series = series.id
WHERE NOT EXISTS (SELECT 1 FROM sign_off WHERE sign_off.study = study.id)
GROUP BY study.id
HAVING missing > 0
ORDER BY study.id
