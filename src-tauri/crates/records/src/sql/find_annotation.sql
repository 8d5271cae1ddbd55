SELECT study, removed_at IS NOT NULL FROM annotation WHERE annotation_id = ?1
