SELECT
    (SELECT count(DISTINCT patient) FROM study), (SELECT count(*) FROM study), (SELECT count(*) FROM instance),
    (SELECT count(*) FROM analysis), (SELECT count(*) FROM finding), (SELECT count(*) FROM review),
    (SELECT count(*) FROM audit)
