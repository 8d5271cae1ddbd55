UPDATE annotation SET removed_at = ?2, updated_at = ?2, updated_by = ?3 WHERE annotation_id = ?1
