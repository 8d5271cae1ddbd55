SELECT instance.sop_instance_uid, instance.header, instance.file_id, instance.content_sha256, instance.bytes,
    instance.imported_at, instance.imported_by, instance.original_file_name, instance.planes
FROM series
CROSS JOIN instance ON instance.series = series.id
WHERE series.study = ?1
ORDER BY instance.id
