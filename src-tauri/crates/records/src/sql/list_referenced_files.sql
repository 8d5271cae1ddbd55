SELECT file_id FROM instance
UNION
SELECT map_file FROM analysis WHERE map_file IS NOT NULL
