UPDATE instance SET
    instance_number = ?2, header = ?3, content_sha256 = ?4, file_id = ?5, bytes = ?6, original_file_name = ?7,
    imported_at = ?8, imported_by = ?9
WHERE id = ?1
