SELECT annotation.annotation_id, instance.sop_instance_uid, annotation.frame, annotation.kind, annotation.points,
    annotation.text, annotation.measured, annotation.created_by, annotation.updated_at
FROM annotation
JOIN instance ON instance.id = annotation.instance
WHERE annotation.study = ?1 AND annotation.removed_at IS NULL
ORDER BY annotation.id
