INSERT INTO annotation (
    annotation_id, study, instance, frame, kind, points, text, measured, created_at, created_by, updated_at, updated_by
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?9, ?10)
ON CONFLICT (annotation_id) DO UPDATE SET
    instance = excluded.instance, frame = excluded.frame, kind = excluded.kind, points = excluded.points,
    text = excluded.text, measured = excluded.measured, updated_at = excluded.updated_at,
    updated_by = excluded.updated_by, removed_at = NULL
