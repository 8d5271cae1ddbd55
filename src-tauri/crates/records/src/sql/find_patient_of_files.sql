-- Whom the files of a study name, which a correction leaves as it is.
SELECT instance.header ->> '$.patient' FROM series
CROSS JOIN instance ON instance.series = series.id
WHERE series.study = ?1
ORDER BY instance.id
LIMIT 1
