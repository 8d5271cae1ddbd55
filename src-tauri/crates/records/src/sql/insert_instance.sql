INSERT INTO instance (
    sop_instance_uid, series, instance_number, header, content_sha256, file_id, bytes, original_file_name,
    imported_at, imported_by
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
