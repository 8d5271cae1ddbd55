SELECT sop_instance_uid FROM (
    SELECT instance.sop_instance_uid,
        row_number() OVER (
            ORDER BY series.number, series.series_instance_uid, instance.instance_number, instance.sop_instance_uid
        ) AS place,
        count(*) OVER () AS total
    FROM study
    JOIN series ON series.study = study.id
    JOIN instance ON instance.series = series.id
    WHERE study.study_instance_uid = ?1 AND ifnull(instance.header ->> '$.image.frames', 1) > 0
)
WHERE place = total / 2 + 1
